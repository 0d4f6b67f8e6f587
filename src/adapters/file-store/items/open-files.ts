import { codeOf, quietly, type FileSystem } from '../file-system.js'

/** Files that are read occasionally; there may be more of them than a process can keep open. */
export interface OpenFiles {
  /** Its descriptor; undefined if it does not exist or is not a file. */
  readonly use: (path: string) => number | undefined
  readonly close: () => void
}

const maxOpen = 64

export const openFiles = (fs: FileSystem): OpenFiles => {
  /** In order of use, the most recent last. */
  const opened = new Map<string, number>()
  return {
    use: (path) => {
      const descriptor = opened.get(path) ?? open(fs, path)
      if (descriptor === undefined) return undefined
      opened.delete(path)
      opened.set(path, descriptor)
      for (const [other, one] of opened) {
        if (opened.size <= maxOpen) break
        opened.delete(other)
        quietly(() => fs.closeSync(one))
      }
      return descriptor
    },
    close: () => {
      for (const descriptor of opened.values()) quietly(() => fs.closeSync(descriptor))
      opened.clear()
    },
  }
}

/** Undefined if it does not exist or is not a file. */
const open = (fs: FileSystem, path: string): number | undefined => {
  const { O_RDONLY, O_NOFOLLOW } = fs.constants
  try {
    const descriptor = fs.openSync(path, O_RDONLY | O_NOFOLLOW)
    if (fs.fstatSync(descriptor).isFile()) return descriptor
    fs.closeSync(descriptor)
    return undefined
  } catch (problem) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(codeOf(problem) ?? '')) return undefined
    throw problem
  }
}
