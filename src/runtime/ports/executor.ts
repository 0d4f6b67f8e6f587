import type { PoolName } from '../../base/resource-amounts.js'
import type { NodeCalls, NodeJob, NodeOutcome } from './node-job.js'

/** One call of a task's function. */
export interface Job {
  readonly node: string
  readonly task: string
  readonly key: string
  readonly run: () => Promise<unknown>
}

/** Where tasks run: in this process, or elsewhere: on threads, in processes, through a queue. */
export interface Executor {
  /** Calls the function of a task in this process. */
  execute(job: Job): Promise<unknown>
  /**
   * Computes whole nodes that are stored; absent: they run in this process. Nodes in memory always run in the process
   * of their readers.
   */
  readonly elsewhere?: (job: NodeJob, calls: NodeCalls) => Promise<NodeOutcome>
  /**
   * The process that computes a node takes its lease and writes its log; it may outlive this one. Default false: this
   * process does.
   */
  readonly takesLeases?: boolean
  /**
   * It has a pool for each `pool` that tasks name (`main`: this process); tasks that name none run in this one. Absent:
   * it has one pool.
   */
  readonly standardPool?: PoolName
  /** How many nodes run at the same time unless specified; default: the number of processors. */
  readonly concurrency?: number
  /** Ends everything that it has started. Called when no node is running any more. */
  close?(): Promise<void>
}

/** Runs jobs in the calling process. */
export const inProcess: Executor = { execute: (job) => job.run() }
