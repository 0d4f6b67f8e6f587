import { readFile } from 'node:fs/promises'
import * as t from 'io-ts'
import { defineTask, defineTemplate, derive, param } from 'taskchain'
import { figure, rows } from 'taskchain/data'
import { cleanMovie, withoutSharedRatings } from '../cleaning.js'
import { Movie, RawMovie } from '../movie.js'

/** The unmodified source file, checked by its codec. */
export const rawMovies = defineTask({
  params: { sourceFile: t.string },
  data: t.array(RawMovie),
}).run(async ({ sourceFile }) => JSON.parse(await readFile(sourceFile, 'utf8')))

/** Films with a title, a date in the right century, and their own rating. */
export const cleanMovies = defineTask({
  inputs: { rawMovies },
  data: rows(Movie),
}).run(({ rawMovies }, { log, note }) => {
  const rated = rawMovies.map(cleanMovie).filter((movie) => movie !== undefined)
  const cleaned = withoutSharedRatings(rated)
  log.info(
    `${rawMovies.length - rated.length} films without title or rating, ${rated.length - cleaned.length} with the rating of another film`,
  )
  note({ raw: rawMovies.length, clean: cleaned.length })
  return cleaned
})

/** The films that all other tasks use. */
export const movies = defineTask({
  inputs: { cleanMovies },
  params: {
    fromYear: param(t.number, { default: 1900 }),
    toYear: param(t.number, { default: 2011 }),
    minVotes: param(t.number, { default: 0 }),
  },
  data: rows(Movie),
}).run(({ cleanMovies, fromYear, toYear, minVotes }) =>
  cleanMovies.filter(({ year, votes }) => year >= fromYear && year <= toYear && votes >= minVotes),
)

export interface YearCount {
  readonly year: number
  readonly films: number
}
export const YearCount: t.Type<YearCount> = t.type({ year: t.number, films: t.number }, 'YearCount')

/** Films per year, including years without films. */
export const yearHistogram = defineTask({
  inputs: { movies },
  data: t.array(YearCount),
}).run(({ movies }) => {
  const films = new Map<number, number>()
  for (const { year } of movies) films.set(year, (films.get(year) ?? 0) + 1)
  const first = movies.reduce((least, { year }) => Math.min(least, year), Infinity)
  const last = movies.reduce((most, { year }) => Math.max(most, year), -Infinity)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    year: first + index,
    films: films.get(first + index) ?? 0,
  }))
})

/** The histogram as a figure: a Vega-Lite specification, rendered to `.svg` and `.png` next to it. */
export const yearFigure = defineTask({
  inputs: { yearHistogram },
  data: figure(),
}).run(({ yearHistogram }) => ({
  title: `${yearHistogram.reduce((sum, { films }) => sum + films, 0)} films by year`,
  width: 640,
  height: 240,
  data: { values: yearHistogram },
  mark: { type: 'bar', width: { band: 0.8 } },
  encoding: {
    x: {
      field: 'year',
      type: 'ordinal',
      title: null,
      axis: { labelAngle: 0, values: yearHistogram.map(({ year }) => year).filter((year) => year % 10 === 0) },
    },
    y: { field: 'films', type: 'quantitative', title: 'films' },
  },
}))

/** A many-to-many relation: from a label to the ids of the films that have it. */
export interface Labels {
  readonly [label: string]: readonly number[]
}
export const Labels: t.Type<Labels> = t.record(t.string, t.readonlyArray(t.number), 'Labels')

/** Shared by all label tasks; each has a helper that returns the labels of a film. */
const labels = defineTemplate({
  inputs: { movies },
  data: Labels,
  helpers: { labelsOf: (_movie: Movie): readonly string[] => [] },
}).run(({ movies }, { helpers, note }) => {
  const found = new Map<string, number[]>()
  for (const movie of movies) {
    for (const label of helpers.labelsOf(movie)) {
      const ids = found.get(label)
      if (ids === undefined) found.set(label, [movie.id])
      else ids.push(movie.id)
    }
  }
  note({ labels: found.size })
  return Object.fromEntries(found)
})

export const directorLabels = derive(labels, { helpers: { labelsOf: ({ director }) => several(director) } })
export const genreLabels = derive(labels, { helpers: { labelsOf: ({ genre }) => several(genre) } })
export const distributorLabels = derive(labels, { helpers: { labelsOf: ({ distributor }) => several(distributor) } })
export const sourceLabels = derive(labels, { helpers: { labelsOf: ({ source }) => several(source) } })
export const mpaaLabels = derive(labels, { helpers: { labelsOf: ({ mpaa }) => several(mpaa) } })
export const settingLabels = derive(labels, { helpers: { labelsOf: ({ creativeType }) => several(creativeType) } })

/** `Thriller/Suspense` is two labels, an unknown value none. */
const several = (value: string | null): readonly string[] => (value === null ? [] : value.split('/'))
