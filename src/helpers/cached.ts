import type { Awaitable } from '../declare/types.js'
import type { Cache } from './cache.js'
import { callKey, identityOf, type Call } from './call-key.js'
import { remembered, shared } from './remembered.js'

/** Where results of calls are kept and by what calls differ. */
export interface CachedOptions<Args extends readonly unknown[], Value = any, Given = Value> {
  readonly cache: Cache<Value, Given>
  /**
   * What makes calls differ, made from the arguments. Default: the arguments themselves, which must then be JSON-like.
   */
  readonly key?: (...args: Args) => unknown
  /** Change it when the code changes what it computes. */
  readonly version?: string | number
  /** Arguments that do not matter for the result: positions from 0, or fields of the first one. */
  readonly ignore?: readonly (number | FieldOf<Args[0]>)[]
  /**
   * Tells functions apart that share a cache. Default: the function's own name; an inline arrow has none. `''` with a
   * `key` finds what earlier versions kept without a name.
   */
  readonly name?: string
}
type FieldOf<A> = A extends readonly unknown[] ? never : A extends object ? keyof A & string : never

/** An untyped cache gives what it was given. */
type Remembered<Value, Given> = 0 extends 1 & Value ? Given : Value

/** A function that remembers. Called, it does what `getOrCompute` does. */
export interface Cached<in Args extends readonly unknown[], out Value, in Given = Value> {
  (...args: Args): Promise<Value>
  /**
   * The kept result, or a computed one, which is then kept. Calls at one time with equal arguments compute once;
   * failures are not kept.
   */
  getOrCompute(...args: Args): Promise<Value>
  /** The kept result, or undefined: nothing is computed. */
  get(...args: Args): Promise<Value | undefined>
  /** Computes anew and replaces what was kept. */
  force(...args: Args): Promise<Value>
  /** Keeps a given value as the result for these arguments. Resolves with what calls will get. */
  put(args: Args, value: Given): Promise<Value>
  /** The same function with results of its own, in a part of the cache. */
  subcache(name: string): Cached<Args, Value, Given>
}

/**
 * Remembers the results of a function by its arguments: for expensive calls inside `run`, paid ones above all.
 * What a call gives is what the cache would give later, the first time too.
 * Throws a `TypeError` for a function without a name, unless `name` is given: it would answer for every other one.
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
  return cachedIn(fn as never, { ...options, name }, new Map(), '') as never // one type in place of three: said by `Fn`
}

/** Gives `any`: `unknown` would become what a generic wrapper gives, as in `cached(retrying(f, …), …)`. */
type AnyFunction = (...args: any) => any

/** What a function is called by its author; what the language calls one without a name says nothing. */
const nameOf = ({ name }: AnyFunction): string => (/^(bound )*(anonymous|default)?$/.test(name) ? '' : name)

const nameless =
  'the function has no name, so in this cache it would answer for any other without one; give cached() a name'

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
      // else a computation under way would replace what is given
      await running.get(`${part}/${own}`)?.catch(() => undefined)
      return cache.put(own, value, call)
    },
    subcache: (inner: string) =>
      cachedIn(fn, { ...options, cache: cache.subcache(inner) }, running, `${part}/${inner}`),
  })
}
