import type { Address, FoundArtifact, Listing } from '../../runtime/ports/artifact.js'
import type { ArtifactFacts, StoreFacts } from '../../runtime/ports/facts.js'
import type { Lease } from '../../runtime/ports/lease.js'
import type { Staging, Store } from '../../runtime/ports/store.js'
import { ifFree } from '../../runtime/ports/if-free.js'
import { copyArtifact } from '../../runtime/upkeep/transfer/copy-artifact.js'
import type { OpenedStore } from '../opened-store.js'
import { layeredItems } from './layered-items.js'
import { makeLayers, mergedListing, type Layer, type Layers } from './layers.js'
import { pushing, type Pushing } from './pushing.js'

/**
 * A project's own store with shared ones behind it. An artifact that is missing here is read from a shared store, and
 * copied here when it is opened; a commit here is pushed to the shared stores that are written to. A failing shared
 * store is reported once and left out.
 */
export const layeredStore = (
  own: OpenedStore,
  shared: readonly Layer[],
  warn: (problem: string) => void,
): OpenedStore => {
  const layers = makeLayers(shared, warn)
  const pushes = pushing(own, layers, warn)
  const { opening: _, findings: __, sizes, links, items, ...others } = own
  return {
    ...others,
    list: (folders) => listAll(own, layers, folders),
    open: (address) => openThrough(own, layers, address),
    stage: async (address, storage) => notingCommit(await own.stage(address, storage), () => pushes.add(address)),
    readRunInfo: async (address) =>
      (await own.readRunInfo(address)) ?? firstOf(layers, (layer) => layer.store.readRunInfo(address)),
    log: (address) => logOf(own, layers, pushes, address),
    lease: (address, options) => leaseAll(own, layers, address, options),
    markStale: async (address, because) => {
      await bring(own, layers, address)
      await own.markStale(address, because)
    },
    flush: async () => {
      await pushes.flush()
      await own.flush()
    },
    facts: layeredFacts(own, layers),
    ...(items === undefined ? {} : { items: layeredItems(items, layers, warn) }),
    ...(sizes === undefined ? {} : { sizes: (addresses) => sizesOf(sizes, layers, addresses) }),
    ...(links === undefined
      ? {}
      : {
          links: {
            link: async (address, name) => {
              await bring(own, layers, address)
              return links.link(address, name)
            },
          },
        }),
  }
}

const listAll = async (
  own: Store,
  { reading, attempt }: Layers,
  folders: readonly string[],
): Promise<ReadonlyMap<string, Listing>> => {
  const [here, ...behind] = await Promise.all([
    own.list(folders),
    ...reading.map((layer) => attempt(layer, () => layer.store.list(folders), new Map<string, Listing>())),
  ])
  return new Map(
    folders.map((folder) => {
      const listings = behind.flatMap((one) => one.get(folder) ?? [])
      return [folder, mergedListing(here.get(folder) ?? new Map(), listings)]
    }),
  )
}

const openThrough = async (own: OpenedStore, layers: Layers, address: Address): Promise<FoundArtifact> => {
  const here = await own.open(address)
  if (here.runInfo !== undefined || here.stale !== undefined || here.unreadable !== undefined) return here
  const layer = await bring(own, layers, address)
  if (layer === undefined) return here
  const brought = await own.open(address)
  if (brought.data !== undefined) return brought
  // the lease here is held, or there is no space: read from the shared store
  return layers.attempt(layer, () => layer.store.open(address), here)
}

/** Copies an artifact here if only a shared store has it; returns the store that has it, as far as is known. */
const bring = async (own: OpenedStore, layers: Layers, address: Address): Promise<Layer | undefined> => {
  if (layers.reading.length === 0 || (await own.readRunInfo(address)) !== undefined) return undefined
  for (const layer of layers.reading) {
    const copy = () => ifFree(own, address, () => copyArtifact(layer.store, own, address))
    const copied = await layers.attempt(layer, copy, undefined)
    if (copied === undefined || copied._tag === 'copied' || copied._tag === 'there') return layer
  }
  return undefined
}

const firstOf = async <A>({ reading, attempt }: Layers, ask: (layer: Layer) => Promise<A | undefined>) => {
  for (const layer of reading) {
    const found = await attempt<A | undefined>(layer, () => ask(layer), undefined)
    if (found !== undefined) return found
  }
  return undefined
}

const notingCommit = (staging: Staging, committed: () => void): Staging => ({
  ...staging,
  commit: async (runInfo, facts) => {
    const path = await staging.commit(runInfo, facts)
    committed()
    return path
  },
})

const logOf = (own: Store, layers: Layers, pushes: Pushing, address: Address): ReturnType<Store['log']> => {
  const log = own.log(address)
  return {
    write: log.write,
    close: async (outcome) => {
      const path = await log.close(outcome)
      pushes.start(address)
      return path
    },
    read: async (which) => (await log.read(which)) ?? firstOf(layers, ({ store }) => store.log(address).read(which)),
  }
}

/**
 * The holder of a lease here also takes it in the shared stores that it writes to, so that one machine computes the
 * key.
 */
const leaseAll = async (
  own: Store,
  { writing, attempt }: Layers,
  address: Address,
  options: Parameters<Store['lease']>[1],
): Promise<Lease> => {
  const held = [await own.lease(address, options)]
  const release = async (): Promise<void> => {
    for (const lease of held.toReversed()) await lease.release().catch(() => undefined)
  }
  for (const layer of writing) {
    const lease = await attempt(
      layer,
      () =>
        layer.store.lease(address, options).catch((error: unknown) => {
          if (options.signal.aborted) return 'stopped' as const
          throw error
        }),
      undefined,
    )
    if (lease === 'stopped') {
      await release()
      throw options.signal.reason
    }
    if (lease !== undefined) held.push(lease)
  }
  return { release }
}

const layeredFacts = (own: OpenedStore, layers: Layers): StoreFacts => ({
  ...own.facts,
  read: async (asked, lacking) => {
    const here = await own.facts.read(asked, lacking)
    const merged = new Map(Array.from(here, ([folder, facts]) => [folder, new Map(facts)]))
    for (const layer of layers.reading) {
      const none = new Map<string, ReadonlyMap<string, ArtifactFacts>>()
      for (const [folder, facts] of await layers.attempt(layer, () => layer.store.facts.read(asked), none))
        for (const [key, one] of facts) if (merged.get(folder)?.has(key) === false) merged.get(folder)?.set(key, one)
    }
    return merged
  },
})

const sizesOf = async (
  sizes: NonNullable<Store['sizes']>,
  layers: Layers,
  addresses: readonly Address[],
): Promise<readonly (number | undefined)[]> => {
  const here = await sizes(addresses)
  const asked = new Map<string, Set<string>>()
  for (const [at, { folder, key }] of addresses.entries())
    if (here[at] === undefined) asked.set(folder, (asked.get(folder) ?? new Set()).add(key))
  if (asked.size === 0) return here
  const found = new Map<string, number>()
  for (const layer of layers.reading) {
    const none = new Map<string, ReadonlyMap<string, ArtifactFacts>>()
    for (const [folder, facts] of await layers.attempt(layer, () => layer.store.facts.read(asked), none))
      for (const [key, { size }] of facts) if (size !== null) found.set(`${folder}/${key}`, size)
  }
  return addresses.map(({ folder, key }, at) => here[at] ?? found.get(`${folder}/${key}`))
}
