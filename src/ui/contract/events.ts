import type { RunCounts, RunState } from './history.js'
import type { Trouble } from './words.js'

/**
 * `events`: server-sent events. Each has an id; a browser that comes back sends the last one and gets what it missed,
 * or `hello` anew with `missed: true`, where that is too long ago: ask for everything again then. The SSE field `event`
 * is not used: `data` is one of these as JSON.
 */
export type ServerEvent = HelloEvent | RunBeganEvent | RunToldEvent | RunEndedEvent | ChangedEvent | ClosingEvent

export interface HelloEvent {
  readonly kind: 'hello'
  readonly generation: number
  /** Runs that go on. What they have told so far follows, each as `told`. */
  readonly runs: readonly RunBegan[]
  readonly missed: boolean
}

/** A run has begun, here or in another process. */
export interface RunBegan {
  /** Names the run in all that follows; ids of records come later than the first event. */
  readonly follow: string
  /** Id of its record in the history, where it is known. */
  readonly run: string | null
  /** Set where this server started it: for `abort`. */
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

/** What a run tells, several events at once: no more often than a few times a second. */
export interface RunToldEvent {
  readonly kind: 'told'
  readonly follow: string
  readonly events: readonly RunEventLine[]
  /** Events that were left out since there were too many (progress alone): the newest of a node is kept. */
  readonly dropped: number
}

/** A line of `taskchain run --json`: `event` says which; the fields that the page needs. `at`: ms since 1970. */
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
  /** Full name, of all events about one node. */
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

/** How far the items of a task are, and what its calls use; null as long as nothing is known. */
export interface LiveItems {
  readonly failed: number
  readonly refused: number
  readonly attempts: number
  /** Items that this run computes in all. */
  readonly toDo: number | null
  readonly perSecond: number | null
  readonly secondsLeft: number | null
  /** By name. */
  readonly usage: { readonly [unit: string]: number }
  readonly expected: { readonly [unit: string]: number } | null
}

/** A run has ended: `state` is that of its record, `died` where its process has gone. */
export interface RunEndedEvent {
  readonly kind: 'ended'
  readonly follow: string
  readonly run: string | null
  readonly state: RunState
  readonly counts: RunCounts | null
  readonly seconds: number | null
  readonly failures: readonly string[]
  /** What it said on its standard error where it did not get to run: the plan's errors, say. */
  readonly trouble: readonly Trouble[]
}

/** Ask again: `project`: files of it have changed. `store`: results may be others. `history`: there are more runs. */
export interface ChangedEvent {
  readonly kind: 'changed'
  readonly what: 'project' | 'store' | 'history'
  readonly generation: number
}

/** The server ends; it will not come back at this address. */
export interface ClosingEvent {
  readonly kind: 'closing'
}
