import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { asJson } from '../runtime/items/item-json.js'
import { recordIn } from '../runtime/items/item-record.js'
import { callFolder, type ItemLine, type ItemLog, type ItemSet } from '../runtime/ports/items.js'
import type { Store } from '../runtime/ports/store.js'
import type { Cache, Kept, ReadyCache } from './cache.js'
import type { Call } from './call-key.js'
import { readyCache } from './ready-cache.js'

/** How results of calls are read from a store, and where existing results are migrated from. */
export interface ItemCacheOptions<A> {
  /** Decodes results; without it they are what JSON makes of them. */
  readonly codec?: t.Type<A, any>
  /** A former cache: results found in it are copied over when requested. */
  readonly before?: Cache<A>
}

/**
 * Stores results of calls in a store, in the same way as items of tasks: a line each, with a checksum, in a log for
 * each name. Two processes never compute the same call at once. `taskchain items` lists the call that a result belongs
 * to, and can remove it; the arguments, or the result of `key` for them, are stored with it as text.
 * Throws a `TypeError` for a store that does not support items.
 *
 * @example
 * const ask = async (question: string) => ({ text: question.toUpperCase() })
 * const answer = cached(retrying(ask, { attempts: 3 }), { cache: itemCache(fileStore('data/tasks'), 'answers') })
 * await answer('why?') // => { text: 'WHY?' }
 */
export const itemCache = <A = any>(
  store: Pick<Store, 'items' | 'location'>,
  name: string,
  options: ItemCacheOptions<A> = {},
): ReadyCache<A> => readyCache(cacheOf(store, { folder: callFolder, name }, options))

const cacheOf = <A>(
  store: Pick<Store, 'items' | 'location'>,
  set: ItemSet,
  { codec, before }: ItemCacheOptions<A>,
): Cache<A> => {
  const { items } = store
  if (items === undefined) throw new TypeError(`the store ${store.location} keeps no items`)
  checkName(set.name)
  let opened: Promise<ItemLog> | undefined
  const log = (): Promise<ItemLog> =>
    (opened ??= Promise.resolve(items.open(set)).catch((problem: unknown) => {
      opened = undefined
      throw problem
    }))
  const valueIn = (line: ItemLine | undefined): Kept<A> | undefined => {
    const record = line?.kind === 'kept' ? recordIn(line.text) : undefined
    if (record === undefined || !('value' in record)) return undefined
    if (codec === undefined) return { value: record.value as A } // without a codec, the caller chooses A
    const read = codec.decode(record.value)
    return E.isRight(read) ? { value: read.right } : undefined
  }
  const put = async (key: string, value: A, call?: Call): Promise<A> => {
    const one = await log()
    const kept = asJson(codec === undefined ? value : codec.encode(value))
    const record = { schema: 1, value: kept, ...(call === undefined ? {} : { item: textOf(call), call: small(call) }) }
    one.append({ key, kind: 'kept', at: Date.now(), text: JSON.stringify(record) })
    await one.sync()
    const again = valueIn(one.read(key))
    return again === undefined ? value : again.value
  }
  return {
    get: async (key) => {
      const one = await log()
      const found = (): Kept<A> | undefined => {
        const line = one.read(key)
        const value = valueIn(line)
        if (line !== undefined && value !== undefined) one.used?.(line)
        return value
      }
      const known = found()
      if (known !== undefined) return known
      one.refresh()
      const added = found()
      if (added !== undefined || before === undefined) return added
      const former = one.head(key)?.kind === 'gone' ? undefined : await before.get(key)
      return former && { value: await put(key, former.value) }
    },
    put,
    subcache: (name) =>
      cacheOf(
        store,
        { folder: `${set.folder}/${set.name}`, name },
        {
          ...(codec === undefined ? {} : { codec }),
          ...(before === undefined ? {} : { before: before.subcache(name) }),
        },
      ),
    claim: async (key, signal = new AbortController().signal) => {
      const one = await log()
      return one.claim(key, { signal, waiting: () => undefined })
    },
  }
}

/** Names become folder names. */
const checkName = (name: string): void => {
  if (!/^[A-Za-z][\w-]{0,60}$/.test(name))
    throw new TypeError(`the name of an item cache, or of a part of it, is letters, digits, _ and -, not '${name}'`)
}

/** `name(arguments)`, shortened, for display. */
const textOf = ({ name, identity }: Call): string => {
  const inside = Array.isArray(identity) ? identity.map(inText).join(', ') : inText(identity)
  const text = name === '' ? inside : `${name}(${inside})`
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

const inText = (value: unknown): string => JSON.stringify(value) ?? 'undefined'

/** The call itself, unless it is too long to store; its text is stored in any case. */
const small = (call: Call): Call | undefined => (inText(call).length > 4096 ? undefined : call)
