/** `taskchain/helpers`: for use inside `run`, and useful without tasks. */
export { cached, type Cached, type CachedOptions } from './cached.js'
export { memoryCache, noCache, type Cache, type Kept } from './cache.js'
export { formatCache, jsonCache } from './format-cache.js'
export { once } from './once.js'
export { ItemsFailed, parallelMap, type FailedItem, type ParallelMapOptions } from './parallel-map.js'
export { delays, retrying, type RetryPolicy } from './retrying.js'
