import * as t from 'io-ts'
import type { NdArray } from 'ndarray'
import { defineTask, matching, optional, param, ref } from 'taskchain'
import { inMemory, jsonLines, ndarray } from 'taskchain/data'
import { matrixOf, selectColumns, type Matrix } from '../matrix.js'
import type { Movie } from '../movie.js'
import { directorLabels, Labels, movies } from './movies.js'

/**
 * Which films are held out for testing: 1 or 0 for each. Found by name, since the rating model imports this module;
 * null in chains without a rating model. Anything learnt from ratings here is learnt from the other films only.
 */
const heldOut = optional(ref('rating_model:test_mask', ndarray('uint8')), null)

/** Films whose ratings may be used. */
const trainingFilms = (movies: readonly Movie[], heldOut: NdArray<Uint8Array> | null): readonly Movie[] =>
  movies.filter((_, row) => heldOut?.get(row) !== 1)

/** Directors of enough well-rated films. */
export const selectedDirectors = defineTask({
  inputs: { movies, directorLabels, heldOut },
  params: {
    directorMinimalMovieCount: t.number,
    directorMinimalMovieRating: param(t.number, { default: 7 }),
  },
  data: jsonLines(t.string),
}).run(function* (
  { movies, directorLabels, heldOut, directorMinimalMovieCount, directorMinimalMovieRating },
  { log, note },
) {
  const liked = trainingFilms(movies, heldOut).filter(({ rating }) => rating >= directorMinimalMovieRating)
  const likedIds = new Set(liked.map(({ id }) => id))
  let selected = 0
  for (const [director, films] of Object.entries(directorLabels)) {
    const count = films.filter((id) => likedIds.has(id)).length
    if (count < directorMinimalMovieCount) continue
    log.info(`${director}: ${count} films`)
    selected++
    yield director
  }
  note({ selected })
})

/** Numeric features; budgets by their order of magnitude. */
const numericFeatures: { readonly [name: string]: (movie: Movie) => number | null } = {
  year: ({ year }) => year,
  minutes: ({ minutes }) => minutes,
  budget: ({ budget }) => (budget === null || budget === 0 ? null : Math.log10(budget)),
  critics: ({ critics }) => critics,
}

/**
 * Names of all features: `year`, `genre: Western`, … Labels from every `…_labels` task are included if enough films
 * have them, directors by selection.
 */
export const allFeatureNames = defineTask({
  inputs: { movies, labels: matching(/.+_labels/, Labels), selectedDirectors, heldOut },
  params: { labelMinimalMovieCount: param(t.number, { default: 10 }) },
  data: t.array(t.string),
}).run(async ({ movies, labels, selectedDirectors, heldOut, labelMinimalMovieCount }) => {
  const directors = new Set(await selectedDirectors.toArray())
  const trainingIds = new Set(trainingFilms(movies, heldOut).map(({ id }) => id))
  const isWanted = ({ type, label, films }: LabelFeature): boolean =>
    type === 'director'
      ? directors.has(label)
      : films.filter((id) => trainingIds.has(id)).length >= labelMinimalMovieCount
  const names = labelFeatures(labels)
    .filter(isWanted)
    .map(({ name }) => name)
  return [...Object.keys(numericFeatures), ...names.sort()]
})

/** All features of all films: numbers unchanged, labels as 1 or 0. */
export const allFeatures = defineTask({
  inputs: { movies, labels: matching(/.+_labels/, Labels), allFeatureNames },
  data: ndarray('float64'),
}).run(({ movies, labels, allFeatureNames }) => {
  const films = new Map(labelFeatures(labels).map(({ name, films }) => [name, new Set(films)]))
  const columns = allFeatureNames.map(
    (name) => numericFeatures[name] ?? (({ id }: Movie) => (films.get(name)?.has(id) ? 1 : 0)),
  )
  return matrixOf(movies.length, columns.length, (row, column) => columns[column]?.(movies[row] as Movie) ?? NaN)
})

/** Valid values of `feature_types` in configs; a misspelt one is found before anything runs. */
const FeatureType = t.keyof({
  year: null,
  minutes: null,
  budget: null,
  critics: null,
  director: null,
  genre: null,
  distributor: null,
  source: null,
  mpaa: null,
  setting: null,
})

/** Features of the types requested by the config. */
export const featureNames = defineTask({
  inputs: { allFeatureNames },
  params: { featureTypes: t.array(FeatureType) },
  data: t.array(t.string),
}).run(({ allFeatureNames, featureTypes }) => {
  const types = new Set<string>(featureTypes)
  return allFeatureNames.filter((name) => types.has(name.split(':')[0] ?? ''))
})

/** The requested columns; cheap to extract again, so kept in memory only. */
export const features = defineTask({
  inputs: { allFeatures, allFeatureNames, featureNames },
  data: inMemory<Matrix>(),
}).run(({ allFeatures, allFeatureNames, featureNames }) =>
  selectColumns(
    allFeatures,
    featureNames.map((name) => allFeatureNames.indexOf(name)),
  ),
)

/** A label as a feature, and the ids of the films that have it. */
interface LabelFeature {
  readonly type: string
  readonly label: string
  /** `genre: Western` */
  readonly name: string
  readonly films: readonly number[]
}

/** Results of all label tasks in one list; `movies:genre_labels` gives features of the type `genre`. */
const labelFeatures = (labels: Readonly<Record<string, Labels>>): LabelFeature[] =>
  Object.entries(labels).flatMap(([task, found]) => {
    const type = task.replace(/^movies:|_labels$/g, '')
    return Object.entries(found).map(([label, films]) => ({ type, label, name: `${type}: ${label}`, films }))
  })
