import * as t from 'io-ts'
import { fromTagged } from '../../plan/inspect/tagged-json.js'
import type { PreImage } from '../../plan/key.js'
import type { ArtifactFacts, Blessing } from '../ports/facts.js'
import { lenientRecord, orElse, orNull, reading } from './lenient-codec.js'
import { isEncodedList } from '../../declare/types.js'
import { isRecord } from '../../base/records.js'

/** Lines of indexes and of blessings, as they are read. Anyone may have written them. */

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

/** In a line, params say by tags what JSON cannot. */
const untagged = (value: unknown): PreImage | undefined => {
  if (!isPreImage(value)) return undefined
  const params = fromTagged(value.params)
  return typeof params === 'object' && params !== null && !isEncodedList(params) ? { ...value, params } : undefined
}

const preImages = reading('pre-images by key', (value): { readonly [key: string]: PreImage } | undefined => {
  if (!isRecord(value)) return undefined
  const found: Record<string, PreImage> = {}
  for (const [key, one] of Object.entries(value)) {
    const preImage = untagged(one)
    if (preImage === undefined) return undefined
    found[key] = preImage
  }
  return found
})

/** Facts of one artifact: a line of an index. Without key, time and seconds it is none. */
export const factsCodec: t.Type<ArtifactFacts> = lenientRecord(
  'facts of an artifact',
  {
    key: t.string,
    ended: t.string,
    seconds: t.number,
    code: orNull(t.string),
    format: orNull(t.string),
    extension: orNull(t.string),
    size: orNull(t.number),
  },
  { lineage: t.string, preImage: reading('a pre-image', untagged), inMemory: preImages },
)

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
