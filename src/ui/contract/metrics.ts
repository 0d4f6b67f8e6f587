import type { Answer, Cell, NodeState } from './words.js'

/**
 * `metrics`: a table of configs, or of the combinations of a sweep: params that differ against numbers that are stored.
 * Columnar and in pages: 1,000 rows by 2,000 columns are asked for piece by piece. Computes nothing.
 */
export interface MetricsAnswer extends Answer {
  readonly rowsInAll: number
  readonly offset: number
  /** A config, or a combination in words. */
  readonly rows: readonly MetricsRow[]
  /** All columns' names and kinds, params first; without cells. */
  readonly columns: readonly MetricsColumn[]
  /** Cells by column, in the order of `rows`; of those columns alone that were asked for. */
  readonly cells: { readonly [column: string]: readonly Cell[] }
  /** Configs or combinations beyond the first ones, which are not planned. */
  readonly beyond: number
  /** Configs whose plan is wrong, which have no row. */
  readonly left: readonly string[]
}

export interface MetricsRow {
  readonly name: string
  readonly config: string
  /** Of the tasks that make the metrics: `cached` where all are. */
  readonly state: NodeState
}

/** `id` names it in `cells`: `param:min_votes`, `metric:group:task.rmse`. */
export interface MetricsColumn {
  readonly id: string
  readonly title: string
  readonly kind: 'param' | 'metric'
  /** Whether all that is there are numbers: fit for axes. */
  readonly numeric: boolean
  readonly missing: number
  /** Whether rows that have it differ in it. */
  readonly varies: boolean
}
