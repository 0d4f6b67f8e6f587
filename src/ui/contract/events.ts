import type { RunCounts, RunState } from './history.js'
import type { Trouble } from './words.js'

/**
 * `events`: server-sent events. Each has an id; a browser that reconnects sends the last one and gets the events it
 * missed, or, if that is too long ago, a new `hello` with `missed: true`: then request everything again. The SSE field
 * `event` is not used: `data` is one of these as JSON.
 */
export type ServerEvent = HelloEvent | RunBeganEvent | RunEventsEvent | RunEndedEvent | ChangedEvent | ClosingEvent

export interface HelloEvent {
  readonly kind: 'hello'
  readonly generation: number
  /** Current runs. Their events so far follow, each as `events`. */
  readonly runs: readonly RunBegan[]
  readonly missed: boolean
}

/** A run has begun, in this server or in another process. */
export interface RunBegan {
  /** Identifies the run in all later events; the id of its record is known only after the first event. */
  readonly follow: string
  /** Id of its record in the history, if known. */
  readonly run: string | null
  /** Set if this server started it: for `abort`. */
  readonly started: number | null
  readonly config: string
  readonly tasks: readonly string[]
  readonly command: 'run' | 'sweep'
  readonly host: string
  readonly pid: number | null
  readonly at: string
}

export interface RunBeganEvent extends RunBegan {
  readonly kind: 'began'
}

/** Events of a run, several at once, sent at most a few times a second. */
export interface RunEventsEvent {
  readonly kind: 'events'
  readonly follow: string
  readonly events: readonly RunEventLine[]
  /** Number of progress events that were dropped because there were too many: the newest of each node is kept. */
  readonly dropped: number
}

/** A line of `taskchain run --json`, with the fields that the page needs; `event` is its kind. `at`: ms since 1970. */
export interface RunEventLine {
  readonly event:
    | 'planned'
    | 'waiting'
    | 'started'
    | 'progress'
    | 'retrying'
    | 'computed'
    | 'adopted'
    | 'loaded'
    | 'drifted'
    | 'stale'
    | 'missed'
    | 'rebuilt'
    | 'released'
    | 'evicted'
    | 'skipped'
    | 'unfinished'
    | 'failed'
  readonly at: number
  /** Full name, in all events about a single node. */
  readonly node?: string
  readonly key?: string
  readonly attempt?: number
  readonly done?: number
  readonly total?: number
  readonly items?: LiveItems
  readonly seconds?: number
  readonly holder?: string
  readonly reason?: string
  readonly problem?: string
  readonly because?: readonly string[]
  readonly toRun?: readonly string[]
  readonly cached?: number
  readonly error?: Trouble
}

/** Progress of the items of a task, and the usage of its calls; null as long as nothing is known. */
export interface LiveItems {
  readonly failed: number
  readonly refused: number
  readonly attempts: number
  /** Total number of items that this run computes. */
  readonly toDo: number | null
  readonly perSecond: number | null
  readonly secondsLeft: number | null
  /** By name. */
  readonly usage: { readonly [unit: string]: number }
  readonly expected: { readonly [unit: string]: number } | null
}

/** A run has ended: `state` is that of its record, or `died` if its process is gone. */
export interface RunEndedEvent {
  readonly kind: 'ended'
  readonly follow: string
  readonly run: string | null
  readonly state: RunState
  readonly counts: RunCounts | null
  readonly seconds: number | null
  readonly failures: readonly string[]
  /** Errors from its standard error if it did not get as far as running: errors of the plan, for example. */
  readonly trouble: readonly Trouble[]
}

/** Request again: `project`: its files changed. `store`: results may have changed. `history`: there are more runs. */
export interface ChangedEvent {
  readonly kind: 'changed'
  readonly what: 'project' | 'store' | 'history'
  readonly generation: number
}

/** The server is stopping; it will not come back at this address. */
export interface ClosingEvent {
  readonly kind: 'closing'
}
