import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { Listener, RunReport } from './events.js'

/** Small files beside a store's artifacts, for the history of runs: each is whole or absent. */
export interface RunFiles {
  /** Names that start so. */
  list(prefix: string): Promise<readonly string[]>
  read(name: string): Promise<Uint8Array | undefined>
  /** Writes a file, in place of the former of this name. */
  write(name: string, bytes: Uint8Array): Promise<void>
  remove(name: string): Promise<void>
}

/** What a run is about, for its record. */
export interface RecordedRun {
  readonly command: 'run' | 'sweep'
  readonly config: string
  /** What was asked for; empty for all that is kept. */
  readonly tasks: readonly string[]
  readonly nodes: readonly PlanNode[]
  /** Left out where there are several. */
  readonly plan?: Plan
  /** Swept values, `name=a,b`. */
  readonly set?: readonly string[]
}

/** Keeps a record of runs. Neither it nor a recording throws or rejects. */
export interface RunRecorder {
  begin(run: RecordedRun): Recording
}

/** The record of one run, as it comes to be. */
export interface Recording {
  readonly listener: Listener
  end(report: RunReport): Promise<void>
}
