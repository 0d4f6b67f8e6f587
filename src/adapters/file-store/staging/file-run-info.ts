import type { Address } from '../../../runtime/ports/artifact.js'
import type { ArtifactFacts } from '../../../runtime/ports/facts.js'
import type { Staging } from '../../../runtime/ports/store.js'
import { entryFor, stampOf } from '../file-facts.js'
import { kindOf, remove, removeQuietly, writeNew } from '../file-system.js'
import type { StoreParts } from '../store-parts.js'

/** The staging of a run info for a key that stores no data. */
export const stageRunInfo = (parts: StoreParts, address: Address): Staging => {
  parts.paths.namesOf(address) // refuses an unsafe address
  let committed = false
  const refuse = async (): Promise<never> => {
    throw new Error('nothing is kept under this key but its run info')
  }
  return {
    directory: undefined,
    resumed: false,
    write: refuse,
    measure: refuse,
    source: () => {
      throw new Error('there are no bytes to read back')
    },
    commit: async (runInfo, facts) => {
      if (committed) throw new Error('a commit comes once')
      committed = true
      return commitRunInfo(parts, address, runInfo, facts)
    },
    discard: async () => undefined,
  }
}

const commitRunInfo = async (
  { fs, paths, durable, catalog }: StoreParts,
  address: Address,
  runInfo: string,
  facts: ArtifactFacts | undefined,
): Promise<string> => {
  const names = paths.toWrite(address)
  const temporary = paths.temporaryFor(address)
  const finals = [names.runInfo]
  let stamp: string | undefined
  try {
    writeNew(fs, temporary, runInfo)
    stamp = stampOf(fs, temporary)
    await durable.beforeCommit([temporary], finals)
    fs.renameSync(temporary, names.runInfo)
  } catch (error) {
    durable.commitFailed(finals)
    removeQuietly(fs, temporary)
    throw error
  }
  if (kindOf(fs, names.stale) !== undefined) remove(fs, names.stale)
  if (kindOf(fs, names.log) !== undefined) removeQuietly(fs, names.log)
  if (facts !== undefined && stamp !== undefined) catalog.add([entryFor(address.folder, facts, stamp)])
  await durable.afterCommit(finals)
  return names.runInfo
}
