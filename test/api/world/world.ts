/** What examples of docstrings speak of: a small project about movies. */
import * as t from 'io-ts'
import { defineProject, defineTask, openChain, param } from 'taskchain'
import { loadDocuments, fileSource } from 'taskchain/store'
import { planOf } from 'taskchain/testing'

export interface Movie {
  readonly title: string
  readonly director: string
  readonly votes: number
}
export const Movie: t.Type<Movie> = t.type({ title: t.string, director: t.string, votes: t.number }, 'Movie')
export const movie = (votes: number): Movie => ({ title: `Movie ${votes}`, director: 'Scott', votes })

export const allMovies = defineTask({ data: t.array(Movie) }).run(() => [movie(3), movie(2000)])
export const filtered = defineTask({
  inputs: { allMovies },
  params: { minVotes: param(t.number, { default: 1000 }) },
  data: t.array(Movie),
}).run(({ allMovies, minVotes }) => allMovies.filter(({ votes }) => votes >= minVotes))
export const counted = defineTask({ inputs: { filtered }, data: t.number }).run(({ filtered }) => filtered.length)
export const testMetrics = defineTask({
  inputs: { filtered },
  params: { seed: param(t.number, { default: 1 }) },
  data: t.type({ rmse: t.number }),
}).run(({ filtered, seed }) => ({ rmse: seed / filtered.length }))

export const project = defineProject({
  pipelines: { movies: { allMovies, filtered, counted }, ratingModel: { testMetrics } },
})

const loaded = await loadDocuments(fileSource(process.cwd()), 'configs/movies.yaml')
if (loaded._tag === 'Left') throw new Error('the world has no configs')
export const documents = loaded.right
export const planned = planOf({ tasks: project, configs: { model: { tasks: '*.*', min_votes: 1000 } } })
export const chain = await openChain(project, { config: 'model' })
