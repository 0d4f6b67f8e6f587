import type { ArrayPreview, HeatMap } from '../contract.js'
import { cellOf } from './cells.js'

/** Reduces numbers of one or two dimensions to a size that can be drawn. */

const maxRows = 96
const maxColumns = 96
const maxPoints = 600

/** Means over blocks; null for a block without finite numbers. `at` is called once for each number. */
export const heatMap = (
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): Pick<HeatMap, 'rows' | 'columns' | 'values'> => {
  const [height, width] = [Math.min(rows, maxRows), Math.min(columns, maxColumns)]
  const sums = new Float64Array(height * width)
  const counts = new Uint32Array(height * width)
  for (let row = 0; row < rows; row++) {
    const line = Math.floor((row * height) / rows) * width
    for (let column = 0; column < columns; column++) {
      const value = at(row, column)
      if (!Number.isFinite(value)) continue
      const cell = line + Math.floor((column * width) / columns)
      sums[cell] = (sums[cell] ?? 0) + value
      counts[cell] = (counts[cell] ?? 0) + 1
    }
  }
  const values = Array.from(sums, (sum, cell) => {
    const mean = sum / (counts[cell] ?? 0)
    return Number.isFinite(mean) ? mean : null
  })
  return { rows: height, columns: width, values }
}

/** The rows to read if there are too many: one from the middle of each band. */
export const sampledRows = (rows: number, most = maxRows): readonly number[] =>
  Array.from({ length: Math.min(rows, most) }, (_, band) =>
    Math.min(rows - 1, Math.floor(((band + 0.5) * rows) / Math.min(rows, most))),
  )

/** Mean, minimum and maximum over intervals of equal length. */
export const stretches = (values: ArrayLike<number>): NonNullable<ArrayPreview['line']> => {
  const step = Math.max(1, Math.ceil(values.length / maxPoints))
  const [mean, min, max]: [number[], number[], number[]] = [[], [], []]
  for (let from = 0; from < values.length; from += step) {
    const to = Math.min(values.length, from + step)
    let [sum, count, least, highest] = [0, 0, Infinity, -Infinity]
    for (let index = from; index < to; index++) {
      const value = values[index] ?? NaN
      if (!Number.isFinite(value)) continue
      sum += value
      count++
      least = Math.min(least, value)
      highest = Math.max(highest, value)
    }
    mean.push(count === 0 ? NaN : sum / count)
    min.push(count === 0 ? NaN : least)
    max.push(count === 0 ? NaN : highest)
  }
  const cells = (list: readonly number[]) => list.map((value) => (Number.isFinite(value) ? cellOf(value) : null))
  return { mean: cells(mean), min: cells(min), max: cells(max), step }
}
