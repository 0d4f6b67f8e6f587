import * as t from 'io-ts'
import { directory, jsonLines } from '../../src/data/index.js'
import { defineTask, from, inMemory, param } from '../../src/index.js'

/** A small pipeline that the type tests read. Nothing here runs. */

export interface Movie {
  readonly title: string
  readonly votes: number
}
export const Movie: t.Type<Movie> = t.type({ title: t.string, votes: t.number }, 'Movie')

export const allMovies = defineTask({ params: { sourceFile: t.string }, data: t.array(Movie) }).run(
  ({ sourceFile }) => [{ title: sourceFile, votes: 1 }],
)

export const filteredMoviesTask = defineTask({
  inputs: { allMovies },
  params: {
    minVotes: param(t.number, { default: 1000 }),
    verbose: param(t.boolean, { default: false, ignorePersistence: true }),
  },
  data: t.array(Movie),
}).run(({ allMovies, minVotes }) => allMovies.filter((movie) => movie.votes >= minVotes))

export const words = defineTask({ inputs: { filteredMoviesTask }, data: jsonLines(t.string) }).run(async function* ({
  filteredMoviesTask,
}) {
  for (const movie of filteredMoviesTask) yield* movie.title.split(' ')
})

export const exported = defineTask({ inputs: { train: from('train', filteredMoviesTask) }, data: directory() }).run(
  (_, { dir }) => void dir.length,
)

export class Model {
  weights: readonly number[] = []
  predict(row: number): number {
    return row
  }
}
export const trained = defineTask({ inputs: { train: filteredMoviesTask }, data: inMemory<Model>() }).run(
  () => new Model(),
)

export const renamed = defineTask({ name: 'other_name', data: t.number }).run(() => 1)
export const moved = defineTask({ group: 'reports:daily', data: t.string }).run(() => 'a')
export const placed = defineTask({ name: 'summary', group: 'reports', data: t.boolean }).run(() => true)
