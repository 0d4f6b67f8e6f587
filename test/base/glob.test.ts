import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGlob } from '../../src/base/glob.js'

/** Whether one part of a pattern fits a name. */
const fits = (pattern: string, name: string): boolean => {
  const glob = readGlob(pattern)
  if ('problem' in glob) throw new Error(glob.problem)
  const [part] = glob.parts
  return part?._tag === 'some' ? part.matches(name) : part?._tag === 'name' && part.name === name
}

describe('a part of a pattern', () => {
  test.each([
    ['*.csv', 'a.csv', true],
    ['*.csv', '.csv', false],
    ['.*', '.csv', true],
    ['*.csv', 'a.CSV', false],
    ['a?c', 'a😀c', true],
    ['a?c', 'ac', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]-]', ']', true],
    ['[]-]', '-', true],
    ['[a-]', '-', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a.b', 'aXb', false],
    ['{a,b}', '{a,b}', true],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b', 'ab-ba', false],
    ['é*', 'été', true],
  ])('%s, %s: %s', (pattern, name, expected) => {
    expect(fits(pattern, name)).toBe(expected)
  })

  test('fits what a slow and simple matcher fits', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 7 })
    const slow = (pattern: readonly string[], name: readonly string[]): boolean => {
      const [first, ...rest] = pattern
      if (first === undefined) return name.length === 0
      if (first === '*') return slow(rest, name) || (name.length > 0 && slow(pattern, name.slice(1)))
      return name.length > 0 && (first === '?' || first === name[0]) && slow(rest, name.slice(1))
    }
    fc.assert(
      fc.property(letters, fc.array(fc.constantFrom('a', 'b'), { maxLength: 7 }), (pattern, name) => {
        fc.pre(pattern.length > 0 && pattern.join('') !== '**')
        expect(fits(pattern.join(''), name.join(''))).toBe(slow(pattern, name))
      }),
      { numRuns: 500 },
    )
  })

  test('with many stars takes no long time', () => {
    expect(fits(`${'*a'.repeat(60)}b`, 'a'.repeat(250))).toBe(false)
  })
})

test('starts from what has no special letters', () => {
  expect(readGlob('data/raw/*.csv')).toMatchObject({ base: 'data/raw', parts: [{ _tag: 'some' }] })
  expect(readGlob('/mnt/**/a.csv')).toMatchObject({ base: '/mnt', parts: [{ _tag: 'any depth' }, { name: 'a.csv' }] })
  expect(readGlob('./a.csv')).toEqual({ base: '', parts: [{ _tag: 'name', name: 'a.csv' }] })
  expect(readGlob('../x/**')).toMatchObject({ base: '../x', parts: [{ _tag: 'any depth' }, { _tag: 'some' }] })
})

test.each([
  ['data/[a', "'[a' has a '[' that is not closed"],
  ['[z-a]', 'has a range that ends before it begins'],
  ['a\\', "ends with a '\\'"],
  ['data/', 'a pattern must end with the name of files'],
  ['/', 'a pattern must end with the name of files'],
])('%s is refused: %s', (pattern, problem) => {
  expect(readGlob(pattern)).toMatchObject({ problem: expect.stringContaining(problem) })
})
