import * as t from 'io-ts'
import { makeFormat, type Format } from '../../src/declare/format.js'
import { defineTask, from, inMemory, param } from '../../src/index.js'

/** A small pipeline that the type tests read. The formats are those of `taskchain/data` by type; nothing here runs. */

export interface Lines<A> extends AsyncIterable<A> {
  toArray(): Promise<A[]>
}
export const lines = <A>(_codec: t.Type<A, any>): Format<Lines<A>, Iterable<A> | AsyncIterable<A>> => makeFormat('jsonLines', 'jsonl', { storage: 'memory' })
export const folder = (): Format<string, void, { readonly dir: string }> => makeFormat('directory', undefined, { storage: 'memory' })

export interface Movie {
  readonly title: string
  readonly votes: number
}
export const Movie: t.Type<Movie> = t.type({ title: t.string, votes: t.number }, 'Movie')

export const allMovies = defineTask({ params: { sourceFile: t.string }, data: t.array(Movie) }).run(({ sourceFile }) => [{ title: sourceFile, votes: 1 }])

export const filteredMoviesTask = defineTask({
  inputs: { allMovies },
  params: { minVotes: param(t.number, { default: 1000 }), verbose: param(t.boolean, { default: false, ignorePersistence: true }) },
  data: t.array(Movie),
}).run(({ allMovies, minVotes }) => allMovies.filter((movie) => movie.votes >= minVotes))

export const words = defineTask({ inputs: { filteredMoviesTask }, data: lines(t.string) }).run(async function* ({ filteredMoviesTask }) {
  for (const movie of filteredMoviesTask) yield* movie.title.split(' ')
})

export const exported = defineTask({ inputs: { train: from('train', filteredMoviesTask) }, data: folder() }).run((_, { dir }) => void dir.length)

export class Model {
  weights: readonly number[] = []
  predict(row: number): number {
    return row
  }
}
export const trained = defineTask({ inputs: { train: filteredMoviesTask }, data: inMemory<Model>() }).run(() => new Model())

export const renamed = defineTask({ name: 'other_name', data: t.number }).run(() => 1)
export const moved = defineTask({ group: 'reports:daily', data: t.string }).run(() => 'a')
export const placed = defineTask({ name: 'summary', group: 'reports', data: t.boolean }).run(() => true)
