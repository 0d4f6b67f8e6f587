import type { NodeCalls, NodeJob, NodeOutcome } from './node-job.js'

/** One call of a task's function. */
export interface Job {
  readonly node: string
  readonly task: string
  readonly key: string
  readonly run: () => Promise<unknown>
}

/** Where tasks run: in this process, or elsewhere (threads; later a queue). */
export interface Executor {
  /** Calls the function of a task in this process. */
  execute(job: Job): Promise<unknown>
  /**
   * Computes whole nodes that are kept; absent: they run in this process. What is kept in memory only runs beside
   * whoever reads it.
   */
  readonly elsewhere?: (job: NodeJob, calls: NodeCalls) => Promise<NodeOutcome>
  /** Ends what it has started. Nothing runs any more. */
  close?(): Promise<void>
}

/** Runs jobs where they are asked for. */
export const inProcess: Executor = { execute: (job) => job.run() }
