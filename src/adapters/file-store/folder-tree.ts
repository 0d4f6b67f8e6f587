import { DamagedArtifact } from '../../declare/format.js'
import { createHash } from 'node:crypto'
import { measureAgain, measureLarge } from './digest/measure-file.js'
import { measuringLarge } from './digest/measure-large.js'
import { checksumText, crc32, digestOf, type Measured } from './checksum.js'
import { smallFile } from './artifact-source.js'
import type { FileSystem } from './file-system.js'
import type { FoundData, Saved } from '../../runtime/ports/artifact.js'

/** An entry below a folder, as used for the checksum of a folder artifact. */
export interface TreeEntry {
  /** Path relative to the folder, with `/`; names of folders end with one. */
  readonly name: string
  /** Bytes; 0 for folders and links. */
  readonly size: number
  readonly isFile: boolean
}

/** Gives other work its turn. */
export const pause = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/**
 * All entries below a folder, sorted by name. Links are separate entries and are not followed. Rejects with the
 * system's error.
 */
export const treeOf = async (fs: FileSystem, folder: string): Promise<readonly TreeEntry[]> => {
  const entries: TreeEntry[] = []
  const open = ['']
  for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
    for (const entry of fs.readdirSync(`${folder}/${prefix}`, { withFileTypes: true })) {
      const name = prefix + entry.name
      if (entry.isDirectory()) {
        entries.push({ name: `${name}/`, size: 0, isFile: false })
        open.push(`${name}/`)
      } else if (entry.isSymbolicLink())
        entries.push({ name: `${name} -> ${fs.readlinkSync(`${folder}/${name}`)}`, size: 0, isFile: false })
      else if (entry.isFile()) entries.push({ name, size: fs.lstatSync(`${folder}/${name}`).size, isFile: true })
      else throw new Error(`${folder}/${name} is neither a file nor a folder; an artifact cannot hold it`)
      if (entries.length % 1000 === 0) await pause()
    }
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Size and checksum of a folder: total bytes of its files; CRC-32 over names and sizes. No file is opened. */
export const measureTree = async (fs: FileSystem, folder: string): Promise<Saved> => measured(await treeOf(fs, folder))

type ReadTree = Saved & Required<Pick<Saved, 'content' | 'digest'>>

/**
 * Also measures the content of the files: CRC-32 over names, sizes and the CRC-32 of each; SHA-256 over path, type,
 * size and SHA-256 of each. All files are read.
 */
export const readTree = async (fs: FileSystem, folder: string): Promise<ReadTree> => {
  const entries = await treeOf(fs, folder)
  const digest = createHash('sha256')
  let content = 0
  let unpaused = 0
  for (const { name, size, isFile } of entries) {
    const file = isFile ? await measureFile(fs, `${folder}/${name}`, size) : undefined
    content = crc32(Buffer.from(`${name}\0${size}\0${file?.checksum ?? 0}\n`, 'utf8'), content)
    digest.update(`${name}\0${isFile ? 'file' : 'entry'}\0${size}\0${file?.digest ?? ''}\n`)
    unpaused += size + smallest
    if (unpaused < smallFile) continue
    unpaused = 0
    await pause()
  }
  return { ...measured(entries), content: checksumText(content), digest: digest.digest('hex') }
}

/**
 * Reads all files of a folder and compares them with the checksum of their contents, if there is one. Resolves with the
 * bytes; rejects with `DamagedArtifact`.
 */
export const examineTree = async (fs: FileSystem, folder: string, content: string | undefined): Promise<number> => {
  const found = await readTree(fs, folder)
  if (content !== undefined && found.content !== content)
    throw new DamagedArtifact(`the contents of the files in ${folder} are not those of the run info`)
  return found.size
}

/** A folder as `open` reports it: measured by names and sizes; its files are read when it is examined. */
export const foundTree = async (fs: FileSystem, path: string): Promise<FoundData> => {
  const { size, checksum } = await measureTree(fs, path)
  return { _tag: 'folder', path, size, checksum, examine: (content) => examineTree(fs, path, content) }
}

const measured = (entries: readonly TreeEntry[]): Saved => {
  const text = entries.map(({ name, size }) => `${name}\0${size}\n`).join('')
  return {
    size: entries.reduce((sum, entry) => sum + entry.size, 0),
    checksum: checksumText(crc32(Buffer.from(text, 'utf8'))),
  }
}

/** Cost of opening a file, in bytes that could be read in that time. */
const smallest = 16 * 1024

const measureFile = async (fs: FileSystem, path: string, size: number): Promise<Measured> => {
  if (size > smallFile) return (await measureLarge(fs, path, measuringLarge(size))) ?? measureAgain(fs, path)
  const bytes = fs.readFileSync(path)
  return { checksum: crc32(bytes), digest: digestOf(bytes) }
}
