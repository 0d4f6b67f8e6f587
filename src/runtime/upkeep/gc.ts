import type { Reachable } from '../../plan/reachable-keys.js'
import type { Candidate } from './gc-victims.js'
import type { Address } from '../ports/artifact.js'
import type { Aside, StoredKey, StoredLease } from '../ports/upkeep.js'
import type { LeaseHolder } from '../ports/lease.js'
import { ifFree } from '../ports/if-free.js'
import { atOnceIn, type Store } from '../ports/store.js'
import { contextIn, quickFacts } from '../run-info/run-info.js'
import { resultsOf } from '../../base/each-of.js'
import { itemAt } from '../../base/present.js'

/** A store that can be walked and tidied: the file store and the memory store. */
export type WalkableStore = Store & Required<Pick<Store, 'upkeep'>>

/** An artifact that no plan reaches. */
export interface Unreachable extends Candidate {
  readonly stored: StoredKey
  /** Distinguishes this run from a later one under the same key. */
  readonly ended: string | undefined
  /** The context that it was computed with, if its run info tells: a forgotten context is the usual reason. */
  readonly context: string | undefined
  /** The process that computes it at the moment. */
  readonly heldBy: LeaseHolder | undefined
}

/** A store compared with the reachable keys. */
export interface GarbageSurvey {
  readonly reachable: { readonly count: number; readonly bytes: number; readonly folders: ReadonlySet<string> }
  readonly unreachable: readonly Unreachable[]
  /** Data without a run info: not created by a commit, so not ours to remove. */
  readonly foreign: readonly StoredKey[]
  /** Leases and pins, of any key, of processes that are dead, or elsewhere and not observed for long enough. */
  readonly leases: readonly StoredLease[]
  /** Artifacts that were set aside before and not purged. */
  readonly aside: readonly Aside[]
}

/** How a survey waits for signs of life. */
export interface Looking {
  readonly signal?: AbortSignal
  /**
   * Called with the number of leases, if it takes longer than a second to find out which of them are held by living
   * processes.
   */
  readonly waiting?: (leases: number) => void
}

export interface Surveying extends Looking {
  /** Whether to observe leases of reachable keys, and pins, as well. Default false. */
  readonly everyLease?: boolean
}

/**
 * Surveys a whole store; changes nothing. If processes elsewhere hold leases of unreachable keys, it observes them
 * until it is known whether they live. Rejects with the store's error.
 */
export const surveyGarbage = async (
  store: WalkableStore,
  reachable: Pick<Reachable, 'has'>,
  { everyLease = false, ...looking }: Surveying = {},
): Promise<GarbageSurvey> => {
  const kept = { count: 0, bytes: 0, folders: new Set<string>() }
  const counted = new Set<string>() // shared files
  const found: StoredKey[] = []
  const foreign: StoredKey[] = []
  for await (const stored of store.upkeep.walk()) {
    if (reachable.has(stored.folder, stored.key)) {
      kept.count++
      kept.folders.add(stored.folder)
      kept.bytes += ownBytes(stored, counted)
    } else if (isOurs(stored)) found.push(stored)
    else foreign.push(stored)
  }
  // reachable files stay, so removing their other names frees nothing
  const unreachable = (await describeAll(store, found)).map((one) => ({ ...one, bytes: ownBytes(one.stored, counted) }))
  const places = new Map(unreachable.map((one, at) => [nameOf(one), at]))
  const leases = await store.upkeep.leases()
  const looked = leases.filter((lease) => everyLease || (!lease.reads && places.has(nameOf(lease))))
  const holders = await livingHolders(store, looked, looking)
  const dead: StoredLease[] = []
  for (const [index, lease] of looked.entries()) {
    const heldBy = holders[index]
    const at = lease.reads ? undefined : places.get(nameOf(lease))
    if (at !== undefined) unreachable[at] = { ...itemAt(unreachable, at), heldBy }
    if (heldBy === undefined) dead.push({ ...lease, life: 'dead' })
  }
  const others = everyLease ? [] : leases.filter((lease) => !looked.includes(lease))
  return { reachable: kept, unreachable, foreign, leases: [...dead, ...others], aside: await store.upkeep.aside() }
}

/** Bytes of a key without files that were counted under another one. */
const ownBytes = ({ bytes, shared = [] }: StoredKey, counted: Set<string>): number => {
  let own = bytes
  for (const one of shared) {
    if (counted.has(one.file)) own -= one.bytes
    counted.add(one.file)
  }
  return own
}

const nameOf = ({ folder, key }: Pick<StoredLease, 'folder' | 'key'>): string => `${folder}/${key}`

/** A commit renames the run info before the data, and a removal deletes it after the data. */
export const isOurs = ({ names }: StoredKey): boolean =>
  names.runInfo || names.unfinished || names.stale || names.extensions.length === 0

const addressFor = ({ folder, key }: Pick<StoredKey, 'folder' | 'key'>): Address => ({ folder, key, extension: null })

const describeAll = async (store: WalkableStore, found: readonly StoredKey[]): Promise<readonly Unreachable[]> => {
  if (found.length === 0) return []
  const folders = [...new Set(found.map(({ folder }) => folder))]
  const [reader = store, leased] = await Promise.all([store.listed?.(folders), store.upkeep.leased?.()])
  return resultsOf(found, atOnceIn(store), async (stored) => ({
    ...(await describe(reader, stored)),
    heldBy: leased?.has(nameOf(stored)) === false ? undefined : await store.upkeep.held(addressFor(stored)),
  }))
}

const describe = async (
  reader: Pick<Store, 'readRunInfo'>,
  stored: StoredKey,
): Promise<Omit<Unreachable, 'heldBy'>> => {
  const { folder, key, bytes, written } = stored
  const text = stored.names.runInfo ? await reader.readRunInfo(addressFor(stored)).catch(() => undefined) : undefined
  const facts = text === undefined ? undefined : quickFacts(text)
  const ended = facts === undefined ? Number.NaN : Date.parse(`${facts.ended.replace(' ', 'T')}Z`)
  return {
    folder,
    key,
    bytes,
    made: Number.isNaN(ended) ? written : ended,
    seconds: facts !== undefined && Number.isFinite(facts.time) && facts.time >= 0 ? facts.time : undefined,
    stored,
    ended: facts?.ended,
    context: text === undefined ? undefined : contextIn(text),
  }
}

/** The outcome of a collection. */
export interface Collected {
  readonly moved: readonly Unreachable[]
  /** Not moved: it is being computed or read, or was computed again since the survey. */
  readonly busy: readonly Unreachable[]
  readonly failed: readonly { readonly artifact: Unreachable; readonly cause: unknown }[]
}

/**
 * Moves artifacts into the store's trash, each under its lease, so that artifacts being computed are not touched.
 * Deletes nothing. An artifact that cannot be moved is reported and does not stop the others. `label` names the folder
 * of the trash.
 */
export const collectGarbage = async (
  store: WalkableStore,
  victims: readonly Unreachable[],
  label: string,
): Promise<Collected> => {
  const done = await resultsOf(victims, atOnceIn(store), (artifact) =>
    isMoved(store, artifact, label).catch((cause: unknown) => ({ cause })),
  )
  await store.flush()
  return {
    moved: victims.filter((_, at) => done[at] === true),
    busy: victims.filter((_, at) => done[at] === false),
    failed: victims.flatMap((artifact, at) => {
      const outcome = itemAt(done, at)
      return typeof outcome === 'object' ? [{ artifact, cause: outcome.cause }] : []
    }),
  }
}

/** Moves an artifact, unless another process computes or reads it, or has computed it again. */
const isMoved = async (store: WalkableStore, artifact: Unreachable, label: string): Promise<boolean> => {
  const address = addressFor(artifact.stored)
  const moved = await ifFree(store, address, async () => {
    if (await isAnother(store, artifact)) return false
    if ((await store.upkeep.pinned(address, { signal: never })) !== undefined) return false
    await store.upkeep.setAside(artifact.stored, 'trash', label)
    return true
  })
  return moved === true
}

const never = new AbortController().signal

const isAnother = async (store: WalkableStore, { stored, ended }: Unreachable): Promise<boolean> => {
  const { upkeep } = store
  const address = addressFor(stored)
  const reading = upkeep.leasedRunInfo === undefined ? store.readRunInfo(address) : upkeep.leasedRunInfo(address)
  const text = await reading.catch(() => undefined)
  return (text === undefined ? undefined : quickFacts(text)?.ended) !== ended
}

/**
 * Removes leases and pins of dead processes, with everything else these left in the same folders. Returns the removed
 * ones.
 */
export const removeDeadLeases = async (
  { upkeep }: WalkableStore,
  leases: readonly StoredLease[],
): Promise<readonly StoredLease[]> => {
  const dead = leases.filter(({ life }) => life === 'dead')
  if (dead.length === 0) return []
  for (const folder of new Set(dead.map((lease) => lease.folder))) await upkeep.sweep(folder)
  const left = new Set((await upkeep.leases()).map((lease) => `${nameOf(lease)} ${lease.reads}`))
  return dead.filter((lease) => !left.has(`${nameOf(lease)} ${lease.reads}`))
}

/** The living holders of some leases; all are observed at the same time, so that it takes no longer than for one. */
export const livingHolders = async (
  { upkeep }: WalkableStore,
  leases: readonly (Pick<StoredLease, 'folder' | 'key'> & { readonly reads?: boolean })[],
  { signal = new AbortController().signal, waiting }: Looking,
): Promise<readonly (LeaseHolder | undefined)[]> => {
  const timer = leases.length === 0 ? undefined : setTimeout(() => waiting?.(leases.length), 1000)
  try {
    return await Promise.all(
      leases.map((lease) => upkeep[lease.reads === true ? 'pinned' : 'held'](addressFor(lease), { signal })),
    )
  } finally {
    clearTimeout(timer)
  }
}
