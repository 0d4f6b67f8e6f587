import { displayedAs } from '../../base/notebook.js'
import { joinNamespaces } from '../../declare/names.js'
import { isTask } from '../../declare/task.js'
import { taskchainError } from '../../explain.js'
import { toDot, toMermaid } from '../../plan/inspect/draw/draw.js'
import { ancestors, descendants, outlineOf } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { blessIn, driftedIn } from '../code-drift/bless.js'
import { areFoundBefore } from '../code-drift/held-before.js'
import { computationsOf } from '../engine/adoption/computations.js'
import type { Secrets } from '../session/secrets.js'
import type { Session } from '../session/session.js'
import { formerResults } from '../engine/adoption/former-results.js'
import { reportingStoreFailures } from '../session/store-failure.js'
import type { Chain, NodeState, RunOptions, TaskRow, Wanted } from './chain-types.js'
import { refreshedIn, staleIn, stateOf } from './node-states.js'
import { requestOf } from './options.js'
import { runRecorded } from './recorded-run.js'
import { mediaOfChain } from './shown-chain.js'
import { linkIn, refuseUnknownGroups } from './readable-links.js'
import { storedDependents } from './stored-dependents.js'
import { force, handleOf, nodeOf, type BoundPlan } from './task-handle.js'
import { tableOf } from './task-table.js'

/**
 * Binds a plan to a session. Names are looked up in `namespace` first. Throws if the project lacks a task of the plan.
 */
export const makeChain = (
  session: Session,
  plan: Plan,
  namespace = '',
  onClose: () => Promise<void> = async () => undefined,
): Chain => {
  const outline = outlineOf(plan)
  const unknown = outline.nodes.find((node) => session.index.taskOf(node.task) === undefined)
  if (unknown !== undefined) throw taskchainError([{ _tag: 'NotInPlanProject', node: unknown.id }])
  const bound: BoundPlan = { session, plan, namespace }
  const node = (wanted: Wanted): PlanNode => nodeOf(bound, wanted)
  const states = async (wanted?: readonly Wanted[]): Promise<ReadonlyMap<string, NodeState>> =>
    stateOf(session, wanted?.map(node) ?? plan.nodes, plan)

  const methods = reportingStoreFailures<Omit<Chain, 'plan'>>(session.store, {
    // oxlint-disable-next-line typescript/no-unsafe-return -- the type of its argument determines it, see `Chain`
    value: async (wanted: Wanted) => handleOf(bound, node(wanted)).value(),
    task: (wanted: Wanted) => handleOf(bound, node(wanted)),
    in: (inner) => makeChain(session, plan, joinNamespaces(namespace, inner), onClose),
    run: async (wanted, options: RunOptions = {}) => {
      const nodes = wanted?.map(node) ?? outline.nodes.filter(({ storage }) => storage !== 'memory')
      const targets = nodes.map(({ id, storage }) => ({
        plan: outline,
        id,
        want: storage === 'memory' ? ('value' as const) : ('kept' as const),
      }))
      const tasks = wanted === undefined ? [] : nodes.map(({ id }) => id)
      const about = () =>
        ({ command: 'run', config: plan.config, tasks, nodes: outline.nodes, plans: [outline] }) as const
      return (await runRecorded(session, { targets, ...requestOf(options) }, about)).report
    },
    states,
    computations: async () => computationsOf(session, plan, await states()),
    tasks: async (): Promise<readonly TaskRow[]> =>
      tableOf(session, plan, await states(), await refreshedIn(session, plan.nodes)),
    dependents: (wanted) => descendants(plan, node(wanted).id),
    requirements: (wanted) => ancestors(plan, node(wanted).id),
    force: async (wanted: Wanted | readonly Wanted[], options) =>
      force(session, withDependents(bound, wanted), options),
    storedDependents: async (wanted) =>
      storedDependents(session, plan, new Set(withDependents(bound, wanted).map(({ key }) => key))),
    stale: async (wanted) => staleIn(session, wanted?.map(node) ?? plan.nodes, plan),
    refreshes: async (wanted) => refreshedIn(session, wanted?.map(node) ?? plan.nodes),
    formers: async (wanted) => formerResults(session, plan, wanted?.map(node) ?? plan.nodes),
    drifted: async (wanted) =>
      wanted === undefined && (await areFoundBefore(session, outline, outline.nodes))
        ? []
        : driftedIn(session, plan, wanted?.map(node)),
    bless: async (wanted, options) => blessIn(session, plan, wanted?.map(node), options),
    draw: async (language = 'mermaid', part) => {
      refuseUnknownGroups('draw', part?.groups ?? [], plan)
      const options = { ...part, allGroups: Array.from(session.index.entries.values(), ({ group }) => group) }
      return (language === 'dot' ? toDot : toMermaid)(plan, await states(), options)
    },
    linkReadable: async (options) => linkIn(session, plan, await states(), options),
    setLogLevel: (level) => session.log.setLevel?.(level),
    release: (wanted) => {
      if (wanted === undefined) session.memory.clear()
      else for (const { key } of oneOrMore(wanted).map(node)) session.memory.delete(key)
    },
    memory: () => session.memory.use(),
    close: onClose,
  })
  const chain: Chain = { plan, ...methods }
  Object.defineProperties(
    chain,
    displayedAs(() => mediaOfChain(chain)),
  )
  keepSecretsOf(chain, session.secrets)
  plansOf.set(chain, bound)
  return chain
}

const plansOf = new WeakMap<object, BoundPlan>()

/** Whether every result of a chain is stored and valid, as far as one look tells; if not, its states do. */
export const isFoundValid = async (chain: object): Promise<boolean> => {
  const bound = plansOf.get(chain)
  if (bound === undefined) return false
  const outline = outlineOf(bound.plan)
  return areFoundBefore(bound.session, outline, outline.nodes)
}

/** Nodes with all their dependents, in the order of the plan. */
const withDependents = (bound: BoundPlan, wanted: Wanted | readonly Wanted[]): readonly PlanNode[] => {
  const starts = oneOrMore(wanted).map((one) => nodeOf(bound, one).id)
  const ids = new Set(starts.flatMap((id) => [id, ...descendants(bound.plan, id)]))
  return bound.plan.nodes.filter(({ id }) => ids.has(id))
}

const secretsOf = new WeakMap<object, Secrets>()

/** Remembers which secrets belong to a chain. */
export const keepSecretsOf = (chain: object, secrets: Secrets): void => void secretsOf.set(chain, secrets)

/** Hides the secrets known so far in a text about a chain that is shown outside of it. */
export const hidingOf = (chain: object): ((text: string) => string) => secretsOf.get(chain)?.hide ?? ((text) => text)

/** The requested tasks as a list. */
export const oneOrMore = (wanted: Wanted | readonly Wanted[]): readonly Wanted[] =>
  typeof wanted === 'string' || isTask(wanted) ? [wanted] : wanted
