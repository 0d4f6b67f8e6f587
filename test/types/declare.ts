import * as t from 'io-ts'
import { date, directory, jsonLines, table, type DirectoryPath, type Lines } from '../../src/data/index.js'
import { defineTask, from, inMemory, json, lazy, matching, optional, param, ref, type Task } from '../../src/index.js'
import type { InputHandle } from '../../src/types/index.js'
import type { Equal, Expect } from './expect.js'
import { allMovies, exported, filteredMoviesTask, Movie, trained, words, type Model } from './movies.js'

/** Handles call thunks of lazy inputs. */
type Called<A> = A extends () => Promise<infer V> ? V : A

// what `run` receives is inferred from the declarations alone
export const everyInput = defineTask({
  inputs: {
    movies: allMovies,
    train: from('train', filteredMoviesTask),
    personal: optional(filteredMoviesTask, null),
    orEmpty: optional(filteredMoviesTask, []),
    orWord: optional(filteredMoviesTask, 'none'),
    elsewhere: optional(from('::valid', words), null),
    thunk: lazy(optional(from('valid', filteredMoviesTask), null)),
    lazyWords: lazy(words),
    named: ref('reports:summary', t.type({ mean: t.number })),
    byPattern: matching(/feature_.*/, t.array(t.number)),
    byShortPattern: ref('~feature_.*', t.array(t.number)),
    everywhere: ref('~~.*:mask', filteredMoviesTask),
    matchingElsewhere: from('train', matching(/feature_.*/, json(t.number))),
    model: trained,
    folderPath: exported,
  },
  params: {
    limit: t.Int,
    names: param(t.array(t.string), { default: ['a'] }),
    maybe: param(t.union([t.number, t.null]), { default: null }),
  },
  data: t.number,
}).run((args, context) => {
  type Args = typeof args
  type _args = [
    Expect<Equal<Args['movies'], Movie[]>>,
    Expect<Equal<Args['train'], Movie[]>>,
    Expect<Equal<Args['personal'], Movie[] | null>>,
    Expect<Equal<Args['orEmpty'], Movie[]>>,
    Expect<Equal<Args['orWord'], Movie[] | 'none'>>,
    Expect<Equal<Args['elsewhere'], Lines<string> | null>>,
    Expect<Equal<Args['thunk'], () => Promise<Movie[] | null>>>,
    Expect<Equal<Args['lazyWords'], () => Promise<Lines<string>>>>,
    Expect<Equal<Args['named'], { mean: number }>>,
    Expect<Equal<Args['byPattern'], Readonly<Record<string, number[]>>>>,
    Expect<Equal<Args['byShortPattern'], Readonly<Record<string, number[]>>>>,
    Expect<Equal<Args['everywhere'], Readonly<Record<string, Movie[]>>>>,
    Expect<Equal<Args['matchingElsewhere'], Readonly<Record<string, number>>>>,
    Expect<Equal<Args['model'], Model>>,
    Expect<Equal<Args['folderPath'], DirectoryPath>>,
    Expect<Equal<Args['limit'], t.Branded<number, t.IntBrand>>>,
    Expect<Equal<Args['names'], string[]>>,
    Expect<Equal<Args['maybe'], number | null>>,
  ]
  type _context = [
    Expect<Equal<typeof context.inputs.movies, InputHandle<Movie[]>>>,
    Expect<Equal<ReturnType<typeof context.inputs.personal.value>, Promise<Movie[] | null>>>,
    Expect<
      Equal<(typeof context.inputs)[0], InputHandle<Called<Args[Exclude<keyof Args, 'limit' | 'names' | 'maybe'>]>>>
    >,
    Expect<Equal<ReturnType<typeof context.inputs.lazyWords.value>, Promise<Lines<string>>>>,
    Expect<Equal<typeof context.params.names, string[]>>,
    Expect<Equal<typeof context.meta, undefined>>,
    Expect<Equal<typeof context.signal, AbortSignal>>,
  ]
  context.note({ any: ['record'] })
  context.progress(1, 2)
  return args.limit + context.params.limit
})

// the handles of a context by position hold any of the inputs' values
export const byPosition = defineTask({
  inputs: { first: allMovies, second: filteredMoviesTask },
  data: t.number,
}).run(async (_, { inputs, note, progress, log: { info } }) => {
  const movies = await inputs[0]?.value()
  type _ = Expect<Equal<typeof movies, Movie[] | undefined>>
  note('functions of the context')
  progress(1)
  info('can be taken out of it')
  return movies?.length ?? 0
})

// the handle of a lazy input gives its value, not another thunk
export const byLazyHandle = defineTask({
  inputs: { later: lazy(allMovies), perhaps: optional(lazy(allMovies), null) },
  data: t.number,
}).run(async (_, { inputs }) => {
  const later = await inputs.later.value()
  const perhaps = await inputs.perhaps.value()
  const either = await inputs[1]?.value()
  type _ = [
    Expect<Equal<typeof later, Movie[]>>,
    Expect<Equal<typeof perhaps, Movie[] | null>>,
    Expect<Equal<typeof either, Movie[] | null | undefined>>,
  ]
  return later.length + (perhaps ?? []).length
})

// attributes and helper functions of one's own
export const carried = defineTask({
  meta: { feature: true, weight: 2 },
  helpers: { twice: (n: number) => n * 2 },
  data: t.number,
}).run((_, { meta, helpers }) => {
  type _ = [
    Expect<Equal<typeof meta, { feature: boolean; weight: number }>>,
    Expect<Equal<typeof helpers, { twice: (n: number) => number }>>,
  ]
  return helpers.twice(meta.weight)
})

// what readers get, what `run` returns and what the context gains are three things
type _formats = [
  Expect<Equal<(typeof words)['_A'], Lines<string>>>,
  Expect<Equal<(typeof exported)['_A'], DirectoryPath>>,
  Expect<Equal<(typeof trained)['_A'], Model>>,
]
export const fromArray = defineTask({ data: jsonLines(t.string) }).run(() => ['a', 'b'])
export const fromPromise = defineTask({ data: jsonLines(t.string) }).run(async () => ['a', 'b'])
export const fromGenerator = defineTask({ data: jsonLines(Movie) }).run(function* () {
  yield { title: 'a', votes: 1 }
})
export const inFolder = defineTask({ data: directory() }).run(async (_, { dir }) => {
  dir satisfies string
})
export const later = defineTask({ data: t.number }).run(async () => 1)

// a task's type mentions the values of its inputs, never its inputs
type _shape = Expect<
  Equal<typeof filteredMoviesTask, Task<Movie[], { allMovies: Movie[]; minVotes: number; verbose: boolean }>>
>

// any task is a Task; a task of a value is a Task of what the value can stand for
allMovies satisfies Task
allMovies satisfies Task<readonly Movie[]>
allMovies satisfies Task<readonly { readonly title: string }[]>
// @ts-expect-error the value is not a list of strings
allMovies satisfies Task<string[]>

// a generic function that returns a task, generic in the row
const selection = <Row>(source: Task<readonly Row[]>, row: t.Type<Row, unknown>, part: boolean) =>
  defineTask({
    inputs: { source, mask: ref('mask', t.array(t.boolean)) },
    params: { seed: t.number },
    data: json(t.array(row)),
  }).run(({ source, mask }) => source.filter((_, index) => mask[index] === part))
export const trainX = selection(filteredMoviesTask, Movie, true)
type _generic = Expect<Equal<(typeof trainX)['_A'], Movie[]>>

// a row whose codec changes a field is typed by its value alone
interface Premiere {
  readonly title: string
  readonly at: Date
}
const Premiere: t.Type<Premiere, unknown> = t.type({ title: t.string, at: date })
export const premieres = [
  defineTask({ data: table(Premiere) }).run(() => [{ title: 'a', at: new Date(0) }]),
  defineTask({ data: t.array(Premiere) }).run(() => [{ title: 'a', at: new Date(0) }]),
]

// JSON-kept types: what comes back is accepted …
interface Tree {
  readonly name: string
  readonly children: readonly Tree[]
}
declare const Tree: t.Type<Tree>
declare const Numbers: t.Type<readonly number[]>
declare const Pair: t.Type<[string, number]>
declare const Dated: t.Type<{ released: Date }, { released: string }>
declare const Anything: t.Type<any>
export const accepted = [
  defineTask({ data: Tree }),
  defineTask({ data: Numbers }),
  defineTask({ data: Pair }),
  defineTask({ data: Dated }),
  defineTask({ data: Anything }),
  defineTask({ data: t.unknown }),
  defineTask({ data: t.UnknownRecord }),
  defineTask({ data: t.Int }),
  defineTask({ data: t.intersection([t.type({ a: t.string }), t.partial({ b: t.Int, c: Movie })]) }),
  defineTask({ data: t.record(t.string, t.union([t.literal('a'), t.null, t.array(Movie)])) }),
  defineTask({ data: t.readonlyArray(t.readonly(t.type({ a: t.tuple([t.number, t.string]) }))) }),
  defineTask({ data: t.keyof({ a: null, b: null }) }),
  defineTask({ data: json(t.array(Movie)) }),
  defineTask({ data: inMemory<Map<string, Date>>() }),
]

// … and what does not is refused, however deep
class Point {
  x = 0
  norm(): number {
    return this.x
  }
}
declare const bad: {
  date: t.Type<Date>
  deep: t.Type<{ readonly list: readonly { readonly when: Date }[] }>
  instance: t.Type<Point>
  map: t.Type<{ m: Map<string, number> }>
  optionalDate: t.Type<{ a?: Date }>
  union: t.Type<string | bigint>
  tuple: t.Type<[number, undefined]>
  nothing: t.Type<void>
}
export const refused = [
  // @ts-expect-error a Date
  defineTask({ data: bad.date }),
  // @ts-expect-error a Date at /list/*/when
  defineTask({ data: bad.deep }),
  // @ts-expect-error a class instance
  defineTask({ data: bad.instance }),
  // @ts-expect-error a Map
  defineTask({ data: bad.map }),
  // @ts-expect-error a Date that may be absent
  defineTask({ data: bad.optionalDate }),
  // @ts-expect-error one branch of a union
  defineTask({ data: bad.union }),
  // @ts-expect-error undefined inside a tuple
  defineTask({ data: bad.tuple }),
  // @ts-expect-error nothing at all
  defineTask({ data: bad.nothing }),
  // @ts-expect-error undefined in a field that must be there
  defineTask({ data: t.type({ a: t.union([t.string, t.undefined]) }) }),
  // @ts-expect-error json() says the same as a codec alone
  defineTask({ data: json(bad.deep) }),
]
