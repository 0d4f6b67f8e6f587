import { numberText } from '../words.js'

/** A text split into the start and end that it shares with another text, and its own middle. */
export interface Marked {
  readonly start: string
  readonly middle: string
  readonly end: string
}

export const marked = (text: string, other: string): Marked => {
  const [own, others] = [Array.from(text), Array.from(other)]
  const least = Math.min(own.length, others.length)
  let start = 0
  while (start < least && own[start] === others[start]) start += 1
  let end = 0
  while (end < least - start && own[own.length - 1 - end] === others[others.length - 1 - end]) end += 1
  return {
    start: own.slice(0, start).join(''),
    middle: own.slice(start, own.length - end).join(''),
    end: own.slice(own.length - end).join(''),
  }
}

/** `+0.12 (+3.1 %)` */
export const differenceText = (before: number, after: number): string => {
  const difference = after - before
  if (difference === 0) return '0'
  const sign = difference > 0 ? '+' : '−'
  const part = before === 0 ? '' : ` (${sign}${Math.abs((difference / before) * 100).toFixed(1)} %)`
  return `${sign}${numberText(Math.abs(difference))}${part}`
}
