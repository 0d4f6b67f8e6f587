import type { RunError } from '../../errors.js'
import type { ItemsProgress } from './items.js'
import type { Drifted } from './drifted.js'
import type { Lacking } from './facts.js'
import type { LeaseHolder } from './lease.js'
import type { Stale } from './stale.js'

/**
 * Everything that happens in a run, as data. Progress, console, logs, `--json` and UIs only listen. `at`: milliseconds
 * since 1970. `key` distinguishes nodes of one name if several plans run together; this library always sets it.
 */
export type RunEvent = { readonly at: number } & (
  | {
      /** The first event: what this run is about to do. */
      readonly _tag: 'planned'
      readonly toRun: readonly string[]
      /** Those of `toRun` that are kept in memory only. */
      readonly inMemory?: readonly string[]
      readonly toLoad: readonly string[]
      readonly cached: number
      /** Seconds that nodes which will be computed and stored took before, by key; null if unknown. */
      readonly earlier?: Readonly<Record<string, number | null>>
    }
  /**
   * `unserved`: nothing computes it; `holder` names what is needed, or the resources that others hold. `process`:
   * another process that holds the lease. If the store's history knows it, the command line adds the `run` of that
   * process, and the time `since` which it computes this node.
   */
  | {
      readonly _tag: 'waiting'
      readonly node: string
      readonly key: string
      readonly holder: string
      readonly unserved?: boolean
      readonly process?: LeaseHolder
      readonly run?: string
      readonly since?: number
    }
  | { readonly _tag: 'started'; readonly node: string; readonly key: string; readonly attempt: number }
  | {
      readonly _tag: 'progress'
      readonly node: string
      readonly key?: string
      readonly done: number
      readonly total: number | undefined
      /** Set if items of `mapItems` are counted. */
      readonly items?: ItemsProgress | undefined
    }
  | {
      readonly _tag: 'retrying'
      readonly node: string
      readonly key?: string
      readonly attempt: number
      readonly delay: number
      readonly problem: string
    }
  | {
      readonly _tag: 'computed'
      readonly node: string
      readonly key: string
      readonly seconds: number
      readonly size: number | undefined
      readonly path: string | undefined
    }
  | {
      /** Not computed: it got the data of an artifact of its task that was computed from equal contents. */
      readonly _tag: 'adopted'
      readonly node: string
      readonly key: string
      /** Key of that artifact. */
      readonly from: string
      readonly digest: string
      /** Seconds that computing that one took. */
      readonly seconds: number
      readonly size: number
      readonly path: string
      /** The former name under which it was stored, `films:sum`, or that of a param or input, `param min`. */
      readonly formerly?: string
    }
  | { readonly _tag: 'loaded'; readonly node: string; readonly key: string; readonly seconds: number }
  | ({ readonly _tag: 'drifted' } & Drifted)
  | ({ readonly _tag: 'stale' } & Stale)
  | { readonly _tag: 'missed'; readonly node: string; readonly key: string; readonly reason: string }
  /** The store's catalog lacked some of its artifacts, so their run infos were read; they have been added. */
  | ({ readonly _tag: 'rebuilt' } & Lacking)
  | { readonly _tag: 'released'; readonly node: string; readonly key: string }
  /**
   * A value was dropped from memory because the limit was reached; another request computes or loads it again. `bytes`
   * is estimated.
   */
  | { readonly _tag: 'evicted'; readonly node: string; readonly key: string; readonly bytes: number }
  | { readonly _tag: 'skipped'; readonly node: string; readonly key?: string; readonly because: readonly string[] }
  | { readonly _tag: 'unfinished'; readonly node: string; readonly key: string; readonly reason: string }
  | { readonly _tag: 'failed'; readonly node: string; readonly key?: string; readonly error: RunError }
  | { readonly _tag: 'ended'; readonly report: RunReport }
)

/** An event before its time is added. */
export type RunEventBody = RunEvent extends infer E
  ? E extends { readonly at: number }
    ? Omit<E, 'at'>
    : never
  : never

/** Called with every event of a run, in order; its errors are ignored. */
export type Listener = (event: RunEvent) => void

/** The outcome of a run: every node that was touched, by full name. */
export interface RunReport {
  readonly computed: readonly string[]
  /** Not computed: adopted from artifacts that were computed from equal contents. */
  readonly adopted: readonly string[]
  readonly loaded: readonly string[]
  /** Requested, already in the store, not read. */
  readonly cached: readonly string[]
  /** Stored nodes that were requested or read, and that were computed by other code than the present. */
  readonly drifted: readonly string[]
  /**
   * Computed from other contents than the current ones of their inputs: computed again, or used, depending on the
   * project.
   */
  readonly stale: readonly string[]
  readonly failed: readonly RunError[]
  /** Not run because of a failure, an unfinished input or a stop. */
  readonly skipped: readonly { readonly node: string; readonly because: readonly string[] }[]
  readonly unfinished: readonly { readonly node: string; readonly reason: string }[]
  readonly stopped: boolean
  readonly seconds: number
  /**
   * Compute time of the results that were cached, loaded or adopted, in seconds, and the number of those whose time is
   * unknown; left out if there are none.
   */
  readonly saved?: { readonly seconds: number; readonly unknown: number }
}
