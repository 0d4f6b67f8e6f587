import * as t from 'io-ts'
import { fromTagged } from '../../plan/inspect/tagged-json.js'
import type { PreImage } from '../../plan/key.js'
import type { Blessing } from '../ports/facts.js'
import { lenientRecord, orElse, reading } from './lenient-codec.js'
import { isEncodedList } from '../../declare/types.js'
import { isRecord } from '../../base/records.js'

/** Pre-images and blessings, as they are read. Anyone may have written them. */

const InputInKey = t.type({ task: t.string, key: t.string })

/** What a key was hashed from, as far as `why` looks into it. */
const PreImageRecord = t.type({
  scheme: t.number,
  task: t.string,
  params: t.UnknownRecord,
  inputs: t.record(t.string, t.union([InputInKey, t.record(t.string, InputInKey)])),
})

export const isPreImage = (value: unknown): value is PreImage => PreImageRecord.is(value)

export const isPreImages = (value: unknown): value is { readonly [key: string]: PreImage } =>
  isRecord(value) && Object.values(value).every(isPreImage)

/** As JSON, params say by tags what that cannot. */
export const untagged = (value: unknown): PreImage | undefined => {
  if (!isPreImage(value)) return undefined
  const params = fromTagged(value.params)
  return typeof params === 'object' && params !== null && !isEncodedList(params) ? { ...value, params } : undefined
}

/** The same of several, by key. */
export const untaggedAll = (value: unknown): { readonly [key: string]: PreImage } | undefined => {
  if (!isRecord(value)) return undefined
  const found: (readonly [string, PreImage])[] = []
  for (const [key, one] of Object.entries(value)) {
    const preImage = untagged(one)
    if (preImage === undefined) return undefined
    found.push([key, preImage])
  }
  return Object.fromEntries(found)
}

/** Number of the form of a line of blessings; lines of before there was one have none, and the same fields. */
export const blessingSchema = 1

const blessing = lenientRecord(
  'blessing',
  { key: t.string, computedBy: t.string, acceptedFor: t.string, at: orElse(t.string, ''), user: orElse(t.string, '') },
  {},
)

/** A line of blessings; what a later version accepts may mean something else. */
export const blessingCodec = reading('blessing', (line): Blessing | undefined => {
  const isLater = isRecord(line) && typeof line['schema'] === 'number' && line['schema'] > blessingSchema
  return isLater ? undefined : blessing.read(line)
})
