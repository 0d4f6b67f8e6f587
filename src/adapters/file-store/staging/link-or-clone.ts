import { diskError, kindOf, type FileSystem } from '../file-system.js'

/**
 * Gives a file a second name. If the disk has no hard links, or no more for this file, it is copied, by reference if
 * the disk can. Files of the store are only ever replaced by a rename, so no writer changes the content of either name.
 * Rejects if the path is not a file: links are not followed.
 */
export const linkOrClone = async (fs: FileSystem, from: string, to: string): Promise<void> => {
  if (kindOf(fs, from) !== 'file') throw diskError('ENOENT', `${from} is not a file`)
  try {
    fs.linkSync(from, to)
  } catch {
    const { COPYFILE_EXCL, COPYFILE_FICLONE } = fs.constants
    await fs.promises.copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE)
  }
}
