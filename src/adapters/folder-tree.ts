import { checksumText, crc32 } from './checksum.js'
import type { FileSystem } from './file-system.js'
import type { Saved } from '../runtime/ports.js'

/** Files below a folder, as the checksum of a folder artifact sees them. */
export interface TreeEntry {
  /** Path from the folder, with `/`; folders end with one. */
  readonly name: string
  /** Bytes; 0 for folders and links. */
  readonly size: number
}

const pause = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** All entries below a folder, sorted by name. Links are entries of their own and are not followed. Rejects with the system's error. */
export const treeOf = async (fs: FileSystem, folder: string): Promise<readonly TreeEntry[]> => {
  const entries: TreeEntry[] = []
  const open = ['']
  for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
    for (const entry of fs.readdirSync(`${folder}/${prefix}`, { withFileTypes: true })) {
      const name = prefix + entry.name
      if (entry.isDirectory()) {
        entries.push({ name: `${name}/`, size: 0 })
        open.push(`${name}/`)
      } else if (entry.isSymbolicLink()) entries.push({ name: `${name} -> ${fs.readlinkSync(`${folder}/${name}`)}`, size: 0 })
      else if (entry.isFile()) entries.push({ name, size: fs.lstatSync(`${folder}/${name}`).size })
      else throw new Error(`${folder}/${name} is neither a file nor a folder; an artifact cannot hold it`)
      if (entries.length % 1000 === 0) await pause()
    }
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Size and checksum of a folder: bytes of its files; CRC-32 over names and sizes. */
export const measureTree = async (fs: FileSystem, folder: string): Promise<Saved> => {
  const entries = await treeOf(fs, folder)
  const text = entries.map(({ name, size }) => `${name}\0${size}\n`).join('')
  return { size: entries.reduce((sum, entry) => sum + entry.size, 0), checksum: checksumText(crc32(Buffer.from(text, 'utf8'))) }
}
