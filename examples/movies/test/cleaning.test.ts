import { expect, test } from 'vitest'
import { cleanMovie, parseReleased, withoutSharedRatings } from '../cleaning.js'
import { movie, rawMovie } from './films.js'

test('a date after the source was made is a century off', () => {
  expect(parseReleased('Dec 15 2039')).toBe('1939-12-15')
  expect(parseReleased('Jul 16 2010')).toBe('2010-07-16')
  expect(parseReleased('Jun 05 1998')).toBe('1998-06-05')
})

test('what is no date is an error that shows it', () => {
  expect(() => parseReleased('1998')).toThrow("no release date: '1998'")
  expect(() => parseReleased('Foo 05 1998')).toThrow("no release date: 'Foo 05 1998'")
})

test('numeric titles become text, unknown values stay null', () => {
  expect(
    cleanMovie(rawMovie({ Title: 300, 'Release Date': 'Mar 09 2007', 'IMDB Rating': 7.8, 'IMDB Votes': 235508 }), 7),
  ).toEqual(movie({ id: 7, title: '300', released: '2007-03-09', year: 2007, rating: 7.8, votes: 235508 }))
})

test('films without title, rating or votes are left out', () => {
  expect(cleanMovie(rawMovie({ Title: null }), 0)).toBeUndefined()
  expect(cleanMovie(rawMovie({ 'IMDB Rating': null }), 0)).toBeUndefined()
  expect(cleanMovie(rawMovie({ 'IMDB Votes': null }), 0)).toBeUndefined()
})

test('a remake and its original with one rating are both left out', () => {
  const [bond, remake, alien] = [
    movie({ title: 'Casino Royale', year: 1967, rating: 8, votes: 172936 }),
    movie({ title: 'Casino Royale', year: 2006, rating: 8, votes: 172936 }),
    movie({ title: 'Alien', year: 1979, rating: 8, votes: 172936 }),
  ]
  expect(withoutSharedRatings([bond, remake, alien])).toEqual([alien])
})
