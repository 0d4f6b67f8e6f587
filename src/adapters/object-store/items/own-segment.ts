import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { quietly, writeAll } from '../../file-store/file-system.js'
import { segmentEnding } from '../../file-store/items/item-segments.js'
import { temporaryName } from '../../file-store/temporary-names.js'
import { orFull } from '../local-cache.js'
import { rangeName, type ItemRange } from './segment-object.js'

/**
 * Lines that this process adds to a set: written to a local file immediately, and to the bucket before others rely on
 * them.
 */
export interface OwnSegment {
  readonly path: string
  /** Returns the offset of the line. */
  add(line: Uint8Array): number
  /** Whether its set was removed meanwhile. */
  isGone(): boolean
  /** Resolves when all added lines are in the bucket. */
  send(): Promise<void>
  close(): Promise<void>
}

/** Puts the lines of a range into the bucket, and removes the ranges that it covers. */
export type PutRange = (range: ItemRange, lines: Uint8Array, covered: readonly ItemRange[]) => Promise<void>

const start = '.results.'

/** The writer of a local segment; undefined for another file. */
export const writerOf = (name: string): string | undefined =>
  name.startsWith(start) && name.endsWith(`.${segmentEnding}`)
    ? name.slice(start.length, -segmentEnding.length - 1)
    : undefined

/** Number of objects of one size that are merged, as a counter carries: few objects, and each byte is put few times. */
const together = 16
const largest = 64 * 1024 * 1024

export const ownSegment = (folder: string, put: PutRange): OwnSegment => {
  const path = temporaryName(folder, 'results', segmentEnding)
  const writer = writerOf(basename(path)) ?? ''
  const descriptor = fs.openSync(path, 'ax+')
  const parts: (ItemRange & { readonly level: number })[] = []
  let written = 0
  let sent = 0
  let sending: Promise<void> | undefined

  const putNow = async (from: number, to: number, covered: typeof parts, level: number): Promise<void> => {
    const range = { writer, from, to }
    await put(range, linesBetween(descriptor, from, to), covered)
    parts.splice(parts.length - covered.length, covered.length, { ...range, level })
  }
  const sendOnce = async (): Promise<void> => {
    const to = written
    await putNow(sent, to, [], 0)
    sent = to
    for (;;) {
      const last = parts.slice(-together)
      const [first] = last
      if (first === undefined || last.length < together || last.some(({ level }) => level !== first.level)) return
      if (sent - first.from > largest) return
      await putNow(first.from, sent, last, first.level + 1)
    }
  }
  const send = async (): Promise<void> => {
    const wanted = written
    while (sent < wanted) await (sending ??= sendOnce().finally(() => (sending = undefined)))
  }
  return {
    path,
    add: (line) => {
      try {
        writeAll(fs, descriptor, line)
        written += line.length
        return written - line.length
      } catch (problem) {
        quietly(() => fs.ftruncateSync(descriptor, written)) // half a line would corrupt the next one
        throw orFull(folder, problem)
      }
    },
    isGone: () => !fs.existsSync(path),
    send,
    close: async () => {
      try {
        await send()
        await sending
        if (parts.length > 1 && sent <= largest) await putNow(0, sent, [...parts], 0)
        quietly(() => fs.renameSync(path, sentPath(folder, { writer, from: 0, to: sent })))
      } finally {
        fs.closeSync(descriptor)
      }
    },
  }
}

/** Path of a range that is in the bucket as well. */
export const sentPath = (folder: string, range: ItemRange): string =>
  join(folder, `${rangeName(range)}.${segmentEnding}`)

export const linesBetween = (descriptor: number, from: number, to: number): Uint8Array => {
  const bytes = Buffer.allocUnsafe(to - from)
  let filled = 0
  while (filled < bytes.length) {
    const read = fs.readSync(descriptor, bytes, filled, bytes.length - filled, from + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}
