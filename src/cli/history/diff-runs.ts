import { badOption } from '../../explain.js'
import type { RunHistory } from '../../adapters/history/run-history.js'
import type { RunRecord } from '../../adapters/history/run-record.js'
import { compareChains } from '../../inspect/compare-chains.js'
import type { Plan } from '../../plan/plan-types.js'
import type { NodeState } from '../../runtime/chain/chain-types.js'
import type { Store } from '../../runtime/ports/store.js'
import { print, widthOf, type Call } from '../call.js'
import { exitCodes, type ExitCode } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { diffLines } from '../render/render-diff.js'
import { requestLines } from './render-runs.js'
import { readable, runDocument } from './run-document.js'

/** `runs diff A B`: params, tasks and metrics of two runs, as they were, even if their configs have changed since. */
export const diffOfRuns = async (
  call: Call,
  store: Store,
  history: RunHistory,
  [before, after]: readonly string[],
): Promise<ExitCode> => {
  const [first, second] = [await readable(history, before ?? ''), await readable(history, after ?? '')]
  const [then, now] = [await planOf(history, first), await planOf(history, second)]
  const { diff, metrics } = await compareChains(store, stored(then), stored(now))
  const pins = await history.pins()
  if (call.common.json) {
    const { params, ...tasks } = diff
    const [a, b] = [runDocument(first, pins.has(first.id)), runDocument(second, pins.has(second.id))]
    call.host.out.write(jsonDocument({ before: a, after: b, params, tasks, metrics }, 2))
    return exitCodes.done
  }
  const toCompute = { nodes: [], distinct: 0, seconds: 0, timed: 0 }
  const report = { before: first.id, after: second.id, diff, metrics, toCompute }
  const [title = '', ...lines] = diffLines(report, call.paint.out, widthOf(call))
  // the last two lines are about what would be computed, which makes no sense for past runs
  print(call, [title, ...requestLines(first, second, call.paint.out), ...lines.slice(0, -2)])
  return exitCodes.done
}

/** Reads results that are still in the store; those that are gone have no metrics. */
const stored = (plan: Plan) => ({
  plan,
  states: async () => new Map<string, NodeState>(plan.nodes.map(({ id }) => [id, 'cached'])),
})

const planOf = async (history: RunHistory, { id, command, plan }: RunRecord): Promise<Plan> => {
  if (command === 'sweep') throw badOption(`runs diff ${id}`, 'a sweep has many plans; compare two runs')
  const kept = plan === undefined ? undefined : await history.plan(plan)
  if (kept === undefined) throw badOption(`runs diff ${id}`, 'its plan cannot be read: gone, or damaged')
  if (kept.plan === undefined) throw badOption(`runs diff ${id}`, 'it ran several plans; compare runs of one')
  return kept.plan
}
