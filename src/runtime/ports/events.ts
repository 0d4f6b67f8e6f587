import type { RunError } from '../../errors.js'
import type { ItemsProgress } from './items.js'
import type { Drifted } from './drifted.js'
import type { Lacking } from './facts.js'
import type { LeaseHolder } from './lease.js'
import type { Stale } from './stale.js'

/**
 * Everything that happens in a run, as data. Progress, console, logs, `--json` and UIs only listen. `at`: milliseconds
 * since 1970.
 * `key` tells nodes of one name apart where several plans run together; this library always gives it.
 */
export type RunEvent = { readonly at: number } & (
  | {
      /** The first event: what this run is about to do. */
      readonly _tag: 'planned'
      readonly toRun: readonly string[]
      /** Of these what is kept in memory only. */
      readonly inMemory?: readonly string[]
      readonly toLoad: readonly string[]
      readonly cached: number
      /** Seconds that what is to run and kept took before, by key; null where nobody knows. */
      readonly earlier?: Readonly<Record<string, number | null>>
    }
  /**
   * `unserved`: nobody computes it; `holder` is who is wanted, or the resources that others have. `process`: that of
   * another which holds the lease. The command line adds which `run` that is and `since` when it computes this, where
   * the store's history says so.
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
      /** Where it is items of `mapItems` that are counted. */
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
      /** Not computed: it has the data of an artifact of its task that was made from equal contents. */
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
      /** The former name that it was stored under, `films:sum`, or that of a param or input, `param min`. */
      readonly formerly?: string
    }
  | { readonly _tag: 'loaded'; readonly node: string; readonly key: string; readonly seconds: number }
  | ({ readonly _tag: 'drifted' } & Drifted)
  | ({ readonly _tag: 'stale' } & Stale)
  | { readonly _tag: 'missed'; readonly node: string; readonly key: string; readonly reason: string }
  /** The store's catalog did not have some of its artifacts, so their run infos were read; it has them now. */
  | ({ readonly _tag: 'rebuilt' } & Lacking)
  | { readonly _tag: 'released'; readonly node: string; readonly key: string }
  /**
   * A value that was kept in memory had to go, since the limit is reached: whoever asks for it again has it made or
   * loaded again. `bytes` is estimated.
   */
  | { readonly _tag: 'evicted'; readonly node: string; readonly key: string; readonly bytes: number }
  | { readonly _tag: 'skipped'; readonly node: string; readonly key?: string; readonly because: readonly string[] }
  | { readonly _tag: 'unfinished'; readonly node: string; readonly key: string; readonly reason: string }
  | { readonly _tag: 'failed'; readonly node: string; readonly key?: string; readonly error: RunError }
  | { readonly _tag: 'ended'; readonly report: RunReport }
)

/** An event before its time is put on. */
export type RunEventBody = RunEvent extends infer E
  ? E extends { readonly at: number }
    ? Omit<E, 'at'>
    : never
  : never

/** Called with every event of a run, in order; what it throws fails nothing. */
export type Listener = (event: RunEvent) => void

/** What became of a run: every node that was touched, by full name. */
export interface RunReport {
  readonly computed: readonly string[]
  /** Not computed: taken over from artifacts that were made from equal contents. */
  readonly adopted: readonly string[]
  readonly loaded: readonly string[]
  /** Asked for, in the store already, not read. */
  readonly cached: readonly string[]
  /** Of what is stored and was asked for or read: computed by other code than the present. */
  readonly drifted: readonly string[]
  /** Made from other contents than those that inputs have by now: computed again, or used, as the project says. */
  readonly stale: readonly string[]
  readonly failed: readonly RunError[]
  /** Not run because of a failure, an unfinished input or a stop. */
  readonly skipped: readonly { readonly node: string; readonly because: readonly string[] }[]
  readonly unfinished: readonly { readonly node: string; readonly reason: string }[]
  readonly stopped: boolean
  readonly seconds: number
  /**
   * Seconds that making took what was cached, loaded or adopted instead, and of how many results nobody knows; left out
   * where there were none.
   */
  readonly saved?: { readonly seconds: number; readonly unknown: number }
}
