import { hash } from 'node:crypto'
import { addressOf } from '../../plan/names/artifact-address.js'
import { nodeIn } from '../../plan/plan-graph.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import type { Finding } from '../ports/findings.js'
import { libraryVersion } from '../run-info/run-info.js'
import { factsOf } from '../session/known-facts.js'
import type { Session } from '../session/session.js'
import { sourceHash } from './code-state.js'

/** What a run is asked for. */
interface Request {
  readonly targets: readonly { readonly plan: PlanOutline; readonly id: string; readonly want: 'value' | 'kept' }[]
  readonly compute?: false
  readonly stored?: unknown
}

/** What is asked of a store's findings: a name for all that the answer depends on but the artifacts, and these. */
export interface Question {
  readonly name: string
  /** Of each key the node that is asked for first, in that order. */
  readonly nodes: readonly NodeOutline[]
}

type Parts = Pick<Session, 'damaged' | 'forced' | 'index' | 'memory' | 'project' | 'store'>

/** Of fewer it is told as quickly anew. */
const least = 100

/**
 * Whether all that plans keep holds, as a question: the same question and the same artifacts, the same answer.
 * Undefined where something else has a say in it: a clock, what this session has forced or has in memory; and where
 * not everything is asked for.
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
 * What of a plan, and of the code of its tasks, tells whether results hold: what keys and code are made into, lineages
 * for one, is the same where these are. False where that is not all.
 */
const addLines = (
  { index }: Parts,
  plan: PlanOutline,
  asked: ReadonlyMap<string, unknown>,
  lines: string[],
): boolean => {
  for (const { id, key, extension, storage, task } of plan.nodes) {
    const declared = index.tasks.get(task)
    if (declared === undefined || (storage !== 'memory' && !asked.has(key))) return false
    const { onCodeChange, refresh } = declared.declaration
    if (refresh !== undefined) return false
    const code = onCodeChange === 'ignore' ? '' : sourceHash(declared)
    lines.push(`${id} ${key} ${extension} ${storage} ${onCodeChange} ${code}`)
  }
  lines.push('')
  return true
}

/** What was told before; undefined where it has to be told anew. */
export const foundBefore = async ({ store }: Parts, { name, nodes }: Question): Promise<Finding | undefined> =>
  store.findings?.find(name, nodes.map(addressOf))

/** Whether these are all nodes of a plan, of which a run has found that they hold, and nothing has changed since. */
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

/** Notes that all of these hold. */
export const noteFound = (session: Parts, { name, nodes }: Question): void => {
  const facts = nodes.flatMap((node) => factsOf(session, node) ?? [])
  if (facts.length === nodes.length) session.store.findings?.note(name, nodes.map(addressOf), facts)
}
