import type { Refreshed } from '../ports/refreshed.js'
import type { Stale } from '../ports/stale.js'
import type { Drifted } from '../ports/drifted.js'
import type { NodeState } from '../ports/node-words.js'
import type { Cause } from '../../plan/inspect/root-causes.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { ancestors, nodeIn } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { Candidate, Candidates } from '../../plan/inspect/candidates.js'
import { why, type Comparison } from '../../plan/inspect/why.js'
import { factsOfRunInfo } from '../run-info/artifact-facts.js'
import { driftedIn } from '../code-drift/bless.js'
import type { ArtifactFacts } from '../ports/facts.js'
import type { Listing, StoredNames } from '../ports/artifact.js'
import { waitingFormers } from '../engine/adoption/former-results.js'
import type { Session } from '../session/session.js'
import { isStored, openArtifact } from '../run-info/hit-or-miss.js'
import { factsInFolder, listFolder } from '../run-info/one-folder.js'
import type { Parts } from '../code-drift/contents.js'
import { refreshedIn, staleIn, stateOf } from './node-states.js'

/** The problem with the artifact of a node. */
export interface Trouble {
  readonly reason:
    | 'forced' // in this chain, by `force`
    | 'stale' // on disk, by `force`
    | 'no data'
    | 'no run info'
    | 'other format'
    | 'size differs'
    | 'damaged'
    | 'unreadable run info'
    | 'unfinished'
    | 'older code'
    | 'due for refresh'
  readonly detail: string | undefined
}

/** Why a node is or is not recomputed. */
export interface Why {
  /** Full name. */
  readonly node: string
  readonly task: string
  readonly key: string
  readonly state: NodeState
  /** Compute time in seconds: of its own artifact, or else of the nearest one; undefined if it never ran. */
  readonly seconds: number | undefined
  /** When that was, as in the run info. */
  readonly ended: string | undefined
  /** Set if an artifact exists but cannot be used. */
  readonly trouble: Trouble | undefined
  /** The nearest artifact, with its differences; undefined if there is none, or if it is the node's own. */
  readonly nearest: Comparison['nearest']
  /** Artifacts of the task that were compared. */
  readonly candidates: number
  /** Root causes of a different key, the nearest first. */
  readonly causes: readonly Cause[]
  /** Code that has changed since it was computed: of the node, and of upstream nodes that declare `recompute`. */
  readonly drifted: readonly Drifted[]
  /** Set if it is stored, and was computed from other contents than the current ones. */
  readonly stale: Stale | undefined
  /**
   * Set if it is stored and was not computed under this key: the artifact of equal contents that its data comes from.
   */
  readonly adopted: ArtifactFacts['adopted']
  /** Set if it is stored under a former name, from which a run adopts it. */
  readonly former: { readonly key: string; readonly formerly: string } | undefined
  /** Set if it is stored and its task declares `refresh`. */
  readonly refresh: Refreshed | undefined
}

/**
 * Explains why a node is or is not recomputed: the problem with its artifact, or else its differences from the nearest
 * ones, up to the root causes. Reads one index per upstream task, computes and changes nothing. Rejects if the store
 * cannot be read.
 */
export const whyOf = async (session: Parts, plan: Plan, node: PlanNode): Promise<Why> => {
  const { folder } = addressOf(node)
  const listing = node.storage === 'memory' ? new Map<string, StoredNames>() : await listFolder(session.store, folder)
  const known = (await stateOf(session, [node], plan)).get(node.id) ?? 'to_run'
  const stored = isStored(listing, node)
  const trouble = node.storage === 'memory' ? undefined : await troubleOf(session, node, listing)
  const drifted = stored ? await driftAbove(session, plan, node) : []
  const state = known === 'cached' && trouble !== undefined ? 'to_run' : known
  const facts = (await factsIn(session, folder)).get(node.key)
  const [stale] = stored ? await staleIn(session, [node], plan) : []
  const [refresh] = stored ? await refreshedIn(session, [node]) : []
  const adopted = stored ? facts?.adopted : undefined
  const waiting = stored ? undefined : (await waitingFormers(session, plan, [node])).get(node.id)
  const former = waiting && { key: waiting.address.key, formerly: waiting.formerly }
  const common = { node: node.id, task: node.task, key: node.key, state, drifted, stale, adopted, former, refresh }
  if (stored || trouble !== undefined || waiting !== undefined) {
    const problem =
      trouble ??
      (known === 'to_run' && drifted.length > 0
        ? olderCode
        : known === 'stale' && refresh?.due === true
          ? dueForRefresh
          : undefined)
    return {
      ...common,
      seconds: facts?.seconds ?? waiting?.seconds,
      ended: facts?.ended ?? waiting?.ended,
      trouble: problem,
      nearest: undefined,
      candidates: 1,
      causes: [],
    }
  }
  const loaded = new Map<string, Candidates>()
  for (;;) {
    const wanted = new Set<string>()
    const found = why(plan, node.id, (task) => {
      const candidates = loaded.get(task)
      if (candidates === undefined) wanted.add(task)
      return candidates
    })
    if (wanted.size === 0) {
      const isMemory = node.storage === 'memory'
      return {
        ...common,
        seconds: found.nearest?.seconds,
        ended: found.nearest?.ended,
        trouble: undefined,
        nearest: found.nearest,
        candidates: found.candidates,
        causes: isMemory && found.nearest === undefined ? [] : found.causes,
      }
    }
    for (const task of wanted) loaded.set(task, await candidatesOf(session, task))
  }
}

const dueForRefresh: Trouble = { reason: 'due for refresh', detail: undefined }
const olderCode: Trouble = { reason: 'older code', detail: undefined }

/** How many run infos are read for pre-images that an index does not hold. */
const maxRead = 20

/**
 * Artifacts of a task as candidates. If a pre-image is too large for the index, it is read from the run info, for the
 * latest artifacts.
 */
const candidatesOf = async (session: Pick<Session, 'store'>, task: string): Promise<Candidates> => {
  const folder = task.replaceAll(':', '/')
  const candidates = new Map<string, Candidate>()
  const large: ArtifactFacts[] = []
  for (const facts of (await factsIn(session, folder)).values()) {
    const candidate = candidateOf(facts)
    if (candidate === undefined) large.push(facts)
    else candidates.set(facts.key, candidate)
  }
  large.sort((left, right) => (left.ended < right.ended ? 1 : -1))
  for (const { key, extension } of large.slice(0, maxRead)) {
    const text = await session.store.readRunInfo({ folder, key, extension })
    const facts = text === undefined ? undefined : factsOfRunInfo(text, key)
    const candidate = facts === undefined ? undefined : candidateOf(facts)
    if (candidate !== undefined) candidates.set(key, candidate)
  }
  return candidates
}

const candidateOf = ({ key, preImage, ended, seconds, inMemory }: ArtifactFacts): Candidate | undefined =>
  preImage === undefined
    ? undefined
    : { key, preImage, ended, seconds, ...(inMemory === undefined ? {} : { inMemory }) }

/** Facts of a folder, from its index; for a store without one, from the run infos of a limited number of artifacts. */
export const factsIn = async (
  session: Pick<Session, 'store'>,
  folder: string,
): Promise<ReadonlyMap<string, ArtifactFacts>> => {
  if (session.store.facts !== undefined) return factsInFolder(session.store.facts, folder)
  const found = new Map<string, ArtifactFacts>()
  for (const [key, names] of await listFolder(session.store, folder)) {
    if (found.size >= 10 * maxRead) break
    const text = names.runInfo
      ? await session.store.readRunInfo({ folder, key, extension: names.extensions[0] ?? null })
      : undefined
    const facts = text === undefined ? undefined : factsOfRunInfo(text, key)
    if (facts !== undefined) found.set(key, facts)
  }
  return found
}

/** Drift of the node, and of upstream nodes whose changed code causes recomputation. */
const driftAbove = async (session: Pick<Session, 'forced' | 'index' | 'store'>, plan: Plan, node: PlanNode) => {
  const own = await driftedIn(session, plan, [node])
  if (!own.some(({ action }) => action === 'recompute')) return own
  const nodes = ancestors(plan, node.id).map((id) => nodeIn(plan, id))
  const above = await driftedIn(session, plan, nodes)
  return [...own, ...above.filter(({ action, above: inherited }) => action === 'recompute' && !inherited)]
}

/** The problem with the artifact under a node's key; undefined if there is no artifact, or no problem. */
const troubleOf = async (
  session: Pick<Session, 'forced' | 'store'>,
  node: PlanNode,
  listing: Listing,
): Promise<Trouble | undefined> => {
  const trouble = (reason: Trouble['reason'], detail?: string): Trouble => ({ reason, detail })
  const names = listing.get(node.key)
  if (names === undefined) return undefined
  const hasData = names.extensions.includes(node.extension ?? '')
  if (names.stale) {
    const found = await openArtifact(session.store, addressOf(node))
    return trouble('stale', '_tag' in found ? found.detail : undefined)
  }
  if (!hasData && names.unfinished) return trouble('unfinished')
  if (hasData && !names.runInfo) return trouble('no run info')
  if (!names.runInfo) return undefined
  if (!hasData)
    return names.extensions.length > 0
      ? trouble(
          'other format',
          `${names.extensions.map(formName).join(', ')} is stored, ${formName(node.extension ?? '')} is wanted`,
        )
      : trouble('no data')
  if (session.forced.has(node.key)) return trouble('forced')
  return damageOf(session, node)
}

const formName = (extension: string): string => (extension === '' ? 'a folder' : `.${extension}`)

/** Bytes up to which the content is read: `verify` reads all of it. */
const readWhole = 64 * 1024 * 1024

const damageOf = async (session: Pick<Session, 'store'>, node: PlanNode): Promise<Trouble | undefined> => {
  const found = await openArtifact(session.store, addressOf(node))
  if ('_tag' in found) return { reason: found.reason === 'absent' ? 'no data' : found.reason, detail: found.detail }
  if (found.source === undefined || found.source.size > readWhole) return undefined
  try {
    for await (const _ of found.source.stream()) continue
    return undefined
  } catch (cause) {
    // by name, since two copies of the library may be loaded
    if (!(cause instanceof Error) || cause.name !== 'DamagedArtifact') throw cause
    return { reason: 'damaged', detail: cause.message }
  }
}
