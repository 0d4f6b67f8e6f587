import type { Awaitable } from '../declare/types.js'
import type { Cache } from './cache.js'
import type { Call } from './call-key.js'

/** Where results are kept, and what is computed just now: shared with all parts of a cache, by part and key. */
export interface Remembering<out Value, in Given> {
  readonly cache: Cache<Value, Given>
  readonly running: Pick<Map<string, Promise<any>>, 'get' | 'set' | 'delete'>
  readonly part: string
}

/** The result under a key, kept or computed: at one time once, in all processes where the cache has claims. */
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

/** Work on one key is seen by other calls until it ends, well or not. */
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
