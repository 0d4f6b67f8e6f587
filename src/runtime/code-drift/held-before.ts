import { hash } from 'node:crypto'
import type { Task } from '../../declare/task.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { nodeIn } from '../../plan/plan-graph.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import type { Finding } from '../ports/findings.js'
import { libraryVersion } from '../run-info/run-info.js'
import { factsOf } from '../session/known-facts.js'
import type { Session } from '../session/session.js'
import { sourceHash } from './code-state.js'

/** The targets of a run. */
interface Request {
  readonly targets: readonly { readonly plan: PlanOutline; readonly id: string; readonly want: 'value' | 'kept' }[]
  readonly compute?: false
  readonly stored?: unknown
}

/**
 * A question to a store's findings: a name for everything but the artifacts that the answer depends on, and the
 * artifacts.
 */
export interface Question {
  readonly name: string
  /** For each key the node that is requested first, in that order. */
  readonly nodes: readonly NodeOutline[]
}

type Parts = Pick<Session, 'damaged' | 'forced' | 'index' | 'memory' | 'project' | 'store'>

/** Below this number of nodes, a new look is as fast. */
const least = 100

/**
 * Whether all kept nodes of plans are valid, as a question: with the same question and artifacts the answer is the
 * same. Undefined if it depends on anything else: a clock, or what this session has forced or keeps in memory; and if
 * not everything is requested.
 */
export const questionOf = (session: Parts, { targets, compute, stored }: Request): Question | undefined => {
  const { damaged, forced, memory, store } = session
  if (store.findings === undefined || store.facts === undefined || store.sizes === undefined) return undefined
  if (compute === false || stored !== undefined || forced.size + damaged.size + memory.use().values > 0)
    return undefined
  if (targets.length < least || targets.some(({ want }) => want !== 'kept')) return undefined
  const nodes = new Map<string, NodeOutline>()
  for (const node of nodesOf(targets)) if (!nodes.has(node.key)) nodes.set(node.key, node)
  let text = `${libraryVersion()}\n${session.project.onStale}`
  for (const plan of new Set(targets.map((target) => target.plan))) {
    const lines = linesOf(session, plan, nodes)
    if (lines === undefined) return undefined
    text += lines
  }
  return { name: hash('sha256', text, 'hex').slice(0, 32), nodes: [...nodes.values()] }
}

/** The nodes of targets, which mostly are all kept nodes of a plan in its order. */
const nodesOf = (targets: Request['targets']): readonly NodeOutline[] => {
  let from: PlanOutline | undefined
  let at = 0
  return targets.map(({ plan, id }) => {
    if (plan !== from) [from, at] = [plan, 0]
    while (plan.nodes[at]?.storage === 'memory') at++
    const next = plan.nodes[at++]
    return next?.id === id ? next : nodeIn(plan, id)
  })
}

/**
 * The parts of a plan and of its tasks' code that determine whether results are valid, as text: keys, lineages and
 * everything else derived from these are the same as long as they are. Undefined if they do not suffice.
 */
const linesOf = ({ index }: Parts, plan: PlanOutline, requested: ReadonlyMap<string, unknown>): string | undefined => {
  const codes = new Map<Task, string | null>()
  let lines = '\n'
  let before: string | null | undefined
  for (const { id, key, extension, storage, task } of plan.nodes) {
    const declared = index.taskOf(task)
    if (declared === undefined || (storage !== 'memory' && !requested.has(key))) return undefined
    const { onCodeChange, refresh } = declared.declaration
    if (refresh !== undefined) return undefined
    let code = codes.get(declared)
    if (code === undefined) codes.set(declared, (code = onCodeChange === 'ignore' ? '' : sourceHash(declared)))
    lines += `${id} ${key} ${extension} ${storage} ${onCodeChange} ${code === before ? '=' : code}\n`
    before = code
  }
  return lines
}

/** An earlier finding; undefined if a new look is needed. */
export const foundBefore = async ({ store }: Parts, { name, nodes }: Question): Promise<Finding | undefined> =>
  store.findings?.find(name, nodes.map(addressOf))

/** Whether these are all nodes of a plan that a run has found valid, and nothing has changed since. */
export const areFoundBefore = async (
  session: Parts,
  plan: PlanOutline,
  nodes: readonly NodeOutline[],
): Promise<boolean> => {
  if (nodes.length < plan.nodes.length) return false
  const kept = plan.nodes.filter(({ storage }) => storage !== 'memory')
  const question = questionOf(session, { targets: kept.map(({ id }) => ({ plan, id, want: 'kept' })) })
  return question !== undefined && (await foundBefore(session, question)) !== undefined
}

/** Records that all of these are valid. */
export const noteFound = (session: Parts, { name, nodes }: Question): void => {
  const facts = nodes.flatMap((node) => factsOf(session, node) ?? [])
  if (facts.length === nodes.length) session.store.findings?.note(name, nodes.map(addressOf), facts)
}
