import { checksumText, crc32 } from '../file-store/checksum.js'

/**
 * A line of the catalog: what is known of one file of the store, with a checksum before it and printable ASCII
 * throughout, so that a byte is a character. `<checksum> <folder> <key> <stamp> <identity> <text>`, tabs in between.
 */
export interface Entry {
  /** Folder and key that it is looked up by; neither has a tab in it. */
  readonly folder: string
  readonly key: string
  /** Tells the file that this was written for from any that is written in its place later: size, time, inode. */
  readonly stamp: string
  /** Content identity, by which it is looked up too; empty where there is none. */
  readonly identity: string
  /** What is known of it. May have tabs; a line end or a character beyond ASCII is escaped as JSON does it. */
  readonly text: string
}

/** Form of the files. One of a later form is neither read nor removed. */
export const catalogVersion = 1

const headWord = 'taskchain catalog'
const tab = 9
const lineEnd = 10
/** Length of a checksum and the tab after it. */
export const checksumBytes = 9

/** First line of every file. */
export const headLine = (version: number = catalogVersion): string => sealed(`${headWord}\t${version}`)

/** Last line of a file to which nothing is added any more. */
export const endLine = (): string => sealed('end')

/** An entry as the text of a line. */
export const entryText = ({ folder, key, stamp, identity, text }: Entry): string =>
  printable(`${folder}\t${key}\t${stamp}\t${identity}\t${text}`)

/** A text with its checksum and line end. */
export const sealed = (text: string): string => {
  const plain = printable(text)
  return `${checksumText(crc32(Buffer.from(plain, 'latin1')))}\t${plain}\n`
}

const printable = (text: string): string => (unprintable.test(text) ? text.replace(allUnprintable, escaped) : text)

const unprintable = /[^\t\x20-\x7e]/
const allUnprintable = /[^\t\x20-\x7e]/g
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The text of a line without checksum and line end; undefined where the checksum is not that of the text. */
export const unsealed = (bytes: Buffer, start: number, end: number): string | undefined => {
  if (end - start < checksumBytes || bytes[start + checksumBytes - 1] !== tab) return undefined
  const expected = Number.parseInt(bytes.toString('latin1', start, start + checksumBytes - 1), 16)
  if (crc32(bytes.subarray(start + checksumBytes, end)) !== expected) return undefined
  return bytes.toString('latin1', start + checksumBytes, end)
}

/** What lines of a file say, from its first or from a later one on. */
export interface Lines {
  /** Texts of entries. */
  readonly entries: readonly string[]
  /** Bytes up to the end of the last whole line. */
  readonly read: number
  /** Whether nothing is added any more. */
  readonly ended: boolean
  /** Form of the file, if its first line was among these. */
  readonly version: number | undefined
  /** Lines that are not what was written. */
  readonly damaged: number
}

/** Reads lines; what comes after the last line end is not written whole yet, or never will be. */
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

/** What an entry is found by: folder, key and stamp, as they stand at the start of its text. */
export const addressOf = (text: string): string => text.slice(0, afterTabs(text, 3))
export const addressFor = (folder: string, key: string, stamp: string): string => `${folder}\t${key}\t${stamp}`

/** The same without the stamp. */
export const placeOf = (text: string): string => text.slice(0, afterTabs(text, 2))

const afterTabs = (text: string, count: number): number => {
  let at = -1
  for (let tabs = 0; tabs < count; tabs++) at = text.indexOf('\t', at + 1)
  return at
}

/** An entry from its text; undefined for a text that is none. */
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

/** A number for a text, 32 bits of FNV-1a: where it stands in an index. */
export const hashOf = (text: string, from = 0, to = text.length): number => {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
