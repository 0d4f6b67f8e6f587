import { randomBytes } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { allOf } from './all-of.js'
import { ObjectStoreFailed, type Bucket, type Listed } from './bucket.js'
import type { LocalCache } from './local-cache.js'
import { segmentLines, type SegmentLines } from './contents/segment-lines.js'
import { manifestIn, manifestText, type Manifest } from './contents/manifest.js'
import { generationText, keyPrefix, type Stored } from './contents/object-names.js'
import type { Commits } from './object-parts.js'
import type { Signing } from './contents/signature.js'
import type { Packs } from './packs/packs.js'

/** State shared by the functions of one store's commits. */
interface State {
  readonly bucket: Bucket
  readonly cache: LocalCache
  readonly packs: Packs
  readonly signing: Signing
  /** Recent texts by name and tag. */
  readonly known: RecentTexts
  /** Where the lines of gathered commits are that this process has read. */
  readonly segments: Map<string, SegmentLines>
  /** Small commits to be gathered for other readers. */
  readonly written: Line[]
}

/**
 * Reads and writes commits. Opening a store for the first time would request thousands of them one by one, so writers
 * store small ones a second time, many in one object, below `c/`.
 */
export const commitsIn = (bucket: Bucket, cache: LocalCache, packs: Packs, signing: Signing): Commits => {
  const state: State = { bucket, cache, packs, signing, known: recentTexts(), segments: new Map(), written: [] }
  return {
    read: (object) => read(state, object),
    readAll: (objects) => readAll(state, objects),
    textOf: (manifest) => textOf(state, manifest),
    write: (name, manifest) => write(state, name, manifest),
    flush: (goesOn) => flush(state, goesOn),
  }
}

const read = async (state: State, object: Stored): Promise<Manifest | string> => {
  const known = object.within === undefined ? await find(state, object) : undefined
  return counting(state, known ?? (await fetch(state, object)), object)
}

const readAll = async (state: State, objects: readonly Stored[]): Promise<ReadonlyMap<string, Manifest | string>> => {
  const texts = new Map<string, string | undefined>()
  const packed = objects.filter(({ within }) => within !== undefined)
  const own = objects.filter(({ within }) => within === undefined)
  await state.packs.fetch(packed)
  const look = async (): Promise<readonly Listed[]> => {
    for (const object of own)
      if (texts.get(object.name) === undefined) texts.set(object.name, await find(state, object))
    return own.filter(({ name }) => texts.get(name) === undefined)
  }
  let missing = await look()
  if (missing.length > enoughForSegments) {
    const names = new Map(missing.map((object) => [cacheName(object), object.name]))
    await readSegments(state, names, texts)
    missing = missing.filter(({ name }) => texts.get(name) === undefined)
  }
  await allOf([...missing, ...packed], 16, async (object) => texts.set(object.name, await fetch(state, object)))
  return new Map(objects.map((object) => [object.name, counting(state, texts.get(object.name), object)]))
}

/** Finds commits in gathered objects, if that takes fewer requests than reading each one; `wanted` by cache name. */
const readSegments = async (
  state: State,
  wanted: ReadonlyMap<string, string>,
  texts: Map<string, string | undefined>,
): Promise<void> => {
  const { bucket, cache, known, segments } = state
  let lacking = wanted.size
  const listed = (await bucket.list('c/')) ?? []
  const unread: Listed[] = []
  const take = (text: string | undefined): void => {
    for (const line of text?.split('\n') ?? []) {
      const place = nameOfLine(line)
      const name = place === undefined ? undefined : wanted.get(place)
      if (place === undefined || name === undefined || texts.get(name) !== undefined) continue
      const found = lineIn(line)
      if (found === undefined || cacheName(found) !== place) continue
      texts.set(name, found.text)
      known.keep(place, found.text)
      lacking--
    }
  }
  const takeWhole = (segment: Listed, text: string | undefined): void => {
    take(text)
    if (text !== undefined) segments.set(cacheName(segment), segmentLines(Buffer.from(text), nameOfLine))
  }
  for (const segment of listed) {
    const name = cacheName(segment)
    const lines = segments.get(name)
    const parts = lines === undefined ? undefined : await cache.textParts(name, lines.of(wanted.keys()))
    if (parts !== undefined) for (const part of parts) take(part)
    else {
      const text = await find(state, segment)
      if (text === undefined) unread.push(segment)
      else takeWhole(segment, text)
    }
  }
  if (unread.length < lacking)
    await allOf(unread, 8, async (segment) => takeWhole(segment, await fetch(state, segment)))
}

const cacheName = ({ name, tag }: Pick<Listed, 'name' | 'tag'>): string => `${name} ${tag}`

const find = async ({ known, cache }: State, object: Stored): Promise<string | undefined> =>
  known.get(cacheName(object)) ?? (await cache.text(cacheName(object)))

const fetch = async ({ bucket, cache, packs }: State, object: Stored): Promise<string | undefined> => {
  if (object.within !== undefined) return packs.read(object)
  const bytes = await bucket.get(object.name)
  if (bytes === undefined) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  await cache.keepText(cacheName(object), text).catch(() => undefined) // a full disk costs a request
  return text
}

/** Parses a commit; a string is the reason why it does not count. */
const counting = ({ bucket, signing }: State, text: string | undefined, object: Listed): Manifest | string => {
  if (text === undefined) return 'it is gone'
  const signed = signing.check(text)
  if (E.isLeft(signed)) return signed.left
  const manifest = manifestIn(signed.right)
  if (E.isLeft(manifest)) {
    if (manifest.left === 'damaged') return 'it is not a commit'
    throw new ObjectStoreFailed(bucket.location, 'a later version of taskchain has written to it', 'update taskchain')
  }
  const { folder, key, generation } = manifest.right
  const name = keyPrefix({ folder, key }) + generationText(generation)
  return object.name.startsWith(name) ? manifest.right : 'it is that of another artifact'
}

const textOf = ({ signing }: State, manifest: Manifest): string => signing.sign(manifestText(manifest))

const write = async (state: State, name: string, manifest: Manifest): Promise<string | undefined> => {
  const text = textOf(state, manifest)
  const bytes = Buffer.from(text)
  const tag = await state.bucket.putNew(name, bytes)
  if (tag === undefined) return undefined
  state.known.keep(cacheName({ name, tag }), text)
  if (bytes.length <= longestLine) state.written.push({ name, tag, text })
  return tag
}

const flush = async ({ bucket, written }: State, goesOn = false): Promise<void> => {
  if (goesOn && written.length < enoughForOne) return
  const lines = written.splice(0)
  if (lines.length <= 1) return
  for (let at = 0; at < lines.length; at += maxLines) {
    const text = lines.slice(at, at + maxLines).map((line) => `${JSON.stringify(line)}\n`)
    await bucket.put(`c/${Date.now()}-${randomBytes(4).toString('hex')}`, Buffer.from(text.join('')))
  }
}

/** Fewer wait for further ones, if the run continues. */
const enoughForOne = 200
/** Fewer are read one by one. */
const enoughForSegments = 16
const longestLine = 16 * 1024
const maxLines = 2000

const Line = t.type({ name: t.string, tag: t.string, text: t.string })
type Line = t.TypeOf<typeof Line>

/** The cache name of a line, without parsing all of it; undefined if it has none. */
const nameOfLine = (line: string): string | undefined => {
  const [, name, tag] = /^\{"name":"([^"\\]*)","tag":"((?:[^"\\]|\\.)*)"/.exec(line) ?? []
  return name === undefined || tag === undefined ? undefined : cacheName({ name, tag: tag.replaceAll('\\"', '"') })
}

interface RecentTexts {
  readonly get: (name: string) => string | undefined
  readonly keep: (name: string, text: string) => void
}

/** Forgets the oldest ones above some size, since they can be read again. */
const recentTexts = (most = 32 * 1024 * 1024): RecentTexts => {
  const texts = new Map<string, string>()
  let length = 0
  return {
    get: (name) => texts.get(name),
    keep: (name, text) => {
      length += text.length - (texts.get(name)?.length ?? 0)
      texts.set(name, text)
      for (const [oldest, { length: less }] of texts) {
        if (length <= most) break
        texts.delete(oldest)
        length -= less
      }
    },
  }
}

const lineIn = (text: string): Line | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return Line.is(value) ? value : undefined
  } catch {
    return undefined
  }
}
