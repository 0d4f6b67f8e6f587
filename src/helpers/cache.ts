/** A result that was found; wrapped, since the result itself may be undefined. */
export interface Kept<out A = unknown> {
  readonly value: A
}

/**
 * Where cached functions keep results: it takes what they return (`Given`) and gives `Value`, mostly the same.
 * Your own needs these three; keys are 32 hex digits. `get` and `put` reject where the place cannot be read or written;
 * what is there but cannot be understood is not found.
 */
export interface Cache<out Value = any, in Given = Value> {
  /** The result under a key; undefined where there is none. */
  get(key: string): Promise<Kept<Value> | undefined>
  /** Keeps a result, replacing an earlier one in one step. Resolves with what `get` will give from now on. */
  put(key: string, value: Given): Promise<Value>
  /** A part of the cache with keys of its own. Rejects names that are no file names. */
  subcache(name: string): Cache<Value, Given>
}

/**
 * Keeps nothing: a cached function computes at every call.
 *
 * @example
 * const page = cached(async function page(id: number) { return { id } }, { cache: noCache() }) // always computed
 * await page(1) // => { id: 1 }
 */
export const noCache = (): Cache => ({
  get: async () => undefined,
  put: async (_, value: unknown) => value,
  subcache: noCache,
})

/**
 * Keeps results in this process, as they are: who changes one changes it for everyone.
 *
 * @example
 * const lengthOf = cached(async function lengthOf(text: string) { return text.length }, { cache: memoryCache() })
 * await lengthOf('four') // => 4
 */
export const memoryCache = <A = any>(): Cache<A> => {
  const kept = new Map<string, Kept<A>>()
  const parts = new Map<string, Cache<A>>()
  return {
    get: async (key) => kept.get(key),
    put: async (key, value) => {
      kept.set(key, { value })
      return value
    },
    subcache: (name) => {
      const part = parts.get(name) ?? memoryCache<A>()
      parts.set(name, part)
      return part
    },
  }
}
