import { oneOfEach } from '../../../base/one-of-each.js'
import { preImageOfNode } from '../../../plan/key.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { formerFolders } from '../../../plan/names/former-names.js'
import { ancestors, boundIds, nodeIn } from '../../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../../plan/plan-types.js'
import type { NodeState } from '../../ports/node-words.js'
import { factsOf, gatherFacts } from '../../session/known-facts.js'
import { taskOf } from '../../session/node-facts.js'
import type { Session } from '../../session/session.js'
import { formersOf, type Former, type FormerParts } from '../../task-run/adoption/former.js'
import { candidatesFor } from '../../task-run/adoption/sources.js'
import { eagerRoles } from '../../task-run/arguments/roles.js'
import { identityOfArtifact, type ReadContent } from '../../task-run/read-contents.js'

/** How many stored results a run of all targets would compute. */
export interface Computations {
  /** Whatever the contents turn out to be. */
  readonly atLeast: number
  /** If no undecided artifact is valid, and nothing is adopted. */
  readonly atMost: number
}

type Indexed = Pick<Session, 'index'>

/** Reads the catalog, no results. Does not anticipate failures. */
export const computationsOf = async (
  session: FormerParts,
  plan: Plan,
  states: ReadonlyMap<string, NodeState>,
): Promise<Computations> => {
  const kept = oneOfEach(plan.nodes, ({ key }) => key).filter(({ storage }) => storage !== 'memory')
  const open = kept.filter(({ id }) => states.get(id) !== 'cached')
  if (open.length === 0) return { atLeast: 0, atMost: 0 }
  const ahead = open.filter(({ id }) => states.get(id) === 'to_run' || states.get(id) === 'stale')
  if (session.store.facts === undefined) return { atLeast: ahead.length, atMost: open.length }
  await gatherFacts(
    session,
    kept.filter(({ id }) => states.get(id) === 'cached'),
    true,
  )
  const formers = await formersOf(session, plan, kept)
  /** Each of them has to be computed once. */
  const identities = new Set<string>()
  let certain = 0
  /** Tasks of which at least one result will certainly be computed, and tasks of which nothing is known yet. */
  const counted = new Set<string>()
  const unknown = new Map<string, PlanNode>()
  for (const node of ahead) {
    const isForced = [node.id, ...(session.forced.size === 0 ? [] : ancestors(plan, node.id))].some((id) =>
      session.forced.has(nodeIn(plan, id).key),
    )
    const contents = contentsNow(session, plan, states, formers, node)
    if (isForced || identityOf(session, plan, node, assumedContents(session, plan, node)) === undefined) certain++
    else if (contents === undefined) {
      unknown.set(node.task, node)
      continue
    } else {
      const identity = identityOf(session, plan, node, contents)
      if (identity === undefined) certain++
      else if ((await candidatesFor(session, node, taskOf(session, node), identity)).length === 0)
        identities.add(identity)
      else continue
    }
    counted.add(node.task)
  }
  const first = await withoutSource(session, unknown, counted)
  return { atLeast: certain + identities.size + first, atMost: open.length }
}

/** A task without stored artifacts has nothing to adopt: at least one result is computed. */
const withoutSource = async (
  { store, index }: Pick<Session, 'store' | 'index'>,
  unknown: ReadonlyMap<string, PlanNode>,
  counted: ReadonlySet<string>,
): Promise<number> => {
  const folders = [...unknown]
    .filter(([task]) => !counted.has(task))
    .map(([task, node]) => [addressOf(node).folder, ...formerFolders(index, task)])
  const listings = await store.list(folders.flat())
  return folders.filter((one) => one.every((folder) => (listings.get(folder)?.size ?? 0) === 0)).length
}

type Contents = ReadonlyMap<string, ReadContent>

const identityOf = (session: Indexed, plan: Plan, node: PlanNode, contents: Contents): string | undefined =>
  identityOfArtifact(session.index, taskOf(session, node), node.key, preImageOfNode(plan, node), contents)

const inputsOf = (session: Indexed, plan: Plan, node: PlanNode): readonly PlanNode[] =>
  eagerRoles(taskOf(session, node)).flatMap(({ name }) =>
    boundIds(node.inputs[name] ?? null).map((id) => nodeIn(plan, id)),
  )

/** The contents of its inputs, if all of them are known before anything runs. */
const contentsNow = (
  session: Pick<Session, 'store' | 'index'>,
  plan: Plan,
  states: ReadonlyMap<string, NodeState>,
  formers: ReadonlyMap<string, Former>,
  node: PlanNode,
): Contents | undefined => {
  const contents = new Map<string, ReadContent>()
  for (const input of inputsOf(session, plan, node)) {
    if (states.get(input.id) !== 'cached') return undefined
    const digest = factsOf(session, input)?.digest ?? formers.get(input.id)?.source.data.digest
    contents.set(input.key, { node: input, content: digest === undefined ? {} : { digest } })
  }
  return contents
}

/** As if all inputs were known: no identity then means that its task never has one. */
const assumedContents = (session: Indexed, plan: Plan, node: PlanNode): Contents =>
  new Map(inputsOf(session, plan, node).map((input) => [input.key, { node: input, content: { digest: '' } }]))
