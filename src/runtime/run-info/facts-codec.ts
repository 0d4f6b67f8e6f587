import * as t from 'io-ts'
import type { PreImage } from '../../plan/key.js'
import type { Blessing } from '../ports/facts.js'
import { lenientRecord, orElse, reading } from './lenient-codec.js'
import { fromTagged, isEncodedList } from '../../plan/params/encoded.js'
import { isRecord } from '../../base/records.js'

/** Pre-images and blessings, as they are read. They may come from any program. */

const InputInKey = t.type({ task: t.string, key: t.string })

/** The pre-image of a key, as far as `why` uses it. */
const PreImageRecord = t.type({
  scheme: t.number,
  task: t.string,
  params: t.UnknownRecord,
  inputs: t.record(t.string, t.union([InputInKey, t.record(t.string, InputInKey)])),
})

export const isPreImage = (value: unknown): value is PreImage => PreImageRecord.is(value)

export const isPreImages = (value: unknown): value is { readonly [key: string]: PreImage } =>
  isRecord(value) && Object.values(value).every(isPreImage)

/** In JSON, tags represent params that JSON cannot. */
export const untagged = (value: unknown): PreImage | undefined => {
  if (!isPreImage(value)) return undefined
  const params = fromTagged(value.params)
  return typeof params === 'object' && params !== null && !isEncodedList(params) ? { ...value, params } : undefined
}

/** The same for several, by key. */
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

/** Version of a line of blessings; older lines have none, and the same fields. */
export const blessingSchema = 1

const blessing = lenientRecord(
  'blessing',
  { key: t.string, computedBy: t.string, acceptedFor: t.string, at: orElse(t.string, ''), user: orElse(t.string, '') },
  {},
)

/** A line of blessings; those of a later version may have another meaning. */
export const blessingCodec = reading('blessing', (line): Blessing | undefined => {
  const isLater = isRecord(line) && typeof line['schema'] === 'number' && line['schema'] > blessingSchema
  return isLater ? undefined : blessing.read(line)
})
