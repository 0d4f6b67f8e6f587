import { basename } from 'node:path'
import type { Miss, StoredArtifact } from '../../runtime/ports/artifact.js'
import { quickData, runInfoProblem } from '../../runtime/run-info/run-info.js'
import { besideOf, type ArtifactNames } from './artifact-names.js'
import { fileSource } from './artifact-source.js'
import { codeOf, kindOf, readOwn, readText, type FileSystem } from './file-system.js'
import { examineTree, measureTree } from './folder-tree.js'

const miss = (reason: Miss['reason'], detail?: string): Miss =>
  detail === undefined ? { _tag: 'Miss', reason } : { _tag: 'Miss', reason, detail }

/**
 * Opens what is under an artifact's names: run info read, size compared. What is not whole is a miss; only the disk's
 * refusal rejects.
 */
export const openArtifact = async (
  fs: FileSystem,
  names: ArtifactNames,
  extension: string | null,
): Promise<StoredArtifact | Miss> => {
  let runInfo: string | undefined
  try {
    runInfo = readText(fs, names.runInfo)
  } catch (error) {
    // Refused by the disk: told as it is. Anything else is a run info that is none.
    if (
      codeOf(error) !== undefined &&
      codeOf(error) !== 'EISDIR' &&
      codeOf(error) !== 'EINVAL' &&
      codeOf(error) !== 'ELOOP'
    )
      throw error
    return miss('unreadable run info', error instanceof Error ? error.message : String(error))
  }
  if (runInfo === undefined && kindOf(fs, names.data) === undefined) return miss('absent')
  if (kindOf(fs, names.stale) !== undefined) {
    // also between the two steps of a replacement that was killed
    const because = reasonIn(fs, names.stale)
    return because === '' ? miss('stale') : miss('stale', because)
  }
  if (runInfo === undefined) return miss('no run info', `${names.runInfo} is not there`)
  const facts = quickData(runInfo)
  if (facts === undefined) {
    const problem = runInfoProblem(runInfo)
    return problem === undefined
      ? miss('no data', 'the run kept no data')
      : miss('unreadable run info', `${problem} (${names.runInfo})`)
  }
  const key = keyIn(runInfo)
  if (key !== undefined && key !== basename(names.base))
    return miss('unreadable run info', `${names.runInfo} is that of another artifact, ${key.slice(0, 100)}`)
  if (facts.extension !== extension)
    return miss('no data', `it was kept as ${kindName(facts.extension)}, wanted is ${kindName(extension)}`)
  const stat = fs.statSync(names.data, { throwIfNoEntry: false })
  if (stat === undefined) return miss('no data', `${names.data} is not there`)
  if (extension === null) {
    if (!stat.isDirectory()) return miss('no data', `${names.data} is not a folder`)
    const found = await measureTree(fs, names.data)
    if (found.size !== facts.size) return miss('size differs', `${found.size} bytes, the run info says ${facts.size}`)
    if (found.checksum !== facts.checksum)
      return miss('damaged', 'names or sizes of the files in it are not those of the run info')
    return {
      path: names.data,
      runInfo,
      source: undefined,
      directory: names.data,
      examine: () => examineTree(fs, names.data, facts.content),
    }
  }
  if (!stat.isFile()) return miss('no data', `${names.data} is not a file`)
  if (stat.size !== facts.size) return miss('size differs', `${stat.size} bytes, the run info says ${facts.size}`)
  return {
    path: names.data,
    runInfo,
    source: fileSource(fs, () => names.data, facts.size, facts.checksum),
    directory: undefined,
    ...besideReader(fs, names, facts.beside),
  }
}

const besideReader = (
  fs: FileSystem,
  names: ArtifactNames,
  extensions: readonly string[] | undefined,
): Pick<StoredArtifact, 'beside'> =>
  extensions === undefined
    ? {}
    : {
        beside: async (extension) =>
          extensions.includes(extension) ? readOwn(fs, besideOf(names, extension)) : undefined,
      }

/**
 * The key that a run info was written for. Our emitter writes one line a scalar, so no note can forge it; undefined
 * where there is none (the original's).
 */
const keyIn = (runInfo: string): string | undefined => {
  const start = runInfo.indexOf('\nkey: ')
  if (start < 0) return undefined
  const told = runInfo.slice(start + 6, runInfo.indexOf('\n', start + 6)).replaceAll('"', '')
  return told === '' ? undefined : told
}

/** What a mark of staleness says for a reason, if anything; one line of it. */
const reasonIn = (fs: FileSystem, path: string): string => {
  try {
    return (readText(fs, path, 10_000) ?? '').split('\n', 1)[0] ?? ''
  } catch {
    return ''
  }
}

const kindName = (extension: string | null): string => (extension === null ? 'a folder' : `.${extension}`)
