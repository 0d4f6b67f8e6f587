import { checksumText, crc32 } from '../file-store/checksum.js'

/**
 * A line of the catalog: facts of one file of the store, preceded by a checksum, and printable ASCII throughout, so
 * that a byte is a character. `<checksum> <folder> <key> <stamp> <identity> <text>`, separated by tabs.
 */
export interface Entry {
  /** Folder and key for lookup; neither contains a tab. */
  readonly folder: string
  readonly key: string
  /** Distinguishes the described file from later replacements: size, time, inode. */
  readonly stamp: string
  /** Content identity, also for lookup; empty if there is none. */
  readonly identity: string
  /** The facts. May contain tabs; line ends and characters beyond ASCII are escaped as in JSON. */
  readonly text: string
}

/** Version of the files. A file of a later version is neither read nor removed. */
export const catalogVersion = 1

const headWord = 'taskchain catalog'
const tab = 9
const lineEnd = 10
/** Length of a checksum and the tab after it. */
export const checksumBytes = 9

/** First line of every file. */
export const headLine = (version: number = catalogVersion): string => sealed(`${headWord}\t${version}`)

/** Last line of a file that is no longer written. */
export const endLine = (): string => sealed('end')

/** An entry as the text of a line. */
export const entryText = ({ folder, key, stamp, identity, text }: Entry): string =>
  printable(`${folder}\t${key}\t${stamp}\t${identity}\t${text}`)

/** A text with its checksum and line end. */
export const sealed = (text: string): string => sealedEntry(printable(text))

/** The same for the text of an entry. */
export const sealedEntry = (text: string): string => `${checksumText(crc32(text))}\t${text}\n`

/** The same as bytes. */
export const sealedBytes = (text: string): Buffer<ArrayBuffer> => {
  const bytes = Buffer.from(`00000000\t${printable(text)}\n`, 'latin1')
  bytes.write(checksumText(crc32(bytes.subarray(checksumBytes, -1))), 'latin1')
  return bytes
}

const printable = (text: string): string => (unprintable.test(text) ? text.replace(allUnprintable, escaped) : text)

const unprintable = /[^\t\x20-\x7e]/
const allUnprintable = /[^\t\x20-\x7e]/g
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The text of a line without checksum and line end; undefined if the checksum does not match. */
export const unsealed = (bytes: Buffer, start: number, end: number): string | undefined => {
  if (end - start < checksumBytes || bytes[start + checksumBytes - 1] !== tab) return undefined
  const expected = Number.parseInt(bytes.toString('latin1', start, start + checksumBytes - 1), 16)
  if (crc32(bytes.subarray(start + checksumBytes, end)) !== expected) return undefined
  return bytes.toString('latin1', start + checksumBytes, end)
}

/** Content of the lines of a file, from its start or a later offset. */
export interface Lines {
  /** Texts of entries. */
  readonly entries: readonly string[]
  /** Bytes up to the end of the last complete line. */
  readonly read: number
  /** Whether the file is no longer written. */
  readonly ended: boolean
  /** Version of the file, if its first line was among these. */
  readonly version: number | undefined
  /** Number of damaged lines. */
  readonly damaged: number
}

/** Reads lines; text after the last line end is incomplete. */
export const readLines = (bytes: Buffer): Lines => {
  const entries: string[] = []
  let [start, damaged, ended] = [0, 0, false]
  let version: number | undefined
  for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, start)) {
    const text = unsealed(bytes, start, end)
    if (text === undefined) damaged++
    else if (text === 'end') ended = true
    else if (text.startsWith(headWord)) version = Number(text.slice(headWord.length + 1))
    else entries.push(text)
    start = end + 1
  }
  return { entries, read: start, ended, version, damaged }
}

/** Lookup address of an entry: folder, key and stamp, from the start of its text. */
export const addressOf = (text: string): string => text.slice(0, afterTabs(text, 3))
export const addressFor = (folder: string, key: string, stamp: string): string => `${folder}\t${key}\t${stamp}`

/** The same without the stamp. */
export const placeOf = (text: string): string => text.slice(0, afterTabs(text, 2))

const afterTabs = (text: string, count: number): number => {
  let at = -1
  for (let tabs = 0; tabs < count; tabs++) at = text.indexOf('\t', at + 1)
  return at
}

/** Parses an entry; undefined for an invalid text. */
export const entryOf = (text: string): Entry | undefined => {
  const ends: number[] = []
  for (let at = text.indexOf('\t'); at >= 0 && ends.length < 4; at = text.indexOf('\t', at + 1)) ends.push(at)
  const [folder, key, stamp, identity] = ends
  if (folder === undefined || key === undefined || stamp === undefined || identity === undefined) return undefined
  return {
    folder: text.slice(0, folder),
    key: text.slice(folder + 1, key),
    stamp: text.slice(key + 1, stamp),
    identity: text.slice(stamp + 1, identity),
    text: text.slice(identity + 1),
  }
}

/** Hash of a text for an index: 32 bits of FNV-1a. */
export const hashOf = (text: string, from = 0, to = text.length): number => {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
