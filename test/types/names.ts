import * as t from 'io-ts'
import type { Lines } from '../../src/data/index.js'
import { defineProject, defineTask, type Chain, type TaskHandle } from '../../src/index.js'
import type { NamesOf, ValuesOf } from '../../src/types/index.js'
import type { Equal, Expect } from './expect.js'
import * as movies from './movies.js'

const longNameOfTheTask = defineTask({ data: t.number }).run(() => 1)
const project = defineProject({
  pipelines: {
    movies,
    ratingModel: {
      longNameOfTheTask,
      deeper: { X: longNameOfTheTask, note: 'no task', evenDeeper: { last: movies.words } },
    },
  },
})

type Names = NamesOf<typeof project.pipelines>
type _names = Expect<
  Equal<
    Names,
    | 'movies:all_movies'
    | 'movies:filtered_movies'
    | 'movies:words'
    | 'movies:exported'
    | 'movies:trained'
    | 'movies:other_name'
    | 'reports:daily:moved'
    | 'reports:summary'
    | 'rating_model:long_name_of_the'
    | 'rating_model:deeper:x'
    | 'rating_model:deeper:even_deeper:last'
  >
>
type _values = [
  Expect<Equal<ValuesOf<typeof project.pipelines>['movies:all_movies'], movies.Movie[]>>,
  Expect<Equal<ValuesOf<typeof project.pipelines>['reports:summary'], boolean>>,
  Expect<Equal<keyof ValuesOf<typeof project.pipelines>, Names>>,
]

declare const chain: Chain<typeof project.pipelines>
export const asked = async () => {
  const answers = [
    await chain.value(movies.allMovies),
    await chain.value('movies:all_movies'),
    await chain.value('all_movies'),
    await chain.in('train').value('train::movies:all_movies'),
    await chain.value('a::b::filtered_movies'),
    await chain.task(movies.filteredMoviesTask).value(),
    await chain.task('filtered_movies').value(),
  ] as const
  type _ = [
    Expect<Equal<(typeof answers)[number], movies.Movie[]>>,
    Expect<Equal<Awaited<ReturnType<typeof chain.value<'summary'>>>, boolean>>,
  ]
  return answers
}
export const handle = chain.task('last')
type _handle = Expect<Equal<typeof handle, TaskHandle<Lines<string>>>>

// what a chain hands out can be asked for again; of a name that is only known later the value is unknown
export const again = async () => {
  for (const { fullName } of await chain.tasks()) {
    const answer = await chain.task(fullName).value()
    type _ = Expect<Equal<typeof answer, unknown>>
    await chain.value(fullName)
  }
  for (const [name] of await chain.states()) chain.requirements(name)
  for (const { id } of chain.plan.nodes) await chain.force(id)
  await chain.run(await chain.force(['all_movies', movies.words]))
  await chain.run(chain.dependents(movies.allMovies))
  await chain.force('all_movies')
  await chain.force(movies.allMovies, { mark: true })
  chain.release(await chain.force('all_movies'))
  await chain.storedDependents(chain.dependents(movies.allMovies))
  await chain.drifted(await chain.force(movies.allMovies))
}

export const unknown = () => [
  // @ts-expect-error no task is called so
  chain.run([movies.allMovies, 'filterd']),
  // @ts-expect-error one of them
  chain.force(['all_movies', 'filterd']),
  // @ts-expect-error nor one alone
  chain.force('filterd'),
  // @ts-expect-error nor in memory
  chain.release('filterd'),
  // @ts-expect-error nor here
  chain.dependents('filterd'),
  // @ts-expect-error no task is called so
  chain.value('movies:filterd'),
  // @ts-expect-error nor in a namespace
  chain.value('train::movies:filterd'),
  // @ts-expect-error nor by a short name
  chain.task('filterd'),
]

// a chain whose project is not known takes any name, and any chain is such a chain
export const anyChain = (any: Chain, name: string): Promise<unknown> => any.value(name)
export const passed = anyChain(chain, 'movies:all_movies')
