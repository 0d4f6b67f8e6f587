import type { Address } from '../../runtime/ports/artifact.js'
import type { FileSystem } from './file-system.js'
import { measureTree, pause } from './folder-tree.js'

/** Files checked before other work gets its turn. */
const atOnce = 1000

/**
 * Sizes of stored data: one stat per file, in a folder one for each of its files. Data that cannot be read has no size.
 */
export const sizesOf = async (
  fs: FileSystem,
  addresses: readonly Address[],
  pathOf: (address: Address) => string,
): Promise<readonly (number | undefined)[]> => {
  const sizes: (number | undefined)[] = []
  for (const address of addresses) {
    const { key, extension } = address
    const path = pathOf(address)
    sizes.push(
      extension === null ? await sizeOfFolder(fs, `${path}/${key}`) : sizeOfFile(fs, `${path}/${key}.${extension}`),
    )
    if (sizes.length % atOnce === 0) await pause()
  }
  return sizes
}

const sizeOfFile = (fs: FileSystem, path: string): number | undefined => {
  try {
    const stat = fs.statSync(path, { throwIfNoEntry: false })
    return stat?.isFile() === true ? stat.size : undefined
  } catch {
    return undefined
  }
}

const sizeOfFolder = (fs: FileSystem, path: string): Promise<number | undefined> =>
  measureTree(fs, path).then(
    ({ size }) => size,
    () => undefined,
  )
