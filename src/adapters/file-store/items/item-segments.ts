import { basename, join } from 'node:path'
import type { ItemLine } from '../../../runtime/ports/items.js'
import { isList, isRecord } from '../../../base/records.js'
import { listNames, type FileSystem } from '../file-system.js'
import { headIn, lineIn } from './item-line.js'
import { openFiles, type OpenFiles } from './open-files.js'
import { placeTable, type Place } from './place-table.js'

/** Lines of all processes that have added to a set, by key: an index of the newest of each. */

export const segmentEnding = 'items'
/** Name prefix of a segment that others were merged into. Its first line names these. */
export const mergedStart = '.merged.'

interface Segment {
  readonly number: number
  readonly path: string
  /** Offset up to which it was read; a line starts there. */
  read: number
  lines: number
}

export interface ItemSegments {
  /** Reads lines added since. */
  refresh(): void
  /** Records a line that this process has added to its own segment. */
  added(path: string, line: Buffer, offset: number): void
  read(key: string): ItemLine | undefined
  /** Kind and time of the current line of a key; its checksum is not verified. */
  head(key: string): Pick<ItemLine, 'kind' | 'at'> | undefined
  /** The current line of every key, or only those of one kind. */
  newest(kind?: ItemLine['kind']): Iterable<ItemLine>
  /** Every intact line, once, including replaced ones. */
  all(): Iterable<ItemLine>
  /** For each key its intact lines, the current one first, with the names of their segments. */
  byKey(): Iterable<readonly LineOf[]>
  /** Bytes of replaced lines. */
  replacedBytes(): number
  /** Bytes of all segments, and the number of damaged lines. */
  size(): { readonly bytes: number; readonly damaged: number }
  close(): void
}

/** The reading part of an item log. */
export const readingOf = ({ read, refresh, head, newest }: ItemSegments) => ({
  read,
  refresh,
  head,
  asked: () => newest('asked'),
  batches: () => newest('batch'),
})

/** A line as it is on disk, and the name of its segment. */
export interface LineOf {
  readonly name: string
  readonly line: ItemLine
  readonly bytes: Buffer
}

const chunk = 1024 * 1024

/** State of a folder, shared by the functions below. */
interface Index {
  readonly fs: FileSystem
  readonly folder: string
  readonly files: OpenFiles
  readonly segments: Map<string, Segment>
  /** Includes removed segments: places refer to them by number. */
  readonly byNumber: Segment[]
  /** Names of segments that merged ones have replaced: these are not read again. */
  readonly replaced: Set<string>
  /** Segments of this process: its own lines are known without reading them. */
  readonly own: Set<string>
  readonly lines: ReturnType<typeof noLines>
}

/** `gone`: number of lines in segments that were removed since. */
const noLines = () => ({ places: placeTable(), damaged: 0, gone: 0 })

export const itemSegments = (fs: FileSystem, folder: string): ItemSegments => {
  const [files, own, lines] = [openFiles(fs), new Set<string>(), noLines()]
  const index: Index = { fs, folder, files, segments: new Map(), byNumber: [], replaced: new Set(), own, lines }
  return {
    refresh: () => refresh(index),
    added: (path, line, offset) => {
      own.add(basename(path))
      note(index, segmentOf(index, path), line.subarray(0, -1), offset)
    },
    read: (key) => read(index, key),
    head: (key) => lines.places.best(key),
    newest: (kind) => newest(index, kind),
    *all() {
      for (const key of lines.places.keys()) for (const { line } of linesOf(index, key)) yield line
    },
    *byKey() {
      for (const key of lines.places.keys()) yield [...linesOf(index, key)]
    },
    replacedBytes: () => replacedBytes(index),
    size: () => measure(index),
    close: files.close,
  }
}

const refresh = (index: Index): void => {
  const { folder, segments, own, replaced, lines } = index
  const names = listNames(index.fs, folder).filter((name) => name.endsWith(`.${segmentEnding}`))
  const there = new Set(names)
  for (const [name, segment] of segments) {
    if (there.has(name) || own.has(name)) continue
    segments.delete(name)
    lines.gone += segment.lines
  }
  // most known lines are in removed segments: read the existing ones again
  const isAnew = lines.gone > 1000 && lines.gone > lines.places.size() / 2
  if (isAnew) {
    segments.clear()
    Object.assign(lines, noLines())
  }
  // merged segments first: they name the segments that they replace
  const inOrder = [...names.filter(isMerged), ...names.filter((name) => !isMerged(name))]
  for (const name of inOrder)
    if ((isAnew || !own.has(name)) && !replaced.has(name)) readOn(index, segmentOf(index, join(folder, name)))
}

const segmentOf = ({ segments, byNumber }: Index, path: string): Segment => {
  const name = basename(path)
  const known = segments.get(name)
  if (known !== undefined) return known
  const segment = { number: byNumber.length, path, read: 0, lines: 0 }
  byNumber.push(segment)
  segments.set(name, segment)
  return segment
}

/** Reads complete lines only: a line without end is being written, or was torn. */
const readOn = (index: Index, segment: Segment): void => {
  const { fs, files } = index
  const descriptor = sizeOf(fs, segment.path) > segment.read ? files.use(segment.path) : undefined
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
      note(index, segment, all.subarray(start, end), segment.read + start)
      start = end + 1
    }
    segment.read += start
    rest = Buffer.from(all.subarray(start))
  }
}

const note = ({ lines, replaced }: Index, segment: Segment, line: Buffer, offset: number): void => {
  const head = headIn(line)
  if (head === undefined) return void lines.damaged++
  segment.lines++
  if (head.kind === 'sum' && isMerged(basename(segment.path))) for (const name of replacedBy(line)) replaced.add(name)
  lines.places.add(head.key, { kind: head.kind, at: head.at, segment: segment.number, offset, length: line.length })
}

const read = (index: Index, key: string): ItemLine | undefined => {
  const line = firstWhole(index, key)
  if (line !== undefined || !isMoved(index, key)) return line
  refresh(index)
  return firstWhole(index, key)
}

/** Merged meanwhile: the line is in another segment. */
const isMoved = ({ fs, byNumber, lines }: Index, key: string): boolean =>
  [...lines.places.of(key)].some(({ segment }) => sizeOf(fs, byNumber[segment]?.path ?? '') === 0)

const firstWhole = (index: Index, key: string): ItemLine | undefined => {
  for (const place of index.lines.places.of(key)) {
    const line = lineAt(index, place)
    if (line?.key === key) return line
  }
  return undefined
}

const lineAt = (index: Index, place: Place): ItemLine | undefined => {
  const bytes = bytesAt(index, place)
  return bytes === undefined ? undefined : lineIn(bytes)
}

const bytesAt = ({ fs, files, byNumber }: Index, { segment, offset, length }: Place): Buffer | undefined => {
  const descriptor = files.use(byNumber[segment]?.path ?? '')
  if (descriptor === undefined) return undefined
  const bytes = Buffer.allocUnsafe(length)
  return fs.readSync(descriptor, bytes, 0, length, offset) === length ? bytes : undefined
}

function* newest(index: Index, kind?: ItemLine['kind']): Generator<ItemLine> {
  for (const key of index.lines.places.keys(kind)) {
    const line = firstWhole(index, key)
    if (line !== undefined) yield line
  }
}

function* linesOf(index: Index, key: string): Generator<LineOf> {
  const seen = new Set<string>()
  for (const place of index.lines.places.of(key)) {
    const bytes = bytesAt(index, place)
    const line = bytes === undefined ? undefined : lineIn(bytes)
    if (bytes === undefined || line?.key !== key || seen.has(bytes.toString('latin1', 0, 8) + line.text)) continue
    seen.add(bytes.toString('latin1', 0, 8) + line.text)
    yield { name: basename(index.byNumber[place.segment]?.path ?? ''), line, bytes }
  }
}

const replacedBytes = ({ lines: { places } }: Index): number => {
  let sum = 0
  for (const key of places.keys()) {
    const [, ...others] = places.of(key)
    for (const { length } of others) sum += length
  }
  return sum
}

const measure = (index: Index): ReturnType<ItemSegments['size']> => {
  const { fs, segments, lines } = index
  let { damaged } = lines
  for (const key of lines.places.keys())
    for (const place of lines.places.of(key)) if (lineAt(index, place) === undefined) damaged++
  return { bytes: [...segments.values()].reduce((sum, { path }) => sum + sizeOf(fs, path), 0), damaged }
}

const isMerged = (name: string): boolean => name.startsWith(mergedStart)

/** Names of segments whose lines a merged one contains. */
const replacedBy = (bytes: Buffer): readonly string[] => {
  const text = lineIn(bytes)?.text
  if (text === undefined) return []
  try {
    const record: unknown = JSON.parse(text)
    const names = isRecord(record) ? record['replaces'] : undefined
    return isList(names) ? names.filter((name) => typeof name === 'string') : []
  } catch {
    return []
  }
}

const sizeOf = (fs: FileSystem, path: string): number => fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0
