import { isSafeName } from '../../declare/names.js'
import type { Aside, AsidePlace, StoreUpkeep } from '../../runtime/ports/upkeep.js'
import { checkAddress, UnsafePath } from '../file-store/safe-path.js'
import { bytesOf, dropFolders, namesOf, type Entries, type Entry } from './memory-entries.js'
import { releasedOnce, thisProcess, type MemoryLeases } from './memory-lease.js'

interface SetAside {
  readonly place: AsidePlace
  readonly label: string
  readonly entry: Entry
}

/** Maintenance of a memory store. */
export const memoryUpkeep = (entries: Entries, leases: MemoryLeases): StoreUpkeep => {
  /** Numbers of readers of an artifact, by its path. */
  const pins = new Map<string, number>()
  const gone: SetAside[] = []
  return {
    walk: async function* () {
      for (const folder of [...entries.folders.keys()].toSorted())
        for (const [key, entry] of entries.folders.get(folder) ?? [])
          yield { folder, key, names: namesOf(entry), bytes: await bytesOf(entry), written: entry.written }
    },
    held: async (address) => leases.holder(address),
    pin: async (address) => {
      checkAddress(address)
      const path = `${address.folder}/${address.key}`
      const add = (count: number): void => void pins.set(path, (pins.get(path) ?? 0) + count)
      add(1)
      return releasedOnce(() => add(-1))
    },
    pinned: async (address) => {
      checkAddress(address)
      return (pins.get(`${address.folder}/${address.key}`) ?? 0) > 0 ? thisProcess : undefined
    },
    leases: async () => [], // all leases belong to this process
    sweep: async () => undefined,
    setAside: async ({ folder, key }, place, label) => {
      if (!isSafeName(label)) throw new UnsafePath(`'${label}' cannot be part of a path`)
      const entry = entries.take({ folder, key, extension: null })
      if (entry !== undefined) gone.push({ place, label, entry })
    },
    aside: async ({ remove = false } = {}) => {
      const counted = await countAside(gone)
      if (remove) for (const { entry } of gone.splice(0)) dropFolders(entry)
      return counted
    },
  }
}

const countAside = async (gone: readonly SetAside[]): Promise<readonly Aside[]> => {
  const found = new Map<string, Aside>()
  for (const { place, label, entry } of gone) {
    const before = found.get(`${place} ${label}`) ?? { place, label, files: 0, bytes: 0 }
    const bytes = before.bytes + (await bytesOf(entry))
    found.set(`${place} ${label}`, { ...before, files: before.files + 1, bytes })
  }
  return [...found.values()].sort((left, right) =>
    `${right.place} ${left.label}` < `${left.place} ${right.label}` ? -1 : 1,
  )
}
