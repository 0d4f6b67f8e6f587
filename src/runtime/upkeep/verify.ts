import { listFolder } from '../run-info/one-folder.js'
import { openArtifact } from '../run-info/hit-or-miss.js'
import { isOurs, livingHolders, type Looking, type WalkableStore } from './gc.js'
import { ifFree } from '../ports/if-free.js'
import type { Address, Miss, StoredNames } from '../ports/artifact.js'
import type { LeaseHolder } from '../ports/lease.js'
import type { StoredKey } from '../ports/upkeep.js'
import { quickData, runInfoProblem } from '../run-info/run-info.js'
import { messageOf } from '../../base/thrown.js'
import { isNoDamage } from '../../explain/system-error.js'

/** An artifact in the store that does not match its run info. */
export interface Damage {
  readonly folder: string
  readonly key: string
  /** `damaged`: size, checksum or run info are wrong. `incomplete`: data or run info is missing. */
  readonly kind: 'damaged' | 'incomplete'
  readonly problem: string
  readonly bytes: number
  /** It was moved out of the store's sight; false for a dry run, or if no commit created it. */
  readonly setAside: boolean
}

/** Missing views for people; the artifact is valid without them. */
export interface MissingViews {
  readonly folder: string
  readonly key: string
  readonly extensions: readonly string[]
}

export interface Verified {
  /** Artifacts whose data was read completely. */
  readonly checked: number
  /** Bytes of data that were read. */
  readonly bytes: number
  /** Marked to be computed again, or stored without data: nothing is read. */
  readonly passedOver: number
  /**
   * Of the checked ones: folders of earlier versions, which have no checksum of contents. Only their names and sizes
   * are known to be right.
   */
  readonly sizesOnly: number
  readonly damage: readonly Damage[]
  /**
   * Artifacts that look wrong but could not be verified, since a living process holds their lease and may be writing
   * them.
   */
  readonly unsure: readonly Unsure[]
  readonly missingViews: readonly MissingViews[]
}

/** An artifact that does not match its run info while a process holds its lease. */
export interface Unsure {
  readonly folder: string
  readonly key: string
  readonly problem: string
  /** Undefined if several processes held it one after the other. */
  readonly heldBy: LeaseHolder | undefined
}

export interface VerifyOptions extends Looking {
  /** How many artifacts are read at the same time. Default 4. */
  readonly concurrency?: number
  /** Dry run. Default false: damaged artifacts are set aside, so that they are recomputed at the next request. */
  readonly lookOnly?: boolean
  /** Name of the folder that damaged artifacts go to. */
  readonly label: string
}

type Check =
  | { readonly _tag: 'whole'; readonly bytes: number; readonly sizesOnly: boolean }
  | { readonly _tag: 'passed over' }
  | { readonly _tag: 'wrong'; readonly kind: Damage['kind']; readonly problem: string }

type Wrong = Check & { readonly _tag: 'wrong' }

/** The problem with an artifact, verified under its lease; `taken` if another process holds that. */
type Verdict =
  | { readonly _tag: 'wrong'; readonly found: Wrong; readonly setAside: boolean }
  | { readonly _tag: 'right' }
  | { readonly _tag: 'taken' }

/**
 * Reads every artifact of a store and compares it with its run info: files by checksum, folders by names, sizes and
 * contents of their files. An artifact that is wrong while a process elsewhere holds its lease is verified again once
 * it is known whether that process lives. Rejects if the store cannot be walked, or its service or this machine
 * refuses; any other read failure is damage.
 */
export const verifyStore = async (store: WalkableStore, options: VerifyOptions): Promise<Verified> => {
  const { concurrency = 4, signal } = options
  const damage: Damage[] = []
  const missingViews: MissingViews[] = []
  const counts = { checked: 0, bytes: 0, passedOver: 0, sizesOnly: 0 }
  const held: { readonly stored: StoredKey; readonly found: Wrong }[] = []

  const readers = new Map<string, Promise<Reader>>()
  // with an outdated snapshot of a folder, artifacts look wrong and are verified again under their lease
  const readerOf = async (folder: string): Promise<Reader> => {
    const known = readers.get(folder) ?? store.listed?.([folder]) ?? Promise.resolve(store)
    readers.set(folder, known)
    return known
  }
  const examine = async (stored: StoredKey): Promise<void> => {
    const { folder, key } = stored
    const reader = await readerOf(folder)
    const first = await check(reader, stored)
    if (first._tag === 'passed over') counts.passedOver++
    else counts.checked++
    if (first._tag === 'whole') {
      counts.bytes += first.bytes
      if (first.sizesOnly) counts.sizesOnly++
      const gone = await viewsGone(reader, stored)
      if (gone.length > 0) missingViews.push({ folder, key, extensions: gone })
    }
    if (first._tag !== 'wrong') return
    const verdict = await verifyUnderLease(store, stored, options)
    if (verdict._tag === 'taken') held.push({ stored, found: first })
    else if (verdict._tag === 'wrong') damage.push(damageOf(stored, verdict))
  }

  const walk = store.upkeep.walk()[Symbol.asyncIterator]()
  const worker = async (): Promise<void> => {
    for (let next = await walk.next(); next.done !== true && signal?.aborted !== true; next = await walk.next())
      await examine(next.value)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const unsure =
    signal?.aborted === true ? [] : await verifyHeld(store, held, options, (found) => void damage.push(found))
  await store.flush()
  return { ...counts, damage: inOrder(damage), unsure: inOrder(unsure), missingViews: inOrder(missingViews) }
}

const inOrder = <A extends { readonly folder: string; readonly key: string }>(found: readonly A[]): readonly A[] =>
  found.toSorted((left, right) => (`${left.folder} ${left.key}` < `${right.folder} ${right.key}` ? -1 : 1))

const damageOf = (
  { folder, key, bytes }: StoredKey,
  { found, setAside }: Verdict & { readonly _tag: 'wrong' },
): Damage => ({ folder, key, kind: found.kind, problem: found.problem, bytes, setAside })

/** Verifies it again under its lease: another process may have been replacing it. */
const verifyUnderLease = async (
  store: WalkableStore,
  stored: StoredKey,
  { lookOnly = false, label }: VerifyOptions,
): Promise<Verdict> => {
  const verdict = await ifFree(store, addressIn(stored, null), async (): Promise<Verdict> => {
    const again = await check(store, stored)
    if (again._tag !== 'wrong') return { _tag: 'right' }
    if (lookOnly || !isOurs(stored)) return { _tag: 'wrong', found: again, setAside: false }
    await store.upkeep.setAside(stored, 'damaged', label)
    return { _tag: 'wrong', found: again, setAside: true }
  })
  return verdict ?? { _tag: 'taken' }
}

/**
 * Verifies an artifact that was held: its lease is free now, since its holder was dead or has ended; or its holder has
 * completed it; or the state is still unknown.
 */
const verifyHeld = async (
  store: WalkableStore,
  held: readonly { readonly stored: StoredKey; readonly found: Wrong }[],
  options: VerifyOptions,
  onDamage: (damage: Damage) => void,
): Promise<readonly Unsure[]> => {
  const holders = await livingHolders(
    store,
    held.map(({ stored }) => stored),
    options,
  )
  const unsure: Unsure[] = []
  for (const [at, { stored, found }] of held.entries()) {
    const now = { ...stored, names: (await listFolder(store, stored.folder)).get(stored.key) ?? nothing }
    const verdict =
      holders[at] === undefined ? await verifyUnderLease(store, now, options) : ({ _tag: 'taken' } as const)
    if (verdict._tag === 'wrong') onDamage(damageOf(stored, verdict))
    if (verdict._tag === 'taken' && (await check(store, now))._tag === 'wrong') {
      unsure.push({ folder: stored.folder, key: stored.key, problem: found.problem, heldBy: holders[at] })
    }
  }
  return unsure
}

const nothing: StoredNames = { extensions: [], runInfo: false, log: false, stale: false, unfinished: false }

const addressIn = ({ folder, key }: StoredKey, extension: string | null): Address => ({ folder, key, extension })

type Reader = Pick<WalkableStore, 'open' | 'readRunInfo'>

const check = async (store: Reader, stored: StoredKey): Promise<Check> => {
  const { names } = stored
  if (names.stale) return { _tag: 'passed over' }
  if (!names.runInfo)
    return names.extensions.length === 0
      ? { _tag: 'passed over' }
      : {
          _tag: 'wrong',
          kind: 'incomplete',
          problem: `its run info is missing; there is ${names.extensions.map(nameOf).join(', ')}`,
        }
  try {
    const text = await store.readRunInfo(addressIn(stored, null))
    const facts = text === undefined ? undefined : quickData(text)
    if (text === undefined) return { _tag: 'passed over' } // removed meanwhile
    if (facts === undefined) {
      const problem = runInfoProblem(text)
      return problem === undefined ? { _tag: 'passed over' } : { _tag: 'wrong', kind: 'damaged', problem }
    }
    const found = await openArtifact(store, addressIn(stored, facts.extension))
    if ('reason' in found) return ofMiss(found, facts.extension)
    if (found.source !== undefined)
      return { _tag: 'whole', bytes: await readAll(found.source.stream()), sizesOnly: false }
    return {
      _tag: 'whole',
      bytes: (await found.examine?.()) ?? 0,
      sizesOnly: found.examine === undefined || facts.content === undefined,
    }
  } catch (cause) {
    if (isNoDamage(cause)) throw cause
    return { _tag: 'wrong', kind: 'damaged', problem: messageOf(cause) }
  }
}

const nameOf = (extension: string): string => (extension === '' ? 'a folder' : `.${extension}`)

const ofMiss = ({ reason, detail }: Miss, extension: string | null): Check => {
  if (reason === 'stale' || reason === 'absent') return { _tag: 'passed over' }
  if (reason === 'no data')
    return { _tag: 'wrong', kind: 'incomplete', problem: `its data is missing, ${nameOf(extension ?? '')}` }
  return { _tag: 'wrong', kind: 'damaged', problem: detail === undefined ? reason : `${reason}: ${detail}` }
}

const readAll = async (parts: AsyncIterable<Uint8Array>): Promise<number> => {
  let bytes = 0
  for await (const part of parts) bytes += part.length
  return bytes
}

const viewsGone = async (store: Reader, stored: StoredKey): Promise<readonly string[]> => {
  const text = await store.readRunInfo(addressIn(stored, null))
  const beside = text === undefined ? undefined : quickData(text)?.beside
  return (beside ?? []).filter((extension) => !stored.names.extensions.includes(extension))
}
