import type { MetricsQuestion } from '../addresses.js'
import type { Cell, MetricsAnswer, MetricsColumn, NodeState } from '../contract.js'
import { cellOf } from '../preview/cells.js'

/** A complete row, before the requested columns are selected. */
export interface TableRow {
  readonly name: string
  readonly config: string
  readonly state: NodeState
  /** JSON by name. */
  readonly params: ReadonlyMap<string, string>
  readonly metrics: ReadonlyMap<string, number>
}

/** The rows found, how many more there would be, and the configs without a row because their plan is invalid. */
export interface FoundRows {
  readonly rows: readonly TableRow[]
  readonly beyond: number
  readonly left: readonly string[]
}

const usualRows = 1000
const usualColumns = 50

/** The requested page of a table; includes only params in which rows differ. */
export const metricsTable = (
  { rows, beyond, left }: FoundRows,
  { offset = 0, limit = usualRows, column }: Pick<MetricsQuestion, 'offset' | 'limit' | 'column'>,
): MetricsAnswer => {
  const columns = [...paramColumns(rows), ...metricColumns(rows)]
  const shown = rows.slice(offset, offset + Math.min(limit, usualRows))
  const wanted =
    column === undefined ? columns.slice(0, usualColumns) : columns.filter(({ about }) => column.includes(about.id))
  return {
    schema: 1,
    rowsInAll: rows.length,
    offset,
    rows: shown.map(({ name, config, state }) => ({ name, config, state })),
    columns: columns.map(({ about }) => about),
    cells: Object.fromEntries(wanted.map(({ about, cell }) => [about.id, shown.map(cell)])),
    beyond,
    left,
  }
}

interface Column {
  readonly about: MetricsColumn
  readonly cell: (row: TableRow) => Cell
}

const paramColumns = (rows: readonly TableRow[]): readonly Column[] =>
  namesIn(rows.map(({ params }) => params)).flatMap((name) => {
    const texts = rows.map(({ params }) => params.get(name))
    if (rows.length > 1 && texts.every((text) => text === texts[0])) return []
    const cells = texts.map(valueIn)
    const missing = cells.filter((cell) => cell === null).length
    const numeric = missing < rows.length && cells.every((cell) => cell === null || typeof cell === 'number')
    const varies = new Set(texts.filter((text) => text !== undefined)).size > 1
    const about = { id: `param:${name}`, title: name, kind: 'param', numeric, missing, varies } as const
    return [{ about, cell: (row) => valueIn(row.params.get(name)) }]
  })

const metricColumns = (rows: readonly TableRow[]): readonly Column[] => {
  const found = new Map<string, { count: number; readonly first: unknown; varies: boolean }>()
  for (const { metrics } of rows)
    for (const [name, value] of metrics) {
      const seen = found.get(name) ?? { count: 0, first: value, varies: false }
      seen.count++
      seen.varies ||= !Object.is(value, seen.first)
      found.set(name, seen)
    }
  return Array.from(found, ([name, { count, varies }]) => ({
    about: { id: `metric:${name}`, title: name, kind: 'metric', numeric: true, missing: rows.length - count, varies },
    cell: (row) => cellOf(row.metrics.get(name) ?? null),
  }))
}

/** In order of first appearance. */
const namesIn = (maps: readonly ReadonlyMap<string, unknown>[]): readonly string[] => {
  const names = new Set<string>()
  for (const map of maps) for (const name of map.keys()) names.add(name)
  return [...names]
}

const valueIn = (text: string | undefined): Cell => {
  if (text === undefined) return null
  try {
    return cellOf(JSON.parse(text))
  } catch {
    return text // a bigint
  }
}
