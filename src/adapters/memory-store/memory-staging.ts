import * as fs from 'node:fs'
import type { Address, Saved } from '../../runtime/ports/artifact.js'
import type { StagedStorage, Staging } from '../../runtime/ports/store.js'
import { pathIn, type Entries } from './memory-entries.js'
import { besideOf, bytesSource, checkAddress, gatherBytes, measureFolder } from '../store-kit.js'
import type { TemporaryPlace } from './temporary-place.js'

/** A place to write an artifact of a memory store. */
export const stageInMemory = (
  entries: Entries,
  place: TemporaryPlace,
  address: Address,
  storage: StagedStorage,
): Staging => {
  checkAddress(address)
  const { directory, resumed } = folderFor(entries, place, address, storage)
  let bytes: Uint8Array | undefined
  let saved: Saved | undefined
  let committed = false
  let beside: ReadonlyMap<string, Uint8Array> = new Map()
  const once = (): void => {
    if (saved !== undefined || committed || storage === 'nothing') throw new Error('an artifact is written once')
  }
  return {
    directory,
    resumed,
    write: async (parts, views = {}) => {
      once()
      beside = besideOf(address.extension, views)
      const gathered = await gatherBytes(parts)
      bytes = gathered.bytes
      saved = beside.size === 0 ? gathered.saved : { ...gathered.saved, beside: [...beside.keys()] }
      return saved
    },
    measure: async () => {
      once()
      if (directory === undefined) throw new Error('a file artifact is written, not measured')
      saved = await measureFolder(directory)
      return saved
    },
    source: () => {
      if (bytes === undefined || saved === undefined) throw new Error('there are no bytes to read back yet')
      return bytesSource(bytes, saved.checksum)
    },
    commit: async (runInfo, facts) => {
      if (committed || (saved === undefined && storage !== 'nothing'))
        throw new Error('a commit comes once, after write or measure')
      committed = true
      const entry = entries.of(address)
      Object.assign(entry, { runInfo, facts, stale: undefined, log: undefined })
      if (storage === 'nothing') return `${pathIn({ ...address, extension: null })}.run_info.yaml`
      const former = entry.directory
      if (storage === 'checkpoint') entry.unfinished = undefined
      Object.assign(entry, { extension: address.extension, bytes, beside, directory, written: Date.now() })
      if (former !== undefined && former !== directory) fs.rmSync(former, { recursive: true, force: true })
      return directory ?? pathIn(address)
    },
    discard: async () => {
      if (!committed && storage === 'folder' && directory !== undefined)
        fs.rmSync(directory, { recursive: true, force: true })
    },
  }
}

const folderFor = (
  entries: Entries,
  place: TemporaryPlace,
  address: Address,
  storage: StagedStorage,
): Pick<Staging, 'directory' | 'resumed'> => {
  if (storage === 'folder') return { directory: place.newFolder(), resumed: false }
  if (storage !== 'checkpoint') return { directory: undefined, resumed: false }
  const left = entries.find(address)?.unfinished
  if (left !== undefined) return { directory: left, resumed: fs.readdirSync(left).length > 0 }
  const directory = place.newFolder()
  entries.of(address).unfinished = directory
  return { directory, resumed: false }
}
