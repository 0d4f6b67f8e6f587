/** Public entry `taskchain/workers`: tasks on threads, in processes of their own, or on other machines by a queue. */

export { childProcesses, type ChildProcessesOptions } from './child-processes.js'
export { bullmq } from './queue/bullmq-executor.js'
export type { BullmqOptions } from './queue/options.js'
export { queueWorker, type QueueWorker, type QueueWorkerOptions } from './queue/queue-worker.js'
export { workerPools, type WorkerPoolsOptions } from './worker-pools.js'
export { workerThreads, type WorkerThreadsOptions } from './worker-threads.js'
