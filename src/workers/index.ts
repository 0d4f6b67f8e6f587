/**
 * Public entry `taskchain/workers`: tasks and items on threads, and tasks in processes, or on other machines through a
 * queue.
 */

export { childProcesses, type ChildProcessesOptions } from './child-processes.js'
export { onThreads, type OnThreads, type OnThreadsOptions, type ThreadContext } from './item-threads.js'
export { bullmq } from './queue/bullmq-executor.js'
export type { BullmqOptions } from './queue/options.js'
export { queueWorker, type QueueWorker, type QueueWorkerOptions } from './queue/queue-worker.js'
export { workerPools, type WorkerPoolsOptions } from './worker-pools.js'
export { workerThreads, type WorkerThreadsOptions } from './worker-threads.js'
