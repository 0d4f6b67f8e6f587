import { readJsonText } from '../../declare/codec/guarded.js'
import * as t from 'io-ts'
import type { ItemLog } from '../ports/items.js'

/** State of a provider's batch, stored before anything waits for it. */
const ProviderRecord = t.intersection([
  t.type({
    state: t.keyof({ submitting: null, running: null, ended: null, failed: null, expired: null, cancelled: null }),
    /** Milliseconds since 1970. */
    submitted: t.number,
    /** Number of items submitted. */
    items: t.number,
    /** Keys of items without an answer. */
    keys: t.array(t.string),
  }),
  t.partial({
    id: t.string,
    problem: t.string,
    /** Cost of all its items, as declared by the task. */
    expectedCost: t.number,
    /** When it is cancelled, and when the provider says it expires, in milliseconds since 1970. */
    until: t.number,
    expires: t.number,
    /** Items that have ended at the provider. */
    done: t.number,
  }),
])
export type ProviderRecord = t.TypeOf<typeof ProviderRecord>

/** Which items a result of the task is made of. */
const AskedRecord = t.intersection([
  t.type({
    items: t.number,
    /** Keys of the lines that list the keys of the items. */
    lists: t.array(t.string),
  }),
  t.partial({ atLeast: t.boolean, expires: t.number, expectedCost: t.number }),
])
export type AskedRecord = t.TypeOf<typeof AskedRecord>

/** What is stored of an item, as JSON: its result or failure, and what it took. */
export const ItemRecord = t.intersection(
  [
    t.type({ schema: t.literal(1) }),
    t.partial({
      value: t.unknown,
      problem: t.string,
      reason: t.string,
      attempts: t.number,
      seconds: t.number,
      usage: t.record(t.string, t.number),
      /** Fingerprint of the function. */
      code: t.union([t.string, t.null]),
      /** The item, shortened, for display. */
      item: t.string,
      /** For results of `cached`: name and arguments. */
      call: t.unknown,
      batch: ProviderRecord,
      /** Key of a batch that is to be cancelled. */
      cancels: t.string,
      askedFor: AskedRecord,
      /** Keys of items, 16 bytes each. */
      keys: t.string,
      /** When it was stored, where the time of its line is later: that of a line after one from the future. */
      made: t.number,
    }),
  ],
  'ItemRecord',
)
export type ItemRecord = t.TypeOf<typeof ItemRecord>

/** Undefined if the text is not a record, or is a record of a later schema. */
export const recordIn = (text: string): ItemRecord | undefined => readJsonText(ItemRecord, text)

/**
 * Adds to sums by name; a name may be that of an inherited property, such as `constructor`. A sum has 15 digits, so
 * that ten times 0.1 is 1.
 */
export const addUsage = (sums: Record<string, number>, name: string, amount: number): void => {
  const sum = (Object.hasOwn(sums, name) ? (sums[name] ?? 0) : 0) + amount
  sums[name] = Number.isInteger(sum) ? sum : Number(sum.toPrecision(15))
}

/** Whether a result is too old. One from the future, by a wrong clock, is trusted no longer than one of now. */
export const isExpired = (at: number, expires: number | undefined, now: number): boolean =>
  expires !== undefined && (now - at >= expires || at - now > expires)

/** When the latest line of a key was stored, by the clock of its writer; `at`: the time of the line. */
export const madeAt = (log: Pick<ItemLog, 'read'>, key: string, at: number, now: number): number =>
  at > now ? (recordIn(log.read(key)?.text ?? '')?.made ?? at) : at
