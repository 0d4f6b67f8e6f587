import { defineTask, derive, from, matching } from 'taskchain'
import { table } from 'taskchain/data'
import { Metrics, metricsOf, Prediction } from '../metrics.js'
import { allFeatures, featureNames } from './features.js'
import { Labels, movies } from './movies.js'
import { trainedModel } from './rating-model.js'

/** Features of later films, limited to those that the earlier films have: the model knows no others. */
export const laterFeatures = derive(allFeatures, {
  inputs: {
    movies: from('later', movies),
    labels: from('later', matching(/.+_labels/, Labels)),
    allFeatureNames: from('earlier', featureNames),
  },
})

/** Predictions of a model of the past for the films that came after. */
export const laterPredictions = defineTask({
  inputs: { trainedModel: from('earlier', trainedModel), laterFeatures, laterMovies: from('later', movies) },
  data: table(Prediction),
}).run(({ trainedModel, laterFeatures, laterMovies }) => {
  const predicted = trainedModel.predict(laterFeatures)
  return laterMovies.map(({ title, year, rating }, row) => ({
    title,
    year,
    rating,
    predicted: predicted[row] as number,
  }))
})

export const laterMetrics = defineTask({ inputs: { laterPredictions }, data: Metrics }).run(({ laterPredictions }) =>
  metricsOf(laterPredictions),
)
