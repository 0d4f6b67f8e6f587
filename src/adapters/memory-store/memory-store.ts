import type { Address } from '../../runtime/ports/artifact.js'
import type { ArtifactFacts, Blessing, PlacedFacts, StoreFacts } from '../../runtime/ports/facts.js'
import type { ArtifactLog } from '../../runtime/ports/log.js'
import type { FullStore } from '../../runtime/ports/store.js'
import { factsOfRunInfo } from '../../runtime/run-info/artifact-facts.js'
import { checkAddress, checkFolder, checkLinkName } from '../file-store/safe-path.js'
import { dropFolders, findIn, hasData, listingOf, makeEntries, pathIn, type Entries } from './memory-entries.js'
import { memoryItems } from './memory-items.js'
import { memoryLeases } from './memory-lease.js'
import { stageInMemory } from './memory-staging.js'
import { memoryUpkeep } from './memory-upkeep.js'
import { temporaryPlace } from './temporary-place.js'

/** A memory store that can remove the folders it created for folder formats. */
export interface MemoryStore extends FullStore {
  /** Removes the folders created for folder formats; also done when the process ends. The store is empty afterwards. */
  dispose(): Promise<void>
}

/**
 * Artifacts in this process only: for tests, and for chains that store nothing. Values are kept as bytes, so that
 * reading returns what a disk would; folder formats get real folders in the system's temporary folder, created on
 * demand.
 *
 * @example
 * const chain = await openChain(project, { config: 'model', store: memoryStore() })
 * await chain.value(counted) // => 1
 */
export const memoryStore = (): MemoryStore => {
  const entries = makeEntries()
  const leases = memoryLeases()
  const place = temporaryPlace()
  return {
    location: 'memory',
    list: async (folders) => new Map(folders.map((folder) => [folder, listingOf(entries, folder)])),
    open: (address) => findIn(entries, address),
    stage: async (address, storage) => stageInMemory(entries, place, address, storage),
    readRunInfo: async (address) => entries.find(address)?.runInfo,
    log: (address) => logOf(entries, address),
    lease: leases.acquire,
    markStale: async (address, because = '') => {
      const entry = entries.find(address)
      if (entry !== undefined && (hasData(entry) || entry.runInfo !== undefined)) entry.stale ??= because
    },
    remove: async (address) => {
      const entry = entries.take(address)
      if (entry !== undefined) dropFolders(entry)
    },
    pathOf: (address, which = 'data') => entries.find(address)?.[which === 'data' ? 'directory' : 'unfinished'],
    flush: async () => undefined,
    facts: memoryFacts(entries),
    links: { link: async (address, name) => linkOf(entries, address, name) },
    upkeep: memoryUpkeep(entries, leases),
    items: memoryItems(),
    dispose: async () => {
      entries.clear()
      place.dispose()
    },
  }
}

const logOf = (entries: Entries, address: Address): ArtifactLog => {
  checkAddress(address)
  const lines: string[] = []
  return {
    write: (line) => void lines.push(`${line}\n`),
    close: async (outcome) => {
      if (lines.length > 0) entries.of(address)[outcome === 'kept' ? 'log' : 'failedLog'] = lines.join('')
      return undefined
    },
    read: async (which) => entries.find(address)?.[which === 'kept' ? 'log' : 'failedLog'],
  }
}

const linkOf = (entries: Entries, address: Address, name: string): string => {
  checkLinkName(name)
  const entry = entries.find(address)
  if (entry === undefined || !hasData(entry))
    throw Object.assign(new Error('nothing is stored under this key; there is nothing to link to'), { code: 'ENOENT' })
  return pathIn({ ...address, key: name })
}

const memoryFacts = (entries: Entries): StoreFacts => {
  const blessings = new Map<string, readonly Blessing[]>()
  const factsIn = (folder: string, keys: ReadonlySet<string> | undefined): ReadonlyMap<string, ArtifactFacts> => {
    checkFolder(folder)
    const found = new Map<string, ArtifactFacts>()
    for (const [key, { runInfo, facts }] of entries.folders.get(folder) ?? []) {
      if (runInfo === undefined || keys?.has(key) === false) continue
      const known = facts ?? factsOfRunInfo(runInfo, key)
      if (known !== undefined) found.set(key, known)
    }
    return found
  }
  return {
    read: async (asked) => new Map(Array.from(asked, ([folder, keys]) => [folder, factsIn(folder, keys)])),
    identified: async (identities) => {
      const found = new Map<string, PlacedFacts[]>()
      for (const folder of entries.folders.keys())
        for (const facts of factsIn(folder, undefined).values())
          if (facts.identity !== undefined && identities.includes(facts.identity))
            found.set(facts.identity, [...(found.get(facts.identity) ?? []), { folder, facts }])
      return found
    },
    blessings: async (folders) => new Map(folders.map((folder) => [folder, blessings.get(folder) ?? []] as const)),
    bless: async (folder, given) => {
      checkFolder(folder)
      blessings.set(folder, [...(blessings.get(folder) ?? []), ...given])
    },
  }
}
