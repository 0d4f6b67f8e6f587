import { basename, dirname } from 'node:path'
import type { Address } from '../../runtime/ports/artifact.js'
import { kindOf, removeQuietly, type FileSystem } from './file-system.js'
import { checkLinkName } from './safe-path.js'
import type { StoreParts } from './store-parts.js'

/** Creates readable links to the data of an address, and to the files next to it. */
export const linkArtifact = ({ fs, paths }: StoreParts, address: Address, name: string): string => {
  checkLinkName(name)
  const names = paths.toWrite(address)
  if (kindOf(fs, names.data) === undefined)
    throw Object.assign(new Error(`nothing is stored at ${names.data}; there is nothing to link to`), {
      code: 'ENOENT',
    })
  const temporary = (): string => paths.temporaryFor(address)
  const path = readableLink(fs, names.base, name, names.data, temporary)
  for (const beside of paths.former(address, names).beside)
    if (kindOf(fs, beside) === 'file') readableLink(fs, names.base, name, beside, temporary)
  return path
}

/**
 * A link with a readable name to one of an artifact's files, in the same folder and with the same extension; replaces a
 * link that leads elsewhere.
 * Throws `EEXIST` if something else has the name. `base` is the artifact's path without extension. Returns the link's
 * path.
 */
const readableLink = (fs: FileSystem, base: string, name: string, file: string, temporary: () => string): string => {
  const path = `${dirname(file)}/${name}${file.slice(base.length)}`
  const target = basename(file)
  const kind = kindOf(fs, path)
  if (kind === 'link' && fs.readlinkSync(path) === target) return path
  if (kind !== undefined && kind !== 'link')
    throw Object.assign(new Error(`${path} exists already and is not a link; a link does not replace it`), {
      code: 'EEXIST',
    })
  const place = temporary()
  fs.symlinkSync(target, place, file === base ? 'dir' : 'file')
  try {
    fs.renameSync(place, path)
  } catch (error) {
    removeQuietly(fs, place)
    throw error
  }
  return path
}
