import { pushTo } from '../../../base/grouping.js'
import { renamesIn } from '../../../plan/names/former-names.js'
import { inputIds, wholePlan } from '../../../plan/plan-graph.js'
import type { PlanOutline } from '../../../plan/plan-types.js'
import { forgetHolding } from '../../code-drift/contents.js'
import { forgetFacts } from '../../session/known-facts.js'
import { emitter, type Session } from '../../session/session.js'
import { adoptFormers } from '../../task-run/adoption/former.js'
import type { RunRequest } from '../run-types.js'

/** Not if the caller uses results that were checked elsewhere, or wants nothing adopted. */
export const mayTakeFormers = ({ index }: Pick<Session, 'index'>, { adopt, stored }: RunRequest): boolean =>
  adopt !== false && stored === undefined && renamesIn(index).length > 0

/**
 * Before a run looks anything up: adopts artifacts that are stored under former names, for the targets and their
 * ancestors. Returns full names by key.
 */
export const takeFormers = async (
  session: Session,
  { targets, onEvent }: RunRequest,
): Promise<ReadonlyMap<string, string>> => {
  const taken = new Map<string, string>()
  const emit = emitter(session, onEvent)
  const requested = new Map<PlanOutline, string[]>()
  for (const { plan, id } of targets) pushTo(requested, plan, id)
  for (const [outline, ids] of requested) {
    const plan = wholePlan(outline)
    const wanted = new Set(ids)
    for (const node of plan.nodes.toReversed()) if (wanted.has(node.id)) for (const id of inputIds(node)) wanted.add(id)
    const nodes = plan.nodes.filter(({ id }) => wanted.has(id))
    await adoptFormers(session, plan, nodes, ({ node, was: { formerly } }, { key: from, ...rest }) => {
      forgetFacts(session, node)
      taken.set(node.key, node.id)
      emit({ _tag: 'adopted', node: node.id, key: node.key, from, formerly, ...rest })
    }).catch(() => undefined) // the lookup reports what is wrong with the store
  }
  if (taken.size > 0) forgetHolding(session)
  return taken
}
