/** Types that several answers share. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** State of a node in the store. Drawn as in `draw`: no border in memory, dashed to compute, solid stored. */
export type NodeState = 'cached' | 'stale' | 'undecided' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'

/** Why a node is stale. */
export type StaleBecause = 'forced' | 'content' | 'code' | 'damage' | 'refresh'

/** Number of nodes in each state; states without nodes are left out. */
export type StateCounts = { readonly [state in NodeState]?: number }

/** A 1-based place in a file. `file` is relative to the project's root if it is inside it. */
export interface PlaceInFile {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** An error or warning as text: what, where, and what to do. `tag` identifies its kind. */
export interface Trouble {
  readonly tag: string
  readonly message: string
  readonly hint?: string
  readonly place?: PlaceInFile
}

/**
 * The body of every error response, with the HTTP status to match: 400 bad request, 401 missing or wrong token, 403
 * another host or origin, 404 not found, 405 wrong method, 409 not possible now, 422 invalid plan (all its errors are
 * in `errors`), 500 a bug in taskchain, 503 the project or the store cannot be read now, 504 it took too long.
 */
export interface Failure {
  readonly schema: 1
  readonly errors: readonly Trouble[]
}

/** Fields of every answer. */
export interface Answer {
  readonly schema: 1
}

/**
 * A value in a cell. Values that JSON cannot represent, or that were cut, are text; show `text`, with `kind` in the
 * tooltip.
 */
export type Cell = string | number | boolean | null | OddCell

/** `number`: NaN or an infinity. `json`: a list or record, as text. `cut`: the start of a longer text. */
export interface OddCell {
  readonly kind: 'bigint' | 'number' | 'date' | 'bytes' | 'json' | 'cut'
  readonly text: string
}

/** Before and after; null if absent. */
export interface Change<A> {
  readonly before: A | null
  readonly after: A | null
}
