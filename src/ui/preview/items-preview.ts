import { addUsage, recordIn } from '../../runtime/items/item-record.js'
import type { ItemLine } from '../../runtime/ports/items.js'
import type { ItemRow, ItemsPreview } from '../contract.js'
import { treeOf } from './tree.js'

const usual = 100
const most = 500

/** Stored results of a set of items, in the order in which they were stored, and their total cost. */
export const itemsPreview = (
  sets: readonly string[],
  name: string,
  lines: Iterable<ItemLine>,
  { offset = 0, limit = usual }: { readonly offset?: number; readonly limit?: number },
): ItemsPreview => {
  const cost: Record<string, number> = {}
  const items: ItemRow[] = []
  const budget = { left: 5000 }
  let total = 0
  for (const line of lines) {
    if (line.kind !== 'kept' && line.kind !== 'failed' && line.kind !== 'refused') continue
    const record = recordIn(line.text)
    for (const [unit, amount] of Object.entries(record?.usage ?? {})) addUsage(cost, unit, amount)
    const position = total++
    if (position < offset || position >= offset + Math.min(limit, most)) continue
    items.push({
      key: line.key,
      outcome: line.kind,
      at: new Date(line.at).toISOString(),
      item: treeOf(record?.item ?? null, budget),
      result: treeOf(line.kind === 'kept' ? record?.value : (record?.problem ?? record?.reason ?? null), budget),
      ...(record?.usage === undefined ? {} : { cost: record.usage }),
    })
  }
  return { kind: 'items', sets, name, offset, total, items, cost }
}
