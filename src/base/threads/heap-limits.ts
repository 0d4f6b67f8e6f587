import { getHeapStatistics } from 'node:v8'
import type { ResourceLimits } from 'node:worker_threads'

/**
 * Limits of a thread's heap, by default that of this process; without any, a thread that needs more memory takes the
 * process with it. The young generation has the size of Node 20 and 22: with the larger one of Node 24, V8 ends the
 * process instead of the thread if much of it survives when the limit is reached.
 */
export const heapLimits = (megabytes = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20)): ResourceLimits => ({
  maxOldGenerationSizeMb: megabytes,
  maxYoungGenerationSizeMb: 48,
})
