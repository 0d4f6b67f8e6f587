import type { NodeOutline, RunPlan } from '../../plan/plan-types.js'
import type { Listener, RunReport } from './events.js'

/** Small files next to a store's artifacts, for the history of runs: each is complete or absent. */
export interface RunFiles {
  /** Names with this prefix; with `after`, only those that sort after this name are needed. */
  list(prefix: string, after?: string): Promise<readonly string[]>
  /** A file. Of one with more bytes than `most`, no more than one byte beyond them is needed. */
  read(name: string, most?: number): Promise<Uint8Array | undefined>
  /** Writes a file, replacing an earlier one of this name. */
  write(name: string, bytes: Uint8Array): Promise<void>
  remove(name: string): Promise<void>
  /** Removes many files in few requests. */
  removeAll?(names: readonly string[]): Promise<void>
}

/** The subject of a run, for its record. */
export interface RecordedRun {
  readonly command: 'run' | 'sweep'
  readonly config: string
  /** The targets; empty for all kept nodes. */
  readonly tasks: readonly string[]
  /** Their keys are stored. */
  readonly nodes: readonly NodeOutline[]
  /** Stored too if it is one, but not that of a sweep. */
  readonly plans: readonly RunPlan[]
  /** Swept values, `name=a,b`. */
  readonly set?: readonly string[]
}

/** Records runs. Neither it nor a recording throws or rejects. */
export interface RunRecorder {
  begin(run: RecordedRun): Recording
}

/** The record of one run in progress. */
export interface Recording {
  readonly listener: Listener
  end(report: RunReport): Promise<void>
}
