import { basename, join } from 'node:path'
import type { ItemLine } from '../../../runtime/ports/items.js'
import { codeOf, listNames, quietly, type FileSystem } from '../file-system.js'
import { headIn, isNewer, lineIn } from './item-line.js'

/** Lines of all processes that have added to a set, by key: where the newest of each stands. */

export const segmentEnding = 'items'

interface Segment {
  readonly path: string
  /** Read up to here; a line begins. */
  read: number
}

interface Place extends Pick<ItemLine, 'kind' | 'at'> {
  readonly segment: Segment
  readonly offset: number
  readonly length: number
}

export interface ItemSegments {
  /** Takes in what was added since. */
  refresh(): void
  /** Takes in a line that this process has added to its own segment. */
  added(path: string, line: Buffer, offset: number): void
  read(key: string): ItemLine | undefined
  /** Kind and time of the line that counts for a key; its checksum is not looked at. */
  head(key: string): Pick<ItemLine, 'kind' | 'at'> | undefined
  /** The line that counts, of every key, or those of one kind. */
  newest(kind?: ItemLine['kind']): Iterable<ItemLine>
  /** Every line that is whole, those too that others have replaced. */
  all(): Iterable<ItemLine>
  /** Bytes of all segments, and lines that are not what was written. */
  size(): { readonly bytes: number; readonly damaged: number }
  close(): void
}

const chunk = 1024 * 1024
/** A set may have more segments than a process may have files open. */
const mostOpen = 64

export const itemSegments = (fs: FileSystem, folder: string): ItemSegments => {
  const segments = new Map<string, Segment>()
  const places = new Map<string, Place[]>() // the best first
  let damaged = 0
  /** Of this process: what it adds is known without reading it. */
  const own = new Set<string>()
  /** The one used last stands last. */
  const opened = new Map<Segment, number>()

  /** Its descriptor; undefined where it is gone, or no file. */
  const use = (segment: Segment): number | undefined => {
    const descriptor = opened.get(segment) ?? open(fs, segment.path)
    if (descriptor === undefined) return undefined
    opened.delete(segment)
    opened.set(segment, descriptor)
    for (const [other, one] of opened) {
      if (opened.size <= mostOpen) break
      opened.delete(other)
      quietly(() => fs.closeSync(one))
    }
    return descriptor
  }

  const note = (segment: Segment, line: Buffer, offset: number): void => {
    const head = headIn(line)
    if (head === undefined) return void damaged++
    const place: Place = { kind: head.kind, at: head.at, segment, offset, length: line.length }
    const before = places.get(head.key)
    if (before === undefined) places.set(head.key, [place])
    else if (before[0] !== undefined && isNewer(place, before[0])) before.unshift(place)
    else before.push(place)
  }

  /** Whole lines only: what has no end yet is being written, or was torn. */
  const readOn = (segment: Segment): void => {
    const descriptor = hasGrown(fs, segment) ? use(segment) : undefined
    if (descriptor === undefined) return
    const { size } = fs.fstatSync(descriptor)
    let rest = Buffer.alloc(0)
    while (segment.read + rest.length < size) {
      const most = Math.min(chunk, size - segment.read - rest.length)
      const bytes = Buffer.allocUnsafe(most)
      const length = fs.readSync(descriptor, bytes, 0, most, segment.read + rest.length)
      if (length === 0) return
      const all = rest.length === 0 ? bytes.subarray(0, length) : Buffer.concat([rest, bytes.subarray(0, length)])
      let start = 0
      for (let end = all.indexOf(10); end !== -1; end = all.indexOf(10, start)) {
        note(segment, all.subarray(start, end), segment.read + start)
        start = end + 1
      }
      segment.read += start
      rest = Buffer.from(all.subarray(start))
    }
  }

  const lineAt = ({ segment, offset, length }: Place): ItemLine | undefined => {
    const descriptor = use(segment)
    if (descriptor === undefined) return undefined
    const bytes = Buffer.allocUnsafe(length)
    const read = fs.readSync(descriptor, bytes, 0, length, offset)
    return read === length ? lineIn(bytes) : undefined
  }

  const lineFor = (key: string): ItemLine | undefined => {
    for (const place of places.get(key) ?? []) {
      const line = lineAt(place)
      if (line?.key === key) return line
    }
    return undefined
  }

  return {
    refresh: () => {
      for (const name of listNames(fs, folder)) {
        if (!name.endsWith(`.${segmentEnding}`) || own.has(name)) continue
        const segment = segments.get(name) ?? { path: join(folder, name), read: 0 }
        segments.set(name, segment)
        readOn(segment)
      }
    },
    added: (path, line, offset) => {
      const name = basename(path)
      own.add(name)
      const segment = segments.get(name) ?? { path, read: 0 }
      segments.set(name, segment)
      note(segment, line.subarray(0, -1), offset)
    },
    read: lineFor,
    head: (key) => places.get(key)?.[0],
    *newest(kind) {
      for (const [key, [best]] of places) {
        if (kind !== undefined && best?.kind !== kind) continue
        const line = lineFor(key)
        if (line !== undefined) yield line
      }
    },
    *all() {
      for (const [key, known] of places)
        for (const place of known) {
          const line = lineAt(place)
          if (line?.key === key) yield line
        }
    },
    size: () => ({
      bytes: [...segments.values()].reduce((sum, { path }) => sum + sizeOf(fs, path), 0),
      damaged: damaged + [...places.values()].flat().filter((place) => lineAt(place) === undefined).length,
    }),
    close: () => {
      for (const descriptor of opened.values()) quietly(() => fs.closeSync(descriptor))
      opened.clear()
    },
  }
}

const sizeOf = (fs: FileSystem, path: string): number => fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0

const hasGrown = (fs: FileSystem, { path, read }: Segment): boolean => sizeOf(fs, path) > read

/** Undefined where there is none, or no file. */
const open = (fs: FileSystem, path: string): number | undefined => {
  const { O_RDONLY, O_NOFOLLOW } = fs.constants
  try {
    const descriptor = fs.openSync(path, O_RDONLY | O_NOFOLLOW)
    if (fs.fstatSync(descriptor).isFile()) return descriptor
    fs.closeSync(descriptor)
    return undefined
  } catch (problem) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(codeOf(problem) ?? '')) return undefined
    throw problem
  }
}
