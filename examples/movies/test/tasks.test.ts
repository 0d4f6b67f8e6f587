import ndarray from 'ndarray'
import { inspectTask, testTask } from 'taskchain/testing'
import { expect, test } from 'vitest'
import { matrixOf, toRows } from '../matrix.js'
import * as features from '../tasks/features.js'
import * as movies from '../tasks/movies.js'
import * as ratingModel from '../tasks/rating-model.js'
import { movie } from './films.js'

const collected = async <A>(lines: AsyncIterable<A>): Promise<A[]> => {
  const all: A[] = []
  for await (const line of lines) all.push(line)
  return all
}

test('movies are chosen by year and votes, limits included', async () => {
  const [old, wanted, obscure, recent] = [
    movie({ year: 1944 }),
    movie({ year: 1945 }),
    movie({ year: 1980, votes: 999 }),
    movie({ year: 2001 }),
  ]
  const params = { fromYear: 1945, toYear: 2000, minVotes: 1000 }
  expect(await testTask(movies.movies, { inputs: { cleanMovies: [old, wanted, obscure, recent] }, params })).toEqual([
    wanted,
  ])
})

test('the histogram counts years without films too', async () => {
  const films = [movie({ year: 1999 }), movie({ year: 2001 }), movie({ year: 2001 })]
  expect(await testTask(movies.yearHistogram, { inputs: { movies: films } })).toEqual([
    { year: 1999, films: 1 },
    { year: 2000, films: 0 },
    { year: 2001, films: 2 },
  ])
})

test('the figure shows the films of each year', async () => {
  const yearHistogram = [
    { year: 1999, films: 1 },
    { year: 2000, films: 2 },
  ]
  expect(await testTask(movies.yearFigure, { inputs: { yearHistogram } })).toMatchObject({
    title: '3 films by year',
    mark: { type: 'bar' },
    data: { values: yearHistogram },
  })
})

test('a film may have several labels, or none', async () => {
  const films = [
    movie({ id: 1, genre: 'Thriller/Suspense' }),
    movie({ id: 2, genre: null }),
    movie({ id: 3, genre: 'Thriller' }),
  ]
  const { value, notes } = await inspectTask(movies.genreLabels, { inputs: { movies: films } })
  expect(value).toEqual({ Thriller: [1, 3], Suspense: [1] })
  expect(notes).toEqual([{ labels: 2 }])
})

test('directors are selected by good films, and films held out for testing do not count', async () => {
  const films = [7, 8, 6.9, 7, 9].map((rating, id) => movie({ id, rating }))
  const directorLabels = { Ada: [0, 1], Ben: [2, 3], Cleo: [4, 0] }
  const params = { directorMinimalMovieCount: 2 }
  const selectedWith = async (heldOut: readonly number[]): Promise<string[]> =>
    collected(
      await testTask(features.selectedDirectors, {
        inputs: { movies: films, directorLabels, heldOut: ndarray(Uint8Array.from(heldOut)) },
        params,
      }),
    )
  expect(await selectedWith([0, 0, 0, 0, 0])).toEqual(['Ada', 'Cleo'])
  expect(await selectedWith([0, 0, 0, 0, 1])).toEqual(['Ada'])
})

test('labels become features that are 1 or 0, unknown numbers stay unknown', async () => {
  const films = [movie({ id: 4, minutes: 90 }), movie({ id: 5 })]
  const labels = { 'movies:genre_labels': { Western: [5] } }
  const matrix = await testTask(features.allFeatures, {
    inputs: { movies: films, labels, allFeatureNames: ['minutes', 'genre: Western'] },
  })
  expect(toRows(matrix)).toEqual([
    [90, 0],
    [NaN, 1],
  ])
})

test('features are chosen by type', async () => {
  const allFeatureNames = ['year', 'minutes', 'genre: Drama', 'mpaa: R']
  expect(
    await testTask(features.featureNames, { inputs: { allFeatureNames }, params: { featureTypes: ['genre', 'year'] } }),
  ).toEqual(['year', 'genre: Drama'])
})

test('the split is as large as asked for and the same for the same seed', async () => {
  const films = Array.from({ length: 50 }, (_, id) => movie({ id }))
  const maskWith = async (seed: number): Promise<number[]> =>
    Array.from(
      (await testTask(ratingModel.testMask, { inputs: { movies: films }, params: { testFraction: 0.2, seed } })).data,
    )
  const mask = await maskWith(1)
  expect(mask.filter((isTest) => isTest === 1)).toHaveLength(10)
  expect(await maskWith(1)).toEqual(mask)
  expect(await maskWith(2)).not.toEqual(mask)
})

test('training and test films are two halves of a whole', async () => {
  const inputs = { rows: matrixOf(3, 1, (row) => row), testMask: ndarray(Uint8Array.from([0, 1, 0])) }
  expect(toRows(await testTask(ratingModel.trainX, { inputs }))).toEqual([[0], [2]])
  expect(toRows(await testTask(ratingModel.testY, { inputs }))).toEqual([[1]])
})
