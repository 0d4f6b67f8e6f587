import type { Answer, Cell } from './words.js'

/** `elsewhere`: not ended, on another machine. `died`: its process is gone without recording an end. */
export type RunState = 'done' | 'failed' | 'unfinished' | 'stopped' | 'running' | 'elsewhere' | 'died'

/** `runs`: records of runs, the latest first, in pages. */
export interface RunsAnswer extends Answer {
  readonly count: number
  readonly offset: number
  readonly runs: readonly RunRow[]
  /** Ids of records on this page that cannot be read. */
  readonly unreadable: readonly string[]
}

export interface RunRow {
  readonly id: string
  readonly state: RunState
  readonly command: 'run' | 'sweep'
  readonly config: string
  /** The requested tasks; empty for all. */
  readonly tasks: readonly string[]
  readonly context: readonly string[]
  readonly set: readonly string[]
  readonly revision?: { readonly commit: string; readonly clean?: boolean }
  readonly started: string
  readonly ended?: string
  readonly seconds?: number
  readonly host: string
  readonly pid: number
  readonly nodes: number
  readonly counts?: RunCounts
  readonly failures: readonly string[]
  readonly exit?: number
  readonly pinned: boolean
  /** Usage of items by name: `cost`, `tokens`. */
  readonly usage?: { readonly [name: string]: number }
}

export interface RunCounts {
  readonly computed: number
  readonly loaded: number
  readonly cached: number
  readonly adopted: number
  readonly failed: number
  readonly skipped: number
  readonly unfinished: number
  readonly stale: number
}

/** `run`: one record and, if its plan is stored, the plan's nodes. */
export interface RunAnswer extends Answer {
  readonly run: RunRow
  /** Full names in run order; undefined if its plan is not stored (a sweep) or cannot be read. */
  readonly nodes?: readonly string[]
}

/** `runs metrics`: metrics of a config's runs over time, the earliest first, from results that are still stored. */
export interface RunMetricsAnswer extends Answer {
  readonly config: string
  readonly runs: readonly { readonly id: string; readonly started: string }[]
  /** By `group:task.name`; null for runs without it. */
  readonly series: readonly { readonly node: string; readonly name: string; readonly values: readonly Cell[] }[]
}
