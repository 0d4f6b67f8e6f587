import * as fs from 'node:fs'
import { join } from 'node:path'
import { isSafeName } from '../../../declare/names.js'
import type { ItemLog, ItemSet, StoreItems } from '../../../runtime/ports/items.js'
import type { Store } from '../../../runtime/ports/store.js'
import { makeFolder } from '../../file-store/file-system.js'
import { inOrder, itemsBelow, setEnding } from '../../file-store/items/file-items.js'
import { lineOf } from '../../file-store/items/item-line.js'
import { itemSegments, readingOf } from '../../file-store/items/item-segments.js'
import { UnsafePath } from '../../file-store/safe-path.js'
import { allOf } from '../all-of.js'
import { allLeases } from '../contents/object-names.js'
import type { ObjectParts } from '../object-parts.js'
import type { Signing } from '../contents/signature.js'
import { mirrorOf, type Mirror } from './mirror.js'
import { ownSegment, type OwnSegment } from './own-segment.js'
import { allItems, itemsFolder, itemsPrefix } from './segment-object.js'

/**
 * Results of items in a bucket: each writer's lines in separate objects. This machine reads them from a folder of its
 * cache, one for each set of trusted keys: what is there was accepted. Computed results are in the bucket before their
 * claim is released.
 */
export const objectItems = (
  { bucket, cache, prepared }: Pick<ObjectParts, 'bucket' | 'cache' | 'prepared'>,
  signing: Signing,
  claim: Store['lease'],
): StoreItems => {
  const root = join(cache.folder, signing.trusted === '' ? 'items' : `items-${signing.trusted.slice(0, 16)}`)
  const local = itemsBelow(fs, root)
  const parts = { bucket, signing, prepared, temporary: cache.temporary }
  const mirrorFor = (set: ItemSet): Mirror => {
    const folder = local.pathOf(set)
    makeFolder(fs, folder)
    return mirrorOf(parts, itemsPrefix(set), folder)
  }
  const sets = async (below: string): Promise<readonly ItemSet[]> => {
    const names = ((await bucket.list(allItems + below)) ?? []).map(({ name }) => name.slice(0, name.lastIndexOf('/')))
    return [...new Set(names)].flatMap((name) => setIn(name) ?? [])
  }
  return {
    open: async (set) => {
      const folder = local.pathOf(set)
      const mirror = mirrorFor(set)
      await mirror.pull()
      await mirror.sendLeft().catch(() => undefined) // a reader without write access continues with what it has
      return openLog(folder, mirror, (key, options) =>
        claim({ folder: itemsFolder(set), key, extension: null }, options),
      )
    },
    sets: async () => {
      const known = new Map([...local.sets(), ...(await sets(''))].map((set) => [local.pathOf(set), set]))
      return [...known.values()]
    },
    list: async (folder) => {
      const refused = new Map<string, number>()
      const there = await sets(folder === undefined ? '' : `${folder}/`)
      const known = new Map([...local.list(folder), ...there].map((set) => [local.pathOf(set), set]))
      await allOf(known.values(), 4, async (set) => {
        const mirror = mirrorFor(set)
        await mirror.pull()
        refused.set(local.pathOf(set), mirror.refused.size)
      })
      return local.list(folder).flatMap((set) => {
        const damaged = set.damaged + (refused.get(local.pathOf(set)) ?? 0)
        return set.bytes + damaged === 0 ? [] : [{ ...set, damaged }]
      })
    },
    lines: async (set, which) => {
      await mirrorFor(set).pull()
      return local.lines(set, which)
    },
    remove: async (set) => {
      await bucket.remove(((await bucket.list(itemsPrefix(set))) ?? []).map(({ name }) => name))
      local.remove(set)
    },
    setAside: async (set, place, label) => {
      if (!isSafeName(label)) throw new UnsafePath(`'${label}' cannot be part of a path`)
      const claims = (await bucket.list(`${allLeases}${itemsFolder(set)}/`)) ?? []
      if (claims.length > 0) return false
      const names = ((await bucket.list(itemsPrefix(set))) ?? []).map(({ name }) => name)
      await allOf(names, 8, (name) => bucket.copy(name, `t/${place}/${label}/${name}`))
      await bucket.remove(names)
      local.remove(set)
      return true
    },
  }
}

const setIn = (name: string): ItemSet | undefined => {
  const path = name.slice(allItems.length)
  const at = path.lastIndexOf('/')
  if (at < 1 || !path.endsWith(setEnding)) return undefined
  const set = { folder: path.slice(0, at), name: path.slice(at + 1, -setEnding.length) }
  return /^[A-Za-z][\w-]*$/.test(set.name) && path.split('/').every(isSafeName) ? set : undefined
}

const openLog = (folder: string, mirror: Mirror, claim: ItemLog['claim']): ItemLog => {
  const segments = itemSegments(fs, folder)
  segments.refresh()
  let own: OwnSegment | undefined
  return {
    ...readingOf(segments),
    fetch: mirror.pull,
    append: (line, time) => {
      if (own?.isGone() === true) own = undefined // the set was removed meanwhile
      if (own === undefined) {
        makeFolder(fs, folder)
        own = ownSegment(folder, mirror.put)
      }
      const bytes = lineOf(time === undefined ? inOrder(line, segments.head(line.key)?.at) : line)
      segments.added(own.path, bytes, own.add(bytes))
    },
    claim: async (key, options) => {
      const lease = await claim(key, options)
      try {
        await mirror.pull()
      } catch (problem) {
        await lease.release()
        throw problem
      }
      const release = async (): Promise<void> => {
        try {
          await own?.send()
        } finally {
          await lease.release()
        }
      }
      return { release }
    },
    sync: async () => own?.send(),
    close: async () => {
      const last = own
      own = undefined
      try {
        await last?.close()
      } finally {
        segments.close()
      }
    },
  }
}
