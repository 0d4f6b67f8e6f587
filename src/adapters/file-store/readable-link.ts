import { basename, dirname } from 'node:path'
import { kindOf, removeQuietly, type FileSystem } from './file-system.js'

/**
 * A link with a name for people to one of an artifact's files, in the same folder and with the same extension; replaces
 * a link that leads elsewhere.
 * Throws `EEXIST` where something else has the name. `base` is the artifact's path without extension. Gives the link's
 * path.
 */
export const readableLink = (
  fs: FileSystem,
  base: string,
  name: string,
  file: string,
  temporary: () => string,
): string => {
  const path = `${dirname(file)}/${name}${file.slice(base.length)}`
  const target = basename(file)
  const kind = kindOf(fs, path)
  if (kind === 'link' && fs.readlinkSync(path) === target) return path
  if (kind !== undefined && kind !== 'link')
    throw Object.assign(new Error(`${path} is there already and is no link; a link does not replace it`), {
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
