import * as t from 'io-ts'
import { ndarray, table } from '../../src/data/index.js'
import {
  cached,
  formatCache,
  itemCache,
  jsonCache,
  once,
  memoryCache,
  noCache,
  parallelMap,
  retrying,
  type Cache,
} from '../../src/helpers/index.js'
import { memoryStore } from '../../src/store/index.js'
import type { Equal, Expect } from './expect.js'
import { Movie } from './movies.js'

// a cached function takes and gives what the function does
declare const fetchMovie: (query: { id: number; verbose: boolean }, retries?: number) => Promise<Movie>
export const details = cached(fetchMovie, {
  cache: jsonCache('cache', Movie),
  ignore: ['verbose', 1],
  key: ({ id }) => id,
  version: 2,
})
type _cached = [
  Expect<Equal<Parameters<typeof details>, Parameters<typeof fetchMovie>>>,
  Expect<Equal<ReturnType<typeof details>, Promise<Movie>>>,
  Expect<Equal<ReturnType<typeof details.get>, Promise<Movie | undefined>>>,
  Expect<Equal<Parameters<typeof details.put>[1], Movie>>,
]
export const sync = cached((a: number, b: string) => `${a}${b}`, { cache: noCache() })
type _sync = [
  Expect<Equal<Parameters<typeof sync>, [a: number, b: string]>>,
  Expect<Equal<ReturnType<typeof sync>, Promise<string>>>,
]
export const others = [
  cached(fetchMovie, { cache: memoryCache() }),
  cached(fetchMovie, { cache: jsonCache('cache') }),
] as const
export const rows = cached((from: number) => [{ title: 'a', votes: from }], {
  cache: formatCache('cache', table(Movie)),
})
type _rows = Expect<Equal<ReturnType<typeof rows>, Promise<ReturnType<typeof table<Movie>>['_A']>>>
type _others = Expect<Equal<Awaited<ReturnType<(typeof others)[0 | 1]>>, Movie>>
export const arrays: Cache<ReturnType<typeof ndarray<'float64'>>['_A']> = formatCache('cache', ndarray('float64'))

// a wrapper that is generic in the function keeps its types on the way
export const patiently = cached(retrying(fetchMovie, { attempts: 3 }), { cache: jsonCache('cache', Movie) })
export const paid = cached(retrying(fetchMovie, { attempts: 3 }), {
  cache: itemCache(memoryStore(), 'movies', { codec: Movie, before: jsonCache('cache', Movie) }),
})
type _paid = Expect<Equal<ReturnType<typeof paid>, Promise<Movie>>>
type _patiently = [
  Expect<Equal<Parameters<typeof patiently>, Parameters<typeof fetchMovie>>>,
  Expect<Equal<ReturnType<typeof patiently>, Promise<Movie>>>,
]

export const refused = [
  // @ts-expect-error the cache keeps strings, the function gives movies
  cached(fetchMovie, { cache: jsonCache('cache', t.string) }),
  // @ts-expect-error nor is it given through a wrapper
  cached(retrying(fetchMovie, { attempts: 3 }), { cache: jsonCache('cache', t.string) }),
  // @ts-expect-error no such field in the first argument
  cached(fetchMovie, { cache: noCache(), ignore: ['verbos'] }),
]

export const model = once(async () => new Map([['a', 1]]))
export const lengths = parallelMap(['a', 'b'], (item, index) => item.length + index, {
  concurrency: 2,
  progress: (done, total) => void (done / total),
})
export const patient = retrying(fetchMovie, {
  attempts: 3,
  when: (problem, attempt) => problem instanceof Error && attempt < 2,
})
type _rest = [
  Expect<Equal<typeof model, () => Promise<Map<string, number>>>>,
  Expect<Equal<typeof lengths, Promise<number[]>>>,
  Expect<Equal<typeof patient, (query: { id: number; verbose: boolean }, retries?: number) => Promise<Movie>>>,
]
