import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

/** What is known of a batch of a provider, before anybody waits for it. */
const ProviderRecord = t.intersection([
  t.type({
    state: t.keyof({ submitting: null, running: null, ended: null, failed: null, expired: null, cancelled: null }),
    /** Milliseconds since 1970. */
    submitted: t.number,
    /** How many were submitted. */
    items: t.number,
    /** Of those that it has not answered. */
    keys: t.array(t.string),
  }),
  t.partial({
    id: t.string,
    problem: t.string,
    /** Of all its items, as the task says. */
    expectedCost: t.number,
    /** When it is cancelled, and when it expires as its provider says; milliseconds since 1970. */
    until: t.number,
    expires: t.number,
    /** Items that the provider has ended. */
    done: t.number,
  }),
])
export type ProviderRecord = t.TypeOf<typeof ProviderRecord>

/** Which items a result of the task is made of. */
const AskedRecord = t.intersection([
  t.type({
    items: t.number,
    /** Keys of the lines that list their keys. */
    lists: t.array(t.string),
  }),
  t.partial({ atLeast: t.boolean, expires: t.number, expectedCost: t.number }),
])
export type AskedRecord = t.TypeOf<typeof AskedRecord>

/** What is kept of an item, as JSON: its result or its failure, and what it took. */
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
      /** The item, shortened, for people. */
      item: t.string,
      /** Of results of `cached`: name and arguments. */
      call: t.unknown,
      batch: ProviderRecord,
      askedFor: AskedRecord,
      /** Keys of items, 16 bytes each. */
      keys: t.string,
    }),
  ],
  'ItemRecord',
)
export type ItemRecord = t.TypeOf<typeof ItemRecord>

/** Undefined for what is no record, or one of a later form. */
export const recordIn = (text: string): ItemRecord | undefined => {
  try {
    const read = ItemRecord.decode(JSON.parse(text))
    return E.isRight(read) ? read.right : undefined
  } catch {
    return undefined
  }
}

/** Adds to sums by name; a name may be one that every object has, as `constructor`. */
export const addUsage = (sums: Record<string, number>, name: string, amount: number): void => {
  sums[name] = (Object.hasOwn(sums, name) ? (sums[name] ?? 0) : 0) + amount
}
