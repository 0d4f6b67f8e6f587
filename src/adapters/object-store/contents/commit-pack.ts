import * as t from 'io-ts'
import { isKey } from '../../file-store/safe-path.js'
import { digestOf } from '../../file-store/checksum.js'
import type { Listed } from '../bucket.js'
import { commitName, keyPrefix, lastPart, type Packed } from './object-names.js'

/**
 * Many first commits of one folder in one object, `m/<folder>/__packs__/<digest>-<bytes of the index>`: a line of JSON
 * that names them in order, then the text and the log of each, as they would be in separate objects.
 */

/** Takes the place of a key in the names of packs; the planner never creates it. */
export const packsKey = '__packs__'
export const packsPrefix = (folder: string): string => keyPrefix({ folder, key: packsKey })

/** Key, extensions as in the name of a commit, bytes of the commit and of its log; 0 without a log. */
const Line = t.tuple([t.string, t.string, t.number, t.number])
const Index = t.type({ commits: t.literal(1), of: t.array(Line) })

/** A commit to be put into a pack. */
export interface Packing {
  readonly key: string
  readonly extensions: readonly string[] | undefined
  readonly commit: Uint8Array
  readonly log: Uint8Array
}

/** A pack with its name. */
export const packOf = (
  folder: string,
  members: readonly Packing[],
): { name: string; bytes: Uint8Array; index: string } => {
  const index = `${JSON.stringify({
    commits: 1,
    of: members.map(({ key, extensions, commit, log }) => [key, commitName(1, extensions), commit.length, log.length]),
  } satisfies t.TypeOf<typeof Index>)}\n`
  const first = Buffer.from(index)
  const bytes = Buffer.concat([first, ...members.flatMap(({ commit, log }) => [commit, log])])
  return { name: `${packsPrefix(folder)}${digestOf(bytes)}-${first.length}`, bytes, index }
}

/** Parses the name of a pack; undefined for another object. */
export const packNameIn = (name: string): { readonly digest: string; readonly index: number } | undefined => {
  const [, digest, index] = /^([0-9a-f]{64})-(\d{1,9})$/.exec(lastPart(name)) ?? []
  return digest === undefined ? undefined : { digest, index: Number(index) }
}

/** Place of a commit in its pack; its log follows it. */
export interface PackedPlace {
  readonly key: string
  /** Name within the key. */
  readonly name: string
  readonly from: number
  readonly size: number
  /** 0 without a log. */
  readonly logSize: number
}

/** The commits in a pack; empty if its index is damaged. */
export const placesIn = (pack: Listed, text: string): readonly PackedPlace[] => {
  const index = indexIn(text)
  if (index === undefined) return []
  const found: PackedPlace[] = []
  let from = Buffer.byteLength(text)
  for (const [key, name, size, logSize] of index) {
    found.push({ key, name, from, size, logSize })
    from += size + logSize
  }
  return from === pack.size ? found : []
}

export const packedAt = (folder: string, pack: Listed, { key, name, from, size, logSize }: PackedPlace): Packed => {
  const path = keyPrefix({ folder, key }) + name
  const slice = (sliceName: string, start: number, length: number) => ({
    name: sliceName,
    size: length,
    tag: pack.tag,
    modified: pack.modified,
    within: { pack, from: start },
  })
  const extensions = name.includes('!') ? name.split('!').slice(1) : undefined
  return {
    key,
    commit: { ...slice(path, from, size), extensions },
    log: logSize === 0 ? undefined : slice(`${path}.log`, from + size, logSize),
  }
}

const indexIn = (text: string): readonly t.TypeOf<typeof Line>[] | undefined => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0
  return Index.is(value) &&
    value.of.every(
      ([key, name, ...sizes]) => isKey(key) && /^0000000001(![A-Za-z0-9_.-]*)*$/.test(name) && sizes.every(isSize),
    )
    ? value.of
    : undefined
}
