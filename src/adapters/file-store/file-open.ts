import type { FoundArtifact, FoundData } from '../../runtime/ports/artifact.js'
import { besideOf, type ArtifactNames } from './artifact-names.js'
import { artifactSource } from './artifact-source.js'
import { codeOf, isMissing, kindOf, readOwn, readText, tryReadText, type FileSystem } from './file-system.js'
import { foundTree } from './folder-tree.js'
import { messageOf } from '../../base/thrown.js'

/** Finds the artifact with these names. Rejects only for disk errors. */
export const findArtifact = async (
  fs: FileSystem,
  names: ArtifactNames,
  extension: string | null,
): Promise<FoundArtifact> => {
  const places = { data: names.data, runInfo: names.runInfo }
  let runInfo: string | undefined
  try {
    // checked first: absent run infos are frequent, and opening them would throw
    if (kindOf(fs, names.runInfo) !== undefined) runInfo = readText(fs, names.runInfo)
  } catch (error) {
    // Disk errors are thrown as they are. Other errors mean an invalid run info.
    const code = codeOf(error)
    if (code !== undefined && code !== 'EISDIR' && code !== 'ENXIO' && code !== 'EFBIG' && code !== 'ELOOP') throw error
    const unreadable = messageOf(error)
    return { runInfo, unreadable, data: undefined, places }
  }
  if (runInfo === undefined && kindOf(fs, names.data) === undefined) return { runInfo, data: undefined, places }
  const stale = kindOf(fs, names.stale) === undefined ? {} : { stale: reasonIn(fs, names.stale) }
  // a broken link counts as `other`, too
  const data = (await dataOf(fs, names, extension)) ?? (runInfo === undefined ? { _tag: 'other' as const } : undefined)
  return { runInfo, ...stale, data, places }
}

const dataOf = async (
  fs: FileSystem,
  names: ArtifactNames,
  extension: string | null,
): Promise<FoundData | undefined> => {
  const path = names.data
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (extension === null) {
    if (!stat.isDirectory()) return { _tag: 'other' }
    return foundTree(fs, path).catch((error: unknown) => {
      if (!isMissing(error)) throw error
      return undefined // another process has moved it away since
    })
  }
  if (!stat.isFile()) return { _tag: 'other' }
  return {
    _tag: 'file',
    path,
    size: stat.size,
    source: ({ size, checksum }) => artifactSource(fs, () => path, size, checksum),
    beside: (other) => readOwn(fs, besideOf(names, other)),
  }
}

/** The reason in a stale mark, if any: its first line. */
const reasonIn = (fs: FileSystem, path: string): string => (tryReadText(fs, path, 10_000) ?? '').split('\n', 1)[0] ?? ''
