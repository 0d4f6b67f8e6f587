import type { Answer, Cell, NodeState } from './words.js'

/**
 * `metrics`: a table of configs, or of the combinations of a sweep: params that differ next to stored numbers. Columnar
 * and in pages: 1,000 rows by 2,000 columns are requested piece by piece. Computes nothing.
 */
export interface MetricsAnswer extends Answer {
  readonly rowsInAll: number
  readonly offset: number
  /** A config, or a combination as text. */
  readonly rows: readonly MetricsRow[]
  /** Names and kinds of all columns, params first; without cells. */
  readonly columns: readonly MetricsColumn[]
  /** Cells by column, in the order of `rows`; only of the requested columns. */
  readonly cells: { readonly [column: string]: readonly Cell[] }
  /** Number of configs or combinations beyond the limit, which are not planned. */
  readonly beyond: number
  /** Configs without a row because their plan is invalid. */
  readonly left: readonly string[]
}

export interface MetricsRow {
  readonly name: string
  readonly config: string
  /** State of the tasks that produce the metrics: `cached` if all are. */
  readonly state: NodeState
}

/** `id` is its name in `cells`: `param:min_votes`, `metric:group:task.rmse`. */
export interface MetricsColumn {
  readonly id: string
  readonly title: string
  readonly kind: 'param' | 'metric'
  /** Whether all present values are numbers, fit for axes. */
  readonly numeric: boolean
  readonly missing: number
  /** Whether the rows that have it differ in it. */
  readonly varies: boolean
}
