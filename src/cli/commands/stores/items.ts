import { badOption } from '../../../explain.js'
import { recordIn, type ItemRecord } from '../../../runtime/items/item-record.js'
import type { ItemCounts, ItemLine, StoreItems } from '../../../runtime/ports/items.js'
import { itemUsage, type UsedItems } from '../../../runtime/items/kept-items.js'
import { operandList, print, textOption, widthOf, type Call, type Command } from '../../call.js'
import { exitCodes } from '../../exit-codes.js'
import { jsonDocument } from '../../json-output.js'
import { projectOf } from '../../open-chain-of-call.js'
import { itemSetName, lossOfItems, usageText } from '../../render/items/item-text.js'
import { oneLine } from '../../render/text-width.js'
import { byteSize, counted } from '../../render/units.js'
import { storesFor } from '../../store-of-call.js'
import { batchText, cancelBatches, isRequest, listBatches, openBatchesIn } from './provider-batches.js'

/**
 * `items [SET…]`: lists stored items by task; for named sets, each item. `--remove` forgets these sets: their items are
 * requested again when needed, which may cost money.
 */
export const items: Command = async (call) => {
  const store = await storesFor(call, await projectOf(call))
  if (store.items === undefined) throw badOption('--store', `${store.location} keeps no items`)
  const all = await store.items.list()
  const named = operandList(call, 'set')
  const chosen = named.length === 0 ? all : named.flatMap((name) => setsOf(all, name))
  const [only, key, id] = [textOption(call, 'only'), textOption(call, 'key'), textOption(call, 'cancel')]
  if (id !== undefined) refuseIgnored(only, key)
  if (key !== undefined && named.length === 0)
    throw badOption('--key', 'name the set: taskchain items group:task --key …')
  const isWanted = (line: ItemLine): boolean =>
    line.kind === (only ?? line.kind) && line.key.startsWith(key?.toLowerCase() ?? '') && !isRequest(line)
  if (call.options['remove'] === true) {
    if (id !== undefined) throw badOption('--cancel', '--remove forgets items; name one of both')
    if (only !== undefined) throw badOption('--only', 'only lists; --key says what --remove forgets')
    return key === undefined
      ? remove(call, store.items, named, chosen)
      : removeKeys(call, store.items, chosen, isWanted)
  }
  if (id !== undefined) return cancelBatches(call, store.items, chosen, id)
  if (named.length === 0 && only === 'batch') return listBatches(call, store.items, chosen)
  const sets: ShownSet[] = []
  const lines: ItemLine[] = []
  const cancelled = new Set<string>()
  const isListed = named.length > 0
  for (const set of chosen) {
    const found = Array.from(await store.items.lines(set))
    const open = openBatchesIn(set, found)
    if (isListed) {
      for (const line of found) if (isWanted(line)) lines.push(line)
      for (const { key: batch, isCancelled } of open) if (isCancelled) cancelled.add(batch)
    }
    if (isListed && !call.common.json) continue // its text does not say what they have cost
    const usage = await itemUsage(store.items, set)
    sets.push({ ...set, usage, batches: open.length, name: itemSetName(set), mapItems: set.name })
  }
  if (!isListed) {
    if (call.common.json) call.host.out.write(jsonDocument({ sets }, 2))
    else print(call, setLines(sets))
    return exitCodes.done
  }
  if (call.common.json) call.host.out.write(jsonDocument({ sets, items: lines.map(itemOf) }, 2))
  else
    print(
      call,
      lines.map((line) => itemLine(line, widthOf(call), cancelled.has(line.key))),
    )
  return exitCodes.done
}

/** What selects items does not select a batch, and would be ignored beside --cancel. */
const refuseIgnored = (only: string | undefined, key: string | undefined): void => {
  if (only !== undefined) throw badOption('--only', 'only lists; --cancel itself names the batch')
  if (key !== undefined) throw badOption('--key', '--cancel itself takes the id of a batch, or the start of its key')
}

const setsOf = (all: readonly ItemCounts[], wanted: string): readonly ItemCounts[] => {
  const found = all.filter((set) => {
    const name = itemSetName(set)
    return name === wanted || name.startsWith(`${wanted}/`) || name.split('/')[0]?.endsWith(`:${wanted}`) === true
  })
  if (found.length > 0) return found
  const known = all.length === 0 ? 'the store keeps none' : `there are ${all.map(itemSetName).join(', ')}`
  throw badOption(`'${wanted}'`, `no items are kept of it; ${known}`)
}

/** Forgets single items by appending a line, so that a process that adds to the set at the same time loses nothing. */
const removeKeys = async (
  call: Call,
  kept: StoreItems,
  chosen: readonly ItemCounts[],
  isWanted: (line: ItemLine) => boolean,
) => {
  const yes = call.options['yes'] === true
  const removed: (ReturnType<typeof itemOf> & { readonly set: string })[] = []
  const lines: string[] = []
  for (const set of chosen) {
    const found = Array.from(await kept.lines(set)).filter((line) => line.kind !== 'batch' && isWanted(line))
    const log = yes && found.length > 0 ? await kept.open(set) : undefined
    for (const line of found) {
      log?.append({ key: line.key, kind: 'gone', at: Date.now(), text: '{"schema":1}' })
      removed.push({ set: itemSetName(set), ...itemOf(line) })
      lines.push(itemLine(line, widthOf(call)))
    }
    await log?.close()
  }
  if (removed.length === 0) throw badOption('--key', 'no stored item has such a key')
  if (call.common.json) call.host.out.write(jsonDocument({ removed: yes, items: removed }, 2))
  else print(call, [...lines, yes ? 'removed' : notRemoved])
  return exitCodes.done
}

const notRemoved = 'nothing was removed; --yes removes them, and they are requested again when needed'

const remove = async (call: Call, kept: StoreItems, named: readonly string[], chosen: readonly ItemCounts[]) => {
  if (named.length === 0) throw badOption('--remove', 'name the sets: taskchain items group:task --remove')
  const yes = call.options['yes'] === true
  const what: string[] = []
  for (const set of chosen) what.push(lossOfItems({ ...set, usage: await itemUsage(kept, set) }))
  if (yes) for (const set of chosen) await kept.remove(set)
  if (call.common.json) call.host.out.write(jsonDocument({ removed: yes, sets: chosen.map(itemSetName) }, 2))
  else print(call, [...what, yes ? 'removed' : notRemoved])
  return exitCodes.done
}

/** A set as people see it: `name` is that of its task. */
interface ShownSet extends UsedItems {
  readonly mapItems: string
  readonly batches: number
}

const setLines = (sets: readonly ShownSet[]): readonly string[] =>
  sets.length === 0
    ? ['no items are kept']
    : sets.map(({ name, kept, failed, refused, bytes, damaged, usage, batches }) =>
        [
          `${name}: ${kept} kept`,
          ...(failed > 0 ? [`${failed} failed`] : []),
          ...(refused > 0 ? [`${refused} refused`] : []),
          ...(batches > 0 ? [`${counted(batches, 'batch', 'batches')} under way`] : []),
          ...(damaged > 0 ? [`${damaged} damaged`] : []),
          byteSize(bytes),
          ...(Object.keys(usage).length > 0 ? [usageText(usage)] : []),
        ].join(', '),
      )

const itemLine = ({ key, kind, text }: ItemLine, width = 120, isCancelled = false): string => {
  const record = recordIn(text)
  if (record?.batch !== undefined) return oneLine(`batch   ${batchText(record.batch, isCancelled)}`)
  const rest = kind === 'kept' ? JSON.stringify(record?.value) : (record?.problem ?? record?.reason ?? '')
  return oneLine(`${kind.padEnd(8)}${key.slice(0, 8)}  ${record?.item ?? ''}  ${rest}`).slice(0, Math.max(40, width))
}

const itemOf = ({ key, kind, at, text }: ItemLine) => ({
  key,
  kind,
  at: new Date(at).toISOString(),
  ...((recordIn(text) ?? {}) as Partial<ItemRecord>),
})
