import type { Movie, RawMovie } from '../movie.js'

/** A film with default values, except for those a test sets. */
export const movie = (said: Partial<Movie>): Movie => ({
  id: 0,
  title: 'Film',
  released: '2000-01-01',
  year: 2000,
  rating: 6,
  votes: 1000,
  critics: null,
  minutes: null,
  budget: null,
  genre: null,
  mpaa: null,
  creativeType: null,
  source: null,
  distributor: null,
  director: null,
  ...said,
})

/** The same in the form of the source. */
export const rawMovie = (said: Partial<RawMovie>): RawMovie => ({
  Title: 'Film',
  'Release Date': 'Jan 01 2000',
  'IMDB Rating': 6,
  'IMDB Votes': 1000,
  'Rotten Tomatoes Rating': null,
  'Running Time min': null,
  'Production Budget': null,
  'Major Genre': null,
  'MPAA Rating': null,
  'Creative Type': null,
  Source: null,
  Distributor: null,
  Director: null,
  ...said,
})
