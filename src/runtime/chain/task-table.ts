import * as E from 'fp-ts/lib/Either.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { NodeState, TaskRow } from './chain-types.js'
import { parseRunInfo } from '../run-info/run-info.js'
import type { Refreshed } from '../ports/refreshed.js'
import type { Session } from '../session/session.js'

/** A row for each node: what it is, whether and when it was computed, how long that took, how large it is. */
export const tableOf = async (
  session: Pick<Session, 'store'>,
  nodes: readonly PlanNode[],
  states: ReadonlyMap<string, NodeState>,
  refreshed: readonly Refreshed[] = [],
): Promise<readonly TaskRow[]> => {
  const rows: TaskRow[] = []
  const refreshes = new Map(refreshed.map(({ node, due, next }) => [node, { due, ...(next && { next }) }]))
  for (const node of nodes) {
    const state = states.get(node.id) ?? 'to_run'
    const text = await session.store.readRunInfo(addressOf(node))
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
      when: info?.ended,
      seconds: info?.time,
      size: info?.data?.size,
      path: node.storage === 'memory' ? undefined : session.store.pathOf(addressOf(node)),
      params: node.params,
      inputs: Object.values(node.inputs).flatMap((bound) =>
        bound === null ? [] : typeof bound === 'string' ? [bound] : Object.values(bound),
      ),
    })
  }
  return rows
}
