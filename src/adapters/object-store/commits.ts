import { randomBytes } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { allOf } from './all-of.js'
import { ObjectStoreFailed, type Bucket, type Listed } from './bucket.js'
import type { LocalCache } from './local-cache.js'
import { manifestIn, manifestText, type Manifest } from './contents/manifest.js'
import { generationText, keyPrefix, type Stored } from './contents/object-names.js'
import type { Commits } from './object-parts.js'
import type { Signing } from './contents/signature.js'
import type { Packs } from './packs/packs.js'

/**
 * Reads and writes commits. Whoever opens a store for the first time would ask for thousands of them one by one, so
 * writers put small ones together once more, many in one object, under `c/`.
 */
export const commitsIn = (bucket: Bucket, cache: LocalCache, packs: Packs, signing: Signing): Commits => {
  const known = new Map<string, string>()
  const written: Line[] = []
  const textOf = (manifest: Manifest): string => signing.sign(manifestText(manifest))
  const cacheName = ({ name, tag }: Pick<Listed, 'name' | 'tag'>): string => `${name} ${tag}`
  const find = async (object: Stored): Promise<string | undefined> =>
    known.get(cacheName(object)) ?? (await cache.text(cacheName(object)))

  const fetch = async (object: Stored): Promise<string | undefined> => {
    if (object.within !== undefined) return packs.read(object)
    const bytes = await bucket.get(object.name)
    if (bytes === undefined) return undefined
    const text = Buffer.from(bytes).toString('utf8')
    await cache.keepText(cacheName(object), text).catch(() => undefined) // a full disk costs a request
    return text
  }
  const counting = (text: string | undefined, object: Listed): Manifest | string => {
    if (text === undefined) return 'it is gone'
    const signed = signing.check(text)
    if (E.isLeft(signed)) return signed.left
    const manifest = manifestIn(signed.right)
    if (E.isLeft(manifest)) {
      if (manifest.left === 'damaged') return 'it is no commit'
      throw new ObjectStoreFailed(bucket.location, 'a later version of taskchain has written to it', 'update taskchain')
    }
    const { folder, key, generation } = manifest.right
    const name = keyPrefix({ folder, key }) + generationText(generation)
    return object.name.startsWith(name) ? manifest.right : 'it is that of another artifact'
  }
  /** Finds commits in what writers have put together, where that takes fewer requests than to ask for each. */
  const readSegments = async (wanted: ReadonlySet<string>): Promise<void> => {
    const listed = (await bucket.list('c/')) ?? []
    const unread: Listed[] = []
    const take = (text: string | undefined): void => {
      for (const line of text?.split('\n') ?? []) {
        const read = lineIn(line)
        if (read !== undefined && wanted.has(cacheName(read))) known.set(cacheName(read), read.text)
      }
    }
    for (const segment of listed) {
      const text = await find(segment)
      if (text === undefined) unread.push(segment)
      else take(text)
    }
    const lacking = [...wanted].filter((name) => !known.has(name)).length
    if (unread.length < lacking) await allOf(unread, 8, async (segment) => take(await fetch(segment)))
  }
  return {
    read: async (object) =>
      counting((object.within === undefined ? await find(object) : undefined) ?? (await fetch(object)), object),
    readAll: async (objects) => {
      const texts = new Map<string, string | undefined>()
      const packed = objects.filter(({ within }) => within !== undefined)
      const own = objects.filter(({ within }) => within === undefined)
      await packs.fetch(packed)
      const look = async (): Promise<readonly Listed[]> => {
        for (const object of own) if (texts.get(object.name) === undefined) texts.set(object.name, await find(object))
        return own.filter(({ name }) => texts.get(name) === undefined)
      }
      let missing = await look()
      if (missing.length > enoughForSegments) {
        await readSegments(new Set(missing.map(cacheName)))
        missing = await look()
      }
      await allOf([...missing, ...packed], 16, async (object) => texts.set(object.name, await fetch(object)))
      return new Map(objects.map((object) => [object.name, counting(texts.get(object.name), object)]))
    },
    textOf,
    write: async (name, manifest) => {
      const text = textOf(manifest)
      const bytes = Buffer.from(text)
      const tag = await bucket.putNew(name, bytes)
      if (tag === undefined) return undefined
      known.set(cacheName({ name, tag }), text)
      if (bytes.length <= longestLine) written.push({ name, tag, text })
      return tag
    },
    flush: async (goesOn = false) => {
      if (goesOn && written.length < enoughForOne) return
      const lines = written.splice(0)
      if (lines.length <= 1) return
      for (let at = 0; at < lines.length; at += mostLines) {
        const text = lines.slice(at, at + mostLines).map((line) => `${JSON.stringify(line)}\n`)
        await bucket.put(`c/${Date.now()}-${randomBytes(4).toString('hex')}`, Buffer.from(text.join('')))
      }
    },
  }
}

/** Fewer wait for others, where others will come. */
const enoughForOne = 200
/** Fewer are read one by one. */
const enoughForSegments = 16
const longestLine = 16 * 1024
const mostLines = 2000

const Line = t.type({ name: t.string, tag: t.string, text: t.string })
type Line = t.TypeOf<typeof Line>

const lineIn = (text: string): Line | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return Line.is(value) ? value : undefined
  } catch {
    return undefined
  }
}
