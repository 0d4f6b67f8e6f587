import * as fs from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { listNames, quietly } from '../../file-store/file-system.js'
import { segmentEnding } from '../../file-store/items/item-segments.js'
import { makerOf } from '../../file-store/temporary-names.js'
import { allOf } from '../all-of.js'
import { ObjectStoreFailed, type Bucket } from '../bucket.js'
import type { Signing } from '../contents/signature.js'
import { orFull } from '../local-cache.js'
import { linesBetween, sentPath, writerOf, type PutRange } from './own-segment.js'
import { covers, rangeIn, rangeName, sealed, uncovered, unsealed, type ItemRange } from './segment-object.js'

/** A set of items of a bucket, in a folder of this machine. */
export interface Mirror {
  /** Fetches everything that others have put before it was called. */
  readonly pull: () => Promise<void>
  readonly put: PutRange
  /** Puts items that killed processes of this machine have added but not put. */
  readonly sendLeft: () => Promise<void>
  /** Objects that do not count, since no trusted writer has signed them. */
  readonly refused: ReadonlyMap<string, string>
}

export interface MirrorParts {
  readonly bucket: Bucket
  readonly signing: Signing
  readonly prepared: () => Promise<void>
  /** A new path for a file being written. */
  readonly temporary: () => Promise<string>
}

export const mirrorOf = (parts: MirrorParts, prefix: string, folder: string): Mirror => {
  const { bucket, signing, prepared } = parts
  const refused = new Map<string, string>()

  const ranges = async (): Promise<readonly ItemRange[]> =>
    ((await bucket.list(prefix)) ?? []).flatMap(({ name }) => rangeIn(name.slice(prefix.length)) ?? [])

  /** Returns whether everything listed still existed. */
  const pullOnce = async (): Promise<boolean> => {
    const begun = Date.now()
    const wanted = uncovered(await ranges())
    const here = localRanges(folder)
    let isWhole = true
    const lacking = wanted.filter((one) => !refused.has(rangeName(one)) && !here.some((local) => covers(local, one)))
    await allOf(lacking, 8, async (range) => {
      isWhole = (await fetch(range)) && isWhole
    })
    for (const local of localRanges(folder))
      if (!local.isOwn && local.changed < begun - 50 && isUseless(local, wanted))
        quietly(() => fs.unlinkSync(local.path))
    return isWhole
  }
  const isUseless = (local: LocalRange, wanted: readonly ItemRange[]): boolean =>
    !wanted.some((one) => covers(local, one))

  const fetch = async (range: ItemRange): Promise<boolean> => {
    const name = prefix + rangeName(range)
    const object = await bucket.get(name)
    if (object === undefined) return false // merged with others meanwhile
    const lines = unsealed(signing, name, object)
    if (E.isLeft(lines)) {
      refused.set(rangeName(range), lines.left)
      return true
    }
    try {
      const staged = await parts.temporary()
      await writeFile(staged, lines.right)
      await rename(staged, sentPath(folder, range))
    } catch (problem) {
      throw orFull(folder, problem)
    }
    return true
  }

  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  const pullAll = async (): Promise<void> => {
    for (let tries = 0; tries < 10; tries++) if (await pullOnce()) return
  }
  return {
    refused,
    pull: () =>
      (next ??= running.then(() => {
        next = undefined
        const pulled = pullAll()
        running = pulled.catch(() => undefined)
        return pulled
      })),
    put: async (range, lines, covered) => {
      await prepared()
      const name = prefix + rangeName(range)
      await bucket.put(name, sealed(signing, name, lines))
      await bucket.remove(covered.map((one) => prefix + rangeName(one)))
    },
    sendLeft: async () => {
      const left = localRanges(folder).filter(({ isOwn, path }) => isOwn && isOfDead(path))
      if (left.length === 0) return
      const there = await ranges()
      for (const one of left)
        await sendRest(parts, prefix, folder, one, there).catch((problem: unknown) => {
          if (problem instanceof ObjectStoreFailed) throw problem // others would fail as well, unlike files here
        })
    },
  }
}

/** Puts items that a process did not live to put; from then on its file counts as fetched from the bucket. */
const sendRest = async (
  { bucket, signing, prepared }: MirrorParts,
  prefix: string,
  folder: string,
  { writer, path }: LocalRange,
  there: readonly ItemRange[],
): Promise<void> => {
  const sent = there.reduce((most, one) => (one.writer === writer ? Math.max(most, one.to) : most), 0)
  const descriptor = fs.openSync(path, 'r')
  try {
    const { size } = fs.fstatSync(descriptor)
    const from = Math.min(sent, size) // it is shorter if the machine has lost power
    const lines = Buffer.from(linesBetween(descriptor, from, size))
    const whole = lines.subarray(0, lines.lastIndexOf(10) + 1) // the last one may be torn
    const range = { writer, from, to: from + whole.length }
    if (whole.length > 0) {
      await prepared()
      await bucket.put(prefix + rangeName(range), sealed(signing, prefix + rangeName(range), whole))
    }
    quietly(() => fs.renameSync(path, sentPath(folder, { writer, from: 0, to: range.to })))
  } finally {
    fs.closeSync(descriptor)
  }
}

interface LocalRange extends ItemRange {
  readonly path: string
  readonly changed: number
  /** Written by a process of this machine: the bucket may not have it yet. */
  readonly isOwn: boolean
}

const localRanges = (folder: string): readonly LocalRange[] =>
  listNames(fs, folder).flatMap((name) => {
    if (!name.endsWith(`.${segmentEnding}`)) return []
    const path = join(folder, name)
    const stat = fs.lstatSync(path, { throwIfNoEntry: false })
    if (stat?.isFile() !== true) return []
    const own = writerOf(name)
    const range =
      own === undefined ? rangeIn(name.slice(0, -segmentEnding.length - 1)) : { writer: own, from: 0, to: stat.size }
    return range === undefined ? [] : [{ ...range, path, changed: stat.mtimeMs, isOwn: own !== undefined }]
  })

const isOfDead = (path: string): boolean => makerOf(basename(path), segmentEnding)?.life === 'dead'
