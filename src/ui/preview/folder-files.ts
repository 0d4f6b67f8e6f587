import { constants } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { FolderPreview, NoPreview } from '../contract.js'
import { fileKind, imageType, isPathBelow } from './file-kinds.js'
import { textPreview } from './text-preview.js'

/** Files of an artifact that is a folder. Links are listed but not followed. */

const maxFiles = 1000
const maxLooked = 20_000
const headBytes = 64 * 1024

/** The first files below a folder, and the content of one of them. */
export const folderPreview = async (directory: string, path: string | undefined): Promise<FolderPreview> => {
  const files: FolderPreview['files'][number][] = []
  let [looked, bytes] = [0, 0]
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(join(directory, below), { withFileTypes: true })
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      if (looked >= maxLooked) return
      const name = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) {
        await walk(name)
        continue
      }
      looked++
      const { size } = await lstat(join(directory, name))
      bytes += size
      if (files.length < maxFiles)
        files.push({
          path: name,
          size,
          kind: entry.isFile() ? fileKind(name) : entry.isSymbolicLink() ? 'link' : 'other',
        })
    }
  }
  await walk('')
  const listing = { kind: 'folder', files, more: looked - files.length, bytes } as const
  return path === undefined ? listing : { ...listing, path, preview: await filePreview(directory, path) }
}

const filePreview = async (directory: string, path: string): Promise<NonNullable<FolderPreview['preview']>> => {
  const found = await openBelow(directory, path)
  if (found === undefined) return nothing(`there is no file ${path} in it, or it is a link`)
  try {
    const type = imageType(path)
    if (type !== undefined) return { kind: 'image', path, type, size: found.size }
    const bytes = Buffer.alloc(Math.min(headBytes, found.size))
    const { bytesRead } = await found.handle.read(bytes, 0, bytes.length, 0)
    return textPreview(bytes.subarray(0, bytesRead), found.size)
  } finally {
    await found.handle.close()
  }
}

const nothing = (message: string): NoPreview => ({ kind: 'unreadable', message })

/** Opens a regular file below a folder, by a path without links; undefined for anything else. */
export const openBelow = async (directory: string, path: string) => {
  if (!isPathBelow(path)) return undefined
  const handle = await open(
    join(directory, path),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch(() => undefined)
  if (handle === undefined) return undefined
  const stat = await handle.stat()
  // folders on the way may be links: then the real path differs
  const [real, base] = [
    await realpath(join(directory, path)).catch(() => ''),
    await realpath(directory).catch(() => ''),
  ]
  if (stat.isFile() && real === join(base, path)) return { handle, size: stat.size }
  await handle.close()
  return undefined
}
