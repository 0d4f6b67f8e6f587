import { forgetHolding } from '../code-drift/contents.js'
import { mayFallDue } from '../code-drift/refresh.js'
import * as E from 'fp-ts/lib/Either.js'
import { fullNameOf } from '../../declare/names.js'
import { isTask, type Task } from '../../declare/task.js'
import type { RunError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import { addressOf, type NodeAddress } from '../../plan/names/artifact-address.js'
import { findNode } from '../../plan/names/find-node.js'
import { nodesById, outlineOf } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { interpret } from '../engine/interpret.js'
import type { Outcome } from '../engine/run-types.js'
import { isStored } from '../run-info/hit-or-miss.js'
import { listFolder } from '../run-info/one-folder.js'
import { parseRunInfo } from '../run-info/run-info.js'
import { readingOnly } from '../session/reading-only.js'
import type { Session } from '../session/session.js'
import { reportingStoreFailures } from '../session/store-failure.js'
import { isDeleted } from '../upkeep/delete-artifact.js'
import type { ForceOptions, TaskHandle, Wanted } from './chain-types.js'
import { runRecorded } from './recorded-run.js'
import { whyOf } from './why-node.js'

/** A plan bound to a session. Names are looked up in the namespace first. */
export interface BoundPlan {
  readonly session: Session
  readonly plan: Plan
  readonly namespace: string
}

/** The requested node; throws if there is none, or several. */
export const nodeOf = ({ session, plan, namespace }: BoundPlan, wanted: Wanted): PlanNode =>
  orThrow(isTask(wanted) ? locateTask(session, plan, wanted, namespace) : findNode(plan, wanted, namespace))

export const handleOf = (bound: BoundPlan, node: PlanNode): TaskHandle<any> => {
  const { session, plan } = bound
  const { store } = session
  const address = (): NodeAddress => addressOf(node)
  const handle: TaskHandle<any> = reportingStoreFailures<TaskHandle<any>>(store, {
    name: node.id,
    key: node.key,
    node,
    value: async (options) => orThrow(await valueOf(bound, node, options?.compute)),
    effect: () => valueOf(bound, node),
    hasData: async () => node.storage !== 'memory' && isStored(await listFolder(store, address().folder), node),
    dataPath: node.storage === 'memory' ? undefined : store.pathOf(address()),
    unfinishedPath: async () => (node.storage === 'checkpoint' ? store.pathOf(address(), 'unfinished') : undefined),
    runInfo: async () => {
      const text = await store.readRunInfo(address())
      const parsed = text === undefined ? undefined : parseRunInfo(text)
      return parsed !== undefined && E.isRight(parsed) ? parsed.right : undefined
    },
    log: (which = 'kept') => store.log(address()).read(which),
    why: () => whyOf(session, plan, node),
    force: async (options) => {
      await force(session, [node], options)
      return handle
    },
  })
  return handle
}

const valueOf = async (
  { session, plan }: BoundPlan,
  node: PlanNode,
  compute = true,
): Promise<E.Either<RunError, unknown>> => {
  const known = session.memory.get(node.key)
  const isPast = session.forced.has(node.key) || (compute && mayFallDue(session, plan, node))
  if (known !== undefined && !isPast) return E.right(known.value)
  const outline = outlineOf(plan)
  const targets = [{ plan: outline, id: node.id, want: 'value' as const }]
  const { outcomes } = await (compute
    ? runRecorded(session, { targets, keepValues: true }, () => ({
        command: 'run',
        config: plan.config,
        tasks: [node.id],
        nodes: outline.nodes,
        plans: [outline],
      }))
    : interpret(readingOnly(session), { targets, compute: false }))
  const [outcome] = outcomes
  return outcome?._tag === 'value' ? E.right(outcome.value) : E.left(errorOf(node, outcome))
}

/** Marks these nodes for recomputation at the next request; returns their full names. */
export const force = async (
  session: Pick<Session, 'forced' | 'memory' | 'store'>,
  nodes: readonly PlanNode[],
  options: ForceOptions = {},
): Promise<readonly string[]> => {
  forgetHolding(session)
  for (const node of nodes) {
    session.forced.add(node.key)
    session.memory.delete(node.key)
    if (node.storage === 'memory') continue
    if (options.delete === true && (await isDeleted(session, node))) continue
    if (options.mark === true || options.delete === true) await session.store.markStale(addressOf(node))
  }
  return nodes.map((node) => node.id)
}

/** A task value in its namespace; otherwise anywhere, if there is only one. */
const locateTask = (
  { index }: Pick<Session, 'index'>,
  plan: Plan,
  task: Task,
  namespace: string,
): E.Either<RunError, PlanNode> => {
  const name = index.nameOf(task)
  if (name === undefined)
    return E.left({ _tag: 'NotInChain', name: 'a task that no pipeline of the project exports', near: [] })
  const here = nodesById(plan).get(fullNameOf(namespace, name))
  return here === undefined ? findNode(plan, name, namespace) : E.right(here)
}

/** Why a node has no value, as one error. */
export const errorOf = (node: PlanNode, outcome: Outcome | undefined): RunError => {
  switch (outcome?._tag) {
    case 'failed':
      return outcome.error
    case 'skipped':
      return (
        outcome.errors.find((error) => error._tag !== 'UnfinishedInput') ??
        outcome.errors[0] ?? { _tag: 'Stopped', node: node.id, reason: `it waits for ${outcome.because.join(', ')}` }
      )
    case 'unfinished':
      return { _tag: 'UnfinishedInput', node: node.id, because: [node.id], reason: outcome.reason }
    default:
      return { _tag: 'Stopped', node: node.id, reason: 'the run was stopped' }
  }
}

const orThrow = <A>(outcome: E.Either<RunError, A>): A => {
  if (E.isLeft(outcome)) throw taskchainError([outcome.left])
  return outcome.right
}
