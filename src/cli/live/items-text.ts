import type { ItemsToDo } from '../../runtime/items/forecast/items-to-do.js'
import type { ItemsProgress } from '../../runtime/ports/items.js'
import { oneLine } from '../render/text-width.js'

/** `3 failed, 41/s, cost 1.25 of about 17.9`: facts about items besides how many are done. */
export const itemsText = ({ failed, refused, perSecond, usage, expected }: ItemsProgress): string =>
  [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(perSecond === null ? [] : [`${amount(perSecond, 2)}/s`]),
    ...Object.entries({ ...expected, ...usage }).map(([unit, used]) => {
      const all = expected?.[unit]
      const rest = all === undefined || all <= used ? '' : ` of about ${amount(all, 3)}`
      return `${oneLine(unit)} ${amount(Object.hasOwn(usage, unit) ? used : 0, 3)}${rest}`
    }),
  ].join(', ')

/** `2,300 of 10,000 items to do, about cost 4.10`, for a node of a plan. */
export const itemsToDoText = (node: string, { name, known, items, toDo, atLeast, expected }: ItemsToDo): string => {
  const whose = `${node}${name === 'items' ? '' : `/${name}`}`
  if (items === null || toDo === null) return `${whose}: how many items are to do is known once it has run`
  const costs = toDo === 0 ? '' : costText(expected)
  const asBefore = known === 'run' ? '' : ' if they are those of the last run'
  const all = `${atLeast ? 'at least ' : ''}${counts.format(items)}`
  return `${whose}: ${counts.format(toDo)} of ${all} items to do${costs}${asBefore}`
}

const costText = (expected: ItemsToDo['expected']): string => {
  if (expected === null) return ', cost unknown'
  const used = Object.entries(expected).map(([unit, sum]) => `${oneLine(unit)} ${amount(sum, 3)}`)
  return used.length === 0 ? '' : `, about ${used.join(', ')}`
}

const counts = new Intl.NumberFormat('en')

/** Few digits, since it is a forecast. Sums of money keep their cents. */
const amount = (value: number, digits: number): string => {
  if (value >= 10 ** digits) return counts.format(Math.round(value))
  return value >= 1 && digits > 2 && !Number.isInteger(Number(value.toPrecision(12)))
    ? value.toFixed(2)
    : String(Number(value.toPrecision(digits)))
}
