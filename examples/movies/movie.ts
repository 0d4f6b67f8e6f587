import * as t from 'io-ts'

/** A film as in the source: titles like 300 are numbers, dates are text, and much is unknown. */
export interface RawMovie {
  readonly Title: string | number | null
  readonly 'Release Date': string
  readonly 'IMDB Rating': number | null
  readonly 'IMDB Votes': number | null
  readonly 'Rotten Tomatoes Rating': number | null
  readonly 'Running Time min': number | null
  readonly 'Production Budget': number | null
  readonly 'Major Genre': string | null
  readonly 'MPAA Rating': string | null
  readonly 'Creative Type': string | null
  readonly Source: string | null
  readonly Distributor: string | null
  readonly Director: string | null
}

/** A cleaned film that all other tasks can rely on. */
export interface Movie {
  /** Its position in the source. */
  readonly id: number
  readonly title: string
  /** Day of release, `1939-12-15`. */
  readonly released: string
  readonly year: number
  /** The IMDB rating, 1 to 10. */
  readonly rating: number
  readonly votes: number
  /** Share of critics who liked it, in percent. */
  readonly critics: number | null
  readonly minutes: number | null
  /** In US dollars. */
  readonly budget: number | null
  readonly genre: string | null
  readonly mpaa: string | null
  readonly creativeType: string | null
  readonly source: string | null
  readonly distributor: string | null
  readonly director: string | null
}

const text = t.union([t.string, t.null])
const number = t.union([t.number, t.null])

export const RawMovie: t.Type<RawMovie> = t.type(
  {
    Title: t.union([t.string, t.number, t.null]),
    'Release Date': t.string,
    'IMDB Rating': number,
    'IMDB Votes': number,
    'Rotten Tomatoes Rating': number,
    'Running Time min': number,
    'Production Budget': number,
    'Major Genre': text,
    'MPAA Rating': text,
    'Creative Type': text,
    Source: text,
    Distributor: text,
    Director: text,
  },
  'RawMovie',
)

export const Movie: t.Type<Movie> = t.type(
  {
    id: t.number,
    title: t.string,
    released: t.string,
    year: t.number,
    rating: t.number,
    votes: t.number,
    critics: number,
    minutes: number,
    budget: number,
    genre: text,
    mpaa: text,
    creativeType: text,
    source: text,
    distributor: text,
    director: text,
  },
  'Movie',
)
