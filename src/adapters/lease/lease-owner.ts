import { jsonIn } from '../../base/records.js'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { numberWhere, textLike } from '../../declare/codec/guarded.js'
import { openQuietly, readText, type FileSystem } from '../file-store/file-system.js'
import type { ProcessIdentity } from './process-identity.js'

/** The holder's own record in a lease. */
export interface Owner extends ProcessIdentity {
  /** Milliseconds between its beats. */
  readonly every: number
}

/** Content of a lease. `newer`: written by a later version of this library, which may use rules unknown to this one. */
export type LeaseText =
  | { readonly _tag: 'owner'; readonly owner: Owner; readonly beat: string }
  | { readonly _tag: 'newer' }

/** Version of the record; a record without one predates versions and has the same fields. */
const schema = 1
/**
 * Upper limit of the interval between beats, both requested and accepted from records: six beats may be missed, so a
 * forged record delays others by at most a minute.
 */
export const longestEvery = 10_000
/** A lease is one line; a larger file is not a lease. */
const maxBytes = 10_000

const orNull = <A>(codec: t.Type<A>) => t.union([codec, t.null, t.undefined])
const line = textLike('a line', /^\P{Cc}{0,500}$/u)

const Versioned = t.type({ schema: numberWhere('a later version', (value) => value > schema) })

const OwnerRecord = t.intersection([
  t.type({
    pid: numberWhere('a pid', Number.isSafeInteger),
    host: line,
    space: textLike('a space', /^[0-9a-f]{8}$/),
    id: textLike('an id', /^[0-9a-f]{1,64}$/),
  }),
  t.partial({
    start: orNull(textLike('a start', /^\d{1,20}$/)),
    thread: orNull(textLike('a thread', /^\d{1,10}-\d{1,20}$/)),
    machine: orNull(line),
    boot: orNull(line),
    every: numberWhere('a span', (value) => value >= 0),
    beat: textLike('a count', /^\d{1,16}$/),
  }),
])

/** The count of beats in a record: padded to a fixed length, since a record is rewritten in place. */
export const noBeat = '"beat":"000000000000"'

/**
 * A holder's record before its first beat. `beat` is the last field: no earlier text can look like it, since quotes are
 * escaped there.
 */
export const ownerText = (owner: Owner): string => `${JSON.stringify({ schema, ...owner }).slice(0, -1)},${noBeat}}`

/** The record of a lease; undefined if it is missing, unreadable, or not ours. */
export const readOwner = (fs: FileSystem, path: string): LeaseText | undefined => {
  try {
    return decoded(readText(fs, path, maxBytes) ?? '')
  } catch {
    return undefined
  }
}

/** Stands for a missing lease; no holder has this id. */
export const nobodyId = 'nobody'

/** The holder that is expected in leases. */
export interface ExpectedOwner {
  readonly id: string
  /** Its record, in which only the count of beats changes; undefined until one was read. */
  content: string | undefined
}

/** The id of a lease's holder; undefined if the record is not ours. Throws disk errors. */
export const ownerIdIn = (fs: FileSystem, path: string, expected: ExpectedOwner): string | undefined => {
  if (expected.content !== undefined && saysStill(fs, path, expected.content)) return expected.id
  const text = readText(fs, path, maxBytes)
  if (text === undefined) return nobodyId
  const said = decoded(text)
  if (said?._tag !== 'owner') return undefined
  if (said.owner.id === expected.id && recordEnd.test(text)) expected.content = text
  return said.owner.id
}

/** Whether a lease still contains a holder's record, with a single read: this is checked before every commit. */
const saysStill = (fs: FileSystem, path: string, content: string): boolean => {
  const descriptor = openQuietly(fs, path)
  if (descriptor === undefined) return false
  try {
    const length = fs.readSync(descriptor, record, 0, record.length, 0)
    return isRecordOf(record.toString('utf8', 0, length), content)
  } catch {
    return false
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Longer records are read the general way. */
const record = Buffer.alloc(1024)

/** Whether a text is a holder's record, with any count of beats. */
const isRecordOf = (text: string, content: string): boolean =>
  text.length === content.length && text.startsWith(content.slice(0, -noBeat.length - 1)) && recordEnd.test(text)

const recordEnd = /,"beat":"\d{12}"\}$/

const decoded = (text: string): LeaseText | undefined => {
  const read = jsonIn(text)
  if (Versioned.is(read)) return { _tag: 'newer' }
  const record = OwnerRecord.decode(read)
  if (E.isLeft(record)) return undefined
  const { pid, host, space, id, start, thread, machine, boot, every, beat } = record.right
  const owner: Owner = {
    pid,
    host,
    space,
    id,
    start: start ?? null,
    thread: thread ?? null,
    machine: machine ?? null,
    boot: boot ?? null,
    every: Math.min(every ?? 0, longestEvery),
  }
  return { _tag: 'owner', owner, beat: beat ?? '' }
}
