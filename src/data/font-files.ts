import { mkdtempSync, rmSync } from 'node:fs'
import { copyFile, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { FormatProblem } from '../declare/format.js'
import { messageOf } from '../base/thrown.js'

/** Font files as native code opens them. It skips what it cannot open or read, and draws without a word. */

/** Paths of fonts for native code. Rejects with `FormatProblem` if one cannot be read, or is in another format. */
export const drawableFonts = (paths: readonly string[]): Promise<readonly string[]> => Promise.all(paths.map(drawable))

const drawable = async (path: string): Promise<string> => {
  const kind = kindOf(await beginningOf(path))
  if (kind !== 'font')
    throw new FormatProblem(`figure: the font ${path} ${kind}`, { hint: 'fonts are paths of TTF or OTF files' })
  return isInArchive(path) ? copied(path) : path
}

const beginningOf = async (path: string): Promise<string> => {
  try {
    const file = await open(path)
    try {
      return (await file.read(Buffer.alloc(4), 0, 4, 0)).buffer.toString('latin1')
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new FormatProblem(`figure: the font ${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

const kindOf = (beginning: string): string => {
  if (['\0\x01\0\0', 'OTTO', 'true', 'ttcf'].includes(beginning)) return 'font'
  return /^wOF[F2]$/.test(beginning) ? 'is a web font (WOFF)' : 'is no font'
}

/** Yarn's Plug'n'Play reads packages from archives, which only JavaScript can do. */
const isInArchive = (path: string): boolean => process.versions['pnp'] !== undefined && /\.zip[\\/]/.test(path)

const copies = new Map<string, Promise<string>>()

const copied = (path: string): Promise<string> => {
  const earlier = copies.get(path)
  if (earlier !== undefined) return earlier
  const copy = join(folderOfCopies(), basename(path))
  const copying = copyFile(path, copy).then(() => copy)
  copies.set(path, copying)
  return copying
}

let folder: string | undefined

const folderOfCopies = (): string => {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(tmpdir(), 'taskchain-fonts-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return (folder = made)
}
