import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { namePattern } from '../../src/plan/names/name-pattern.js'

const matches = (pattern: RegExp, name: string): boolean => {
  const ready = namePattern(pattern)
  if (!('matches' in ready)) throw new Error(`${pattern.source}: ${ready.problem}`)
  return ready.matches(name)
}

const single = fc.constantFrom(
  'a',
  'b',
  '_',
  '.',
  '[ab]',
  '[^a]',
  '[a-c_]',
  '\\w',
  '\\d',
  '\\W',
  'A',
  '\\.',
  ':',
  '\\x61',
  '\\u0062',
  '[\\]a]',
  '-',
  '}',
  ']',
  '\\/',
)
const quantifier = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '{0}', '*?', '+?', '{2}?')
const source = fc.letrec<{ term: string; all: string; any: string }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(single, quantifier).map((parts) => parts.join('')),
    fc.constantFrom('^', '$', '\\b', '\\B'),
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?<name>'), tie('any'), quantifier)
      .map(([open, inner, times]) => `${open}${inner})${times}`),
  ),
  all: fc.array(tie('term'), { maxLength: 4 }).map((parts) => parts.join('')),
  any: fc.array(tie('all'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|')),
})).any
const name = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c', '_', '.', ':', '1', 'A', '-') })

describe('patterns of names', () => {
  test('match what the engine matches in full', () => {
    fc.assert(
      fc.property(source, name, fc.constantFrom('', 'i', 'u', 's', 'm'), (text, one, flags) => {
        let whole: RegExp
        try {
          whole = new RegExp(`^(?:${text})$`, flags)
        } catch {
          return // two groups of one name, or what the flag u refuses
        }
        expect(matches(new RegExp(text, flags), one), `${text} on ${one}`).toBe(whole.test(one))
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    [/(a+)+b/, 'a'.repeat(200)],
    [/(a|a)*b/, 'a'.repeat(200)],
    [/(a|aa)+b/, 'a'.repeat(200)],
    [/(\w*)*:x/, 'a'.repeat(200)],
    [/(.*)*(.*)*(.*)*b/, 'a'.repeat(200)],
    [/.*.*.*.*.*.*.*.*.*.*b/, 'a'.repeat(200)],
    [/(?:(?:a?){100}){20}b/, 'a'.repeat(200)],
    [/(x+x+)+y/, 'x'.repeat(200)],
  ])('%s ends at once on what it does not match', (pattern, text) => {
    expect(matches(pattern, text)).toBe(false)
  })

  test('lookarounds and backreferences are left to the engine where they cannot explode', () => {
    expect([
      matches(/(?!test_).*_score/, 'train_score'),
      matches(/(?!test_).*_score/, 'test_score'),
      matches(/(a)b\1/, 'aba'),
      matches(/.*(?<!_raw)/, 'x_raw'),
    ]).toEqual([true, false, true, false])
  })

  test.each([
    [/(?=x)(a+)+b/],
    [/(a|b)*\1/],
    [/(?=a).*.*.*.*/],
    [/(?:(?:){20000}){20000}/],
    [/(?:a{1000}){1000}/],
    [new RegExp(`${'('.repeat(300)}a${')'.repeat(300)}`)],
    [new RegExp('a'.repeat(3000))],
  ])('%s is refused', (pattern) => {
    expect(namePattern(pattern)).toMatchObject({ problem: expect.any(String), hint: expect.any(String) })
  })

  test('names beyond ASCII are held against it by what the flags say', () => {
    expect([
      matches(/./u, '😀'),
      matches(/./, '😀'),
      matches(/../, '😀'),
      matches(/\p{L}+/u, 'äöü'),
      matches(/[Ä-Ü]/i, 'ö'),
    ]).toEqual([true, false, true, true, true])
  })
})
