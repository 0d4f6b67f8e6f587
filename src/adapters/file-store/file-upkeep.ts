import { dirname } from 'node:path'
import type { StoredLease, StoreUpkeep } from '../../runtime/ports/upkeep.js'
import type { StoreParts } from './store-parts.js'
import { asideIn, moveAside, walkLeases, walkStore } from './store-walk.js'

/** Maintenance of a file store. */
export const fileUpkeep = ({ fs, location, folders, leases, paths, pins, thinned }: StoreParts): StoreUpkeep => ({
  walk: () => walkStore(fs, location),
  held: async (address, looking) => {
    const { lease } = paths.namesOf(address)
    return looking === undefined ? leases.holder(lease) : leases.livingHolder(lease, looking.signal)
  },
  pin: async (address) => pins.pin(dirname(paths.toWrite(address).data), address.key),
  pinned: async (address, looking) => pins.holder(dirname(paths.namesOf(address).data), address.key, looking?.signal),
  leases: async () => {
    const found: StoredLease[] = []
    for await (const { path, ...name } of walkLeases(fs, location)) {
      const { holder, life } = leases.look(path) ?? { life: 'alive' }
      if (holder !== undefined && life !== 'alive') found.push({ ...name, heldBy: holder, life })
    }
    return found
  },
  sweep: async (folder) => {
    const path = folders.existing(folder)
    if (path !== undefined) leases.sweep(path)
  },
  setAside: async (stored, place, label) => {
    const address = { folder: stored.folder, key: stored.key, extension: null }
    const folder = paths.toDelete(address) === undefined ? undefined : folders.existing(stored.folder)
    if (folder === undefined) return
    paths.moving(address, (staging) => moveAside(fs, location, folder, stored, place, label, staging))
    thinned.add(folder)
  },
  aside: async ({ remove = false } = {}) => asideIn(fs, location, remove),
})
