// Values for the benchmarks of formats; the same every time.
import * as t from 'io-ts'

export interface Film {
  readonly id: number
  readonly title: string
  readonly rating: number
  readonly genre: string | null
  readonly votes: number
}
export const Film: t.Type<Film> = t.type({
  id: t.number,
  title: t.string,
  rating: t.number,
  genre: t.union([t.string, t.null]),
  votes: t.number,
})

const genres = ['Drama', 'Comedy', 'Thriller', 'Action', null]

export const film = (id: number): Film => ({
  id,
  title: `The film number ${id}`,
  rating: Math.round(Math.sin(id) * 100) / 10,
  genre: genres[id % 5] as string | null,
  votes: id * 7,
})

export const films = function* (length: number): Generator<Film> {
  for (let id = 0; id < length; id++) yield film(id)
}

/** Ten columns: integers, bigints, doubles and texts with and without repetition, two columns with gaps, booleans. */
export const Measured = t.type({
  i: t.Int,
  n: t.bigint,
  a: t.number,
  b: t.number,
  c: t.number,
  title: t.string,
  genre: t.string,
  d: t.union([t.number, t.null]),
  e: t.union([t.Int, t.null]),
  flag: t.boolean,
})
export type Measured = t.TypeOf<typeof Measured>

export const measured = (length: number): readonly Measured[] =>
  Array.from({ length }, (_, index) => ({
    i: index as t.Int,
    n: BigInt(index) * 1_000_003n,
    a: Math.sin(index),
    b: index / 8,
    c: (index * 37) % 1000,
    title: `The film number ${index}`,
    genre: genres[index % 4] as string,
    d: index % 3 === 0 ? null : Math.cos(index),
    e: index % 5 === 0 ? null : (index as t.Int),
    flag: index % 2 === 0,
  }))
