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

/** Something in the store that is not what its run info says. */
export interface Damage {
  readonly folder: string
  readonly key: string
  /** `damaged`: size, checksum or run info are wrong. `incomplete`: data or run info is missing. */
  readonly kind: 'damaged' | 'incomplete'
  readonly problem: string
  readonly bytes: number
  /** Moved out of the store's sight; false where only looked at, or where no commit made it. */
  readonly setAside: boolean
}

/** Views kept for people that are gone; the artifact is whole without them. */
export interface MissingViews {
  readonly folder: string
  readonly key: string
  readonly extensions: readonly string[]
}

export interface Verified {
  /** Artifacts whose data was read whole. */
  readonly checked: number
  /** Bytes of data that were read. */
  readonly bytes: number
  /** Marked to be computed again, or kept without data: nothing is read. */
  readonly passedOver: number
  /**
   * Of those checked: whole folders of earlier versions, which have no checksum of contents. Names and sizes are right,
   * no more is known.
   */
  readonly sizesOnly: number
  readonly damage: readonly Damage[]
  /**
   * What looked wrong and could not be looked at for certain, since a living process holds its lease: it may be writing
   * it just now.
   */
  readonly unsure: readonly Unsure[]
  readonly missingViews: readonly MissingViews[]
}

/** What is held by somebody while it is not as its run info says. */
export interface Unsure {
  readonly folder: string
  readonly key: string
  readonly problem: string
  /** Undefined where several took it one after the other. */
  readonly heldBy: LeaseHolder | undefined
}

export interface VerifyOptions extends Looking {
  /** Artifacts read at once. Default 4. */
  readonly concurrency?: number
  /** Only look. Default false: what is damaged is set aside, so that it is computed again at the next ask. */
  readonly lookOnly?: boolean
  /** Name of the folder that damaged artifacts go to. */
  readonly label: string
}

type Check =
  | { readonly _tag: 'whole'; readonly bytes: number; readonly sizesOnly: boolean }
  | { readonly _tag: 'passed over' }
  | { readonly _tag: 'wrong'; readonly kind: Damage['kind']; readonly problem: string }

type Wrong = Check & { readonly _tag: 'wrong' }

/** What is wrong with an artifact, known for certain under its lease; `taken` where somebody else has that. */
type Sure =
  | { readonly _tag: 'wrong'; readonly found: Wrong; readonly setAside: boolean }
  | { readonly _tag: 'right' }
  | { readonly _tag: 'taken' }

/**
 * Reads every artifact of a store and compares it with its run info: files by checksum, folders by names, sizes and
 * contents of their files.
 * What is wrong while a process elsewhere holds its lease is looked at again when it is known whether that process
 * lives.
 * Rejects where the store cannot be walked, or its service or this machine refuses; what else cannot be read is damage.
 */
export const verifyStore = async (store: WalkableStore, options: VerifyOptions): Promise<Verified> => {
  const { concurrency = 4, signal } = options
  const damage: Damage[] = []
  const missingViews: MissingViews[] = []
  const counts = { checked: 0, bytes: 0, passedOver: 0, sizesOnly: 0 }
  const held: { readonly stored: StoredKey; readonly found: Wrong }[] = []

  const examine = async (stored: StoredKey): Promise<void> => {
    const { folder, key } = stored
    const first = await check(store, stored)
    if (first._tag === 'passed over') counts.passedOver++
    else counts.checked++
    if (first._tag === 'whole') {
      counts.bytes += first.bytes
      if (first.sizesOnly) counts.sizesOnly++
      const gone = await viewsGone(store, stored)
      if (gone.length > 0) missingViews.push({ folder, key, extensions: gone })
    }
    if (first._tag !== 'wrong') return
    const sure = await surely(store, stored, options)
    if (sure._tag === 'taken') held.push({ stored, found: first })
    else if (sure._tag === 'wrong') damage.push(damageOf(stored, sure))
  }

  const walk = store.upkeep.walk()[Symbol.asyncIterator]()
  const worker = async (): Promise<void> => {
    for (let next = await walk.next(); next.done !== true && signal?.aborted !== true; next = await walk.next())
      await examine(next.value)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  const unsure =
    signal?.aborted === true ? [] : await lookAgain(store, held, options, (found) => void damage.push(found))
  await store.flush()
  return { ...counts, damage: inOrder(damage), unsure: inOrder(unsure), missingViews: inOrder(missingViews) }
}

const inOrder = <A extends { readonly folder: string; readonly key: string }>(found: readonly A[]): readonly A[] =>
  found.toSorted((left, right) => (`${left.folder} ${left.key}` < `${right.folder} ${right.key}` ? -1 : 1))

const damageOf = (
  { folder, key, bytes }: StoredKey,
  { found, setAside }: Sure & { readonly _tag: 'wrong' },
): Damage => ({
  folder,
  key,
  kind: found.kind,
  problem: found.problem,
  bytes,
  setAside,
})

/** Looked at again under its lease: somebody may have been replacing it. */
const surely = async (
  store: WalkableStore,
  stored: StoredKey,
  { lookOnly = false, label }: VerifyOptions,
): Promise<Sure> => {
  const sure = await ifFree(store, addressIn(stored, null), async (): Promise<Sure> => {
    const again = await check(store, stored)
    if (again._tag !== 'wrong') return { _tag: 'right' }
    if (lookOnly || !isOurs(stored)) return { _tag: 'wrong', found: again, setAside: false }
    await store.upkeep.setAside(stored, 'damaged', label)
    return { _tag: 'wrong', found: again, setAside: true }
  })
  return sure ?? { _tag: 'taken' }
}

/** What was held: free now, since its holder was dead or has ended; or made whole by its holder; or not to be told. */
const lookAgain = async (
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
    const sure = holders[at] === undefined ? await surely(store, now, options) : ({ _tag: 'taken' } as const)
    if (sure._tag === 'wrong') onDamage(damageOf(stored, sure))
    if (sure._tag === 'taken' && (await check(store, now))._tag === 'wrong') {
      unsure.push({ folder: stored.folder, key: stored.key, problem: found.problem, heldBy: holders[at] })
    }
  }
  return unsure
}

const nothing: StoredNames = { extensions: [], runInfo: false, log: false, stale: false, unfinished: false }

const addressIn = ({ folder, key }: StoredKey, extension: string | null): Address => ({ folder, key, extension })

const check = async (store: WalkableStore, stored: StoredKey): Promise<Check> => {
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
    if (text === undefined) return { _tag: 'passed over' } // gone meanwhile
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

const viewsGone = async (store: WalkableStore, stored: StoredKey): Promise<readonly string[]> => {
  const text = await store.readRunInfo(addressIn(stored, null))
  const beside = text === undefined ? undefined : quickData(text)?.beside
  return (beside ?? []).filter((extension) => !stored.names.extensions.includes(extension))
}
