import { listFolder } from '../run-info/one-folder.js'
import * as E from 'fp-ts/lib/Either.js'
import { fullNameOf, joinNamespaces } from '../../declare/names.js'
import { isTask, type Task } from '../../declare/task.js'
import type { RunError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { toDot, toMermaid } from '../../plan/inspect/draw.js'
import { ancestors, descendants, nodesById } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { Chain, ForceOptions, NodeState, RunOptions, TaskHandle, TaskRow, Wanted } from './chain-types.js'
import { blessIn, driftedIn } from '../code-drift/bless.js'
import { isDeleted } from '../upkeep/delete-artifact.js'
import { findNode } from '../../plan/names/find-node.js'
import { interpret } from '../engine/interpret.js'
import { linkIn } from './readable-links.js'
import type { Outcome } from '../engine/run-types.js'
import { requestOf } from './options.js'
import { readingOnly } from '../session/reading-only.js'
import { parseRunInfo } from '../run-info/run-info.js'
import { keepSecretsOf } from '../session/secrets.js'
import type { Session } from '../session/session.js'
import { stateOf } from './node-states.js'
import { tellingStoreFailures } from '../session/store-failure.js'
import { storedDependents } from './stored-dependents.js'
import { tableOf } from './task-table.js'
import { isStored } from '../run-info/hit-or-miss.js'
import { whyOf } from './why-node.js'

/** Nothing ends a look at a holder elsewhere but its end. */
/**
 * Binds a plan to a session. `namespace` is where names are looked up first. Throws where the project lacks a task of
 * the plan.
 */
export const makeChain = (
  session: Session,
  plan: Plan,
  namespace = '',
  onClose: () => Promise<void> = async () => undefined,
): Chain<any> => {
  const unknown = plan.nodes.find((node) => !session.index.tasks.has(node.task))
  if (unknown !== undefined) throw taskchainError([{ _tag: 'NotInPlanProject', node: unknown.id }])
  const locate = (wanted: Wanted): E.Either<RunError, PlanNode> =>
    isTask(wanted) ? locateTask(session, plan, wanted, namespace) : findNode(plan, wanted, namespace)
  const nodeOf = (wanted: Wanted): PlanNode => orThrow(locate(wanted))
  const nodesOf = (wanted: readonly Wanted[] | undefined): readonly PlanNode[] =>
    wanted?.map(nodeOf) ?? plan.nodes.filter((node) => node.storage !== 'memory')

  const valueOf = async (node: PlanNode, compute = true): Promise<E.Either<RunError, unknown>> => {
    const known = session.memory.get(node.key)
    if (known !== undefined && !session.forced.has(node.key)) return E.right(known.value)
    const targets = [{ plan, id: node.id, want: 'value' as const }]
    const { outcomes } = await (compute
      ? interpret(session, { targets, keepValues: true })
      : interpret(readingOnly(session), { targets, compute: false }))
    const [outcome] = outcomes
    return outcome?._tag === 'value' ? E.right(outcome.value) : E.left(errorOf(node, outcome))
  }

  const force = async (nodes: readonly PlanNode[], options: ForceOptions | undefined): Promise<readonly string[]> => {
    for (const node of nodes) {
      session.forced.add(node.key)
      session.memory.delete(node.key)
      if (node.storage === 'memory') continue
      if (options?.delete === true && (await isDeleted(session, node))) continue
      if (options?.mark === true || options?.delete === true) await session.store.markStale(addressOf(node))
    }
    return nodes.map((node) => node.id)
  }

  const handleOf = (node: PlanNode): TaskHandle<any> => {
    const handle: TaskHandle<any> = {
      name: node.id,
      key: node.key,
      node,
      value: async (options) => orThrow(await valueOf(node, options?.compute)),
      effect: () => valueOf(node),
      hasData: async () =>
        node.storage !== 'memory' && isStored(await listFolder(session.store, addressOf(node).folder), node),
      dataPath: node.storage === 'memory' ? undefined : session.store.pathOf(addressOf(node)),
      unfinishedPath: async () =>
        node.storage === 'checkpoint' ? session.store.pathOf(addressOf(node), 'unfinished') : undefined,
      runInfo: async () => {
        const text = await session.store.readRunInfo(addressOf(node))
        const parsed = text === undefined ? undefined : parseRunInfo(text)
        return parsed !== undefined && E.isRight(parsed) ? parsed.right : undefined
      },
      log: (which = 'kept') => session.store.log(addressOf(node)).read(which),
      why: () => whyOf(session, plan, node),
      force: async (options) => {
        await force([node], options)
        return told
      },
    }
    const told = tellingStoreFailures(session.store, handle)
    return told
  }

  const states = async (wanted?: readonly Wanted[]): Promise<ReadonlyMap<string, NodeState>> =>
    stateOf(session, wanted === undefined ? plan.nodes : nodesOf(wanted), plan)

  const chain: Chain<any> = tellingStoreFailures<Chain<any>>(session.store, {
    plan,
    value: async (wanted: Wanted) => handleOf(nodeOf(wanted)).value(),
    task: (wanted: Wanted) => handleOf(nodeOf(wanted)),
    in: (inner) => makeChain(session, plan, joinNamespaces(namespace, inner), onClose),
    run: async (wanted, options: RunOptions = {}) => {
      const { report } = await interpret(session, {
        targets: nodesOf(wanted).map((node) => ({
          plan,
          id: node.id,
          want: node.storage === 'memory' ? 'value' : 'kept',
        })),
        ...requestOf(options),
      })
      return report
    },
    states,
    tasks: async (): Promise<readonly TaskRow[]> => tableOf(session, plan.nodes, await states()),
    dependents: (wanted) => descendants(plan, nodeOf(wanted).id),
    requirements: (wanted) => ancestors(plan, nodeOf(wanted).id),
    force: async (wanted: Wanted | readonly Wanted[], options) => {
      const starts = oneOrMore(wanted).map((one) => nodeOf(one).id)
      const ids = new Set(starts.flatMap((id) => [id, ...descendants(plan, id)]))
      return force(
        plan.nodes.filter((node) => ids.has(node.id)),
        options,
      )
    },
    storedDependents: async (wanted) => {
      const ids = new Set(
        oneOrMore(wanted)
          .map((one) => nodeOf(one).id)
          .flatMap((id) => [id, ...descendants(plan, id)]),
      )
      return storedDependents(
        session,
        plan,
        new Set(plan.nodes.filter((node) => ids.has(node.id)).map((node) => node.key)),
      )
    },
    drifted: async (wanted) => driftedIn(session, plan, wanted?.map(nodeOf)),
    bless: async (wanted, options) => blessIn(session, plan, wanted?.map(nodeOf), options),
    draw: async (language = 'mermaid') =>
      language === 'dot' ? toDot(plan, await states()) : toMermaid(plan, await states()),
    linkReadable: async (options) => linkIn(session, plan, await states(), options),
    setLogLevel: (level) => session.log.setLevel?.(level),
    release: (wanted) =>
      wanted === undefined
        ? session.memory.clear()
        : oneOrMore(wanted)
            .map(nodeOf)
            .forEach(({ key }) => session.memory.delete(key)),
    memory: () => session.memory.use(),
    close: onClose,
  })
  keepSecretsOf(chain, session.secrets)
  return chain
}

/** What was asked for, as a list. */
export const oneOrMore = (wanted: Wanted | readonly Wanted[]): readonly Wanted[] =>
  typeof wanted === 'string' || isTask(wanted) ? [wanted] : wanted

/** A task value in its namespace; else anywhere, while there is one only. */
const locateTask = (session: Session, plan: Plan, task: Task, namespace: string): E.Either<RunError, PlanNode> => {
  const name = session.index.nameOf(task)
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
