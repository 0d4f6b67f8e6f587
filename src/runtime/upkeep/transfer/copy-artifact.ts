import { hash } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { DamagedArtifact } from '../../../declare/format.js'
import type { Address, Saved, StoredArtifact } from '../../ports/artifact.js'
import type { ArtifactFacts } from '../../ports/facts.js'
import type { SmallResult, Staging, Store } from '../../ports/store.js'
import { factsOfRunInfo } from '../../run-info/artifact-facts.js'
import { openArtifact } from '../../run-info/hit-or-miss.js'
import { quickData, type DataFacts } from '../../run-info/run-info.js'
import type { Wanted } from './transfer-plan.js'

/** The outcome for one artifact. */
export type Copied =
  | { readonly _tag: 'copied'; readonly bytes: number }
  /** The other store has it by now. */
  | { readonly _tag: 'there' }
  /** Another result exists there under the same key: the task is not deterministic. */
  | { readonly _tag: 'differs'; readonly here: string; readonly there: string }
  /** It no longer exists, or was marked as stale meanwhile. */
  | { readonly _tag: 'gone' }
  | { readonly _tag: 'damaged'; readonly problem: string }

/** The two stores of a copy. */
export interface Ends {
  readonly source: Store
  readonly target: Store
  /** What the source's catalog knows of the artifacts. */
  readonly catalog: KnownFacts
}

/**
 * Copies one artifact with its run info, its views and its log. Nothing is visible in the target before all of it is
 * there with the size and checksum of its run info. The caller holds the lease there.
 */
export const copyArtifact = async (source: Store, target: Store, wanted: Wanted): Promise<Copied> =>
  copyKnown({ source, target, catalog: await knownOf(source, [wanted]) }, wanted)

/** The same for one of many. */
export const copyKnown = async ({ source, target, catalog }: Ends, wanted: Wanted): Promise<Copied> => {
  const address = await addressIn(source, wanted)
  if (address === undefined) return { _tag: 'gone' }
  const pin = address.extension === null ? await source.upkeep?.pin(address) : undefined
  try {
    const found = await openArtifact(source, address)
    if ('reason' in found)
      return found.reason === 'absent' || found.reason === 'stale'
        ? { _tag: 'gone' }
        : { _tag: 'damaged', problem: found.detail ?? found.reason }
    const facts = quickData(found.runInfo)
    if (facts === undefined) return { _tag: 'gone' }
    const there = await openArtifact(target, address)
    if (!('reason' in there)) {
      const outcome = againstOther(facts, there.runInfo)
      if (outcome._tag === 'there' && (await target.log(address).read('kept')) === undefined)
        await copyLog(source, target, address)
      return outcome
    }
    // this very result was marked as stale there: it is not wanted back
    if (there.reason === 'stale' && (await target.readRunInfo(address)) === found.runInfo) return { _tag: 'there' }
    return await copyFound({ source, target, catalog }, address, found, facts)
  } catch (error) {
    if (!(error instanceof DamagedArtifact)) throw error
    const isThere = (await source.list([address.folder])).get(address.folder)?.has(address.key) === true
    return isThere ? { _tag: 'damaged', problem: error.message } : { _tag: 'gone' } // removed while it was read
  } finally {
    await pin?.release()
  }
}

/** An artifact that can be added with others; undefined if it is too large, or needs to be copied by itself. */
export const readSmall = async (
  { source, catalog }: Ends,
  wanted: Wanted,
  most: number,
): Promise<SmallResult | undefined> => {
  const address = await addressIn(source, wanted)
  if (address === undefined || address.extension === null) return undefined
  const found = await openArtifact(source, address)
  const facts = 'reason' in found ? undefined : quickData(found.runInfo)
  if ('reason' in found || facts === undefined || facts.size > most) return undefined
  const { runInfo } = found
  try {
    const bytes = await found.source?.bytes()
    if (bytes === undefined || (facts.digest !== undefined && hash('sha256', bytes) !== facts.digest)) return undefined
    const beside = await besideOf(found, facts)
    const log = await source.log(address).read('kept')
    return { address, bytes, beside, runInfo, facts: factsFor(catalog, address, runInfo), log }
  } catch (error) {
    if (error instanceof DamagedArtifact) return undefined
    throw error
  }
}

/** The outcome for an artifact that was not added, if the other store has it whole by now. */
export const comparedWithTarget = async ({ target }: Ends, small: SmallResult): Promise<Copied | undefined> => {
  const { address, runInfo, log } = small
  const there = await openArtifact(target, address)
  const facts = quickData(runInfo)
  if ('reason' in there || facts === undefined) return undefined
  const lacksLog = log !== undefined && (await target.log(address).read('kept')) === undefined
  return lacksLog ? undefined : againstOther(facts, there.runInfo)
}

/** Compares the artifacts of both stores under one key. */
export const compareArtifact = async (source: Store, target: Store, { folder, key }: Wanted): Promise<Copied> => {
  const address = { folder, key, extension: null }
  const [here, there] = await Promise.all([source.readRunInfo(address), target.readRunInfo(address)])
  const facts = here === undefined ? undefined : quickData(here)
  return facts === undefined || there === undefined ? { _tag: 'gone' } : againstOther(facts, there)
}

const againstOther = (facts: DataFacts, runInfo: string): Copied => {
  const other = quickData(runInfo)
  const [here, there] =
    facts.digest !== undefined && other?.digest !== undefined
      ? [facts.digest, other.digest]
      : [contentOf(facts), other === undefined ? '' : contentOf(other)]
  return here === there ? { _tag: 'there' } : { _tag: 'differs', here, there }
}

const contentOf = ({ size, checksum, content }: DataFacts): string => `${size} bytes, ${content ?? checksum}`

const addressIn = async (source: Store, { folder, key, extension }: Wanted): Promise<Address | undefined> => {
  if (extension !== undefined) return { folder, key, extension }
  const runInfo = await source.readRunInfo({ folder, key, extension: null })
  const facts = runInfo === undefined ? undefined : quickData(runInfo)
  return facts === undefined ? undefined : { folder, key, extension: facts.extension }
}

const copyFound = async (
  { source, target, catalog }: Ends,
  address: Address,
  found: StoredArtifact,
  facts: DataFacts,
): Promise<Copied> => {
  const staging = await target.stage(address, found.directory === undefined ? 'file' : 'folder')
  try {
    const saved = await fill(staging, found, facts)
    const problem = problemOf(saved, facts)
    if (problem !== undefined) return { _tag: 'damaged', problem }
    await staging.commit(found.runInfo, factsFor(catalog, address, found.runInfo))
    await copyLog(source, target, address)
    return { _tag: 'copied', bytes: saved.size }
  } finally {
    await staging.discard()
  }
}

const fill = async (staging: Staging, found: StoredArtifact, facts: DataFacts): Promise<Saved> => {
  if (found.directory !== undefined && staging.directory !== undefined) {
    await cp(found.directory, staging.directory, { recursive: true, verbatimSymlinks: true })
    return staging.measure()
  }
  if (found.source === undefined) throw new DamagedArtifact(`${found.path} is not a file`)
  return staging.write(found.source.stream(), await besideOf(found, facts))
}

const besideOf = async (
  found: StoredArtifact,
  { beside = [] }: DataFacts,
): Promise<Readonly<Record<string, Uint8Array>>> => {
  const views: Record<string, Uint8Array> = {}
  for (const extension of beside) {
    const bytes = await found.beside?.(extension)
    if (bytes !== undefined) views[extension] = bytes
  }
  return views
}

const problemOf = (saved: Saved, facts: DataFacts): string | undefined => {
  for (const name of ['size', 'checksum', 'content', 'digest'] as const)
    if (facts[name] !== undefined && saved[name] !== undefined && facts[name] !== saved[name])
      return `its ${name} is ${saved[name]}, the run info says ${facts[name]}`
  return undefined
}

/** What catalogs know of artifacts, by folder and key. */
export type KnownFacts = ReadonlyMap<string, ReadonlyMap<string, ArtifactFacts>>

/** What the catalog of a store knows, in one request. */
export const knownOf = async ({ facts }: Store, artifacts: readonly Wanted[]): Promise<KnownFacts> => {
  const requested = new Map<string, Set<string>>()
  for (const { folder, key } of artifacts) requested.set(folder, (requested.get(folder) ?? new Set()).add(key))
  return requested.size === 0 || facts === undefined ? new Map() : facts.read(requested)
}

/** Excludes facts of an artifact that was replaced meanwhile. */
const isOfSame = (known: ArtifactFacts, read: ArtifactFacts): boolean =>
  known.size === read.size && (known.digest ?? read.digest) === (read.digest ?? known.digest)

/** A run info does not contain everything that the catalog knows. */
const factsFor = (catalog: KnownFacts, { folder, key }: Address, runInfo: string): ArtifactFacts | undefined => {
  const read = factsOfRunInfo(runInfo, key)
  const known = catalog.get(folder)?.get(key)
  if (read === undefined || known === undefined || !isOfSame(known, read)) return read
  const { identity, adopted } = known
  return { ...read, ...(identity === undefined ? {} : { identity }), ...(adopted === undefined ? {} : { adopted }) }
}

const copyLog = async (source: Store, target: Store, address: Address): Promise<void> => {
  const text = await source.log(address).read('kept')
  if (text === undefined) return
  const log = target.log(address)
  log.write(text.replace(/\n$/, ''))
  await log.close('kept')
}
