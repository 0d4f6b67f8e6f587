import * as fs from 'node:fs'
import type { Address, Saved } from '../../runtime/ports/artifact.js'
import type { StagedStorage, Staging } from '../../runtime/ports/store.js'
import { checksumText, crc32 } from '../file-store/checksum.js'
import { readTree } from '../file-store/folder-tree.js'
import { checkAddress, checkExtension } from '../file-store/safe-path.js'
import { pathIn, type Entries } from './memory-entries.js'
import { gather, memorySource } from './memory-source.js'
import type { TemporaryPlace } from './temporary-place.js'

/** A place to write an artifact of a store in memory to. */
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
      beside = besideOf(address, views)
      bytes = await gather(parts)
      const extensions = [...beside.keys()]
      const measured = { size: bytes.length, checksum: checksumText(crc32(bytes)) }
      saved = extensions.length === 0 ? measured : { ...measured, beside: extensions }
      return saved
    },
    measure: async () => {
      once()
      if (directory === undefined) throw new Error('a file artifact is written, not measured')
      saved = await readTree(fs, directory)
      return saved
    },
    source: () => {
      if (bytes === undefined || saved === undefined) throw new Error('there are no bytes to read back yet')
      return memorySource(bytes, saved.checksum)
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

const besideOf = (
  { extension: own }: Address,
  views: Readonly<Record<string, Uint8Array>>,
): ReadonlyMap<string, Uint8Array> => {
  const sorted = Object.entries(views).toSorted(([left], [right]) => (left < right ? -1 : 1))
  for (const [extension] of sorted) checkExtension(extension)
  if (own !== null && Object.hasOwn(views, own))
    throw new Error('what is kept beside the data cannot have its extension')
  return new Map(sorted.map(([extension, bytes]) => [extension, Uint8Array.from(bytes)]))
}
