import type { Awaitable } from '../declare/types.js'
import type { Cache } from './cache.js'
import type { Call } from './call-key.js'

/** The cache, and computations in progress by part and key, shared with all parts of the cache. */
export interface Remembering<out Value, in Given> {
  readonly cache: Cache<Value, Given>
  readonly running: Pick<Map<string, Promise<any>>, 'get' | 'set' | 'delete'>
  readonly part: string
}

/** The result under a key, stored or computed: computed once at a time, across processes if the cache has claims. */
export const remembered = <Value, Given>(
  { cache, running, part }: Remembering<Value, Given>,
  key: string,
  call: Call,
  compute: () => Awaitable<Given>,
): Promise<Value> => {
  const find = async (): Promise<Value> => {
    const kept = await cache.get(key)
    if (kept !== undefined) return kept.value
    const claim = await cache.claim?.(key)
    try {
      const meanwhile = claim === undefined ? undefined : await cache.get(key)
      return meanwhile === undefined ? await cache.put(key, await compute(), call) : meanwhile.value
    } finally {
      await claim?.release()
    }
  }
  const place = `${part}/${key}`
  return running.get(place) ?? shared(running, place, find())
}

/** Other calls for a key share the work in progress until it ends, successfully or not. */
export const shared = <Value>(
  running: Remembering<Value, never>['running'],
  place: string,
  work: Promise<Value>,
): Promise<Value> => {
  const ended = work.finally(() => {
    if (running.get(place) === ended) running.delete(place)
  })
  running.set(place, ended)
  return ended
}
