import type { TopLevelSpec } from 'vega-lite'
import type { Cell } from '../../ui/contract.js'

/** Vega-Lite specs of the page's plots, as plain data. */

/** A column of a table, of numbers or text. */
export interface Axis {
  readonly title: string
  readonly numeric: boolean
  readonly cells: readonly Cell[]
}

export const plainCell = (cell: Cell | undefined): string | number | null => {
  if (cell === undefined || cell === null) return null
  if (typeof cell === 'object') return cell.kind === 'number' ? null : cell.text
  return typeof cell === 'boolean' ? String(cell) : cell
}

export const scatterSpec = (names: readonly string[], x: Axis, y: Axis, colour: Axis | undefined): TopLevelSpec => ({
  data: {
    values: names.map((name, row) => ({
      name,
      x: plainCell(x.cells[row]),
      y: plainCell(y.cells[row]),
      colour: plainCell(colour?.cells[row]),
    })),
  },
  mark: { type: 'point', filled: true, size: 60, opacity: 0.8 },
  encoding: {
    x: { field: 'x', title: x.title, ...typed(x) },
    y: { field: 'y', title: y.title, ...typed(y) },
    ...(colour === undefined
      ? {}
      : {
          color: {
            field: 'colour',
            title: colour.title,
            type: colour.numeric ? ('quantitative' as const) : ('nominal' as const),
          },
        }),
    tooltip: [
      { field: 'name', title: 'chain' },
      { field: 'x', title: x.title },
      { field: 'y', title: y.title },
      ...(colour === undefined ? [] : [{ field: 'colour', title: colour.title }]),
    ],
  },
})

const typed = ({ numeric }: Axis) =>
  numeric
    ? ({ type: 'quantitative', scale: { zero: false }, axis: { format: '.6~g' } } as const)
    : ({ type: 'nominal' } as const)

/** The position of each value on its axis, from 0 to 1: numbers between minimum and maximum, text in order. */
export const positionsOf = ({
  numeric,
  cells,
}: Axis): { readonly positions: readonly (number | null)[]; readonly low: string; readonly high: string } => {
  const plain = cells.map(plainCell)
  if (numeric) {
    const numbers = plain.filter((value) => typeof value === 'number')
    const low = numbers.reduce((least, value) => Math.min(least, value), Infinity)
    const high = numbers.reduce((most, value) => Math.max(most, value), -Infinity)
    return {
      positions: plain.map((value) =>
        typeof value !== 'number' ? null : high === low ? 0.5 : (value - low) / (high - low),
      ),
      low: numbers.length === 0 ? '' : shortNumber(low),
      high: numbers.length === 0 ? '' : shortNumber(high),
    }
  }
  const words = [...new Set(plain.filter((value) => value !== null).map(String))].toSorted()
  const at = new Map(words.map((word, index) => [word, words.length === 1 ? 0.5 : index / (words.length - 1)]))
  return {
    positions: plain.map((value) => (value === null ? null : (at.get(String(value)) ?? null))),
    low: words[0] ?? '',
    high: words.at(-1) ?? '',
  }
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(4)))

/** Without the groups of tasks, if titles stay distinct without them. */
const shortTitles = (axes: readonly Axis[]): readonly string[] => {
  const short = axes.map(({ title }) => title.slice(title.lastIndexOf(':') + 1))
  return short.map((title, index) =>
    short.indexOf(title) === short.lastIndexOf(title) ? title : (axes[index]?.title ?? title),
  )
}

/** A line for each row, across axes side by side; coloured by the last axis. */
export const parallelSpec = (names: readonly string[], axes: readonly Axis[]): TopLevelSpec => {
  const placed = axes.map(positionsOf)
  const last = placed.at(-1)
  const titles = shortTitles(axes)
  const x = { field: 'axis', type: 'ordinal', sort: titles, title: null } as const
  const ends = placed.flatMap(({ low, high }, index) => [
    { axis: titles[index], at: -0.045, text: low },
    { axis: titles[index], at: 1.045, text: high },
  ])
  const values = names.flatMap((name, row) =>
    axes.map((axis, index) => ({
      name,
      axis: titles[index] ?? axis.title,
      at: placed[index]?.positions[row] ?? null,
      value: plainCell(axis.cells[row]),
      colour: last?.positions[row] ?? null,
    })),
  )
  return {
    layer: [
      {
        data: { values: titles.map((axis) => ({ axis, from: 0, to: 1 })) },
        mark: { type: 'rule', opacity: 0.5 },
        encoding: { x, y: { field: 'from', type: 'quantitative', title: null }, y2: { field: 'to', title: null } },
      },
      {
        data: { values },
        mark: { type: 'line', opacity: 0.55, strokeWidth: 1.4 },
        encoding: {
          x: {
            ...x,
            axis: { labelAngle: 0, labelAlign: 'center', labelLimit: 150, domain: false, ticks: false, orient: 'top' },
          },
          y: { field: 'at', type: 'quantitative', axis: null, scale: { domain: [-0.08, 1.08] } },
          color: { field: 'colour', type: 'quantitative', legend: null },
          detail: { field: 'name' },
          tooltip: [{ field: 'name', title: 'chain' }],
        },
      },
      {
        data: { values: ends },
        mark: { type: 'text', align: 'center', fontSize: 11, limit: 120 },
        encoding: { x, y: { field: 'at', type: 'quantitative' }, text: { field: 'text' } },
      },
    ],
  }
}

export interface Series {
  readonly name: string
  readonly values: readonly Cell[]
}

/** A time axis whose labels depend on how far apart times are; for close times Vega would show milliseconds only. */
const timeAxis = (started: readonly string[]): AxisOfTime => {
  const times = started.map((time) => Date.parse(time)).toSorted((left, right) => left - right)
  const hours = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 3_600_000
  if (hours === 0) return { format: '%Y-%m-%d %H:%M', tickCount: 1 }
  if (hours < 0.1) return { format: '%H:%M:%S', tickCount: 8 }
  return { format: { hours: '%H:%M', minutes: '%H:%M' } } // 24-hour clock; Vega's own format for days
}

interface AxisOfTime {
  readonly format: string | { readonly [unit: string]: string }
  readonly tickCount?: number
}

/** Metrics over the runs of a config. */
export const timeSpec = (started: readonly string[], series: readonly Series[]): TopLevelSpec => ({
  data: {
    values: series.flatMap(({ name, values }) =>
      values.flatMap((value, run) => (typeof value === 'number' ? [{ name, started: started[run] ?? '', value }] : [])),
    ),
  },
  mark: { type: 'line', point: { size: 45 } },
  encoding: {
    x: { field: 'started', type: 'temporal', title: null, axis: timeAxis(started) },
    y: { field: 'value', type: 'quantitative', title: null, scale: { zero: false }, axis: { format: '.6~g' } },
    color: { field: 'name', type: 'nominal', title: null, legend: { orient: 'bottom', columns: 2, labelLimit: 320 } },
    tooltip: [{ field: 'name' }, { field: 'value' }, { field: 'started', type: 'temporal', format: '%Y-%m-%d %H:%M' }],
  },
})

/** In the page's colours and font, using the available width. */
export const themed = (
  spec: TopLevelSpec,
  { width, height, dark }: { readonly width: number; readonly height: number; readonly dark: boolean },
): TopLevelSpec => {
  const [ink, dim, grid] = dark ? ['#e8eaee', '#a2a9b4', '#333942'] : ['#1b1f27', '#566070', '#e4e7ec']
  return {
    ...spec,
    width: Math.max(200, width - 24),
    height,
    autosize: { type: 'fit', contains: 'padding' },
    background: 'transparent',
    config: {
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      axis: {
        labelColor: dim,
        titleColor: ink,
        gridColor: grid,
        domainColor: dim,
        tickColor: dim,
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: 500,
      },
      legend: { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 12 },
      text: { color: dim },
      rule: { color: dim },
      point: { color: dark ? '#7aa2ff' : '#2f5fde' },
      range: {
        category: dark ? darkCategory : lightCategory,
        ramp: dark ? ['#5f86ff', '#4fd1c5', '#ffd75e'] : ['#3450c8', '#1a7f91', '#c2571a'],
      },
    },
  }
}

const lightCategory = ['#2f5fde', '#c2571a', '#22704a', '#8b3fb0', '#b52a25', '#1a7f91', '#7a6412', '#c03a78']
const darkCategory = ['#7aa2ff', '#f0955c', '#6cc497', '#c792ea', '#ff8a82', '#5fc4d6', '#d9bd4f', '#f08ab8']
