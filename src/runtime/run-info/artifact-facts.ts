import { longPattern } from '../../base/long-pattern.js'
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { readJsonText } from '../../declare/codec/guarded.js'
import { isEncodedList, type Encoded } from '../../declare/types.js'
import type { PreImage } from '../../plan/key.js'
import { toTagged } from '../../plan/inspect/tagged-json.js'
import type { ArtifactFacts, Blessing } from '../ports/facts.js'
import { blessingCodec, blessingSchema, factsCodec, isPreImage, isPreImages } from './facts-codec.js'
import { parseRunInfo, type RunInfo } from './run-info.js'

/**
 * Facts of artifacts: made at the commit, kept as lines of JSON, and read back from run infos where a line is missing.
 */

/** What a commit adds to the index. The pre-images are made once, for run info and index. */
export const factsOf = (
  info: RunInfo,
  { preImage, inMemory }: { readonly preImage?: PreImage | undefined; readonly inMemory?: InMemory | undefined },
): ArtifactFacts => ({
  key: info.key,
  ended: info.ended,
  seconds: info.time,
  code: info.code_fingerprint,
  ...(info.code_lineage === undefined ? {} : { lineage: info.code_lineage }),
  format: info.data?.format ?? null,
  extension: info.data?.extension ?? null,
  size: info.data?.size ?? null,
  ...(preImage === undefined ? {} : { preImage }),
  ...(inMemory === undefined ? {} : { inMemory }),
})

type InMemory = NonNullable<ArtifactFacts['inMemory']>

/** Facts from the text of a run info; undefined where it is none, or one of another key. */
export const factsOfRunInfo = (text: string, key: string): ArtifactFacts | undefined => {
  const parsed = parseRunInfo(text)
  if (E.isLeft(parsed) || (parsed.right.key !== key && parsed.right.key !== '')) return undefined
  const { key_pre_image: own, in_memory_inputs: others } = parsed.right
  const preImages = {
    preImage: isPreImage(own) ? own : undefined,
    inMemory: isPreImages(others) ? others : undefined,
  }
  return { ...factsOf(parsed.right, preImages), key }
}

/** Longer lines are written without what makes them long. */
const longestLine = 32_768

/**
 * Facts as one line of JSON, the key first, without its line end. Written piece by piece: it is part of every commit.
 */
export const factLine = ({
  key,
  ended,
  seconds,
  code,
  lineage,
  format,
  extension,
  size,
  preImage,
  inMemory,
}: ArtifactFacts): string => {
  const above = lineage === undefined ? '' : `,"lineage":${quoted(lineage)}`
  const text =
    `{"key":${JSON.stringify(key)},"ended":${JSON.stringify(ended)},` +
    `"seconds":${Number.isFinite(seconds) ? seconds : 0},"code":${quoted(code)}${above},` +
    `"format":${quoted(format)},"extension":${quoted(extension)},"size":${size}`
  if (preImage === undefined) return `${text}}`
  const memory =
    inMemory === undefined
      ? ''
      : `,"inMemory":{${Object.entries(inMemory)
          .map(([name, one]) => `${JSON.stringify(name)}:${preImageText(one)}`)
          .join(',')}}`
  const line = `${text},"preImage":${preImageText(preImage)}${memory}}`
  return line.length > longestLine ? `${text}}` : line
}

const preImageText = (preImage: PreImage): string =>
  JSON.stringify(isPlain(preImage.params, 0) ? preImage : { ...preImage, params: toTagged(preImage.params) })

/** Whether JSON can say a value as it is: no bigints, no names that `toTagged` would change. In doubt not. */
const isPlain = (value: Encoded, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint'
  if (depth > 5) return false
  if (isEncodedList(value)) return value.every((item) => isPlain(item, depth + 1))
  return Object.entries(value).every(([name, field]) => !name.startsWith('$') && isPlain(field, depth + 1))
}

const quotes = new Map<string, string>()

/** The same few codes and formats come again with every commit. */
const quoted = (text: string | null): string => {
  if (text === null) return 'null'
  let made = quotes.get(text)
  if (made === undefined) {
    made = JSON.stringify(text)
    if (quotes.size < 10_000) quotes.set(text, made)
  }
  return made
}

/** Facts from a line; undefined for one that was torn, or written by somebody else. */
export const parseFactLine = (line: string): ArtifactFacts | undefined => parsedLine(line, factsCodec)

/** A blessing as one line of JSON, without its line end. */
export const blessingLine = (blessing: Blessing): string => JSON.stringify({ schema: blessingSchema, ...blessing })

/** A blessing from a line of them; undefined as above. */
export const parseBlessing = (line: string): Blessing | undefined => parsedLine(line, blessingCodec)

const parsedLine = <A>(line: string, codec: t.Type<A>): A | undefined =>
  line === '' ? undefined : readJsonText(codec, line)

/** The start of a line as `factLine` writes it; a text with an escape in it is left to the parser. */
const lineStart = longPattern(
  /^\{"key":"([^"\\]*)","ended":"([^"\\]*)","seconds":([-+.\de]+),"code":(null|"[^"\\]*")/,
  /(?:,"lineage":("[^"\\]*"))?,"format":(null|"[^"\\]*"),"extension":(null|"[^"\\]*"),"size":(null|\d{1,16})[,}]/,
)

/** The same without what the key was hashed from, which is most of a line; a tenth of the time. */
export const parseFactStart = (line: string): ArtifactFacts | undefined => {
  const found = line.endsWith('}') ? lineStart.exec(line) : null
  if (found === null || !Number.isFinite(Number(found[3]))) return parseFactLine(line)
  const [, key = '', ended = '', seconds, code, lineage, format, extension, size] = found
  return {
    key,
    ended,
    seconds: Number(seconds),
    code: unquoted(code),
    ...(lineage === undefined ? {} : { lineage: lineage.slice(1, -1) }),
    format: unquoted(format),
    extension: unquoted(extension),
    size: size === 'null' ? null : Number(size),
  }
}

const unquoted = (text: string | undefined): string | null =>
  text === undefined || text === 'null' ? null : text.slice(1, -1)
