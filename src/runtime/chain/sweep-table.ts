import type { Combination } from '../../plan/sweep/combinations.js'
import type { PlanNode } from '../../plan/plan-types.js'
import { itemAt } from '../../base/present.js'
import { isList } from '../../base/records.js'
import type { RunError } from '../../errors.js'
import type { RunReport } from '../ports/events.js'

/** A figure, or any other value that fits into a cell; lists are short. */
export type Cell = string | number | boolean | bigint | null | readonly (string | number | boolean | bigint | null)[]

/** The common part of all rows of a sweep's table. */
export interface RowBase<Params> {
  readonly params: Params
  /** Values of the metrics as cells, by column; without a value the column is missing. */
  readonly metrics: Readonly<Record<string, Cell>>
}

/** One combination and its outcome. `values`: those of the metrics, in their order; undefined for a missing value. */
export type SweepRow<Params = Combination, Values extends readonly unknown[] = readonly unknown[]> = RowBase<Params> &
  (
    | { readonly outcome: 'done'; readonly values: Values; readonly errors: readonly [] }
    | {
        readonly outcome: 'failed' | 'unfinished' | 'stopped'
        readonly values: { readonly [I in keyof Values]: Values[I] | undefined }
        readonly errors: readonly RunError[]
      }
  )

/** The table of a completed sweep. */
export interface SweepResult<Params = Combination, Values extends readonly unknown[] = readonly unknown[]> {
  /** Names of columns in order. */
  readonly columns: { readonly params: readonly string[]; readonly metrics: readonly string[] }
  /** Sorted by params. */
  readonly rows: readonly SweepRow<Params, Values>[]
  readonly report: RunReport
}

/** Cells of all rows, and their columns in the order of first appearance. */
export interface MetricCells {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
}

/**
 * Values of metrics as cells. A figure is one column with the task's name; each field of a record is a column, nested
 * ones with dotted names. Field names are prefixed by the task (`test_metrics.rmse`) if there are several metrics or a
 * field has the name of a swept param.
 */
export const metricCells = (
  metrics: readonly PlanNode[],
  values: readonly (readonly unknown[])[],
  params: readonly string[],
): MetricCells => {
  const shortNames = new Set(metrics.map(({ name }) => name))
  const titles = metrics.map((node) => (shortNames.size < metrics.length ? fullTitle(node) : node.name))
  const fields = values.map((row) => row.map((value) => (value === undefined ? [] : fieldsOf(value, '', 0))))
  const bare = metrics.length === 1 && !fields.some(([own = []]) => own.some(([path]) => params.includes(path)))
  const rows = fields.map((row) => {
    const cells: [string, Cell][] = row.flatMap((own, index) => {
      const title = itemAt(titles, index)
      return own.map(([path, cell]): [string, Cell] => [path === '' ? title : bare ? path : `${title}.${path}`, cell])
    })
    return Object.fromEntries(cells)
  })
  return { columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows }
}

const fullTitle = ({ namespace, task }: PlanNode): string => (namespace === '' ? task : `${namespace}::${task}`)

/** Maximum depth of records and length of lists that are shown; a larger value is not a metric. */
const deepest = 4
const longestList = 16

const fieldsOf = (value: unknown, path: string, depth: number): readonly (readonly [path: string, cell: Cell])[] => {
  if (isScalar(value)) return [[path, value]]
  if (value instanceof Date) return [[path, Number.isNaN(value.getTime()) ? null : value.toISOString()]]
  if (isList(value))
    return [[path, value.length <= longestList && value.every(isScalar) ? value : `${value.length} items`]]
  if (!isRecord(value) || depth >= deepest) return [[path, '…']]
  return Object.entries(value).flatMap(([name, part]) =>
    part === undefined ? [] : fieldsOf(part, path === '' ? name : `${path}.${name}`, depth + 1),
  )
}

const isScalar = (value: unknown): value is string | number | boolean | bigint | null =>
  value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Sorts rows by their params, the first one having the highest weight: numbers by size, texts alphabetically; values
 * that cannot be compared keep the given order.
 */
export const sortedByParams = (rows: readonly SweepRow[], names: readonly string[]): readonly SweepRow[] =>
  [...rows].sort((left, right) => {
    for (const name of names) {
      const order = compared(left.params[name], right.params[name])
      if (order !== 0) return order
    }
    return 0
  })

/**
 * Sorts rows by one column, of params or metrics; `-` before its name reverses the order. Rows without a value come
 * last. Undefined: there is no such column.
 */
export const sortedByColumn = (
  rows: readonly SweepRow[],
  column: string,
  columns: { readonly params: readonly string[]; readonly metrics: readonly string[] },
): readonly SweepRow[] | undefined => {
  const known = (name: string): boolean => columns.params.includes(name) || columns.metrics.includes(name)
  const turned = !known(column) && column.startsWith('-')
  const name = turned ? column.slice(1) : column
  if (!known(name)) return undefined
  const cellOf = ({ params, metrics }: SweepRow): unknown =>
    columns.params.includes(name) ? params[name] : metrics[name]
  const hasNone = (cell: unknown): boolean => cell === undefined || cell === null || Number.isNaN(cell)
  return [...rows].sort((left, right) => {
    const [a, b] = [cellOf(left), cellOf(right)]
    if (hasNone(a) || hasNone(b)) return Number(hasNone(a)) - Number(hasNone(b))
    return turned ? compared(b, a) : compared(a, b)
  })
}

/** Compares kinds before values, so that any mixture has one order. */
const compared = (left: unknown, right: unknown): number => {
  if (isNumeric(left) && isNumeric(right)) return left < right ? -1 : left > right ? 1 : 0
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  return rank(left) - rank(right)
}

const isNumeric = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'
const rank = (value: unknown): number => {
  const before = [value === null, value === false, value === true, isNumeric(value), typeof value === 'string']
  const first = before.indexOf(true)
  return first < 0 ? before.length : first
}

/** A combination in one line: `min_votes=100 model.kwargs.l2=0.1`. */
export const combinationText = (params: Combination): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')}`)
    .join(' ')
