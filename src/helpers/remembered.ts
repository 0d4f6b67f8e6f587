import type { Awaitable } from '../declare/types.js'
import { signalNow } from '../runtime/session/nested-runs.js'
import { onAbort } from '../runtime/session/on-abort.js'
import type { Cache } from './cache.js'
import type { Call } from './call-key.js'

/** The cache, and computations in progress by part and key, shared with all parts of the cache. */
export interface Remembering<out Value, in Given> {
  readonly cache: Cache<Value, Given>
  readonly running: Pick<Map<string, Promise<any>>, 'get' | 'set' | 'delete'>
  readonly part: string
}

/**
 * The result under a key, stored or computed: computed once at a time, across processes if the cache has claims. A call
 * of a task that is stopped waits for nobody; if others wait for that call, one of them takes its place.
 */
export const remembered = async <Value, Given>(
  { cache, running, part }: Remembering<Value, Given>,
  key: string,
  call: Call,
  compute: () => Awaitable<Given>,
): Promise<Value> => {
  const signal = signalNow()
  const find = async (): Promise<Value> => {
    const kept = await cache.get(key)
    if (kept !== undefined) return kept.value
    const claim = await cache.claim?.(key, signal)
    try {
      const meanwhile = claim === undefined ? undefined : await cache.get(key)
      return meanwhile === undefined ? await cache.put(key, await compute(), call) : meanwhile.value
    } finally {
      await claim?.release()
    }
  }
  const place = `${part}/${key}`
  for (;;) {
    const going: Promise<Value> | undefined = running.get(place)
    if (going === undefined) {
      const own = shared(running, place, find())
      if (signal !== undefined) signals.set(own, signal)
      return own
    }
    try {
      return await unlessAborted(going, signal)
    } catch (problem) {
      if (signal?.aborted === true || signals.get(going)?.aborted !== true) throw problem
    }
  }
}

/** Signals of the tasks whose calls do the work. */
const signals = new WeakMap<Promise<unknown>, AbortSignal>()

const unlessAborted = async <Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> => {
  if (signal === undefined) return work
  signal.throwIfAborted()
  let forget = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal.reason))
  })
  return Promise.race([work, aborted]).finally(forget)
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
