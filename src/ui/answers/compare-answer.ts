import { compareChains, type ChainComparison } from '../../inspect/compare-chains.js'
import { printBound } from '../../plan/inspect/print-plan.js'
import type { RootDiff } from '../../plan/inspect/diff-chains.js'
import type { Plan } from '../../plan/plan-types.js'
import type { Chain, NodeState } from '../../runtime/chain/chain-types.js'
import type { CompareAnswer, ComparedNode, ComparedParam } from '../contract.js'
import type { Reader } from '../reader/reader.js'
import { recordOf } from './history-answer.js'
import { holdsSecret, jsonOfValue, textOfValue } from './shown-value.js'
import { NoAnswer, placeInFile, refusal } from '../reader/trouble.js'

interface Two {
  readonly before: string
  readonly after: string
}

export const compareAnswer = async (reader: Reader, { before, after }: Two): Promise<CompareAnswer> => {
  const [then, now] = [await reader.chain(before), await reader.chain(after)]
  const comparison = await compareChains(reader.store, then, now)
  return { ...compared(before, after, comparison), toCompute: comparison.toCompute }
}

/** Compares two runs by their recorded plans, even if their configs have changed since. */
export const runsDiffAnswer = async (reader: Reader, { before, after }: Two): Promise<CompareAnswer> => {
  const [then, now] = [await planOfRun(reader, before), await planOfRun(reader, after)]
  return compared(before, after, await compareChains(reader.store, asStored(then), asStored(now)))
}

/** The plan of a run. Throws if it is not stored. */
export const planOfRun = async (reader: Reader, id: string): Promise<Plan> => {
  const { history, record } = await recordOf(reader, id)
  const kept = record.plan === undefined ? undefined : await history.plan(record.plan)
  if (kept?.plan === undefined)
    throw new NoAnswer(
      refusal(
        409,
        'NoPlan',
        record.command === 'sweep' ? 'a sweep has many plans' : 'its plan cannot be read any more',
      ),
    )
  return kept.plan
}

/** Reads results that are still in the store; those that are gone have no metrics. */
export const asStored = (plan: Plan): Pick<Chain, 'plan' | 'states'> => ({
  plan,
  states: async () => new Map<string, NodeState>(plan.nodes.map(({ id }) => [id, 'cached'])),
})

/** A comparison as the page receives it. */
export const compared = (before: string, after: string, { diff, metrics }: ChainComparison): CompareAnswer => ({
  schema: 1,
  before,
  after,
  nodes: [
    ...diff.roots.map((root): ComparedNode => ({ id: root.node, change: 'root', because: reasonsOf(root) })),
    ...diff.consequences.map((id) => plainChange(id, 'consequence')),
    ...diff.added.map((id) => plainChange(id, 'added')),
    ...diff.removed.map((id) => plainChange(id, 'removed')),
  ],
  same: diff.same,
  params: diff.params.map(comparedParam),
  metrics,
})

const plainChange = (id: string, change: ComparedNode['change']): ComparedNode => ({ id, change, because: [] })

const reasonsOf = ({ params, inputs, version, format }: RootDiff): readonly string[] => [
  ...params.map((name) => `param ${name}`),
  ...inputs.map(
    ({ role, before, after }) => `input ${role} reads ${printBound(after ?? null)}, read ${printBound(before ?? null)}`,
  ),
  ...(version === undefined ? [] : [`version ${version.after ?? 'none'}, was ${version.before ?? 'none'}`]),
  ...(format === undefined ? [] : [`format ${format.after ?? 'none'}, was ${format.before ?? 'none'}`]),
]

const comparedParam = (param: ChainComparison['diff']['params'][number]): ComparedParam => {
  const { name, inKey, nodes, before, after, origin, originBefore } = param
  const shown = (value: typeof before): string | null =>
    value === undefined ? null : holdsSecret(value) ? '•••' : textOfValue(value)
  const json = (value: typeof before) =>
    value === undefined || holdsSecret(value) ? null : (jsonOfValue(value) ?? null)
  return {
    name,
    inKey,
    nodes,
    before: json(before),
    after: json(after),
    text: { before: shown(before), after: shown(after) },
    place: {
      before: originBefore === undefined ? null : placeInFile(originBefore.place),
      after: origin === undefined ? null : placeInFile(origin.place),
    },
  }
}
