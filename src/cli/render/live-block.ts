import type { Output } from '../host.js'
import { textWidth } from './text-width.js'

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const eraseToEndOfLine = '\u001b[K'
const eraseLine = '\u001b[2K'
const up = '\u001b[1A'

/** A block of lines at the bottom of a terminal that is redrawn in place, with lines that stay above it. */
export interface LiveBlock {
  /** Replaces the block. */
  draw(lines: readonly string[]): void
  /** Writes a line that stays, above the block. */
  keep(line: string): void
  /** Removes the block and gives the cursor back. Safe to call twice. */
  end(): void
}

/**
 * Takes over a terminal until `end`. Text that tasks and logs write to standard output or error in the meantime appears
 * above the block: the block is erased, the text written, the block drawn again. The cursor is restored even if the
 * process exits in between.
 */
export const liveBlock = (output: Output, streams: readonly NodeJS.WriteStream[]): LiveBlock => {
  const screen: Screen = { output, shown: [], ended: false, isOurs: false, midLine: false }
  const restoreCursor = (): void => {
    if (!screen.ended) write(screen, showCursor)
  }
  const originals = streams.map((stream) => takeOver(screen, stream))
  process.once('exit', restoreCursor)
  write(screen, hideCursor)
  return {
    draw: (lines) => {
      const isShown = lines.length === screen.shown.length && lines.every((line, at) => line === screen.shown[at])
      if (screen.ended || isShown) return
      const before = lines.length < rowsOf(screen) ? erasure(screen) : toTop(screen)
      screen.shown = lines
      writeBlock(screen, before)
    },
    keep: (line) => {
      if (!screen.ended) write(screen, `${toTop(screen)}${line}${eraseToEndOfLine}\n${block(screen)}`)
    },
    end: () => {
      if (screen.ended) return
      write(screen, erasure(screen) + showCursor)
      screen.ended = true
      screen.shown = []
      for (const restore of originals) restore()
      process.removeListener('exit', restoreCursor)
    },
  }
}

interface Screen {
  readonly output: Output
  shown: readonly string[]
  ended: boolean
  /** Whether the current write is the block itself. */
  isOurs: boolean
  /** Whether other output has left the cursor in an unfinished line. */
  midLine: boolean
}

const write = (screen: Screen, text: string): void => {
  screen.isOurs = true
  screen.output.write(text)
  screen.isOurs = false
}

/** Rows that the block occupies. Lines wrap in a terminal that was made narrower. */
const rowsOf = ({ output, shown }: Screen): number => {
  const { columns } = output.size()
  return shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0)
}

/** Moves the cursor to the start of the block. */
const toTop = (screen: Screen): string => (screen.shown.length === 0 ? '' : `\r${up.repeat(rowsOf(screen) - 1)}`)

/** The same, and erases the block. Line by line, because tmux keeps a screen that is erased at once in its history. */
const erasure = (screen: Screen): string =>
  screen.shown.length === 0 ? '' : `\r${eraseLine}${`${up}${eraseLine}`.repeat(rowsOf(screen) - 1)}`

/** Overwrites the lines in place: a line is never empty in between, so nothing flickers. */
const block = ({ midLine, shown }: Screen): string =>
  `${midLine && shown.length > 0 ? '\n' : ''}${shown.map((line) => line + eraseToEndOfLine).join('\n')}`

const writeBlock = (screen: Screen, before = ''): void => {
  write(screen, before + block(screen))
  if (screen.shown.length > 0) screen.midLine = false
}

/** Redirects a stream's writes to above the block, until the returned function is called. */
const takeOver = (screen: Screen, stream: NodeJS.WriteStream): (() => void) => {
  const original = stream.write
  const through = (...args: Parameters<typeof original>): boolean => {
    if (screen.isOurs || screen.ended) return original.apply(stream, args)
    write(screen, erasure(screen))
    const outcome = original.apply(stream, args)
    screen.midLine = !endsLine(args[0])
    writeBlock(screen)
    return outcome
  }
  stream.write = through as typeof original
  return () => {
    stream.write = original
  }
}

const endsLine = (chunk: unknown): boolean =>
  typeof chunk === 'string' ? chunk.endsWith('\n') : chunk instanceof Uint8Array && chunk[chunk.length - 1] === 10
