import type { Stand } from '../state/stand.js'

/** Colours of the canvas, which style sheets cannot reach; the rest of the page uses the same ones in `style`. */
export interface Palette {
  readonly ground: string
  readonly ink: string
  readonly dim: string
  readonly edge: string
  readonly accent: string
  readonly failed: string
  readonly warn: string
  readonly good: string
  readonly node: string
}

export const paletteOf = (dark: boolean): Palette =>
  dark
    ? {
        ground: '#16181c',
        ink: '#e8eaee',
        dim: '#a2a9b4',
        edge: '#4d545f',
        accent: '#7aa2ff',
        failed: '#ff7b72',
        warn: '#e0a83e',
        good: '#5fb98a',
        node: '#22252b',
      }
    : {
        ground: '#f6f7f9',
        ink: '#1b1f27',
        dim: '#5a6270',
        edge: '#b4bbc6',
        accent: '#2f5fde',
        failed: '#c6312b',
        warn: '#a96800',
        good: '#2c7d53',
        node: '#ffffff',
      }

/** Not by colour alone: each status has its own border, and a mark if it needs attention. */
export const lookOf = (
  stand: Stand,
  line: string,
  palette: Palette,
): { readonly line: string; readonly width: number; readonly dash: readonly number[]; readonly mark: string } => {
  switch (stand) {
    case 'cached':
      return { line, width: 1.5, dash: [], mark: '' }
    case 'in_memory':
      return { line, width: 0, dash: [], mark: '' }
    case 'to_run':
      return { line, width: 1.5, dash: [5, 4], mark: '' }
    case 'undecided':
      return { line, width: 1.5, dash: [5, 4], mark: '?' }
    case 'stale':
      return { line: palette.warn, width: 1.8, dash: [5, 4], mark: '↻' }
    case 'unfinished':
      return { line: palette.warn, width: 1.8, dash: [9, 3, 2, 3], mark: '…' }
    case 'waiting':
      return { line: palette.accent, width: 1.8, dash: [2, 3], mark: '‖' }
    case 'running':
      return { line: palette.accent, width: 2.6, dash: [], mark: '▶' }
    case 'failed':
      return { line: palette.failed, width: 2.6, dash: [], mark: '✕' }
    case 'skipped':
      return { line: palette.dim, width: 1.2, dash: [2, 4], mark: '–' }
  }
}

/** Colour of a state in bars and counts. */
export const standColour = (stand: Stand, palette: Palette): string => {
  switch (stand) {
    case 'cached':
      return palette.good
    case 'failed':
      return palette.failed
    case 'running':
    case 'waiting':
      return palette.accent
    case 'stale':
    case 'unfinished':
      return palette.warn
    default:
      return palette.edge
  }
}
