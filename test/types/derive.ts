import * as t from 'io-ts'
import { directory, jsonLines, type Lines } from '../../src/data/index.js'
import {
  defineTask,
  defineTemplate,
  derive,
  from,
  json,
  optional,
  param,
  type Task,
  type Template,
} from '../../src/index.js'
import type { Equal, Expect } from './expect.js'
import { allMovies, filteredMoviesTask, Movie, trained } from './movies.js'

const feature = defineTemplate({
  inputs: { movies: filteredMoviesTask, first: allMovies },
  params: { top: param(t.number, { default: 3 }), label: t.string },
  data: t.array(t.string),
  meta: { part: 'train', weight: 1 },
  helpers: { pick: (movie: Movie) => movie.title, other: () => 1 },
}).run(({ movies, top }, { helpers, meta, inputs }) => {
  type _ = [
    Expect<Equal<typeof meta, { part: string; weight: number }>>,
    Expect<Equal<typeof inputs.movies.name, string>>,
  ]
  return movies.slice(0, top).map(helpers.pick)
})

// a template is no task, and so no input
feature satisfies Template<any>
// @ts-expect-error a template is never part of a chain
export const wrong = defineTask({ inputs: { feature }, data: t.number })

// a derived task is a plain task; names count like in defineTask
export const directors = derive(feature, { helpers: { pick: (movie) => `${movie.title} ${movie.votes}` } })
export const named = derive(feature, { name: 'genres', group: 'features', meta: { part: 'test' } })
type _derived = [
  Expect<Equal<typeof directors, Task<string[], { movies: Movie[]; first: Movie[]; top: number; label: string }>>>,
  Expect<Equal<(typeof named)['_name'], 'features:genres'>>,
]

// a helper that gives a literal may be replaced by one that gives another
const literals = defineTemplate({
  data: t.string,
  helpers: { getValue: () => 'a', count: () => 1, kind: (): 'a' | 'b' => 'a', same: <A>(value: A) => value, fixed: 3 },
}).run((_, { helpers }) => {
  type _ = Expect<
    Equal<
      typeof helpers,
      { getValue: () => string; count: () => number; kind: () => 'a' | 'b'; same: <A>(value: A) => A; fixed: number }
    >
  >
  return helpers.getValue()
})
export const replaced = derive(literals, { helpers: { getValue: () => 'b', count: () => 2, kind: () => 'b' } })
// @ts-expect-error a type that is said stays as narrow
export const notReplaced = derive(literals, { helpers: { kind: () => 'c' } })

// other inputs, of values that run can take in their place
const narrower = defineTask({ data: t.array(t.type({ title: t.string, votes: t.number, genre: t.string })) }).run(
  () => [],
)
export const rewired = [
  derive(feature, { inputs: { movies: narrower } }),
  derive(feature, { inputs: { movies: from('train', narrower), first: optional(narrower, []) } }),
  derive(feature, { params: { top: param(t.Int, { default: 1 as t.Int }) } }),
]
export const refusedInputs = [
  // @ts-expect-error a model is no list of movies
  derive(feature, { inputs: { movies: trained } }),
  // @ts-expect-error null is not handled by the template's run
  derive(feature, { inputs: { movies: optional(narrower, null) } }),
  // @ts-expect-error the template has no such input
  derive(feature, { inputs: { film: narrower } }),
  // @ts-expect-error a param of another type
  derive(feature, { params: { top: t.string } }),
  // @ts-expect-error a helper of another type
  derive(feature, { helpers: { pick: (movie: Movie) => movie.votes } }),
  // @ts-expect-error no such helper
  derive(feature, { helpers: { pack: () => 1 } }),
  // @ts-expect-error meta of another type
  derive(feature, { meta: { part: 1 } }),
]

// data that accepts what run returns
export const asLines = derive(feature, { data: jsonLines(t.string) })
export const wider = derive(feature, { data: t.array(t.union([t.string, t.number])) })
type _data = [
  Expect<Equal<(typeof wider)['_A'], (string | number)[]>>,
  Expect<Equal<(typeof asLines)['_A'], Lines<string>>>,
]
export const refusedData = [
  // @ts-expect-error strings are no numbers
  derive(feature, { data: t.array(t.number) }),
  // @ts-expect-error run returns strings, a folder takes nothing
  derive(feature, { data: directory() }),
]
const inFolder = defineTemplate({ data: directory() }).run((_, { dir }) => void dir)
// @ts-expect-error run uses `dir`
export const withoutTools = derive(inFolder, { data: json(t.unknown) })

// deriving from a task: name, meta and inputs
export const sameTask = derive(filteredMoviesTask, { name: 'again' })
export const otherInput = derive(filteredMoviesTask, { inputs: { allMovies: narrower } })
type _task = [
  Expect<Equal<(typeof sameTask)['_name'], 'again'>>,
  Expect<Equal<(typeof otherInput)['_A'], Movie[]>>,
  Expect<Equal<typeof otherInput, Task<Movie[], { allMovies: Movie[]; minVotes: number; verbose: boolean }>>>,
]
export const refusedChanges = [
  // @ts-expect-error a model is no list of movies
  derive(filteredMoviesTask, { inputs: { allMovies: trained } }),
  // @ts-expect-error data is the template's affair
  derive(filteredMoviesTask, { data: t.number }),
]
