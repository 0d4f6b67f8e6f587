import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearest, suggester } from '../../src/base/suggest.js'

describe('nearest', () => {
  test('case, camel and dashes are no differences', () => {
    expect(nearest('minVotes', ['min_votes', 'from_year'])).toEqual(['min_votes'])
    expect(nearest('min-votes', ['min_votes', 'MIN_VOTES'])).toEqual(['MIN_VOTES', 'min_votes'])
  })

  test('a slip, a missing letter and two swapped letters are near', () => {
    expect(nearest('min_vots', ['min_votes'])).toEqual(['min_votes'])
    expect(nearest('mni_votes', ['min_votes'])).toEqual(['min_votes'])
    expect(nearest('form', ['from'])).toEqual(['from'])
  })

  test('another word is not', () => {
    expect(nearest('min_votes', ['max_rating', 'year', 'to', 'x'])).toEqual([])
    expect(nearest('', ['a', 'b'])).toEqual([])
  })

  test('a bare name is held against the last segment too, the whole name first', () => {
    expect(nearest('filterd', ['movies:filtered', 'filtered', 'ratings:data'])).toEqual(['filtered', 'movies:filtered'])
    expect(nearest('movies:filterd', ['other:filtered', 'movies:filtered'])).toEqual(['movies:filtered'])
  })

  test('at most max, best first, ties by name, never the name itself', () => {
    expect(nearest('feature_1', ['feature_4', 'feature_3', 'feature_2', 'feature_1', 'feature_5'])).toEqual([
      'feature_2',
      'feature_3',
      'feature_4',
    ])
    expect(nearest('feature_1', ['feature_4', 'feature_3'], 1)).toEqual(['feature_3'])
  })

  test('huge names are only compared for equality', () => {
    const huge = 'a'.repeat(1_000_000)
    expect(nearest(huge, [`${huge}b`, huge.toUpperCase()])).toEqual([huge.toUpperCase()])
    expect(nearest('abc', [huge])).toEqual([])
  })

  test('one slip anywhere in a name of four letters or more is always found', () => {
    const name = fc.stringMatching(/^[a-z]{4,20}$/)
    fc.assert(
      fc.property(name, fc.nat(), fc.constantFrom('x', 'q', ''), (word, at, letter) => {
        const place = at % word.length
        const slip = word.slice(0, place) + letter + word.slice(place + 1)
        fc.pre(slip !== word)
        expect(nearest(slip, ['zzzzzzzz_never', word])).toContain(word)
      }),
    )
  })

  test('the order of candidates does not matter', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.stringMatching(/^[a-c_]{1,5}$/)), (name, candidates) => {
        expect(nearest(name, candidates)).toEqual(nearest(name, [...candidates].reverse()))
      }),
    )
  })

  test('a suggester can be asked thousands of times', () => {
    const near = suggester(Array.from({ length: 10_000 }, (_, index) => `group_${index % 100}:task_${index}`))
    expect(near('group_7:taks_107')).toContain('group_7:task_107')
  })
})
