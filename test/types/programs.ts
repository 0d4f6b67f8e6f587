import * as t from 'io-ts'
import { jsonLines, ndarray, text } from '../../src/data/index.js'
import { asPath, defineTask, matching, optional, param, type Task } from '../../src/index.js'
import { command, writtenAs } from '../../src/programs/index.js'
import type { Equal, Expect } from './expect.js'
import { Movie } from './movies.js'

const movies = defineTask({ data: t.array(Movie) }).run(() => [])
const floor = defineTask({ data: t.number }).run(() => 1)

/** Names and types of inputs, params and files are known where arguments are made, without annotations. */
export const trained = command({
  inputs: {
    movies: asPath(movies),
    lines: writtenAs(movies, jsonLines(Movie)),
    all: asPath(matching(/a/, t.number)),
    none: optional(asPath(movies), null),
    floor,
  },
  params: { rate: param(t.number, { default: 1 }), key: param(t.string, { secret: true }) },
  files: { script: 'train.sh', locks: ['a.lock', 'b.lock'] },
  program: ({ files }) => {
    type _files = Expect<Equal<typeof files, { readonly script: string; readonly locks: readonly string[] }>>
    return files.script
  },
  args: ({ inputs, params, output, files }) => {
    type _inputs = Expect<
      Equal<
        typeof inputs,
        {
          readonly movies: string
          readonly lines: string
          readonly all: Readonly<Record<string, string>>
          readonly none: string | null
          readonly floor: number
        }
      >
    >
    type _params = Expect<Equal<typeof params, { readonly rate: number; readonly key: string }>>
    return [inputs.movies, inputs.floor, params.rate, output, ...files.locks]
  },
  env: ({ params }) => ({ KEY: params.key }),
  data: ndarray('float64'),
})
type _trained = Expect<
  Equal<
    typeof trained,
    Task<
      (typeof array)['_A'],
      {
        movies: string
        lines: Movie[]
        all: Readonly<Record<string, string>>
        none: string | null
        floor: number
        rate: number
        key: string
        script: string
        locks: string[]
      }
    >
  >
>
const array = ndarray('float64')

export const named = command({ name: 'counted', group: 'words', program: 'wc', data: text() })
type _named = Expect<Equal<(typeof named)['_name'], 'words:counted'>>
