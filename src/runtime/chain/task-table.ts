import * as E from 'fp-ts/lib/Either.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { Plan } from '../../plan/plan-types.js'
import type { NodeState, TaskRow } from './chain-types.js'
import { parseRunInfo } from '../run-info/run-info.js'
import type { Refreshed } from '../ports/refreshed.js'
import { formerResults, waitingFormers } from '../engine/adoption/former-results.js'
import type { Session } from '../session/session.js'

/** A row for each node: what it is, whether and when it was computed, how long that took, how large it is. */
export const tableOf = async (
  session: Pick<Session, 'damaged' | 'forced' | 'index' | 'store'>,
  plan: Pick<Plan, 'nodes'>,
  states: ReadonlyMap<string, NodeState>,
  refreshed: readonly Refreshed[] = [],
): Promise<readonly TaskRow[]> => {
  const rows: TaskRow[] = []
  const refreshes = new Map(refreshed.map(({ node, due, next }) => [node, { due, ...(next && { next }) }]))
  const formers = new Map((await formerResults(session, plan, plan.nodes)).map((one) => [one.node, one]))
  const waiting = await waitingFormers(session, plan, plan.nodes)
  for (const node of plan.nodes) {
    const state = states.get(node.id) ?? 'to_run'
    const text = await session.store.readRunInfo(waiting.get(node.id)?.address ?? addressOf(node))
    const parsed = text === undefined ? undefined : parseRunInfo(text)
    const info = parsed !== undefined && E.isRight(parsed) ? parsed.right : undefined
    rows.push({
      fullName: node.id,
      namespace: node.namespace,
      group: node.group,
      name: node.name,
      key: node.key,
      config: node.config,
      state,
      computed: state === 'cached',
      refresh: refreshes.get(node.id),
      formerly: formers.get(node.id)?.formerly,
      when: info?.ended,
      seconds: info?.time,
      size: info?.data?.size,
      path:
        node.storage === 'memory' ? undefined : session.store.pathOf(waiting.get(node.id)?.address ?? addressOf(node)),
      params: node.params,
      inputs: Object.values(node.inputs).flatMap((bound) =>
        bound === null ? [] : typeof bound === 'string' ? [bound] : Object.values(bound),
      ),
    })
  }
  return rows
}
