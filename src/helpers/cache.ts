import type { Awaitable } from '../declare/types.js'
import type { Call } from './call-key.js'

/** A cached result; wrapped, since the result itself may be undefined. */
export interface Kept<out A = unknown> {
  readonly value: A
}

/**
 * Where cached functions store results: it accepts what they return (`Given`) and gives back `Value`, usually the same.
 * A custom cache needs `get`, `put` and `subcache`; keys are 32 hex digits. `get` and `put` reject if the storage
 * cannot be read or written; content that cannot be parsed counts as not found.
 */
export interface Cache<out Value = any, in Given = Value> {
  /** The result stored under a key; undefined if there is none. */
  get(key: string): Promise<Kept<Value> | undefined>
  /**
   * Stores a result, atomically replacing an earlier one. Resolves with what `get` will return from now on. `call` is
   * what the key was derived from, for caches that can be listed.
   */
  put(key: string, value: Given, call?: Call): Promise<Value>
  /** A part of the cache with its own keys. Rejects names that are not valid file names. */
  subcache(name: string): Cache<Value, Given>
  /**
   * Claims the computation of a key, for caches shared by processes; without it two may compute the same key. Rejects
   * when `signal`, that of the task which calls, aborts while another process holds the claim.
   */
  claim?(key: string, signal?: AbortSignal): Promise<{ release(): Promise<void> }>
}

/** A cache that can be used directly, without a cached function. */
export interface ReadyCache<out Value = any, in Given = Value> extends Cache<Value, Given> {
  /**
   * The result stored under a key, which may be any JSON-like value; otherwise the result of `compute`, which is then
   * stored. Concurrent calls with equal keys compute once; failures are not stored.
   */
  getOrCompute(key: unknown, compute: () => Awaitable<Given>): Promise<Value>
  subcache(name: string): ReadyCache<Value, Given>
}
