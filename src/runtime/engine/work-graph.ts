import { nothing, type Needs } from '../../base/resource-lines.js'
import { amountsOf } from '../../base/resource-amounts.js'
import { oncePerTask, type Task } from '../../declare/task.js'
import type { RunError } from '../../errors.js'
import { hasSecrets } from '../../plan/params/given-secrets.js'
import { boundIds, nodeIn, nodesById, plannedOf } from '../../plan/plan-graph.js'
import type { PlanOutline } from '../../plan/plan-types.js'
import { runsElsewhere, taskOf } from '../session/node-facts.js'
import { eagerRoles } from '../task-run/arguments/roles.js'
import type { Session } from '../session/session.js'
import { unsetSecret } from '../session/unset-secret.js'
import type { Item } from '../code-drift/contents.js'
import type { Want, WorkGraph } from './schedule-types.js'

/** The work graph of a run over plans: nodes of equal key are one node, whatever plan they are in. */
export interface PlannedGraph extends WorkGraph {
  /** The position of a plan's node, by full name. */
  readonly add: (plan: PlanOutline, id: string) => number
  /** The position of a known node; the first one requested represents all nodes of its key. */
  readonly positionOf: (item: Item) => number
  /** Undefined if no node of that key was requested. */
  readonly positionOfKey: (key: string) => number | undefined
  readonly itemAt: (position: number) => Item
  /** Why it cannot run, if one of its secrets is not set. */
  readonly unsetSecretAt: (position: number) => RunError | undefined
}

/**
 * Reads only plans and declarations, and determines a node's inputs on request. With `computes` false no stored node is
 * computed, so none needs inputs. Neither does a node with an unset secret, which cannot run.
 */
export const makeWorkGraph = (session: Parts, computes = true): PlannedGraph => {
  const items: Item[] = []
  const positions = new Map<string, number>()
  const inputs: (Needed | undefined)[] = []

  const positionOf = (item: Item): number => {
    const known = positions.get(item.node.key)
    if (known !== undefined) return known
    positions.set(item.node.key, items.length)
    return items.push(item) - 1
  }
  const itemAt = (position: number): Item => {
    const item = items[position]
    if (item === undefined) throw new RangeError(`the work graph has no node ${position}`)
    return item
  }
  const unsetSecretAt = (position: number): RunError | undefined => {
    if (!hasSecrets(session.index)) return undefined
    const item = itemAt(position)
    // the environment of the process that computes it counts, and that process checks it
    if (session.executor.takesLeases === true && runsElsewhere(session, item.node)) return undefined
    return unsetSecret(session, plannedOf(item))
  }
  const neededBy = (position: number): Needed => {
    const known = inputs[position]
    if (known !== undefined) return known
    const item = itemAt(position)
    const isIdle = (!computes && item.node.storage !== 'memory') || unsetSecretAt(position) !== undefined
    const needed = isIdle ? [] : inputsOf(session, item)
    const made = { positions: needed.map(positionOf), wants: needed.map(({ want }) => want) }
    inputs[position] = made
    return made
  }
  return {
    add: (plan, id) => positionOf({ plan, node: nodeIn(plan, id) }),
    positionOf,
    positionOfKey: (key) => positions.get(key),
    itemAt,
    unsetSecretAt,
    inputs: (position) => neededBy(position).positions,
    needs: (position) => {
      const { node } = itemAt(position)
      // a worker counts its own resources
      if (session.executor.takesLeases === true && runsElsewhere(session, node)) return nothing
      return needsOf(taskOf(session, node))
    },
    wants: (position, at) => neededBy(position).wants[at] ?? 'value',
  }
}

/** What a node needs, as parallel lists. */
interface Needed {
  readonly positions: readonly number[]
  readonly wants: readonly Want[]
}

/** Amounts of resources that a task takes while it runs. */
const needsOf = oncePerTask((task: Task): Needs => {
  const { resources } = task.declaration
  return resources === undefined ? nothing : amountsOf(resources)
})

type Parts = Pick<Session, 'index' | 'executor'>

/** An input that must be available before a `run` starts; `kept` if it only has to be stored. */
export interface NeededItem extends Item {
  readonly want: Want
}

/** Inputs that must be available before a node's `run` starts. A node that is computed elsewhere loads them there. */
export const inputsOf = (session: Parts, item: Item): readonly NeededItem[] =>
  runsElsewhere(session, item.node) ? keptInputs(session, item) : givenInputs(session, item)

const given = new WeakMap<object, WeakMap<Item['node'], readonly NeededItem[]>>()

/** Inputs whose values or paths are passed to `run`; computed once per node, since every lookup needs them. */
const givenInputs = (session: Parts, item: Item): readonly NeededItem[] => {
  const known = given.get(session.index) ?? new WeakMap<Item['node'], readonly NeededItem[]>()
  given.set(session.index, known)
  const before = known.get(item.node)
  if (before !== undefined) return before
  const made = makeGiven(session, item)
  known.set(item.node, made)
  return made
}

const makeGiven = (session: Parts, { plan, node }: Item): readonly NeededItem[] => {
  const byId = nodesById(plan)
  return eagerRoles(taskOf(session, node)).flatMap(({ name, byPath }) =>
    boundIds(node.inputs[name] ?? null).flatMap((id) => {
      const input = byId.get(id)
      return input === undefined ? [] : [{ plan, node: input, want: byPath ? 'kept' : 'value' } as const]
    }),
  )
}

/** Inputs that another process loads: only stored ones; a value in memory is recomputed there from its own inputs. */
export const keptInputs = (session: Parts, item: Item): readonly NeededItem[] => {
  const given = givenInputs(session, item)
  if (given.length === 0) return given
  const inputs = new Map<string, NeededItem>()
  const seen = new Set<string>()
  const open = [...given].reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next.node.key)) continue
    seen.add(next.node.key)
    if (next.node.storage !== 'memory') inputs.set(next.node.key, { ...next, want: 'kept' })
    else for (const above of [...givenInputs(session, next)].reverse()) open.push(above)
  }
  return [...inputs.values()]
}
