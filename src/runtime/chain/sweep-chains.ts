import type { RunError } from '../../errors.js'
import { ancestors, inputIds, nodeIn, nodesById, outlineOf } from '../../plan/plan-graph.js'
import { distinction, mergePlans, type MergedPlan, type Combination } from '../../plan/sweep/combinations.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { keepSecretsOf, makeChain } from './chain.js'
import type { NodeState, RunOptions, Wanted } from './chain-types.js'
import type { Outcome, Target } from '../engine/run-types.js'
import { requestOf } from './options.js'
import { runRecorded, settingText } from './recorded-run.js'
import type { RecordedRun } from '../ports/run-history.js'
import type { Session } from '../session/session.js'
import { stateOf } from './node-states.js'
import { metricCells, sortedByParams, type SweepResult, type SweepRow } from './sweep-table.js'

/** One chain of a sweep. */
export interface SweepChain<out Params = Combination> {
  /** The value of each swept name. */
  readonly params: Params
  readonly plan: Plan
}

/** A node of a sweep's merged plan, with its state in the store. */
export interface SweepNode {
  /** Its id and its inputs are keys, since names are not unique. */
  readonly node: PlanNode
  /** Its full name. */
  readonly name: string
  /** `not_needed`: not stored, and not needed by any target. */
  readonly state: NodeState | 'not_needed'
  /** Swept values that distinguish it from others of its name; empty for nodes that all chains share. */
  readonly params: Combination
}

/** What a sweep would do. Counts are of distinct nodes, except for `nodes`. */
export interface SweepPreview {
  readonly chains: number
  /** Of all chains together, counting shared nodes repeatedly. */
  readonly nodes: number
  readonly distinct: number
  readonly cached: number
  readonly toRun: number
  readonly inMemory: number
  readonly unfinished: number
  readonly waiting: number
  readonly notNeeded: number
  /** The merged plan, inputs before their readers. */
  readonly merged: readonly SweepNode[]
}

/** Chains of one config with all combinations of swept values, bound to a store. Nothing runs before `run`. */
export interface Sweep<Params = Combination, Values extends readonly unknown[] = readonly unknown[]> {
  readonly chains: readonly SweepChain<Params>[]
  /** What a run would do now; only reads names in the store. */
  preview(): Promise<SweepPreview>
  /**
   * Computes missing nodes, shared ones once. A failing task fails only the rows that need it; the run never rejects
   * for it.
   */
  run(options?: RunOptions): Promise<SweepResult<Params, Values>>
  /** Waits for logs and syncs. */
  close(): Promise<void>
}

/** The targets in each chain. */
export interface SweepTargets {
  /** Tasks to compute in addition to the metrics; undefined: every kept node. */
  readonly tasks: readonly Wanted[] | undefined
  readonly metrics: readonly Wanted[]
}

/** Binds the chains of a sweep to a session. Throws `TaskchainError` if no chain has a requested task. */
export const makeSweep = (
  session: Session,
  chains: readonly SweepChain[],
  { tasks, metrics }: SweepTargets,
  close: () => Promise<void>,
): Sweep => {
  const [first] = chains
  if (first === undefined) throw new RangeError('a sweep needs at least one combination')
  const chain = makeChain(session, first.plan)
  // values of params do not change names: all chains have the names of the first
  const idOf = (wanted: Wanted): string => chain.task(wanted).name
  const bound: BoundSweep = { session, chains, metricIds: metrics.map(idOf), taskIds: tasks?.map(idOf) }
  const sweep: Sweep = {
    chains,
    preview: () => previewOf(bound),
    run: (options = {}) => run(bound, options, first.plan),
    close,
  }
  keepSecretsOf(sweep, session.secrets)
  return sweep
}

interface BoundSweep {
  readonly session: Session
  readonly chains: readonly SweepChain[]
  readonly metricIds: readonly string[]
  readonly taskIds: readonly string[] | undefined
}

/** Metrics first, in their order, then the rest. */
const targetsOf = ({ metricIds, taskIds }: BoundSweep, whole: Plan): readonly Target[] => {
  const plan = outlineOf(whole)
  const nodes = nodesById(plan)
  const others = taskIds ?? plan.nodes.filter(({ storage }) => storage !== 'memory').map(({ id }) => id)
  return [
    ...metricIds.map((id): Target => ({ plan, id, want: 'value' })),
    ...others
      .filter((id) => !metricIds.includes(id))
      .map((id): Target => ({ plan, id, want: nodes.get(id)?.storage === 'memory' ? 'value' : 'kept' })),
  ]
}

const previewOf = async (sweep: BoundSweep): Promise<SweepPreview> => {
  const { session, chains, metricIds, taskIds } = sweep
  const needed = (plan: Plan): ReadonlySet<string> =>
    new Set([...(taskIds ?? []), ...metricIds].flatMap((id) => [id, ...ancestors(plan, id)]))
  const combinations = chains.map(({ params }) => params)
  const merged = mergePlans(
    chains.map(({ plan }) => plan),
    taskIds === undefined ? undefined : needed,
  )
  const wanted = chains.flatMap(({ plan }) =>
    targetsOf(sweep, plan).map(({ id }) => nodesById(plan).get(id)?.key ?? ''),
  )
  const requested = new Set(wanted)
  const states = await stateOf(
    session,
    merged.nodes,
    merged,
    undefined,
    merged.nodes.filter(({ key }) => requested.has(key)),
  )
  const touched = taskIds === undefined ? undefined : touchedKeys(merged, states, wanted)
  const names = new Map(chains.flatMap(({ plan }) => plan.nodes.map(({ key, id }) => [key, id] as const)))
  const nodes = merged.nodes.map((node): SweepNode => {
    const state = states.get(node.id) ?? 'to_run'
    const isNeeded = touched === undefined || state !== 'to_run' || touched.has(node.key)
    return {
      node,
      name: names.get(node.key) ?? node.task,
      state: isNeeded ? state : 'not_needed',
      params: distinction(combinations, merged.users.get(node.key) ?? []),
    }
  })
  return counted(chains.length, merged.total, nodes)
}

const aboutSweep = ({ chains, taskIds = [] }: BoundSweep, { config }: Plan): RecordedRun => {
  const names = [...new Set(chains.flatMap(({ params }) => Object.keys(params)))]
  const plans = chains.map(({ plan }) => outlineOf(plan))
  return {
    command: 'sweep',
    config,
    tasks: taskIds,
    set: names.map((name) =>
      settingText(
        name,
        chains.map(({ params }) => params[name]),
      ),
    ),
    nodes: [...new Map(plans.flatMap((plan) => plan.nodes.map((node) => [node.key, node]))).values()],
    plans,
  }
}

const run = async (sweep: BoundSweep, options: RunOptions, first: Plan): Promise<SweepResult> => {
  const { session, chains, metricIds } = sweep
  const requested = chains.map(({ plan }) => targetsOf(sweep, plan))
  const request = { targets: requested.flat(), ...requestOf(options) }
  const { report, outcomes } = await runRecorded(session, request, () => aboutSweep(sweep, first))
  let start = 0
  const results = chains.map(({ params }, position) => {
    const own = outcomes.slice(start, (start += requested[position]?.length ?? 0))
    return { params, ...judged(own), values: metricIds.map((_, index) => valueOf(own[index])) }
  })
  const names = [...new Set(chains.flatMap(({ params }) => Object.keys(params)))]
  const cells = metricCells(
    metricIds.map((id) => nodeIn(first, id)),
    results.map(({ values }) => values),
    names,
  )
  const rows = results.map((result, position): SweepRow => ({ ...result, metrics: cells.rows[position] ?? {} }))
  return { columns: { params: names, metrics: cells.columns }, rows: sortedByParams(rows, names), report }
}

/** Keys that a run has to look up: from the targets upstream, no further than stored nodes. */
const touchedKeys = (
  { nodes }: MergedPlan,
  states: ReadonlyMap<string, NodeState>,
  wanted: readonly string[],
): ReadonlySet<string> => {
  const touched = new Set(wanted)
  // in a merged plan inputs are keys
  for (const node of [...nodes].reverse())
    if (touched.has(node.key) && !['cached', 'undecided'].includes(states.get(node.key) ?? ''))
      for (const key of inputIds(node)) touched.add(key)
  return touched
}

const counted = (chains: number, nodes: number, merged: readonly SweepNode[]): SweepPreview => {
  const count = (state: SweepNode['state']): number => merged.filter((one) => one.state === state).length
  return {
    chains,
    nodes,
    distinct: merged.length,
    cached: count('cached') + count('undecided'),
    toRun: count('to_run') + count('stale'),
    inMemory: count('in_memory'),
    unfinished: count('unfinished'),
    waiting: count('waiting'),
    notNeeded: count('not_needed'),
    merged,
  }
}

const valueOf = (outcome: Outcome | undefined): unknown => (outcome?._tag === 'value' ? outcome.value : undefined)

type Judged =
  | { readonly outcome: 'done'; readonly errors: readonly [] }
  | { readonly outcome: Exclude<SweepRow['outcome'], 'done'>; readonly errors: readonly RunError[] }

/** The worst outcome among the targets of a row, and its reason. */
const judged = (outcomes: readonly Outcome[]): Judged => {
  const errors = [
    ...new Set(
      outcomes.flatMap((outcome) =>
        outcome._tag === 'failed' ? [outcome.error] : outcome._tag === 'skipped' ? outcome.errors : [],
      ),
    ),
  ]
  const failures = errors.filter(({ _tag }) => _tag !== 'UnfinishedInput')
  if (failures.length > 0) return { outcome: 'failed', errors: failures }
  if (outcomes.some(({ _tag }) => _tag === 'unfinished' || _tag === 'skipped')) return { outcome: 'unfinished', errors }
  return outcomes.some(({ _tag }) => _tag === 'stopped')
    ? { outcome: 'stopped', errors }
    : { outcome: 'done', errors: [] }
}
