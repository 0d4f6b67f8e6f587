import * as t from 'io-ts'
import { defineTask, matching, optional, param, ref } from 'taskchain'
import { inMemory, jsonLines, ndarray } from 'taskchain/data'
import { matrixOf, selectColumns, type Matrix } from '../matrix.js'
import type { Movie } from '../movie.js'
import { directorLabels, Labels, movies } from './movies.js'

/**
 * Which films are held out for testing: 1 or 0 for each. Found by name, since the rating model itself imports this module;
 * null in chains without a rating model. What is learnt from ratings here is learnt from the other films only.
 */
const heldOut = optional(ref('rating_model:test_mask', ndarray('uint8')), null)

/** Directors with enough films that people like. */
export const selectedDirectors = defineTask({
  inputs: { movies, directorLabels, heldOut },
  params: {
    directorMinimalMovieCount: t.number,
    directorMinimalMovieRating: param(t.number, { default: 7 }),
  },
  data: jsonLines(t.string),
}).run(function* ({ movies, directorLabels, heldOut, directorMinimalMovieCount, directorMinimalMovieRating }, { log, note }) {
  const known = movies.filter((_, index) => heldOut?.get(index) !== 1)
  const good = new Set(known.filter(({ rating }) => rating >= directorMinimalMovieRating).map(({ id }) => id))
  let count = 0
  for (const [director, films] of Object.entries(directorLabels)) {
    const goodFilms = films.filter((id) => good.has(id)).length
    if (goodFilms < directorMinimalMovieCount) continue
    log.info(`${director}: ${goodFilms} good films`)
    count++
    yield director
  }
  note({ selectedDirectors: count })
})

/** Features that are numbers already; budgets by their order of magnitude. */
const numericFeatures: { readonly [name: string]: (movie: Movie) => number | null } = {
  year: ({ year }) => year,
  minutes: ({ minutes }) => minutes,
  budget: ({ budget }) => (budget === null || budget === 0 ? null : Math.log10(budget)),
  critics: ({ critics }) => critics,
}

/**
 * Names of all features: `year`, `genre: Western`, … Every `…_labels` task brings the labels that enough films have,
 * directors come by selection.
 */
export const allFeatureNames = defineTask({
  inputs: { movies, labels: matching(/.+_labels/, Labels), selectedDirectors, heldOut },
  params: { labelMinimalMovieCount: param(t.number, { default: 10 }) },
  data: t.array(t.string),
}).run(async ({ movies, labels, selectedDirectors, heldOut, labelMinimalMovieCount }) => {
  const directors = new Set<string>()
  for await (const director of selectedDirectors) directors.add(director)
  const known = new Set(movies.filter((_, index) => heldOut?.get(index) !== 1).map(({ id }) => id))
  const names = Object.entries(labels).flatMap(([task, films]) => {
    const type = featureTypeOf(task)
    const isWanted = (label: string, ids: readonly number[]): boolean =>
      type === 'director' ? directors.has(label) : ids.filter((id) => known.has(id)).length >= labelMinimalMovieCount
    return Object.entries(films).flatMap(([label, ids]) => (isWanted(label, ids) ? [`${type}: ${label}`] : []))
  })
  return [...Object.keys(numericFeatures), ...names.sort()]
})

/** All features of all films: numbers as they are, labels as 1 or 0. */
export const allFeatures = defineTask({
  inputs: { movies, labels: matching(/.+_labels/, Labels), allFeatureNames },
  data: ndarray('float64'),
}).run(({ movies, labels, allFeatureNames }) => {
  const films = new Map(Object.entries(labels).flatMap(([task, films]) => Object.entries(films).map(([label, ids]) => [`${featureTypeOf(task)}: ${label}`, new Set(ids)])))
  const columns = allFeatureNames.map((name) => numericFeatures[name] ?? ((movie: Movie) => (films.get(name)?.has(movie.id) ? 1 : 0)))
  return matrixOf(movies.length, columns.length, (row, column) => columns[column]?.(movies[row] as Movie) ?? NaN)
})

/** What configs may list under `feature_types`; a misspelt one is found before anything runs. */
const FeatureType = t.keyof({ year: null, minutes: null, budget: null, critics: null, director: null, genre: null, distributor: null, source: null, mpaa: null, setting: null })

/** Features of the types that the config asks for. */
export const featureNames = defineTask({
  inputs: { allFeatureNames },
  params: { featureTypes: t.array(FeatureType) },
  data: t.array(t.string),
}).run(({ allFeatureNames, featureTypes }) => {
  const types = new Set<string>(featureTypes)
  return allFeatureNames.filter((name) => types.has(name.split(':')[0] ?? ''))
})

/** The columns that were asked for; cheap to cut out again, so kept in memory only. */
export const features = defineTask({
  inputs: { allFeatures, allFeatureNames, featureNames },
  data: inMemory<Matrix>(),
}).run(({ allFeatures, allFeatureNames, featureNames }) => selectColumns(allFeatures, featureNames.map((name) => allFeatureNames.indexOf(name))))

/** `movies:genre_labels` → `genre` */
const featureTypeOf = (task: string): string => task.replace(/^movies:|_labels$/g, '')
