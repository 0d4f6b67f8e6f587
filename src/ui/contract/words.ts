/** Words that several answers share. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** How a node stands against the store. Drawn as in `draw`: no border in memory, dashed to compute, solid stored. */
export type NodeState = 'cached' | 'stale' | 'undecided' | 'to_run' | 'in_memory' | 'unfinished' | 'waiting'

/** Why a node is stale. */
export type StaleBecause = 'forced' | 'content' | 'code' | 'damage' | 'refresh'

/** How many nodes stand how; states that none has are left out. */
export type StateCounts = { readonly [state in NodeState]?: number }

/** Where something stands in a file: 1-based. `file` is relative to the project's root where it is below it. */
export interface PlaceInFile {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Something that went wrong or is odd, in words: what, where, and what to do. `tag` tells kinds apart. */
export interface Trouble {
  readonly tag: string
  readonly message: string
  readonly hint?: string
  readonly place?: PlaceInFile
}

/**
 * Every answer that is none, with the HTTP status to match: 400 asked wrongly, 401 no or another token, 403 another
 * host or origin, 404 no such thing, 405 another method, 409 cannot be done now, 422 the plan is wrong (all its errors
 * are in `errors`), 500 a bug of ours, 503 the project or the store cannot be read now, 504 it took too long.
 */
export interface Failure {
  readonly schema: 1
  readonly errors: readonly Trouble[]
}

/** What every answer has. */
export interface Answer {
  readonly schema: 1
}

/**
 * A value in a cell. What JSON has no form for, or what was cut, has its text; show `text`, and `kind` in the tooltip.
 */
export type Cell = string | number | boolean | null | OddCell

/** `number`: NaN or an infinity. `json`: a list or record, as text. `cut`: a longer text, whose beginning this is. */
export interface OddCell {
  readonly kind: 'bigint' | 'number' | 'date' | 'bytes' | 'json' | 'cut'
  readonly text: string
}

/** Before and after; null where there was or is none. */
export interface Change<A> {
  readonly before: A | null
  readonly after: A | null
}
