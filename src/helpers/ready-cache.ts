import { callKey } from './call-key.js'
import type { Cache, Kept, ReadyCache } from './cache.js'
import { remembered } from './remembered.js'

/**
 * Adds `getOrCompute` to a custom cache; the caches of this package have it.
 *
 * @example
 * const pages = readyCache(memoryCache())
 * await pages.getOrCompute(['page', 7], () => 'text') // => 'text'
 */
export const readyCache = <Value, Given>(cache: Cache<Value, Given>): ReadyCache<Value, Given> => {
  const running = new Map<string, Promise<Value>>()
  return {
    ...cache,
    getOrCompute: async (key, compute) => {
      const call = { name: '', version: undefined, identity: key }
      return remembered({ cache, running, part: '' }, callKey(call), call, compute)
    },
    subcache: (name) => readyCache(cache.subcache(name)),
  }
}

/**
 * Stores nothing: a cached function computes at every call.
 *
 * @example
 * const page = cached(async function page(id: number) { return { id } }, { cache: noCache() }) // always computed
 * await page(1) // => { id: 1 }
 */
export const noCache = (): ReadyCache => {
  const nothing: Cache = {
    get: async () => undefined,
    put: async (_, value: unknown) => value,
    subcache: () => nothing,
  }
  return readyCache(nothing)
}

/**
 * Keeps results in this process, without copying them: changing one changes it for every caller.
 *
 * @example
 * const lengthOf = cached(async function lengthOf(text: string) { return text.length }, { cache: memoryCache() })
 * await lengthOf('four') // => 4
 */
export const memoryCache = <A = any>(): ReadyCache<A> => readyCache(inMemory<A>())

const inMemory = <A>(): Cache<A> => {
  const kept = new Map<string, Kept<A>>()
  const parts = new Map<string, Cache<A>>()
  return {
    get: async (key) => kept.get(key),
    put: async (key, value) => {
      kept.set(key, { value })
      return value
    },
    subcache: (name) => {
      const part = parts.get(name) ?? inMemory<A>()
      parts.set(name, part)
      return part
    },
  }
}
