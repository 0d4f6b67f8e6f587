import { valueIn } from '../base/present.js'
import { keyOf, preImageOf } from './key.js'
import {
  formerNamings,
  namesIn,
  renamesIn,
  underNames,
  type Names,
  type Naming,
  type Renamed,
} from './names/former-names.js'
import type { ProjectIndex } from './names/project-index.js'
import { boundIds } from './plan-graph.js'
import type { Plan, PlanNode } from './plan-types.js'

/** The nodes of a plan under former names. */
export interface FormerPlan {
  readonly naming: Naming
  readonly names: Names
  /** Nodes whose key or folder was different, by full name. */
  readonly nodes: ReadonlyMap<string, FormerNode>
  /** Present nodes by former key. */
  readonly presentOf: ReadonlyMap<string, PlanNode>
}

export interface FormerNode extends Pick<PlanNode, 'task' | 'group' | 'name' | 'key' | 'extension'> {
  /** The former name of the node, its param or input, or else of a node it reads: `films:sum`, `param min`. */
  readonly formerly: string
}

type Nodes = Pick<Plan, 'nodes'>

const known = new WeakMap<Nodes['nodes'], FormerPlan[]>()

/** At most this many namings are tried: with hundreds of renames, not every one of them is tried alone. */
const maxNamings = 50

/**
 * The plan under each naming that follows from the project's former names. Each is computed on demand, once per plan: a
 * caller that has found everything requests no more.
 */
export function* formerPlans(index: ProjectIndex, plan: Nodes): Iterable<FormerPlan> {
  const tasks = new Set(plan.nodes.map(({ task }) => task))
  const renames = renamesIn(index).filter(({ task }) => tasks.has(task))
  const made = known.get(plan.nodes) ?? []
  known.set(plan.nodes, made)
  for (const [at, naming] of formerNamings(renames).slice(0, maxNamings).entries())
    yield (made[at] ??= formerPlan(plan, naming))
}

/** Full names of nodes whose key or folder differs under some naming: nodes with renames and their descendants. */
export const affectedNodes = (index: ProjectIndex, plan: Nodes): ReadonlySet<string> => {
  const renamed = new Set(renamesIn(index).map(({ task }) => task))
  const affected = new Set<string>()
  for (const { id, task, inputs } of plan.nodes)
    if (
      renamed.has(task) ||
      Object.values(inputs)
        .flatMap(boundIds)
        .some((input) => affected.has(input))
    )
      affected.add(id)
  return affected
}

const formerPlan = (plan: Nodes, naming: Naming): FormerPlan => {
  const names = namesIn(naming)
  const byId = new Map(plan.nodes.map((node) => [node.id, node]))
  const nodes = new Map<string, FormerNode>()
  const presentOf = new Map<string, PlanNode>()
  for (const node of plan.nodes) {
    const own = names.of(node.task)
    const above = Object.values(node.inputs)
      .flatMap(boundIds)
      .flatMap((id) => nodes.get(id) ?? [])
    const [first] = above
    if (own.length === 0 && first === undefined) continue
    const image = preImageOf(node, (id) => {
      const { task, key } = valueIn(byId, id)
      return { task, key: nodes.get(id)?.key ?? key }
    })
    const task = names.task(node.task)
    const at = task.lastIndexOf(':')
    const key = keyOf(underNames(names, image))
    const formerly = own.length === 0 ? (first?.formerly ?? '') : own.map(nameOfOne).join(', ')
    const { extension } = node
    nodes.set(node.id, { task, group: task.slice(0, at), name: task.slice(at + 1), key, extension, formerly })
    presentOf.set(key, node)
  }
  return { naming, names, nodes, presentOf }
}

const nameOfOne = ([{ what }, name]: readonly [Renamed, string]): string => (what === 'task' ? name : `${what} ${name}`)
