import * as t from 'io-ts'
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { defineObject, param } from 'taskchain'
import { mean } from '../mean.js'
import type { Learner } from './learner.js'

/** Predicts the mean rating of the training films for every film: the baseline for any model. */
export const meanBaseline: Learner<{ readonly mean: number }> = {
  learn: (_rows, ratings) => ({ mean: mean(ratings) }),
  predict: (learnt, rows) => rows.map(() => learnt.mean),
}

/** Linear regression with its squared weights penalised by `l2`. */
export const ridgeRegression = (
  l2: number,
): Learner<{ readonly mean: number; readonly weights: readonly number[] }> => ({
  learn: (rows, ratings) => {
    const average = mean(ratings)
    const x = new Matrix(rows)
    const y = Matrix.columnVector(ratings.map((rating) => rating - average))
    const penalised = x.transpose().mmul(x).add(Matrix.eye(x.columns).mul(l2))
    return { mean: average, weights: new CholeskyDecomposition(penalised).solve(x.transpose().mmul(y)).to1DArray() }
  },
  predict: (learnt, rows) =>
    rows.map((row) => learnt.weights.reduce((sum, weight, column) => sum + weight * (row[column] ?? 0), learnt.mean)),
})

/** Predicts the mean rating of the `k` most similar training films (Euclidean distance). */
export const nearestNeighbours = (
  k: number,
): Learner<{ readonly rows: readonly number[][]; readonly ratings: readonly number[] }> => ({
  learn: (rows, ratings) => ({ rows, ratings }),
  predict: (learnt, rows) =>
    rows.map((row) => {
      const neighbours = learnt.rows.map((other, index) => ({
        distance: squaredDistance(row, other),
        rating: learnt.ratings[index] as number,
      }))
      const nearest = neighbours.sort((left, right) => left.distance - right.distance).slice(0, k)
      return mean(nearest.map(({ rating }) => rating))
    }),
})

const squaredDistance = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, column) => sum + (value - (right[column] ?? 0)) ** 2, 0)

/** The models that configs may choose: `model: { class: RidgeRegression, kwargs: { l2: 10 } }`. */
export const MeanBaseline = defineObject('MeanBaseline').create((): Learner => meanBaseline)
export const RidgeRegression = defineObject('RidgeRegression', {
  args: { l2: param(t.number, { default: 1 }) },
}).create(({ l2 }): Learner => ridgeRegression(l2))
export const NearestNeighbours = defineObject('NearestNeighbours', {
  args: { k: param(t.Int, { default: 10 as t.Int }) },
}).create(({ k }): Learner => nearestNeighbours(k))
