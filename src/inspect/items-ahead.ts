import { addressOf } from '../plan/names/artifact-address.js'
import type { PlanNode } from '../plan/plan-types.js'
import type { NodeState } from '../runtime/chain/chain-types.js'
import { itemsToDo, type ItemsToDo } from '../runtime/items/forecast/items-to-do.js'
import type { Store } from '../runtime/ports/store.js'

/** For nodes that are to be computed and have requested items before: how many items are to do, by full name. */
export const itemsAhead = async (
  { items }: Pick<Store, 'items'>,
  nodes: readonly PlanNode[],
  states: ReadonlyMap<string, NodeState>,
): Promise<ReadonlyMap<string, readonly ItemsToDo[]>> => {
  const ahead = new Map<string, readonly ItemsToDo[]>()
  if (items === undefined) return ahead
  const toRun = nodes.filter(({ id }) => states.get(id) !== 'cached')
  const sets = toRun.length === 0 ? [] : await items.sets()
  for (const node of toRun) {
    const { folder } = addressOf(node)
    const own = sets.filter((set) => set.folder === folder)
    if (own.length > 0) ahead.set(node.id, await itemsToDo(items, own, node.key, Date.now()))
  }
  return ahead
}
