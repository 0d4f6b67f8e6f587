import { basename, join } from 'node:path'
import type { ItemLine } from '../../../runtime/ports/items.js'
import { codeOf, listNames, quietly, type FileSystem } from '../file-system.js'
import { headIn, isNewer, lineIn } from './item-line.js'

/** Lines of all processes that have added to a set, by key: where the newest of each stands. */

export const segmentEnding = 'items'

interface Segment {
  readonly path: string
  readonly descriptor: number
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
  keys(): Iterable<string>
  /** Bytes of all segments, and lines that are not what was written. */
  size(): { readonly bytes: number; readonly damaged: number }
  close(): void
}

const chunk = 1024 * 1024

export const itemSegments = (fs: FileSystem, folder: string): ItemSegments => {
  const segments = new Map<string, Segment>()
  const places = new Map<string, Place[]>() // the best first
  let damaged = 0
  /** Of this process: what it adds is known without reading it. */
  let own: string | undefined

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
    const { size } = fs.fstatSync(segment.descriptor)
    let rest = Buffer.alloc(0)
    while (segment.read + rest.length < size) {
      const most = Math.min(chunk, size - segment.read - rest.length)
      const bytes = Buffer.allocUnsafe(most)
      const length = fs.readSync(segment.descriptor, bytes, 0, most, segment.read + rest.length)
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

  const open = (path: string): Segment | undefined => {
    const { O_RDONLY, O_NOFOLLOW } = fs.constants
    try {
      const descriptor = fs.openSync(path, O_RDONLY | O_NOFOLLOW)
      if (fs.fstatSync(descriptor).isFile()) return { path, descriptor, read: 0 }
      fs.closeSync(descriptor)
      return undefined
    } catch (problem) {
      if (['ENOENT', 'ELOOP', 'ENXIO'].includes(codeOf(problem) ?? '')) return undefined
      throw problem
    }
  }

  const lineAt = ({ segment, offset, length }: Place): ItemLine | undefined => {
    const bytes = Buffer.allocUnsafe(length)
    const read = fs.readSync(segment.descriptor, bytes, 0, length, offset)
    return read === length ? lineIn(bytes) : undefined
  }

  return {
    refresh: () => {
      for (const name of listNames(fs, folder)) {
        if (!name.endsWith(`.${segmentEnding}`) || name === own) continue
        const known = segments.get(name) ?? open(join(folder, name))
        if (known === undefined) continue
        segments.set(name, known)
        readOn(known)
      }
    },
    added: (path, line, offset) => {
      own ??= basename(path)
      const segment = segments.get(own) ?? open(path)
      if (segment === undefined) return
      segments.set(own, segment)
      note(segment, line.subarray(0, -1), offset)
    },
    read: (key) => {
      for (const place of places.get(key) ?? []) {
        const line = lineAt(place)
        if (line?.key === key) return line
      }
      return undefined
    },
    keys: () => places.keys(),
    size: () => ({
      bytes: [...segments.values()].reduce((sum, { descriptor }) => sum + fs.fstatSync(descriptor).size, 0),
      damaged: damaged + [...places.values()].flat().filter((place) => lineAt(place) === undefined).length,
    }),
    close: () => {
      for (const { descriptor } of segments.values()) quietly(() => fs.closeSync(descriptor))
      segments.clear()
    },
  }
}
