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
  for (const { plan, id } of targets) {
    const node = nodeIn(plan, id)
    if (!nodes.has(node.key)) nodes.set(node.key, node)
  }
  const lines: string[] = []
  for (const plan of new Set(targets.map((target) => target.plan)))
    if (!addLines(session, plan, nodes, lines)) return undefined
  const text = [libraryVersion(), session.project.onStale, ...lines].join('\n')
  return { name: hash('sha256', text, 'hex').slice(0, 32), nodes: [...nodes.values()] }
}

/**
 * Adds the parts of a plan and of its tasks' code that determine whether results are valid: keys, lineages and
 * everything else derived from these are the same as long as they are. False if they do not suffice.
 */
const addLines = (
  { index }: Parts,
  plan: PlanOutline,
  requested: ReadonlyMap<string, unknown>,
  lines: string[],
): boolean => {
  const codes = new Map<Task, string | null>()
  for (const { id, key, extension, storage, task } of plan.nodes) {
    const declared = index.tasks.get(task)
    if (declared === undefined || (storage !== 'memory' && !requested.has(key))) return false
    const { onCodeChange, refresh } = declared.declaration
    if (refresh !== undefined) return false
    let code = codes.get(declared)
    if (code === undefined) codes.set(declared, (code = onCodeChange === 'ignore' ? '' : sourceHash(declared)))
    lines.push(`${id} ${key} ${extension} ${storage} ${onCodeChange} ${code}`)
  }
  lines.push('')
  return true
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
