import type { Task } from '../declare/task.js'
import { addressOf } from '../plan/address.js'
import { nodesById } from '../plan/graph.js'
import type { Plan, PlanNode } from '../plan/types.js'
import type { Drift } from './drift.js'
import type { Listing } from './ports.js'
import { eagerRoles } from './roles.js'
import { unsetSecret } from './unset-secret.js'
import type { Session } from './session.js'
import { makeSizes } from './sizes.js'

/** `value`: readers wait for it. `kept`: it is enough that the store has it. */
export type Want = 'value' | 'kept'

/** How a node gets its value in a run: from memory, not at all (it is there), from the store, from `run`. */
export type Mode = 'ready' | 'cached' | 'load' | 'compute'

export interface Demanded {
  readonly plan: Plan
  readonly node: PlanNode
  readonly want: Want
}

export interface Surveyed extends Demanded {
  readonly mode: Mode
}

/**
 * Finds out what a demand needs: asks the store for each folder once, goes no further up than the first stored node. What is there by its name,
 * but has not the size that was committed, is to be loaded: who opens it tells what is wrong with it.
 * `live` are the keys that the run has in hand already, `stored` those that it has committed since the folders were listed;
 * `drift` tells which results have to be computed again since their code has changed.
 */
export const makeSurvey = (session: Session, inputsOf: InputsOf, live: ReadonlyMap<string, { readonly mode: Mode }>, stored: ReadonlySet<string>, drift: Drift) => {
  const listings = new Map<string, Listing>()
  const sizes = makeSizes(session)

  /** Undefined while the listing of the node's folder is unknown. */
  const modeOf = ({ node, want }: Demanded): Mode | undefined => {
    if (session.forced.has(node.key) || session.damaged.has(node.key)) return 'compute'
    if (session.memory.has(node.key)) return 'ready'
    if (node.storage === 'memory') return 'compute'
    const there = want === 'value' || sizes.isDoubtful(node) ? 'load' : 'cached'
    if (stored.has(node.key)) return there
    const listing = listings.get(addressOf(node).folder)
    return listing === undefined ? undefined : isStored(listing, node) && drift.of(node)?.action !== 'recompute' ? there : 'compute'
  }

  return async (wanted: readonly Demanded[]): Promise<ReadonlyMap<string, Surveyed>> => {
    const found = new Map<string, Surveyed>()
    let frontier = wanted
    while (frontier.length > 0) {
      const folders = new Set(frontier.filter((item) => modeOf(item) === undefined).map((item) => addressOf(item.node).folder))
      for (const folder of folders) listings.set(folder, await session.store.list(folder))
      const there = frontier.filter((item) => { const mode = modeOf(item); return mode === 'cached' || mode === 'load' })
      await drift.look(there)
      await sizes.look(there.filter(({ node, want }) => want === 'kept' && !stored.has(node.key)))
      const next: Demanded[] = []
      for (const item of frontier) {
        const { key } = item.node
        const known = found.get(key)
        if (known !== undefined && (known.want === 'value' || item.want === 'kept')) continue
        const inHand = live.get(key)
        if (inHand !== undefined && (inHand.mode !== 'cached' || item.want === 'kept')) continue
        const surveyed = { ...item, mode: modeOf(item) as Mode }
        found.set(key, surveyed)
        if (surveyed.mode === 'compute' && known === undefined) for (const one of inputsOf(item)) next.push(one)
      }
      frontier = next
    }
    return found
  }
}

/** Told from names alone: data and run info have their final names, and nobody has marked them stale. */
export const isStored = (listing: Listing, node: PlanNode): boolean => {
  const names = listing.get(node.key)
  return names !== undefined && names.runInfo && !names.stale && names.extensions.includes(node.extension ?? '')
}

/** What must be there before a node's `run` starts; looked up once a node. */
export type InputsOf = (item: { readonly plan: Plan; readonly node: PlanNode }) => readonly Demanded[]

/** `computes` false: nothing that is kept is computed, and so needs inputs. */
export const inputsIn = (session: Session, computes = true): InputsOf => {
  const known = new Map<PlanNode, readonly Demanded[]>()

  /** Inputs whose values are given to `run`. */
  const valuesFor = (plan: Plan, node: PlanNode): Demanded[] => {
    const byId = nodesById(plan)
    const inputs: Demanded[] = []
    for (const role of eagerRoles(taskOf(session, node))) for (const id of boundIds(node, role)) inputs.push({ plan, node: byId.get(id) as PlanNode, want: 'value' })
    return inputs
  }

  /** Inputs that somebody else loads: only what is kept; what is in memory is made there of what it reads. */
  const keptFor = (plan: Plan, node: PlanNode): readonly Demanded[] => {
    const inputs = new Map<string, Demanded>()
    const seen = new Set<PlanNode>()
    const open = valuesFor(plan, node).reverse()
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      if (seen.has(item.node)) continue
      seen.add(item.node)
      if (item.node.storage === 'memory') for (const one of valuesFor(plan, item.node).reverse()) open.push(one)
      else inputs.set(item.node.key, { ...item, want: 'kept' })
    }
    return [...inputs.values()]
  }

  return ({ plan, node }) => {
    const before = known.get(node)
    if (before !== undefined) return before
    const isIdle = (!computes && node.storage !== 'memory') || unsetSecret(session, plan, node) !== undefined // nothing is computed for one that cannot run itself
    const inputs = isIdle ? [] : runsElsewhere(session, node) ? keptFor(plan, node) : valuesFor(plan, node)
    known.set(node, inputs)
    return inputs
  }
}

/** Whether the session's executor computes it in another thread or process. */
export const runsElsewhere = (session: Session, node: PlanNode): boolean => session.executor.elsewhere !== undefined && node.storage !== 'memory'

/** Inputs before what reads them; without recursion, since chains may be deep. */
export const inOrder = (inputsOf: InputsOf, found: ReadonlyMap<string, Surveyed>): readonly Surveyed[] => {
  const seen = new Set<string>()
  const order: Surveyed[] = []
  for (const start of found.values()) {
    const stack: { readonly item: Surveyed; readonly entered: boolean }[] = [{ item: start, entered: false }]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { item, entered } = top
      if (entered) order.push(item)
      if (entered || seen.has(item.node.key)) continue
      seen.add(item.node.key)
      stack.push({ item, entered: true })
      if (item.mode !== 'compute') continue
      for (const input of inputsOf(item).toReversed()) {
        const inner = found.get(input.node.key)
        if (inner !== undefined && !seen.has(input.node.key)) stack.push({ item: inner, entered: false })
      }
    }
  }
  return order
}

/** The task of a node, by the name that plans know it under. */
export const taskOf = (session: Session, node: PlanNode): Task => session.index.tasks.get(node.task) as Task

/** Ids that a role is bound to. */
export const boundIds = (node: PlanNode, role: string): readonly string[] => {
  const bound = node.inputs[role]
  return bound === null || bound === undefined ? [] : typeof bound === 'string' ? [bound] : Object.values(bound)
}
