import { callFolder, type ItemCounts, type ItemSet } from '../../../runtime/ports/items.js'
import type { CollectedItems, ItemsUsed, UsedItems } from '../../../runtime/items/kept-items.js'
import type { TransferredItems } from '../../../runtime/upkeep/transfer/transfer-items.js'
import type { Paint } from '../../host.js'
import { harmless, oneLine } from '../text-width.js'
import { byteSize, counted } from '../units.js'

/** Whether a set holds results of `cached`, which belong to no task. */
export const isOfCalls = (folder: string): boolean => folder.split('/')[0] === callFolder

/** `group:task`, with the name of its `mapItems` if it has one; `cached:name` for results of `cached`. */
export const itemSetName = ({ folder, name }: ItemSet): string => {
  if (isOfCalls(folder)) return `cached:${[...folder.split('/').slice(1), name].join('/')}`
  const parts = folder.split('/')
  const task = `${parts.slice(0, -1).join(':')}:${parts.at(-1) ?? ''}`
  return name === 'items' ? task : `${task}/${name}`
}

/** Sums by name, as `cost 0.016, tokens 160`. */
export const usageText = (usage: Readonly<Record<string, number>>): string =>
  Object.entries(usage)
    .map(([name, amount]) => `${oneLine(name)} ${Number(amount.toPrecision(6))}`)
    .join(', ')

/** What is stored in a set, and what recomputing it would cost. */
export const lossOfItems = (set: UsedItems): string => {
  const usage = usageText(set.usage)
  const sizes = `${counted(set.kept, 'result')}, ${byteSize(set.bytes)}`
  return `${harmless(itemSetName(set))}: ${sizes}${usage === '' ? '' : `, ${usage}`}`
}

/** Items of unreachable tasks: what dropping them costs, and the outcome. */
export const droppedItemLines = (
  sets: readonly UsedItems[],
  dropped: CollectedItems | undefined,
  paint: Paint,
): readonly string[] => {
  if (sets.length === 0) return []
  const lines = sets.map(
    (set) => `  ${lossOfItems(set)}${dropped?.busy.includes(set) === true ? '; in use, left alone' : ''}`,
  )
  if (dropped !== undefined)
    return [...lines, paint.bold(`items of ${counted(dropped.moved.length, 'task')} moved to the trash`)]
  return [
    `items of tasks that no config reaches stay: requesting them again would cost again`,
    ...lines,
    paint.dim('  --items --yes moves them to the trash'),
  ]
}

/** What verifying the items of a store found. */
export const verifiedItemLines = (sets: readonly ItemCounts[], paint: Paint): readonly string[] => {
  if (sets.length === 0) return []
  const damaged = sets.filter((set) => set.damaged > 0)
  const results = sets.reduce((sum, { kept, failed, refused }) => sum + kept + failed + refused, 0)
  const bytes = sets.reduce((sum, set) => sum + set.bytes, 0)
  return [
    ...damaged.map(
      (set) =>
        `${paint.red('damaged')}  ${harmless(itemSetName(set))}: ${counted(set.damaged, 'line')} of items; ` +
        'these items are requested again',
    ),
    `${counted(results, 'item')} read, ${byteSize(bytes)}: ` +
      (damaged.length === 0 ? paint.green('all whole') : 'these are whole'),
  ]
}

/** What was copied from one store to the other. */
export const transferredItemLines = (sets: readonly TransferredItems[], place: 'here' | 'there'): readonly string[] => {
  if (sets.length === 0) return []
  const copied = sets.flatMap((set) => (set.copied > 0 ? [`${set.copied} of ${harmless(itemSetName(set))}`] : []))
  const there = sets.reduce((sum, set) => sum + set.there, 0)
  const already = there === 0 ? '' : `; ${there} ${there === 1 ? 'was' : 'were'} ${place} already`
  const different = sets.flatMap((set) =>
    set.different === 0
      ? []
      : [
          `differs: ${harmless(itemSetName(set))}: the stores have different results for ` +
            `${counted(set.different, 'item')}, and each keeps its own; the call does not give the same twice`,
        ],
  )
  return [...different, `items: ${copied.length === 0 ? 'nothing new' : copied.join(', ')}${already}`]
}

/** Facts about a task's items, shown with why it is computed. */
export const itemsOfTaskLines = (sets: readonly ItemCounts[], paint: Paint): readonly string[] =>
  sets.map((set) => {
    const again = [
      ...(set.failed > 0 ? [`${set.failed} failed`] : []),
      ...(set.refused > 0 ? [`${set.refused} refused`] : []),
    ]
    const more = again.length === 0 ? '' : `; ${again.join(', ')}, to be requested again`
    const of = set.name === 'items' ? '' : ` '${harmless(set.name)}'`
    return paint.dim(`  items${of}: ${set.kept} kept${more}`)
  })

/** What items have used in the run of a run info, and in all runs of the task. */
export const usedText = ({ name, run, total }: ItemsUsed): string => {
  const of = name === 'items' ? 'items' : `items '${oneLine(name)}'`
  return `${of}: ${usageText(run)} in this run; ${usageText(total)} in all runs of the task`
}
