import type { Clock } from '../../ports/clock.js'
import type { ItemLog } from '../../ports/items.js'
import type { AnyOptions } from '../item-parts.js'
import { isExpired, madeAt, type AskedRecord } from '../item-record.js'
import { keyBytes, keyOfText } from './asked-key.js'

/**
 * Records which items a result was made of, so that the next plan can say how many are left to compute: keys of 16
 * bytes, in lines of some thousands that are content-addressed, since many configs request the same items.
 */

/** Number of keys in a line. */
const keysOfLine = 4096

/** Keys of items, concatenated. */
interface KeyList {
  readonly add: (key: string) => void
  readonly at: (index: number) => string
  readonly bytes: () => Buffer
}

const keyList = (expected = keysOfLine): KeyList => {
  let all = Buffer.alloc(Math.max(1, expected) * keyBytes)
  let length = 0
  return {
    add: (key) => {
      if (length === all.length) all = Buffer.concat([all], all.length * 2)
      length += all.write(key, length, 'hex')
    },
    at: (index) => all.toString('hex', index * keyBytes, (index + 1) * keyBytes),
    bytes: () => all.subarray(0, length),
  }
}

export interface Asked {
  /** Registers a list before anything is computed: returns its keys, and how many items have no usable result. */
  readonly list: (
    items: readonly unknown[],
    keyOf: (item: unknown, index: number) => string,
  ) => Promise<{ readonly at: (index: number) => string; readonly toDo: number }>
  /** Registers the next item of an iterable; returns its key. */
  readonly add: (key: string) => string
  /** Records the items registered so far; `isWhole`: there were no more. */
  readonly end: (isWhole: boolean) => void
}

export const askedItems = (
  log: ItemLog,
  clock: Clock,
  key: string,
  { read, write, expires, expectedCost }: AnyOptions,
  signal: AbortSignal,
): Asked => {
  const note = (keys: Buffer, atLeast: boolean): void => {
    if (write === false) return
    const more = { ...(atLeast ? { atLeast } : {}), ...defined({ expires, expectedCost }) }
    noteAsked(log, clock, key, keys, more)
  }
  const isKept = (one: string): boolean => {
    const head = read === false ? undefined : log.head(one)
    if (head?.kind !== 'kept') return false
    const now = clock.now()
    return !isExpired(madeAt(log, one, head.at, now), expires, now)
  }
  let streamed: KeyList | undefined
  return {
    list: async (items, keyOf) => {
      const keys = keyList(items.length)
      let toDo = 0
      for (const [at, item] of items.entries()) {
        if (at % 1000 === 999) await nextTurn()
        signal.throwIfAborted()
        const one = keyOf(item, at)
        keys.add(one)
        if (!isKept(one)) toDo++
      }
      try {
        note(keys.bytes(), false)
      } catch (problem) {
        if (toDo > 0) throw problem // nothing is paid for that cannot be stored
      }
      return { at: keys.at, toDo }
    },
    add: (one) => {
      streamed ??= keyList()
      streamed.add(one)
      return one
    },
    end: (isWhole) => {
      try {
        if (streamed !== undefined) note(streamed.bytes(), !isWhole)
      } catch {
        // only a forecast depends on it
      }
    },
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

const defined = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields> // its fields

/** Adds only what is new: the next run of the same items adds nothing. */
const noteAsked = (
  log: ItemLog,
  clock: Clock,
  key: string,
  keys: Buffer,
  more: Omit<AskedRecord, 'items' | 'lists'>,
): void => {
  const add = (line: string, record: object): void =>
    log.append({ key: line, kind: 'asked', at: clock.now(), text: JSON.stringify({ schema: 1, ...record }) })
  const lists: string[] = []
  for (let start = 0; start < keys.length; start += keysOfLine * keyBytes) {
    const list = keys.subarray(start, start + keysOfLine * keyBytes).toString('base64')
    const name = keyOfText(list)
    lists.push(name)
    if (log.head(name) === undefined) add(name, { keys: list })
  }
  const askedFor: AskedRecord = { items: keys.length / keyBytes, lists, ...more }
  if (log.read(key)?.text !== JSON.stringify({ schema: 1, askedFor })) add(key, { askedFor })
}
