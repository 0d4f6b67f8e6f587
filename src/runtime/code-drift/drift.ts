import type { Item } from './contents.js'
import type { OnCodeChange } from '../../declare/task.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { inputIds, nodesById } from '../../plan/plan-graph.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import { isOtherCode } from './code-fingerprint.js'
import { codeState, lineagesOf, taskFingerprint } from './code-state.js'
import type { Blessing } from '../ports/facts.js'
import type { Drifted } from '../ports/drifted.js'
import { blessingsOf, factsOf, forgetFacts, gatherFacts } from '../session/known-facts.js'
import { quickFacts, quickLineage } from '../run-info/run-info.js'
import type { Session } from '../session/session.js'
import { valueIn } from '../../base/present.js'

type Parts = Pick<Session, 'index' | 'store'>

/** Code drift of stored results, according to the store's catalog. */
export interface Drift {
  /**
   * Reads the facts of these stored nodes that `of` needs, once per session. Never rejects: unreadable ones count as
   * not drifted.
   */
  look(items: readonly Item[]): Promise<void>
  /** The drift of a node that was looked up; undefined if its code is unchanged, accepted, or unknown. */
  of(node: NodeOutline): Drifted | undefined
  /** Whether any node that was looked up has drifted, accepted or not. */
  hasAny(): boolean
  /** Its result was replaced by one of the present code. */
  forget(key: string): void
  /** Whether a node that was to be computed again still is: another process may have done so. */
  stillOutdated(item: Item): Promise<boolean>
  /**
   * Whether an opened artifact with this run info has to be computed again: another process may have replaced the one
   * that was looked up. Queries the store only if its code differs from that one's.
   */
  refuses(item: Item, runInfo: string): Promise<boolean>
}

export const makeDrift = (session: Parts): Drift => {
  const looked: Looked = { session, answers: new Map(), hasAny: false }
  return {
    look: (items) => look(looked, items),
    of: (node) => looked.answers.get(node.key),
    hasAny: () => looked.hasAny,
    forget: (key) => void looked.answers.set(key, undefined),
    stillOutdated: (item) => stillOutdated(looked, item),
    refuses: (item, runInfo) => refuses(looked, item, runInfo),
  }
}

/** Findings about the nodes that were looked up, by key. */
interface Looked {
  readonly session: Parts
  readonly answers: Map<string, Drifted | undefined>
  hasAny: boolean
}

const look = async (looked: Looked, items: readonly Item[]): Promise<void> => {
  const { session, answers } = looked
  const watched = items.filter(({ plan, node }) => !answers.has(node.key) && isWatched(session, plan, node))
  if (watched.length === 0 || session.store.facts === undefined) return
  const isRecomputed = ({ plan, node }: Item): boolean => lineagesOf(session.index, plan).has(node.id)
  const recomputed = watched.filter(isRecomputed)
  await gatherFacts(session, watched.filter((item) => !isRecomputed(item)).map(nodeOf))
  await gatherFacts(session, recomputed.map(nodeOf), true) // results of other code must not be used by mistake
  const above = recomputed.flatMap(({ plan, node }) => {
    const facts = factsOf(session, node)
    return facts === undefined || facts.lineage !== undefined ? [] : lineageAbove(session, plan, node)
  })
  await gatherFacts(session, [...new Set(above.filter(({ storage }) => storage !== 'memory'))], true)
  for (const item of watched) answers.set(item.node.key, judge(session, item))
  const drifted = watched.filter(({ node }) => answers.get(node.key) !== undefined)
  if (drifted.length > 0) looked.hasAny = true
  await dropAccepted(looked, drifted)
}

/** Accepted results have not drifted; checked only for results that would be reported. */
const dropAccepted = async ({ session, answers }: Looked, drifted: readonly Item[]): Promise<void> => {
  if (drifted.length === 0) return
  const blessings = await blessingsOf(session, drifted.map(nodeOf))
  for (const { plan, node } of drifted) {
    const [facts, task] = [factsOf(session, node), session.index.taskOf(node.task)]
    if (facts === undefined || task === undefined) continue
    const [computedBy, lineage] = [codeState(facts), lineagesOf(session.index, plan).get(node.id)]
    const now = codeState({ code: taskFingerprint(task), lineage })
    const isAccepted = (one: Blessing): boolean =>
      one.key === node.key && one.computedBy === computedBy && one.acceptedFor === now
    if (blessings.get(addressOf(node).folder)?.some(isAccepted) === true) answers.set(node.key, undefined)
  }
}

const nodeOf = ({ node }: Item): NodeOutline => node

const stillOutdated = async (looked: Looked, item: Item): Promise<boolean> => {
  forgetFacts(looked.session, item.node)
  looked.answers.delete(item.node.key)
  await look(looked, [item])
  return looked.answers.get(item.node.key)?.action === 'recompute'
}

const refuses = async (looked: Looked, item: Item, runInfo: string): Promise<boolean> => {
  const { session } = looked
  const wanted = lineagesOf(session.index, item.plan).get(item.node.id)
  const lineage = quickLineage(runInfo)
  if (wanted === undefined || isSameLineage(lineage, wanted) || session.store.facts === undefined) return false
  // an earlier answer may be about an artifact that was replaced since, even if the session has read newer facts
  if (await stillOutdated(looked, item)) return true
  const facts = factsOf(session, item.node)
  return facts === undefined || facts.lineage !== lineage || facts.ended !== quickFacts(runInfo)?.ended
}

const judge = (session: Parts, { plan, node }: Item): Drifted | undefined => {
  const facts = factsOf(session, node)
  const task = session.index.taskOf(node.task)
  if (facts === undefined || task === undefined) return undefined
  const [code, lineage] = [taskFingerprint(task), lineagesOf(session.index, plan).get(node.id)]
  const own = isOtherCode(facts.code, code)
  const drifted = (action: Drifted['action']): Drifted => ({
    node: node.id,
    key: node.key,
    action,
    ended: facts.ended,
    above: !own,
  })
  const { onCodeChange } = task.declaration
  if (
    lineage !== undefined &&
    (facts.lineage === undefined
      ? (own && onCodeChange === 'recompute') || isFromOlder(session, plan, node)
      : isOtherCode(facts.lineage, lineage))
  )
    return drifted('recompute')
  return own && onCodeChange === 'warn' ? drifted('kept') : undefined
}

/**
 * For results older than any upstream `recompute`: whether one of the upstream nodes has drifted, or was computed again
 * since.
 */
const isFromOlder = (session: Parts, plan: PlanOutline, node: NodeOutline): boolean => {
  const older = new Map<string, boolean>()
  const hasOlder = (one: NodeOutline): boolean => inputIds(one).some((id) => older.get(id) === true)
  for (const above of lineageAbove(session, plan, node)) {
    const facts = factsOf(session, above)
    const task = session.index.taskOf(above.task)
    const own =
      facts !== undefined &&
      (facts.lineage !== undefined ||
        (task?.declaration.onCodeChange === 'recompute' && isOtherCode(facts.code, taskFingerprint(task))))
    older.set(above.id, own || hasOlder(above))
  }
  return hasOlder(node)
}

/** Whether a node's code can be reported at all; if not, the store is not queried. */
const isWatched = (session: Parts, plan: PlanOutline, node: NodeOutline): boolean => {
  if (node.storage === 'memory') return false
  const policy: OnCodeChange | undefined = session.index.taskOf(node.task)?.declaration.onCodeChange
  return policy === 'warn' || policy === 'recompute' || lineagesOf(session.index, plan).has(node.id)
}

/** Upstream nodes that have a lineage, inputs first. */
const lineageAbove = (session: Parts, plan: PlanOutline, node: NodeOutline): readonly NodeOutline[] => {
  const lineages = lineagesOf(session.index, plan)
  const nodes = nodesById(plan)
  const seen = new Set<string>()
  const waiting = [...inputIds(node)]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id) || !lineages.has(id)) continue
    seen.add(id)
    for (const one of inputIds(valueIn(nodes, id))) waiting.push(one)
  }
  return seen.size === 0 ? [] : plan.nodes.filter((one) => seen.has(one.id))
}

/** A lineage of an earlier version is not comparable, and counts as the same. */
const isSameLineage = (before: string | undefined, wanted: string): boolean =>
  before !== undefined && !isOtherCode(before, wanted)
