import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { param } from '../../src/declare/param.js'
import { defineTask } from '../../src/declare/task.js'
import { combinationsOf, distinction, mergePlans, maxCombinations } from '../../src/plan/sweep/combinations.js'
import { rangeValues, splitList } from '../../src/plan/sweep/sweep-values.js'
import { planOf } from '../../src/testing/plan-of.js'
import { left, right } from './fixtures.js'

describe('lists', () => {
  test('are split at commas, but not inside quotes and brackets', () => {
    expect(splitList('100,500')).toEqual(['100', '500'])
    expect(splitList('one')).toEqual(['one'])
    expect(splitList('')).toEqual([''])
    expect(splitList(' a , b ')).toEqual(['a', 'b'])
    expect(splitList('"a,b",\'c,d\',[1,[2,3]],{ a: 1, b: [2,3] }')).toEqual([
      '"a,b"',
      "'c,d'",
      '[1,[2,3]]',
      '{ a: 1, b: [2,3] }',
    ])
    expect(splitList("\"a \\\" ,\",'it''s, so',x")).toEqual(['"a \\" ,"', "'it''s, so'", 'x'])
    expect(splitList('["]",1],2')).toEqual(['["]",1]', '2'])
  })

  test('take quotes and brackets inside of plain text for letters', () => {
    expect(splitList("it's,a[0,b")).toEqual(["it's", 'a[0', 'b'])
  })

  test('end where the text ends, whatever is left open', () => {
    expect(splitList('[1,2')).toEqual(['[1,2'])
    expect(splitList('"a,b')).toEqual(['"a,b'])
    expect(splitList('1,')).toEqual(['1', ''])
  })

  test('of any values as JSON come apart as they were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (values) => {
        const pieces = values.map((value) => JSON.stringify(value))
        expect(splitList(pieces.join(','))).toEqual(pieces)
      }),
    )
  })
})

describe('ranges', () => {
  test('include their end where a step hits it', () => {
    expect(right(rangeValues('1..10:3'))).toEqual([1, 4, 7, 10])
    expect(right(rangeValues('1..10:2'))).toEqual([1, 3, 5, 7, 9])
    expect(right(rangeValues('3..1'))).toEqual([3, 2, 1])
    expect(right(rangeValues('5..5'))).toEqual([5])
    expect(right(rangeValues(' -1 .. 1 : 1 '))).toEqual([-1, 0, 1])
  })

  test('count in decimals and by factors', () => {
    expect(right(rangeValues('0.1..0.5:0.1'))).toEqual([0.1, 0.2, 0.3, 0.4, 0.5])
    expect(right(rangeValues('1e-3..3e-3:1e-3'))).toEqual([0.001, 0.002, 0.003])
    expect(right(rangeValues('0.001..1:*10'))).toEqual([0.001, 0.01, 0.1, 1])
    expect(right(rangeValues('8..1:*0.5'))).toEqual([8, 4, 2, 1])
  })

  test('that lead nowhere, or never end, say so', () => {
    for (const text of ['', '1', '1..', 'a..b', '1..10:', '1...3', '1..2..3'])
      expect(left(rangeValues(text))).toContain('use from..to')
    expect(left(rangeValues('1..10:0'))).toBe('no step of 0 leads from 1 to 10')
    expect(left(rangeValues('1..10:-1'))).toBe('no step of -1 leads from 1 to 10')
    expect(left(rangeValues('1..10:*1'))).toBe('no factor of 1 leads from 1 to 10')
    expect(left(rangeValues('0..10:*2'))).toBe('no factor of 2 leads from 0 to 10')
    expect(left(rangeValues('1..1e9'))).toContain('1000000000 values')
    expect(left(rangeValues('1..1e300'))).toContain('more digits')
  })

  test('are exact: tenths are those that a person would write', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 30 }),
        (from, length, step) => {
          const tenths = (count: number): string => (count / 10).toFixed(1)
          const expected = Array.from({ length: Math.floor(length / step) + 1 }, (_, index) =>
            Number(tenths(from + index * step)),
          )
          expect(right(rangeValues(`${tenths(from)}..${tenths(from + length)}:${tenths(step)}`))).toEqual(
            expected.map((value) => value + 0),
          )
        },
      ),
    )
  })
})

const axes = (spec: Readonly<Record<string, readonly unknown[]>>) =>
  Object.entries(spec).map(([name, values]) => ({ name, values }))

describe('combinations', () => {
  test('are crossed, the last name changing fastest', () => {
    expect(right(combinationsOf(axes({ a: [1, 2], b: ['x', 'y'] })))).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ])
  })

  test('are zipped where that is said; what has one value keeps it', () => {
    expect(right(combinationsOf(axes({ a: [1, 2], b: ['x', 'y'], c: [true] }), true))).toEqual([
      { a: 1, b: 'x', c: true },
      { a: 2, b: 'y', c: true },
    ])
  })

  test('cross groups of zipped names with the others', () => {
    expect(right(combinationsOf(axes({ a: [1, 2], s: [7, 8], b: ['x', 'y'] }), [['a', 'b']]))).toEqual([
      { a: 1, s: 7, b: 'x' },
      { a: 1, s: 8, b: 'x' },
      { a: 2, s: 7, b: 'y' },
      { a: 2, s: 8, b: 'y' },
    ])
  })

  test('that cannot be are told all at once', () => {
    expect(left(combinationsOf(axes({ votes: [1, 2], b: [1, 2, 3], none: [] }), [['votes', 'b'], ['vote']]))).toEqual([
      { _tag: 'BadOption', option: 'none', problem: 'it has no values' },
      { _tag: 'BadOption', option: 'zip', problem: "'vote' is not swept; did you mean 'votes'?" },
      {
        _tag: 'BadOption',
        option: 'zip',
        problem: "'votes' has 2 values, 'b' has 3 values: they need the same number",
      },
    ])
    const many = Array.from({ length: 1000 }, (_, index) => index)
    expect(left(combinationsOf(axes({ a: many, b: many })))).toEqual([
      { _tag: 'BadOption', option: 'sweep', problem: `1000000 combinations; at most ${maxCombinations} are allowed` },
    ])
  })

  test('are each there once, in the order of the lists', () => {
    const values = fc.array(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(values, (lists) => {
        const named = lists.map((list, index) => ({ name: `n${index}`, values: list }))
        const found = right(combinationsOf(named)).map((combination) =>
          named.map(({ name, values }) => values.indexOf(combination[name] as number)),
        )
        expect(found.length).toBe(lists.reduce((product, { length }) => product * length, 1))
        expect(new Set(found.map(String)).size).toBe(found.length)
        expect(
          found.toSorted(
            (left, right) => left.map((at, index) => at - (right[index] ?? 0)).find((order) => order !== 0) ?? 0,
          ),
        ).toEqual(found)
      }),
    )
  })
})

const all = defineTask({ params: { size: t.number }, data: t.number }).run(() => 1)
const filtered = defineTask({
  inputs: { all },
  params: { votes: param(t.number, { default: 1 }) },
  data: t.number,
}).run(() => 1)
const counted = defineTask({
  inputs: { filtered, all },
  params: { l2: param(t.number, { default: 1 }) },
  data: t.number,
}).run(() => 1)
const planWith = (set: Readonly<Record<string, unknown>>) =>
  planOf({ tasks: { m: { all, filtered, counted } }, params: { size: 1 }, set })

describe('merged plans', () => {
  test('have each key once, and know who has it', () => {
    const combinations = right(combinationsOf(axes({ votes: [1, 2], l2: [1, 2, 3] })))
    const { total, nodes, users } = mergePlans(combinations.map(planWith))
    expect({ total, distinct: nodes.length }).toEqual({ total: 18, distinct: 1 + 2 + 6 })
    expect(
      nodes.map(({ name, key }) => [name, users.get(key), distinction(combinations, users.get(key) ?? [])]),
    ).toEqual([
      ['all', [0, 1, 2, 3, 4, 5], {}],
      ['filtered', [0, 1, 2], { votes: 1 }],
      ['counted', [0], { votes: 1, l2: 1 }],
      ['counted', [1], { votes: 1, l2: 2 }],
      ['counted', [2], { votes: 1, l2: 3 }],
      ['filtered', [3, 4, 5], { votes: 2 }],
      ['counted', [3], { votes: 2, l2: 1 }],
      ['counted', [4], { votes: 2, l2: 2 }],
      ['counted', [5], { votes: 2, l2: 3 }],
    ])
  })

  test('count only what is needed', () => {
    const { total, nodes } = mergePlans(
      [planWith({ votes: 1 }), planWith({ votes: 2 })],
      () => new Set(['m:all', 'm:filtered']),
    )
    expect({ total, names: nodes.map(({ name }) => name) }).toEqual({
      total: 4,
      names: ['all', 'filtered', 'filtered'],
    })
  })

  test('have inputs before what reads them, by key, as many as there are keys', () => {
    const lists = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(lists, lists, lists, (size, votes, l2) => {
        const plans = right(combinationsOf(axes({ size, votes, l2 }))).map(planWith)
        const { total, nodes } = mergePlans(plans)
        expect(nodes.map(({ id }) => id).toSorted()).toEqual(
          [...new Set(plans.flatMap((plan) => plan.nodes.map(({ key }) => key)))].toSorted(),
        )
        expect(total).toBe(3 * plans.length)
        expect(nodes.length).toBe(size.length + size.length * votes.length + plans.length)
        const seen = new Set<string>()
        for (const { id, inputs } of nodes) {
          expect(Object.values(inputs).every((input) => seen.has(input as string))).toBe(true)
          seen.add(id)
        }
      }),
      { numRuns: 25 },
    )
  })
})
