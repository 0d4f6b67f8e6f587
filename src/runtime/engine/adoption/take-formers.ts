import { pushTo } from '../../../base/grouping.js'
import { renamesIn } from '../../../plan/names/former-names.js'
import { inputIds } from '../../../plan/plan-graph.js'
import type { Plan } from '../../../plan/plan-types.js'
import { forgetHolding } from '../../code-drift/contents.js'
import { forgetFacts } from '../../session/known-facts.js'
import { teller, type Session } from '../../session/session.js'
import { adoptFormers } from '../../task-run/adoption/former.js'
import type { RunRequest } from '../run-types.js'

/** Not for who only uses what was judged elsewhere, nor for who wants nothing taken over. */
export const mayTakeFormers = ({ index }: Pick<Session, 'index'>, { adopt, stored }: RunRequest): boolean =>
  adopt !== false && stored === undefined && renamesIn(index).length > 0

/**
 * Before a run looks at anything: what it asks for, and all above, gets what is stored of it under former names. Full
 * names of these by key.
 */
export const takeFormers = async (
  session: Session,
  { targets, onEvent }: RunRequest,
): Promise<ReadonlyMap<string, string>> => {
  const taken = new Map<string, string>()
  const tell = teller(session, onEvent)
  const asked = new Map<Plan, string[]>()
  for (const { plan, id } of targets) pushTo(asked, plan, id)
  for (const [plan, ids] of asked) {
    const wanted = new Set(ids)
    for (const node of plan.nodes.toReversed()) if (wanted.has(node.id)) for (const id of inputIds(node)) wanted.add(id)
    const nodes = plan.nodes.filter(({ id }) => wanted.has(id))
    await adoptFormers(session, plan, nodes, ({ node, was: { formerly } }, { key: from, ...rest }) => {
      forgetFacts(session, node)
      taken.set(node.key, node.id)
      tell({ _tag: 'adopted', node: node.id, key: node.key, from, formerly, ...rest })
    }).catch(() => undefined) // whoever looks tells what is wrong with the store
  }
  if (taken.size > 0) forgetHolding(session)
  return taken
}
