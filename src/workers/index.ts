/** Public entry `taskchain/workers`: tasks on threads or in processes of their own. */

export { childProcesses, type ChildProcessesOptions } from './child-processes.js'
export { workerThreads, type WorkerThreadsOptions } from './worker-threads.js'
