import type { Awaitable } from '../declare/types.js'
import type { Cache } from './cache.js'
import { callKey, identityOf, type Call } from './call-key.js'
import { remembered, shared } from './remembered.js'

/** Where results of calls are stored, and what distinguishes calls. */
export interface CachedOptions<Args extends readonly unknown[], Value = any, Given = Value> {
  readonly cache: Cache<Value, Given>
  /**
   * What distinguishes calls, derived from the arguments. Default: the arguments themselves, which must then be
   * JSON-like.
   */
  readonly key?: (...args: Args) => unknown
  /** Change it when the function starts computing something else. */
  readonly version?: string | number
  /** Arguments that do not affect the result: positions from 0, or fields of the first argument. */
  readonly ignore?: readonly (number | FieldOf<Args[0]>)[]
  /**
   * Distinguishes functions that share a cache. Default: the function's own name; an inline arrow function has none.
   * `''` with a `key` finds results that earlier versions stored without a name.
   */
  readonly name?: string
}
type FieldOf<A> = A extends readonly unknown[] ? never : A extends object ? keyof A & string : never

/** An untyped cache gives back the type it was given. */
type Remembered<Value, Given> = 0 extends 1 & Value ? Given : Value

/** A memoized function. Calling it is the same as `getOrCompute`. */
export interface Cached<in Args extends readonly unknown[], out Value, in Given = Value> {
  (...args: Args): Promise<Value>
  /**
   * The stored result, or a computed one, which is then stored. Concurrent calls with equal arguments compute once;
   * failures are not stored.
   */
  getOrCompute(...args: Args): Promise<Value>
  /** The stored result, or undefined; computes nothing. */
  get(...args: Args): Promise<Value | undefined>
  /** Computes again and replaces the stored result. */
  force(...args: Args): Promise<Value>
  /** Stores a value as the result for these arguments. Resolves with what calls will return. */
  put(args: Args, value: Given): Promise<Value>
  /** The same function with separate results, in a part of the cache. */
  subcache(name: string): Cached<Args, Value, Given>
}

/**
 * Memoizes a function by its arguments: for expensive calls inside `run`, above all paid ones.
 * A call returns what the cache would return later, even the first time.
 * Throws a `TypeError` for a function without a name unless `name` is given: all unnamed functions would share their
 * results.
 *
 * @example
 * const Details = t.type({ id: t.number })
 * const fetchDetails = async ({ id }: { id: number; verbose: boolean }) => ({ id })
 * const details = cached(fetchDetails, { cache: jsonCache('cache/details', Details), ignore: ['verbose'] })
 * await details({ id: 7, verbose: true }) // computed
 * await details({ id: 7, verbose: false }) // => { id: 7 }
 */
export const cached = <Fn extends AnyFunction, Value>(
  fn: Fn,
  options: CachedOptions<Parameters<Fn>, Value, Awaited<ReturnType<Fn>>>,
): Cached<Parameters<Fn>, Remembered<Value, Awaited<ReturnType<Fn>>>, Awaited<ReturnType<Fn>>> => {
  const { key, name = nameOf(fn) } = options
  if (name === '' && (key === undefined || options.name === undefined)) throw new TypeError(nameless)
  return cachedIn(fn as never, { ...options, name }, new Map(), '') as never // one type in place of three, from `Fn`
}

/** Returns `any`: with `unknown`, generic wrappers as in `cached(retrying(f, …), …)` would infer `unknown`. */
type AnyFunction = (...args: any) => any

/** The name its author gave a function; names assigned by the language say nothing. */
const nameOf = ({ name }: AnyFunction): string => (/^(bound )*(anonymous|default)?$/.test(name) ? '' : name)

const nameless =
  'the function has no name, so it would share results with other unnamed functions; give cached() a name'

/** `running` is shared with all parts of the cache: two handles of one part compute once. */
const cachedIn = <Args extends readonly unknown[], Given, Value>(
  fn: (...args: Args) => Awaitable<Given>,
  options: CachedOptions<Args, Value, Given>,
  running: Map<string, Promise<Value>>,
  part: string,
): Cached<Args, Value, Given> => {
  const { cache, key, version, ignore = [], name = '' } = options
  const callOf = (args: Args): Call => ({
    name,
    version,
    identity: key === undefined ? identityOf(args, ignore) : key(...args),
  })
  const keyFor = (args: Args): string => callKey(callOf(args))
  const getOrCompute = async (...args: Args): Promise<Value> => {
    const call = callOf(args)
    return remembered({ cache, running, part }, callKey(call), call, () => fn(...args))
  }
  return Object.assign((...args: Args) => getOrCompute(...args), {
    getOrCompute,
    get: async (...args: Args) => (await cache.get(keyFor(args)))?.value,
    force: async (...args: Args) => {
      const call = callOf(args)
      const own = callKey(call)
      return shared(running, `${part}/${own}`, (async () => cache.put(own, await fn(...args), call))())
    },
    put: async (args: Args, value: Given) => {
      const call = callOf(args)
      const own = callKey(call)
      // otherwise a computation in progress would replace the given value
      await running.get(`${part}/${own}`)?.catch(() => undefined)
      return cache.put(own, value, call)
    },
    subcache: (inner: string) =>
      cachedIn(fn, { ...options, cache: cache.subcache(inner) }, running, `${part}/${inner}`),
  })
}
