import type { Awaitable } from '../declare/types.js'
import type { Call } from './call-key.js'

/** A result that was found; wrapped, since the result itself may be undefined. */
export interface Kept<out A = unknown> {
  readonly value: A
}

/**
 * Where cached functions keep results: it takes what they return (`Given`) and gives `Value`, mostly the same.
 * Your own needs `get`, `put` and `subcache`; keys are 32 hex digits. `get` and `put` reject where the place cannot be
 * read or written; what is there but cannot be understood is not found.
 */
export interface Cache<out Value = any, in Given = Value> {
  /** The result under a key; undefined where there is none. */
  get(key: string): Promise<Kept<Value> | undefined>
  /**
   * Keeps a result, replacing an earlier one in one step. Resolves with what `get` will give from now on. `call` is
   * what the key is made of, for caches that can be listed.
   */
  put(key: string, value: Given, call?: Call): Promise<Value>
  /** A part of the cache with keys of its own. Rejects names that are no file names. */
  subcache(name: string): Cache<Value, Given>
  /** The right to compute a key, for caches of several processes; without it two may compute the same. */
  claim?(key: string): Promise<{ release(): Promise<void> }>
}

/** A cache that is asked without a function of its own. */
export interface ReadyCache<out Value = any, in Given = Value> extends Cache<Value, Given> {
  /**
   * The result that is kept under a key, which is anything JSON-like; or what `compute` gives, which is then kept.
   * Calls at one time with equal keys compute once; failures are not kept.
   */
  getOrCompute(key: unknown, compute: () => Awaitable<Given>): Promise<Value>
  subcache(name: string): ReadyCache<Value, Given>
}
