import * as t from 'io-ts'
import { isUntagged, toTagged } from '../../plan/params/encoded.js'
import type { PreImage } from '../../plan/key.js'
import type { ArtifactFacts } from '../ports/facts.js'
import { untagged, untaggedAll } from './facts-codec.js'

/**
 * Facts as a catalog stores them: one text of fields separated by tabs, long ones last. Ten thousand of them are read
 * at the start of a run, so they are parsed without a general parser; the catalog checks that they are what was
 * written.
 */

/** Longer texts are stored without their long parts, which the run info has. */
const longest = 32_768

/** The text of facts, without key and identity. */
export const factsText = (facts: ArtifactFacts): string => {
  const { ended, seconds, code, lineage, format, extension, size, digest, reads, adopted } = facts
  const made = `${field(ended)}\t${Number.isFinite(seconds) ? seconds : 0}\t${field(code)}\t${field(lineage)}`
  const data = `${field(format)}\t${field(extension)}\t${size ?? ''}\t${field(digest)}`
  const short = `${made}\t${data}\t${readsText(reads)}\t${json(adopted)}`
  const { preImage, inMemory } = facts
  if (preImage === undefined) return `${short}\t\t`
  const memory =
    inMemory === undefined
      ? ''
      : `{${Object.entries(inMemory)
          .map(([key, one]) => `${JSON.stringify(key)}:${preImageText(one)}`)
          .join(',')}}`
  const text = `${short}\t${preImageText(preImage)}\t${memory}`
  return text.length > longest ? `${short}\t\t` : text
}

const fields = 13

/**
 * Facts from identity and text, separated by a tab; undefined for an invalid text. `whole`: with the pre-image, which
 * is most of the text.
 */
export const factsFromText = (key: string, text: string, whole: boolean): ArtifactFacts | undefined => {
  try {
    return factsOfFields(key, text.split('\t', whole ? fields : fields - 2))
  } catch {
    return undefined // invalid JSON
  }
}

const factsOfFields = (key: string, parts: readonly string[]): ArtifactFacts | undefined => {
  const [identity, ended, seconds, code, lineage, format, extension, size, digest, reads, adopted] = parts
  if (adopted === undefined || !isCount(seconds) || (size !== '' && !isCount(size))) return undefined
  const facts: { -readonly [Name in keyof ArtifactFacts]: ArtifactFacts[Name] } = {
    key,
    ended: unescaped(ended) ?? '',
    seconds: Number(seconds),
    code: unescaped(code) ?? null,
    format: unescaped(format) ?? null,
    extension: unescaped(extension) ?? null,
    size: size === '' ? null : Number(size),
  }
  if (lineage) facts.lineage = unescaped(lineage) ?? ''
  if (digest) facts.digest = unescaped(digest) ?? ''
  if (identity) facts.identity = identity
  if (reads) facts.reads = readsIn(reads)
  const whose: unknown = adopted ? JSON.parse(adopted) : undefined
  if (Adopted.is(whose)) facts.adopted = whose
  const preImage = parts[11] ? untagged(JSON.parse(parts[11])) : undefined
  const inMemory = parts[12] ? untaggedAll(JSON.parse(parts[12])) : undefined
  if (preImage !== undefined) facts.preImage = preImage
  if (inMemory !== undefined) facts.inMemory = inMemory
  return facts
}

const Adopted = t.intersection([
  t.type({ key: t.string, digest: t.string, at: t.string }),
  t.partial({ formerly: t.string }),
])

const isCount = (text: string | undefined): boolean =>
  text !== undefined && text !== '' && Number.isFinite(Number(text))

/** Empty for a missing value; characters that the text must not contain are escaped as in JSON. */
const field = (text: string | null | undefined): string =>
  text === null || text === undefined ? '' : plain.test(text) ? text : JSON.stringify(text).slice(1, -1)
const plain = /^[ !#-[\]-~]*$/

const unescaped = (text: string | undefined): string | undefined => {
  if (text === '' || text === undefined || !text.includes('\\')) return text === '' ? undefined : text
  const read: unknown = JSON.parse(`"${text}"`)
  return typeof read === 'string' ? read : undefined
}

/** `key digest key digest`: both are hex digits. */
const readsText = (reads: ArtifactFacts['reads']): string => {
  let text = ''
  for (const key in reads) text += `${text === '' ? '' : ' '}${key} ${reads[key]}`
  return text
}

const readsIn = (text: string): NonNullable<ArtifactFacts['reads']> => {
  const reads: Record<string, string> = {}
  let key: string | undefined
  for (const word of text.split(' ')) {
    if (key !== undefined) reads[key] = word
    key = key === undefined ? word : undefined
  }
  return reads
}

const json = (value: object | undefined): string => (value === undefined ? '' : JSON.stringify(value))

const preImageText = (preImage: PreImage): string =>
  JSON.stringify(isUntagged(preImage.params) ? preImage : { ...preImage, params: toTagged(preImage.params) })
