import { constants } from 'node:fs'
import { chmod, open, readlink, symlink } from 'node:fs/promises'
import * as nodeFs from 'node:fs'
import { dirname, join, posix } from 'node:path'
import * as t from 'io-ts'
import { DamagedArtifact } from '../../../declare/format.js'
import { piecesOf } from '../file-pieces.js'
import { smallFile } from '../../file-store/artifact-source.js'
import { treeOf } from '../../file-store/folder-tree.js'

/**
 * A folder as one object: a line of JSON that names every entry in order, then the bytes of the files one after the
 * other. Separate objects for many small files would take hours.
 */

const PackedFile = t.intersection([
  t.type({ file: t.string, size: t.number }),
  t.partial({ executable: t.literal(true) }),
])
const Entries = t.type({
  pack: t.literal(1),
  entries: t.array(t.union([t.type({ folder: t.string }), t.type({ link: t.string, to: t.string }), PackedFile])),
})
type Entry = t.TypeOf<typeof Entries>['entries'][number]

/** The bytes of a folder's pack. */
export async function* packed(folder: string): AsyncGenerator<Uint8Array> {
  const entries = await entriesOf(folder)
  yield Buffer.from(`${JSON.stringify({ pack: 1, entries })}\n`)
  for (const entry of entries) {
    if (!('file' in entry)) continue
    let size = 0
    for await (const piece of contentOf(join(folder, entry.file), entry.size)) {
      size += piece.length
      yield piece
    }
    if (size !== entry.size) throw new Error(`${join(folder, entry.file)} changed while it was read`)
  }
}

/** Small files are read at once: a stream costs more than reading their content. */
const contentOf = (path: string, size: number): AsyncIterable<Uint8Array> | readonly Uint8Array[] =>
  size > smallFile ? piecesOf(path) : [nodeFs.readFileSync(path)]

const entriesOf = async (folder: string): Promise<readonly Entry[]> => {
  const entries: Entry[] = []
  for (const { name, size, isFile } of await treeOf(nodeFs, folder)) {
    if (name.endsWith('/')) entries.push({ folder: name.slice(0, -1) })
    else if (isFile) {
      const { mode } = nodeFs.lstatSync(join(folder, name))
      entries.push({ file: name, size, ...((mode & constants.S_IXUSR) === 0 ? {} : { executable: true as const }) })
    } else {
      const link = name.slice(0, name.lastIndexOf(' -> '))
      const to = await readlink(join(folder, link))
      if (leadsOut(link, to))
        throw new Error(`the link ${link} -> ${to} leads out of its folder; a store of objects cannot keep it`)
      entries.push({ link, to })
    }
  }
  return entries
}

/** Fills an empty folder from a pack. Rejects with `DamagedArtifact` if it is invalid, or leads out of the folder. */
export const unpack = async (bytes: AsyncIterable<Uint8Array>, folder: string): Promise<void> => {
  const reader = readerOf(bytes)
  const entries = entriesIn(await reader.line())
  const made = new Set([folder])
  const make = (path: string): void => {
    if (!made.has(path)) nodeFs.mkdirSync(path, { recursive: true })
    made.add(path)
  }
  for (const entry of entries) {
    if ('folder' in entry) make(inside(folder, entry.folder))
    else if ('file' in entry) {
      make(dirname(inside(folder, entry.file)))
      await writeFile(inside(folder, entry.file), entry, reader)
    }
  }
  const root = nodeFs.realpathSync(folder)
  // last: nothing is written through a link
  for (const entry of entries)
    if ('link' in entry) {
      const path = inside(folder, entry.link)
      if (leadsOut(entry.link, entry.to)) throw new DamagedArtifact(`a link in it leads out of it: ${entry.link}`)
      make(dirname(path))
      // not through an earlier link: its parent must be a real folder
      if (nodeFs.realpathSync(dirname(path)) !== join(root, dirname(entry.link)))
        throw new DamagedArtifact(`a link in it is in a place that is not one of its folders: ${entry.link}`)
      await symlink(entry.to, path)
    }
  if (!(await reader.ended())) throw new DamagedArtifact('the pack of a folder is longer than its files')
}

/** Whether a link at a place in a folder leads elsewhere, or may do so through another link (`a/..`). */
export const leadsOut = (link: string, to: string): boolean => {
  if (posix.normalize(to) !== to.replace(/^\.\//, '')) return true
  const target = posix.normalize(posix.join(posix.dirname(link), to))
  return posix.isAbsolute(to) || target === '..' || target.startsWith('../')
}

const inside = (folder: string, name: string): string => {
  const isSafe = name !== '' && !name.includes('\0') && name.split('/').every((part) => !['', '.', '..'].includes(part))
  if (!isSafe)
    throw new DamagedArtifact(`the pack of a folder has a name that leads out of it: ${JSON.stringify(name)}`)
  return join(folder, name)
}

const writeFile = async (path: string, entry: t.TypeOf<typeof PackedFile>, reader: Reader): Promise<void> => {
  if (entry.size <= smallFile) {
    const parts: Uint8Array[] = []
    for await (const part of reader.take(entry.size)) parts.push(part)
    nodeFs.writeFileSync(path, Buffer.concat(parts), { flag: 'wx' })
  } else {
    const handle = await open(path, 'wx')
    try {
      for await (const part of reader.take(entry.size)) await handle.writeFile(part)
    } finally {
      await handle.close()
    }
  }
  if (entry.executable === true) await chmod(path, 0o755)
}

const entriesIn = (line: string): readonly Entry[] => {
  try {
    const value: unknown = JSON.parse(line)
    if (Entries.is(value)) return value.entries
  } catch {
    // reported below
  }
  throw new DamagedArtifact('the pack of a folder has no index')
}

interface Reader {
  readonly line: () => Promise<string>
  readonly take: (size: number) => AsyncGenerator<Uint8Array>
  readonly ended: () => Promise<boolean>
}

const readerOf = (bytes: AsyncIterable<Uint8Array>): Reader => {
  const parts = bytes[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array()
  const more = async (): Promise<boolean> => {
    for (;;) {
      const next = await parts.next()
      if (next.done === true) return false
      rest = next.value
      if (rest.length > 0) return true
    }
  }
  return {
    line: async () => {
      const texts: Uint8Array[] = []
      for (;;) {
        const end = rest.indexOf(10)
        texts.push(end < 0 ? rest : rest.subarray(0, end))
        rest = end < 0 ? new Uint8Array() : rest.subarray(end + 1)
        if (end >= 0) return Buffer.concat(texts).toString('utf8')
        if (!(await more())) throw new DamagedArtifact('the pack of a folder ends early')
      }
    },
    take: async function* (size) {
      for (let left = size; left > 0; ) {
        if (rest.length === 0 && !(await more())) throw new DamagedArtifact('the pack of a folder ends early')
        const part = rest.subarray(0, left)
        rest = rest.subarray(part.length)
        left -= part.length
        yield part
      }
    },
    ended: async () => rest.length === 0 && !(await more()),
  }
}
