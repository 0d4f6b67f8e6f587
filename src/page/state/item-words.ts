import type { LiveItems } from '../../ui/contract.js'
import { counted, countText, numberText, secondsText } from '../words.js'

/** `1,234 of 10,000 items, 3 failed, 41 a second, cost 1.25 of about 4.1, about 3 min left`. */
export const itemWords = (items: LiveItems, done: number, total: number | undefined): string => {
  const { failed, refused, perSecond, secondsLeft, usage, expected } = items
  return [
    total === undefined ? counted(done, 'item') : `${countText(done)} of ${counted(total, 'item')}`,
    ...(failed === 0 ? [] : [`${countText(failed)} failed`]),
    ...(refused === 0 ? [] : [`${countText(refused)} refused`]),
    ...(perSecond === null ? [] : [`${numberText(Number(perSecond.toPrecision(2)))} a second`]),
    ...Object.entries(usage).map(([unit, used]) => {
      const all = expected !== null && Object.hasOwn(expected, unit) ? expected[unit] : undefined
      const shown = (amount: number): string => numberText(Number(amount.toPrecision(3)))
      return `${unit} ${shown(used)}${all === undefined || all <= used ? '' : ` of about ${shown(all)}`}`
    }),
    ...(secondsLeft === null || secondsLeft === 0 ? [] : [`about ${secondsText(Math.ceil(secondsLeft))} left`]),
  ].join(', ')
}
