import { mock, testChain } from 'taskchain/testing'
import { expect, test } from 'vitest'
import type { Movie } from '../movie.js'
import * as learners from '../models/learners.js'
import * as features from '../tasks/features.js'
import * as movies from '../tasks/movies.js'
import * as ratingModel from '../tasks/rating-model.js'
import { movie } from './films.js'

/** Films by five directors, good and bad ones. */
const films = Array.from({ length: 100 }, (_, id) =>
  movie({
    id,
    title: `Film ${id}`,
    rating: 4 + ((id * 7) % 50) / 10,
    minutes: 80 + (id % 40),
    director: `Director ${id % 5}`,
    genre: id % 3 === 0 ? 'Drama' : 'Comedy',
  }),
)

const chainOf = (given: readonly Movie[]) =>
  testChain({
    tasks: { movies, features, ratingModel },
    mocks: [mock(movies.movies, given)],
    objects: learners,
    params: {
      source_file: 'none',
      director_minimal_movie_count: 3,
      feature_types: ['minutes', 'genre', 'director'],
      model: { class: 'RidgeRegression', kwargs: { l2: 1 } },
    },
  })

test('ratings of test films have no influence on what is predicted for them', async () => {
  const chain = chainOf(films)
  const mask = await chain.value(ratingModel.testMask)
  const predicted = (await chain.value(ratingModel.predictions)).column('predicted')
  const praised = films.map((film, row) => (mask.get(row) === 1 ? { ...film, rating: 10 } : film))
  expect((await chainOf(praised).value(ratingModel.predictions)).column('predicted')).toEqual(predicted)
  const panned = films.map((film, row) => (mask.get(row) === 1 ? film : { ...film, rating: film.rating - 1 }))
  expect((await chainOf(panned).value(ratingModel.predictions)).column('predicted')).not.toEqual(predicted)
})
