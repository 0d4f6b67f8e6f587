import { crc32 } from '../file-store/checksum.js'
import { entryOf, hashOf, sealedBytes, unsealed } from './catalog-line.js'

/**
 * A sorted file of the catalog: a head, lines in the order of the hashes of folder and key, an index of numbers, and a
 * foot with the offset of the index. To get few of a million entries, a reader reads only the index and their lines.
 */
export interface SortedIndex {
  /** By line: hash of the folder, hash of the key, offset of the line. Sorted by the first two. */
  readonly folders: Uint32Array
  readonly keys: Uint32Array
  readonly starts: Uint32Array
  /** Hashes of identities, sorted, and their lines. */
  readonly identities: Uint32Array
  readonly lines: Uint32Array
  /** Checksums of the file up to the end of the last line, block by block. */
  readonly blocks: Uint32Array
  /** End of the last line. */
  readonly end: number
}

/** Bytes of a block, the unit in which lines are read and verified. */
export const blockBytes = 16 * 1024

/** Bytes of the foot: one line, padded with blanks. */
export const footBytes = 96

/** Limit of file sizes, so that offsets fit into the index. */
export const maxBytes = 2 ** 31

/** An entry's text with the hashes that it is sorted by. */
export interface Hashed {
  readonly folder: number
  readonly key: number
  readonly text: string
}

export const hashed = (text: string): Hashed => {
  const folder = text.indexOf('\t')
  return { folder: hashOf(text, 0, folder), key: hashOf(text, folder + 1, text.indexOf('\t', folder + 1)), text }
}

export const inOrder = (left: Hashed, right: Hashed): number => left.folder - right.folder || left.key - right.key

/** Receives the content of a file in order, and returns the index and foot to append. */
export interface IndexMaker {
  /** The head or a line; a line with its entry. */
  readonly add: (line: Buffer, entry?: Hashed) => void
  readonly finish: () => Buffer
}

/** `most`: an upper limit for the number of entries. */
export const indexMaker = (most: number): IndexMaker => {
  const [folders, keys, starts] = [new Uint32Array(most), new Uint32Array(most), new Uint32Array(most)]
  const identified: { readonly hash: number; readonly line: number }[] = []
  const blocks: number[] = []
  let [count, end, block] = [0, 0, 0]
  const check = (bytes: Buffer): void => {
    const room = blockBytes - (end % blockBytes)
    const part = bytes.subarray(0, room)
    block = crc32(part, block)
    end += part.length
    if (part.length < room) return
    blocks.push(block)
    block = 0
    if (bytes.length > room) check(bytes.subarray(room))
  }
  return {
    add: (line, entry) => {
      if (entry !== undefined) {
        folders[count] = entry.folder
        keys[count] = entry.key
        starts[count] = end
        const identity = entryOf(entry.text)?.identity ?? ''
        if (identity !== '') identified.push({ hash: hashOf(identity), line: count })
        count++
      }
      check(line)
    },
    finish: () => {
      if (end % blockBytes !== 0) blocks.push(block)
      identified.sort((left, right) => left.hash - right.hash)
      const columns = [
        folders.subarray(0, count),
        keys.subarray(0, count),
        starts.subarray(0, count),
        Uint32Array.from(identified, ({ hash }) => hash),
        Uint32Array.from(identified, ({ line }) => line),
        Uint32Array.from(blocks),
      ]
      const index = Buffer.concat(columns.map(bytesOf))
      const foot = `index\t${count}\t${identified.length}\t${end}\t${crc32(index)}`
      return Buffer.concat([index, sealedBytes(foot.padEnd(footBytes - 10, ' '))])
    },
  }
}

const bytesOf = (numbers: Uint32Array): Buffer => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)

/** The content of a foot; undefined if it is invalid for a file of this size. */
export const readFoot = (foot: Buffer, size: number): Foot | undefined => {
  const text = foot.length === footBytes ? unsealed(foot, 0, footBytes - 1) : undefined
  const [word, ...numbers] = (text ?? '').trimEnd().split('\t')
  const [count = -1, identities = -1, end = -1, checksum = -1] = numbers.map(Number)
  const bytes = 4 * (3 * count + 2 * identities + Math.ceil(end / blockBytes))
  const isPossible = [count, identities, end].every((one) => Number.isSafeInteger(one) && one >= 0) && bytes <= end
  return word === 'index' && isPossible && end + bytes + footBytes === size
    ? { count, identities, end, checksum, bytes }
    : undefined
}

export interface Foot {
  readonly count: number
  readonly identities: number
  /** Start of the index, and its length. */
  readonly end: number
  readonly bytes: number
  readonly checksum: number
}

/** The index that belongs to a foot; undefined if its checksum does not match. */
export const readIndex = (foot: Foot, buffer: ArrayBuffer): SortedIndex | undefined => {
  if (buffer.byteLength !== foot.bytes || crc32(new Uint8Array(buffer)) !== foot.checksum) return undefined
  const { count, identities, end } = foot
  const column = (at: number, length: number): Uint32Array => new Uint32Array(buffer, 4 * at, length)
  return {
    folders: column(0, count),
    keys: column(count, count),
    starts: column(2 * count, count),
    identities: column(3 * count, identities),
    lines: column(3 * count + identities, identities),
    blocks: column(3 * count + 2 * identities, Math.ceil(end / blockBytes)),
    end,
  }
}

/** Candidate lines for a folder and key: those with the same hashes. */
export const linesAt = (index: SortedIndex, folder: number, key: number): readonly number[] => {
  const { folders, keys } = index
  const found: number[] = []
  const isBefore = (line: number): boolean =>
    (folders[line] as number) < folder || (folders[line] === folder && (keys[line] as number) < key)
  for (let line = firstNot(folders.length, isBefore); folders[line] === folder && keys[line] === key; line++)
    found.push(line)
  return found
}

/** Candidate lines for an identity. */
export const linesOf = (index: SortedIndex, identity: string): readonly number[] => {
  const hash = hashOf(identity)
  const found: number[] = []
  const first = firstNot(index.identities.length, (at) => (index.identities[at] as number) < hash)
  for (let at = first; index.identities[at] === hash; at++) found.push(index.lines[at] as number)
  return found
}

/** The first number below `count` for which `isBefore` is false; it must be false for all later ones as well. */
const firstNot = (count: number, isBefore: (at: number) => boolean): number => {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** Offsets of the start and end of a line, including its line end. */
export const spanOf = ({ starts, end }: SortedIndex, line: number): readonly [start: number, end: number] => [
  starts[line] as number,
  line + 1 < starts.length ? (starts[line + 1] as number) : end,
]
