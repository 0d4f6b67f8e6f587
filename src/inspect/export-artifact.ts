import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '../adapters/file-store/file-system.js'
import { measureFolder } from '../adapters/store-kit.js'
import { fieldOf } from '../base/records.js'
import { DamagedArtifact } from '../declare/format.js'
import type { NodeAddress } from '../plan/names/artifact-address.js'
import type { StoredArtifact } from '../runtime/ports/artifact.js'
import type { Store } from '../runtime/ports/store.js'
import { openArtifact } from '../runtime/run-info/hit-or-miss.js'
import { quickData } from '../runtime/run-info/run-info.js'

/** The outcome of an export. */
export type Exported =
  | { readonly _tag: 'exported'; readonly isFolder: boolean; readonly size: number }
  /** The destination exists and was not to be replaced. */
  | { readonly _tag: 'taken' }
  /** The destination is of the other kind: a file never replaces a folder, nor a folder a file. */
  | { readonly _tag: 'other kind'; readonly is: 'file' | 'folder' }
  /** The destination is a device, a pipe or a socket, or a link to one: it is never replaced. */
  | { readonly _tag: 'special' }
  /** The destination would be in a folder that does not exist, or in which the system makes no files, such as /proc. */
  | { readonly _tag: 'no folder' | 'no files'; readonly folder: string }
  | { readonly _tag: 'missing'; readonly problem: string }

/**
 * Copies an artifact out of a store: a file, or a folder with its contents. The destination has either the complete
 * copy or its previous content; data is verified against its checksum while copying. A link at the destination is
 * replaced, never followed. Rejects with the system's errors, and with `DamagedArtifact`.
 */
export const exportArtifact = async (
  store: Pick<Store, 'open' | 'upkeep'>,
  address: NodeAddress,
  to: string,
  replace: boolean,
): Promise<Exported> => {
  const pin = address.extension === null ? await store.upkeep?.pin(address).catch(() => undefined) : undefined
  try {
    const found = await openArtifact(store, address)
    if ('_tag' in found) return { _tag: 'missing', problem: found.detail ?? found.reason }
    const isFolder = found.directory !== undefined
    if (!(await isFolderAt(dirname(to)))) return { _tag: 'no folder', folder: dirname(to) }
    if (await isSpecialAt(to)) return { _tag: 'special' }
    const before = await kindAt(to)
    if (before !== undefined && !replace) return { _tag: 'taken' }
    if (before !== undefined && (before === 'folder') !== isFolder) return { _tag: 'other kind', is: before }
    const copy = join(dirname(to), `.${basename(to)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`)
    try {
      const size = await copyOf(found, copy)
      const isPlaced = isFolder ? await placeFolder(copy, to, before) : await placeFile(copy, to, replace)
      return isPlaced ? { _tag: 'exported', isFolder, size } : { _tag: 'taken' }
    } catch (cause) {
      const folder = dirname(to)
      if (codeOf(cause) !== 'ENOENT' || fieldOf(cause, 'path') !== copy) throw cause
      return { _tag: (await isFolderAt(folder)) ? 'no files' : 'no folder', folder }
    } finally {
      await fs.rm(copy, { recursive: true, force: true })
    }
  } finally {
    await pin?.release()
  }
}

/** Links are followed; undefined if there is nothing. */
const statsAt = async (path: string): Promise<Stats | undefined> => {
  try {
    return await fs.stat(path)
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(cause) ?? '')) return undefined
    throw cause
  }
}

const isFolderAt = async (path: string): Promise<boolean> => (await statsAt(path))?.isDirectory() === true

const isSpecialAt = async (path: string): Promise<boolean> => {
  const stats = await statsAt(path)
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

const kindAt = async (path: string): Promise<'file' | 'folder' | undefined> => {
  try {
    return (await fs.lstat(path)).isDirectory() ? 'folder' : 'file'
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw cause
  }
}

/** Number of bytes copied, verified to be those that were committed. */
const copyOf = async ({ source, directory, runInfo }: StoredArtifact, to: string): Promise<number> => {
  if (source !== undefined) {
    const file = await fs.open(to, 'wx')
    try {
      for await (const bytes of source.stream()) await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    return source.size
  }
  await fs.cp(directory ?? '', to, { recursive: true, errorOnExist: true, force: false, verbatimSymlinks: true })
  const wanted = quickData(runInfo)
  const { size, checksum, content } = await measureFolder(to)
  if (checksum !== wanted?.checksum || (wanted.content !== undefined && content !== wanted.content))
    throw new DamagedArtifact(`${directory} is not what was committed`)
  return size
}

/** Whether it was placed: a hard link is created only if nothing exists there. */
const placeFile = async (copy: string, to: string, replace: boolean): Promise<boolean> => {
  if (!replace)
    try {
      await fs.link(copy, to)
      return true
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST') return false
      if (!noLinks.has(codeOf(cause) ?? '')) throw cause
      if ((await kindAt(to)) !== undefined) return false
    }
  await fs.rename(copy, to)
  return true
}

/** Error codes of file systems without hard links. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

const placeFolder = async (copy: string, to: string, before: 'file' | 'folder' | undefined): Promise<boolean> => {
  if (before === undefined)
    try {
      await fs.rename(copy, to)
      return true
    } catch (cause) {
      if (codeOf(cause) === 'ENOTEMPTY' || codeOf(cause) === 'EEXIST' || codeOf(cause) === 'ENOTDIR') return false
      throw cause
    }
  const aside = `${copy}.before`
  await fs.rename(to, aside)
  try {
    await fs.rename(copy, to)
  } catch (cause) {
    await fs.rename(aside, to)
    throw cause
  }
  await fs.rm(aside, { recursive: true, force: true })
  return true
}
