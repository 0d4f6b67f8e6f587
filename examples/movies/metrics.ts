import * as t from 'io-ts'
import type { Table } from 'taskchain/data'
import { mean } from './mean.js'

/** A film's rating and a model's prediction. */
export interface Prediction {
  readonly title: string
  readonly year: number
  readonly rating: number
  readonly predicted: number
}
export const Prediction: t.Type<Prediction> = t.type(
  { title: t.string, year: t.number, rating: t.number, predicted: t.number },
  'Prediction',
)

/** Prediction errors in rating points: `RMSE` weighs large errors more, `MAE` is the mean error. */
export interface Metrics {
  readonly films: number
  readonly RMSE: number
  readonly MAE: number
}
export const Metrics: t.Type<Metrics> = t.type({ films: t.number, RMSE: t.number, MAE: t.number }, 'Metrics')

/** Throws if there is nothing to measure. */
export const metricsOf = (predictions: Table<Prediction>): Metrics => {
  if (predictions.length === 0)
    throw new Error('no predictions to measure; choose more films or a larger test_fraction')
  const ratings = predictions.column('rating')
  const errors = Array.from(predictions.column('predicted'), (predicted, row) => predicted - (ratings[row] ?? NaN))
  return {
    films: errors.length,
    RMSE: Math.sqrt(mean(errors.map((error) => error ** 2))),
    MAE: mean(errors.map(Math.abs)),
  }
}
