import { columnsOf, rowsOf, toRows, type Matrix } from '../matrix.js'
import { mean } from '../mean.js'

/** Mean and spread of each feature in the training films; other films are scaled by the same numbers. */
export interface Scaler {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
}

/** Measures the known values of each column. */
export const fitScaler = (x: Matrix): Scaler => {
  const columns = Array.from({ length: columnsOf(x) }, (_, column) =>
    Array.from({ length: rowsOf(x) }, (_, row) => x.get(row, column)).filter((value) => !Number.isNaN(value)),
  )
  const means = columns.map((known) => (known.length === 0 ? 0 : mean(known)))
  const deviations = columns.map(
    (known, column) => Math.sqrt(mean(known.map((value) => (value - (means[column] ?? 0)) ** 2))) || 1,
  )
  return { means, deviations }
}

/** Rows centred on 0 with a spread of 1; unknown values become 0, the mean. */
export const scaled = ({ means, deviations }: Scaler, x: Matrix): number[][] =>
  toRows(x).map((row) =>
    row.map((value, column) => (Number.isNaN(value) ? 0 : (value - (means[column] ?? 0)) / (deviations[column] ?? 1))),
  )
