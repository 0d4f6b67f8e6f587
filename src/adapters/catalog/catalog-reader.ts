import { pushTo } from '../../base/grouping.js'
import type { FileSystem } from '../file-store/file-system.js'
import { crc32 } from '../file-store/checksum.js'
import {
  addressFor,
  addressOf,
  catalogVersion,
  checksumBytes,
  entryOf,
  hashOf,
  headLine,
  readLines,
  unsealed,
  type Entry,
} from './catalog-line.js'
import { catalogNames, indexIn, isSorted, readSpan, withFile } from './catalog-files.js'
import type { Wrote } from './segment-writer.js'
import { blockBytes, linesAt, linesOf, spanOf, type SortedIndex } from './sorted-index.js'

/** A file to look up, with its present stamp. */
export interface Wanted {
  readonly folder: string
  readonly key: string
  readonly stamp: string
}

/** Facts of files, merged from all segments and sorted files. */
export interface CatalogReader {
  /** Facts of files with exactly these stamps, in the given order: identity and text, separated by a tab. */
  find(wanted: readonly Wanted[]): readonly (string | undefined)[]
  /** Entries of any of these identities, whatever their stamp. */
  identified(identities: readonly string[]): readonly Entry[]
  /** Reads additions; everything the first time. */
  refresh(): void
  /** Accepts lines that this process has written itself, which need not be read. */
  readonly wrote: Wrote
  /** Problems found in the files. */
  state(): CatalogState
}

export interface CatalogState {
  /** Number of files read. */
  readonly files: number
  /** Files with damaged parts. */
  readonly damaged: readonly string[]
  /** Files of a later version of this library. */
  readonly newer: readonly string[]
}

/** Lines held in memory: of a segment, or of a sorted file with a damaged index. */
interface Held {
  readonly lines: Map<string, string>
  readonly identities: Map<string, string[]>
  read: number
  ended: boolean
  version: number | undefined
  damaged: number
}

interface Sorted {
  readonly index: SortedIndex
  damaged: number
}

interface Files {
  readonly fs: FileSystem
  readonly folder: string
  readonly held: Map<string, Held>
  readonly sorted: Map<string, Sorted>
}

/** Segments are ended long before this size; the rest of a larger one is not read. */
export const maxHeld = 64 * 1024 * 1024

export const catalogReader = (fs: FileSystem, folder: string): CatalogReader => {
  const files: Files = { fs, folder, held: new Map(), sorted: new Map() }
  return {
    find: (wanted) => findIn(files, wanted),
    identified: (identities) => identifiedIn(files, identities),
    refresh: () => refresh(files),
    wrote: (name, texts, from, to) => {
      const lines = heldIn(files, name)
      if (from === headBytes && lines.read === 0) lines.version = catalogVersion
      else if (from !== lines.read) return // read at the next refresh
      lines.read = to
      for (const text of texts) hold(lines, text)
    },
    state: () => stateOf(files),
  }
}

const refresh = ({ fs, folder, held, sorted }: Files): void => {
  const names = new Set(catalogNames(fs, folder))
  for (const files of [held, sorted])
    for (const name of Array.from(files.keys())) if (!names.has(name)) files.delete(name)
  for (const name of names) {
    if (sorted.has(name) || held.get(name)?.ended === true) continue
    withFile(fs, `${folder}/${name}`, (descriptor, size) => {
      const index = isSorted(name) && !held.has(name) ? indexIn(fs, descriptor, size) : undefined
      if (index !== undefined && isOurs(fs, descriptor)) sorted.set(name, { index, damaged: 0 })
      else {
        const lines = heldIn({ held }, name)
        takeIn(lines, readSpan(fs, descriptor, lines.read, Math.max(0, Math.min(size, maxHeld) - lines.read)))
        if (isSorted(name)) Object.assign(lines, { ended: true, damaged: lines.damaged + 1 })
      }
    })
  }
}

const isOurs = (fs: FileSystem, descriptor: number): boolean =>
  readLines(readSpan(fs, descriptor, 0, 100)).version === catalogVersion

const heldIn = ({ held }: Pick<Files, 'held'>, name: string): Held => {
  const known = held.get(name)
  if (known !== undefined) return known
  const made = { lines: new Map(), identities: new Map(), read: 0, ended: false, version: undefined, damaged: 0 }
  held.set(name, made)
  return made
}

const headBytes = headLine().length

const takeIn = (held: Held, bytes: Buffer): void => {
  const { entries, read, ended, version, damaged } = readLines(bytes)
  held.version ??= version
  held.read += read
  held.ended = ended
  held.damaged += damaged
  if (held.version !== catalogVersion) return
  for (const text of entries) hold(held, text)
}

const hold = ({ lines, identities }: Held, text: string): void => {
  const address = addressOf(text)
  lines.set(address, text)
  const end = text.indexOf('\t', address.length + 1)
  if (end > address.length + 1) pushTo(identities, text.slice(address.length + 1, end), address)
}

const findIn = ({ fs, folder, held, sorted }: Files, wanted: readonly Wanted[]): readonly (string | undefined)[] => {
  const found = wanted.map((one) => heldLine(held, one))
  let folderHash: readonly [string, number] = ['', hashOf('')]
  for (const [name, file] of sorted) {
    const asked: Asked[] = []
    for (const [at, { folder: of, key }] of wanted.entries()) {
      if (found[at] !== undefined) continue
      if (folderHash[0] !== of) folderHash = [of, hashOf(of)]
      for (const line of linesAt(file.index, folderHash[1], hashOf(key))) asked.push({ line, at })
    }
    readAsked(fs, `${folder}/${name}`, file, asked, (text, at) => {
      const one = wanted[at]
      if (one !== undefined && isFor(text, one)) found[at] = known(text, one)
    })
  }
  return found
}

const known = (text: string, { folder, key, stamp }: Wanted): string =>
  text.slice(folder.length + key.length + stamp.length + 3)

const heldLine = (held: ReadonlyMap<string, Held>, one: Wanted): string | undefined => {
  if (held.size === 0) return undefined
  const address = addressFor(one.folder, one.key, one.stamp)
  for (const { lines } of held.values()) {
    const text = lines.get(address)
    if (text !== undefined) return known(text, one)
  }
  return undefined
}

const isFor = (text: string, { folder, key, stamp }: Wanted): boolean => {
  const [keyAt, stampAt] = [folder.length + 1, folder.length + key.length + 2]
  const end = stampAt + stamp.length
  return (
    text[end] === '\t' &&
    text.startsWith(stamp, stampAt) &&
    text.startsWith(key, keyAt) &&
    text.startsWith(folder) &&
    text[keyAt - 1] === '\t' &&
    text[stampAt - 1] === '\t'
  )
}

const identifiedIn = ({ fs, folder, held, sorted }: Files, identities: readonly string[]): readonly Entry[] => {
  const found = new Map<string, string>() // by address: one may be in several files
  for (const { lines, identities: known } of held.values())
    for (const identity of identities)
      for (const address of known.get(identity) ?? []) found.set(address, lines.get(address) ?? '')
  for (const [name, file] of sorted) {
    const asked = identities.flatMap((identity, at) => linesOf(file.index, identity).map((line) => ({ line, at })))
    readAsked(fs, `${folder}/${name}`, file, asked, (text) => found.set(addressOf(text), text))
  }
  const wanted = new Set(identities)
  return Array.from(found.values(), entryOf).filter(
    (entry): entry is Entry => entry !== undefined && wanted.has(entry.identity),
  )
}

interface Asked {
  readonly line: number
  readonly at: number
}

/** Maximum number of blocks per read. */
const maxBlocks = 64

/** Reads lines of a sorted file in file order. Damaged lines are skipped. */
const readAsked = (
  fs: FileSystem,
  path: string,
  file: Sorted,
  asked: Asked[],
  take: (text: string, at: number) => void,
): void => {
  if (asked.length === 0) return
  asked.sort((left, right) => left.line - right.line)
  withFile(fs, path, (descriptor) => {
    let piece: Piece = { from: 0, bytes: Buffer.alloc(0), text: undefined }
    for (const [number, { line, at }] of asked.entries()) {
      const [start, end] = spanOf(file.index, line)
      if (end > piece.from + piece.bytes.length) piece = readPiece(fs, descriptor, file.index, asked, number)
      const { from, bytes } = piece
      const text =
        piece.text?.slice(start - from + checksumBytes, end - from - 1) ?? unsealed(bytes, start - from, end - from - 1)
      if (text === undefined) file.damaged++
      else take(text, at)
    }
  })
}

/** Some blocks of a file, with their text if all of them are intact. */
interface Piece {
  readonly from: number
  readonly bytes: Buffer
  readonly text: string | undefined
}

/** Reads the blocks of a line, and of following requested lines as far as they are contiguous. */
const readPiece = (
  fs: FileSystem,
  descriptor: number,
  index: SortedIndex,
  asked: readonly Asked[],
  first: number,
): Piece => {
  const [start, end] = spanOf(index, asked[first]?.line ?? 0)
  const firstBlock = Math.floor(start / blockBytes)
  let lastBlock = Math.floor((end - 1) / blockBytes)
  for (let next = first + 1; next < asked.length && lastBlock - firstBlock < maxBlocks; next++) {
    const [from, to] = spanOf(index, asked[next]?.line ?? 0)
    if (Math.floor(from / blockBytes) > lastBlock + 1) break
    lastBlock = Math.floor((to - 1) / blockBytes)
  }
  const from = firstBlock * blockBytes
  const bytes = readSpan(fs, descriptor, from, Math.min(index.end, (lastBlock + 1) * blockBytes) - from)
  for (let block = firstBlock; block <= lastBlock; block++) {
    const at = (block - firstBlock) * blockBytes
    if (crc32(bytes.subarray(at, at + blockBytes)) !== index.blocks[block]) return { from, bytes, text: undefined }
  }
  return { from, bytes, text: bytes.toString('latin1') }
}

const stateOf = ({ held, sorted }: Files): CatalogState => ({
  files: held.size + sorted.size,
  damaged: [
    ...Array.from(held).flatMap(([name, file]) => (file.damaged > 0 && !isNewer(file) ? [name] : [])),
    ...Array.from(sorted).flatMap(([name, { damaged }]) => (damaged > 0 ? [name] : [])),
  ],
  newer: Array.from(held).flatMap(([name, file]) => (isNewer(file) ? [name] : [])),
})

const isNewer = ({ version = 0 }: Held): boolean => version > catalogVersion
