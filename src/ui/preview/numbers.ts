import type { ColumnSummary, Histogram, NumberSummary } from '../contract.js'

/** Summary statistics. */

const bins = 24

/** Undefined without finite numbers. */
export const numberSummary = (values: ArrayLike<number>): NumberSummary | undefined => {
  const finite = new Float64Array(values.length)
  let count = 0
  let [sum, min, max] = [0, Infinity, -Infinity]
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN
    if (!Number.isFinite(value)) continue
    finite[count++] = value
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  if (count === 0) return undefined
  const whole = finite.subarray(0, count)
  const mean = Number.isFinite(sum) ? sum / count : meanOf(whole)
  let squares = 0
  for (const value of whole) squares += (value - mean) * (value - mean)
  const histogram = histogramOf(whole, min, max)
  const sorted = whole.toSorted()
  const [low = 0, high = 0] = [sorted[Math.floor((count - 1) / 2)], sorted[Math.ceil((count - 1) / 2)]]
  return {
    count,
    odd: values.length - count,
    min,
    max,
    mean,
    deviation: Number.isFinite(squares) ? Math.sqrt(squares / count) : Number.MAX_VALUE,
    median: low / 2 + high / 2,
    histogram,
  }
}

/** For numbers whose sum overflows. */
const meanOf = (values: Float64Array): number => {
  let mean = 0
  for (const [index, value] of values.entries()) mean += value / (index + 1) - mean / (index + 1)
  return mean
}

/** Bins of equal width; a single one if all values are equal or too close to tell apart. */
export const histogramOf = (values: ArrayLike<number>, min: number, max: number): Histogram => {
  const width = max / bins - min / bins
  if (!(width > 0) || min + width === min) return { min, max, counts: [values.length] }
  const counts = Array.from({ length: bins }, () => 0)
  for (let index = 0; index < values.length; index++) {
    const at = Math.min(bins - 1, Math.max(0, Math.floor((values[index] ?? min) / width - min / width)))
    counts[at] = (counts[at] ?? 0) + 1
  }
  return { min, max, counts }
}

/** Limit on distinct texts and booleans that are counted. */
const maxDistinct = 10_000
const shown = 10
const longestShown = 100

/** A column of any content: missing values, numbers, texts and booleans. */
export const columnSummary = (values: ArrayLike<unknown>): ColumnSummary => {
  const numbers: number[] = []
  const counts = new Map<string, number>()
  let missing = 0
  let more = false
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (value === null || value === undefined) missing++
    else if (typeof value === 'number' || typeof value === 'bigint') numbers.push(Number(value))
    else if (typeof value === 'string' || typeof value === 'boolean') {
      const text = String(value).slice(0, longestShown)
      const known = counts.get(text)
      if (known === undefined && counts.size >= maxDistinct) more = true
      else counts.set(text, (known ?? 0) + 1)
    }
  }
  const summary = numberSummary(numbers)
  return {
    of: values.length,
    missing,
    ...(summary === undefined ? {} : { numbers: summary }),
    ...(counts.size === 0 ? {} : { texts: { distinct: counts.size, more, commonest: commonest(counts) } }),
  }
}

const commonest = (counts: ReadonlyMap<string, number>) =>
  [...counts]
    .toSorted(([left, many], [right, few]) => few - many || (left < right ? -1 : 1))
    .slice(0, shown)
    .map(([text, count]) => ({ text: text.toWellFormed(), count }))
