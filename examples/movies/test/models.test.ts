import { tableOf } from 'taskchain/data'
import { expect, test } from 'vitest'
import { matrixOf } from '../matrix.js'
import { metricsOf, Prediction } from '../metrics.js'
import { meanBaseline, nearestNeighbours, ridgeRegression } from '../models/learners.js'
import { RatingModel } from '../models/rating-model.js'
import { fitScaler, scaled } from '../models/scaler.js'
import { randomFrom, shuffled } from '../random.js'

const rounded = (numbers: readonly number[]): number[] => numbers.map((number) => Math.round(number * 1e6) / 1e6)

test('the baseline predicts the mean, whatever the film', () => {
  expect(meanBaseline.predict(meanBaseline.learn([[1], [2]], [4, 7]), [[5], [6]])).toEqual([5.5, 5.5])
})

test('ridge regression without penalty finds a plane exactly', () => {
  const rows = [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ]
  const { mean, weights } = ridgeRegression(0).learn(
    rows,
    rows.map(([x = 0, y = 0]) => 6 + 2 * x - y),
  )
  expect([mean, ...rounded(weights)]).toEqual([6, 2, -1])
})

test('a penalty draws weights towards zero', () => {
  const weightFor = (l2: number): number => ridgeRegression(l2).learn([[-1], [1]], [4, 8]).weights[0] ?? NaN
  expect(rounded([weightFor(0), weightFor(2), weightFor(1e9)])).toEqual([2, 1, 0])
})

test('nearest neighbours predict the mean of the k films most alike', () => {
  const learner = nearestNeighbours(2)
  expect(learner.predict(learner.learn([[0], [1], [10]], [4, 6, 9]), [[0.4], [9]])).toEqual([5, 7.5])
})

test('scaling uses the training films alone and puts what is unknown at the mean', () => {
  const values = [
    [1, NaN],
    [3, 5],
    [NaN, 5],
  ]
  const scaler = fitScaler(matrixOf(3, 2, (row, column) => values[row]?.[column] ?? NaN))
  expect(scaler).toEqual({ means: [2, 5], deviations: [1, 1] })
  expect(
    scaled(
      scaler,
      matrixOf(1, 2, () => 4),
    ),
  ).toEqual([[2, -1]])
  expect(
    scaled(
      scaler,
      matrixOf(1, 2, () => NaN),
    ),
  ).toEqual([[0, 0]])
})

test('a trained model has learnt what relates features and ratings', () => {
  const x = matrixOf(3, 1, (row) => 10 * row)
  expect(
    rounded(RatingModel.train(ridgeRegression(0), x, [5, 6, 7]).predict(matrixOf(2, 1, (row) => 30 + row))),
  ).toEqual([8, 8.1])
})

test('errors are measured in rating points', () => {
  const predictions = (...pairs: [rating: number, predicted: number][]) =>
    tableOf(
      Prediction,
      pairs.map(([rating, predicted]) => ({ title: 'Film', year: 2000, rating, predicted })),
    )
  expect(metricsOf(predictions([5, 8], [7, 3]))).toEqual({ films: 2, RMSE: Math.sqrt(12.5), MAE: 3.5 })
  expect(() => metricsOf(predictions())).toThrow('no predictions to measure')
})

test('a seed decides the order, and every number is in it once', () => {
  const order = shuffled(50, randomFrom(42))
  expect(order).toEqual(shuffled(50, randomFrom(42)))
  expect(order).not.toEqual(shuffled(50, randomFrom(43)))
  expect([...order].sort((left, right) => left - right)).toEqual(Array.from({ length: 50 }, (_, index) => index))
})
