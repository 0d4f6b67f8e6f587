import * as t from 'io-ts'
import ndarrayOf from 'ndarray'
import { defineTask, defineTemplate, derive, object, param } from 'taskchain'
import { directory, inMemory, ndarray, table } from 'taskchain/data'
import { matrixOf, selectRows, toRows, type Matrix } from '../matrix.js'
import { Metrics, metricsOf, Prediction } from '../metrics.js'
import { MeanBaseline, NearestNeighbours, RidgeRegression } from '../models/learners.js'
import { RatingModel } from '../models/rating-model.js'
import type { Movie } from '../movie.js'
import { randomFrom, shuffled } from '../random.js'
import { features } from './features.js'
import { movies } from './movies.js'

/** Which films are held out for testing: 1 for a test film, 0 for a training film. */
export const testMask = defineTask({
  inputs: { movies },
  params: {
    testFraction: param(t.number, { default: 0.2 }),
    seed: param(t.number, { default: 42 }),
  },
  data: ndarray('uint8'),
}).run(({ movies, testFraction, seed }) => {
  const mask = new Uint8Array(movies.length)
  const order = shuffled(movies.length, randomFrom(seed))
  for (const row of order.slice(0, Math.round(movies.length * testFraction))) mask[row] = 1
  return ndarrayOf(mask, [mask.length])
})

/** The prediction target: the rating of each film, one column. */
export const ratings = defineTask({
  inputs: { movies },
  data: ndarray('float64'),
}).run(({ movies }) => matrixOf(movies.length, 1, (row) => movies[row]?.rating ?? NaN))

/** The films on one side of the split: derived for features and for ratings, for training and for testing. */
const selection = defineTemplate({
  inputs: { rows: features, testMask },
  data: inMemory<Matrix>(),
  meta: { test: false },
}).run(({ rows, testMask }, { meta }) => {
  const wanted = Array.from(testMask.data).flatMap((isTest, row) => ((isTest === 1) === meta.test ? [row] : []))
  return selectRows(rows, wanted)
})

export const trainX = derive(selection, { meta: { test: false } })
export const testX = derive(selection, { meta: { test: true } })
export const trainY = derive(selection, { inputs: { rows: ratings }, meta: { test: false } })
export const testY = derive(selection, { inputs: { rows: ratings }, meta: { test: true } })

/** Chosen and configured in configs: `model: { class: RidgeRegression, kwargs: { l2: 10 } }`. */
const model = object(MeanBaseline, RidgeRegression, NearestNeighbours)

/** A trained model, as files. */
export const trainModel = defineTask({
  inputs: { trainX, trainY },
  params: { model },
  data: directory(),
}).run(async ({ trainX, trainY, model }, { dir, log }) => {
  log.info(`training on ${trainX.shape[0]} films with ${trainX.shape[1]} features`)
  await RatingModel.train(model, trainX, toRows(trainY).flat()).save(dir)
})

/** The model itself, ready to predict. */
export const trainedModel = defineTask({
  inputs: { trainModel },
  params: { model },
  data: inMemory<RatingModel>(),
}).run(({ trainModel, model }) => RatingModel.load(model, trainModel))

/** Predictions for films that the model has never seen. */
export const predictions = defineTask({
  inputs: { trainedModel, testX, testY, testMask, movies },
  data: table(Prediction),
}).run(({ trainedModel, testX, testY, testMask, movies }) => {
  const testMovies = movies.filter((_, row) => testMask.get(row) === 1)
  return trainedModel.predict(testX).map((predicted, row) => {
    const { title, year } = testMovies[row] as Movie
    return { title, year, rating: testY.get(row, 0), predicted }
  })
})

export const testMetrics = defineTask({ inputs: { predictions }, data: Metrics }).run(({ predictions }) =>
  metricsOf(predictions),
)
