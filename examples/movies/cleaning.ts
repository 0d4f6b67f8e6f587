import type { Movie, RawMovie } from './movie.js'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The source was made in 2010 and announces films up to 2011; later years are wrong by a century. */
const lastYear = 2011

/** `Dec 15 2039` → `1939-12-15`: Gone with the Wind is not science fiction. */
export const parseReleased = (date: string): string => {
  const [month = '', day = '', year = ''] = date.split(' ')
  const number = months.indexOf(month) + 1
  if (number === 0 || !/^\d\d \d{4}$/.test(`${day} ${year}`)) throw new Error(`no release date: '${date}'`)
  const century = Number(year) > lastYear ? 100 : 0
  return `${Number(year) - century}-${String(number).padStart(2, '0')}-${day}`
}

/** A cleaned film; undefined if title, rating or votes are unknown. */
export const cleanMovie = (raw: RawMovie, id: number): Movie | undefined => {
  const { Title: title, 'IMDB Rating': rating, 'IMDB Votes': votes } = raw
  if (title === null || rating === null || votes === null) return undefined
  const released = parseReleased(raw['Release Date'])
  return {
    id,
    title: String(title),
    released,
    year: Number(released.slice(0, 4)),
    rating,
    votes,
    critics: raw['Rotten Tomatoes Rating'],
    minutes: raw['Running Time min'],
    budget: raw['Production Budget'],
    genre: raw['Major Genre'],
    mpaa: raw['MPAA Rating'],
    creativeType: raw['Creative Type'],
    source: raw.Source,
    distributor: raw.Distributor,
    director: raw.Director,
  }
}

/**
 * Films whose rating is certainly their own. The source gives a remake and its original the same rating and votes
 * (Casino Royale of 1967 and of 2006): one of the two is wrong, there is no way to know which, and split over training
 * and test they would leak the answer.
 */
export const withoutSharedRatings = (movies: readonly Movie[]): Movie[] => {
  const sameRating = (movie: Movie): string => JSON.stringify([movie.title, movie.rating, movie.votes])
  const times = new Map<string, number>()
  for (const movie of movies) times.set(sameRating(movie), (times.get(sameRating(movie)) ?? 0) + 1)
  return movies.filter((movie) => times.get(sameRating(movie)) === 1)
}
