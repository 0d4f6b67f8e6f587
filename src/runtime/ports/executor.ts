import type { PoolName } from '../../base/resource-amounts.js'
import type { NodeCalls, NodeJob, NodeOutcome } from './node-job.js'

/** One call of a task's function. */
export interface Job {
  readonly node: string
  readonly task: string
  readonly key: string
  readonly run: () => Promise<unknown>
}

/** Where tasks run: in this process, or elsewhere: on threads, in processes, by a queue. */
export interface Executor {
  /** Calls the function of a task in this process. */
  execute(job: Job): Promise<unknown>
  /**
   * Computes whole nodes that are kept; absent: they run in this process. What is kept in memory only runs beside
   * whoever reads it.
   */
  readonly elsewhere?: (job: NodeJob, calls: NodeCalls) => Promise<NodeOutcome>
  /**
   * Whoever computes a node takes its lease and writes its log: another process, which may outlive this one. Default
   * false: this one does.
   */
  readonly takesLeases?: boolean
  /**
   * It has a place for each `pool` that tasks name (`main`: this process), and this is where those run that name none.
   * Absent: it has one place.
   */
  readonly standardPool?: PoolName
  /** Nodes at once where nobody says otherwise; default: the number of processors. */
  readonly concurrency?: number
  /** Ends what it has started. Nothing runs any more. */
  close?(): Promise<void>
}

/** Runs jobs where they are asked for. */
export const inProcess: Executor = { execute: (job) => job.run() }
