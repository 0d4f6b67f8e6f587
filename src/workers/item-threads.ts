import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Piscina } from 'piscina'
import { fieldOf } from '../base/records.js'
import { ownModule } from '../base/package-root.js'
import { withDoor } from '../base/items/item-door.js'
import { AtOnce, Wait } from '../declare/limits.js'
import { checkOptions } from '../runtime/chain/options.js'
import { deathOfThread } from './deaths.js'
import { heapLimits } from '../base/threads/heap-limits.js'
import type { ThreadCall } from './item-thread.js'

/** Options of `onThreads`. */
export interface OnThreadsOptions {
  /** Maximum number of threads, and so of items at once. Default: the number of processors. */
  readonly threads?: number
  /** Milliseconds after which an idle thread is ended. Default 10,000. */
  readonly idle?: number
}

/** The second argument of the function: the index of the item, and the number of the attempt. */
export interface ThreadContext {
  readonly index?: number
  readonly attempt?: number
  /** Keys of a batch. */
  readonly keys?: readonly string[]
}

/** The same function, called on a thread. The thread is ended if `signal` is aborted. */
export type OnThreads<Compute extends (given: never, context: ThreadContext) => unknown> = (
  given: Parameters<Compute>[0],
  context?: ThreadContext & { readonly signal?: AbortSignal },
) => Promise<Awaited<ReturnType<Compute>>>

/**
 * A function of a module, called on threads: for items that keep a processor busy. The module is named by its path or
 * `file:` URL, and its type by that of the function. If an item times out or calls `process.exit`, its thread is ended,
 * and only that item fails. Results are stored as those of the function itself, under the same keys. Arguments and
 * results are copied (`structuredClone`).
 *
 * @example
 * // not run: starts threads
 * // features.ts: export const featuresOf = (text: string): number[] => [text.length]
 * const featuresOf = onThreads<(text: string) => number[]>(new URL('./features.js', import.meta.url), 'featuresOf')
 * const params = { texts: t.array(t.string) }
 * const features = defineTask({ params, data: t.array(t.array(t.number)) }).run(({ texts }, { mapItems }) =>
 *   mapItems(texts, featuresOf, { timeout: 60_000 }),
 * )
 */
export const onThreads = <Compute extends (given: never, context: ThreadContext) => unknown>(
  module: string | URL,
  name = 'default',
  options: OnThreadsOptions = {},
): OnThreads<Compute> => {
  checkOptions({ threads: AtOnce, idle: Wait }, options)
  const file = module instanceof URL || module.startsWith('file:') ? fileURLToPath(module) : resolve(module)
  if (!existsSync(file)) throw new RangeError(`there is no file ${file}; onThreads needs the module of a function`)
  const function_: ThreadCall = { module: file, name }
  const onThread = async (
    call: ThreadCall,
    what: 'compute' | 'fingerprint',
    signal?: AbortSignal,
  ): Promise<unknown> => {
    const pool = await poolOf(options)
    try {
      return await pool.run(call, { name: what, ...(signal === undefined ? {} : { signal }) })
    } catch (cause) {
      if (signal?.aborted === true) throw signal.reason
      if (isFailedCopy(cause)) throw new TypeError('what it gave cannot be copied from its thread')
      throw isDeath(cause) ? deathOfThread(cause, undefined) : cause
    }
  }
  const call = async (given: unknown, { signal, index, attempt, keys }: Parameters<OnThreads<Compute>>[1] = {}) =>
    onThread({ ...function_, given, context: { index, attempt, keys } }, 'compute', signal)
  const code = async (): Promise<string | null> => {
    const found = await onThread(function_, 'fingerprint')
    return typeof found === 'string' ? found : null
  }
  return withDoor(call, { code, atOnce: threadsOf(options) }) as OnThreads<Compute> // the export's type is not checked
}

const threadsOf = ({ threads = availableParallelism() }: OnThreadsOptions): number => threads

/** Node 20 passes on a `DataCloneError` as an empty object, later versions as an error without its name. */
const isFailedCopy = (cause: unknown): boolean =>
  !(cause instanceof Error) || cause.stack?.startsWith('DataCloneError') === true

const isDeath = (cause: unknown): boolean =>
  fieldOf(cause, 'code') === 'ERR_WORKER_OUT_OF_MEMORY' ||
  /^worker exited with code: \d+$/.test(String(fieldOf(cause, 'message')))

const pools = new Map<string, Promise<Piscina>>()

/** One pool for all functions with the same options. */
const poolOf = (options: OnThreadsOptions): Promise<Piscina> => {
  const { idle = 10_000 } = options
  const threads = threadsOf(options)
  const id = `${threads} ${idle}`
  const known = pools.get(id) ?? startPool(threads, idle)
  pools.set(id, known)
  return known
}

const startPool = async (threads: number, idle: number): Promise<Piscina> => {
  const { Piscina } = await import('piscina')
  const pool = new Piscina({
    filename: ownModule('workers/item-thread'),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: Math.min(idle, 2 ** 31 - 1), // a longer timer would fire at once
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    resourceLimits: heapLimits(),
  })
  pool.on('error', () => undefined) // an idle thread has failed: it is replaced
  return pool
}
