import * as fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { matching } from '../../src/declare/input.js'
import { param } from '../../src/declare/param.js'
import { defineTask } from '../../src/declare/task.js'
import { diffChains } from '../../src/plan/inspect/diff-chains.js'
import { diffPlans } from '../../src/plan/inspect/diff-plans.js'
import { countDifferences, differences, isInherited, type Side } from '../../src/plan/inspect/differences.js'
import { whyBetween } from '../../src/plan/inspect/why.js'
import { keyOf, type PreImage } from '../../src/plan/key.js'
import type { Plan } from '../../src/plan/plan-types.js'
import { planOf } from '../../src/testing/plan-of.js'

const name = fc.constantFrom('x', 'y', 'constructor', '__proto__', 'toString')
const value = fc.constantFrom(1, 2, 'a', null, 5n, [1, 2], { a: 1 }, { a: 2, b: { c: 1 } })
const one = fc.record({ task: fc.constantFrom('p:a', 'p:b'), key: fc.constantFrom('1', '2') })
const entries = <A>(of: fc.Arbitrary<A>): fc.Arbitrary<Readonly<Record<string, A>>> =>
  fc.uniqueArray(fc.tuple(name, of), { selector: ([key]) => key, maxLength: 4 }).map(Object.fromEntries)
const preImage: fc.Arbitrary<PreImage> = fc.record(
  {
    scheme: fc.constantFrom(1, 2),
    task: fc.constant('p:t'),
    params: entries(value),
    inputs: entries(fc.oneof(one, entries(one))),
    version: fc.constantFrom(1, '1', 2),
  },
  { requiredKeys: ['scheme', 'task', 'params', 'inputs'] },
)
const side: fc.Arbitrary<Side> = preImage.map((image) => ({ preImage: image }))

describe('two pre-images', () => {
  test('differ in nothing where their keys are the same, and only there', () => {
    fc.assert(
      fc.property(side, side, (left, right) => {
        const same = keyOf(withoutEmpty(left.preImage)) === keyOf(withoutEmpty(right.preImage))
        expect([...differences(left, right)].length === 0).toBe(same)
        expect([...differences(left, left)]).toEqual([])
      }),
    )
  })

  test('differ in the same parts whichever comes first', () => {
    fc.assert(
      fc.property(side, side, (left, right) => {
        const parts = (before: Side, after: Side, swapped: boolean): ReadonlySet<string> =>
          new Set(
            [...differences(before, after)].map((one) => {
              const [then, now] = swapped ? [one.after, one.before] : [one.before, one.after]
              const part = one._tag === 'Input' ? [one.role, one.recordKey] : one._tag === 'Param' ? [one.name] : []
              return JSON.stringify([one._tag, ...part, then, now], (_, field: unknown) =>
                typeof field === 'bigint' ? `${field}n` : field,
              )
            }),
          )
        expect(parts(left, right, false)).toEqual(parts(right, left, true))
      }),
    )
  })

  test('are counted no further than is asked for', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 5 }), (left, right, enough) => {
        const all = [...differences(left, right)].length
        expect(countDifferences(left, right)).toBe(all)
        expect(countDifferences(left, right, enough)).toBe(Math.min(all, enough + 1))
      }),
    )
  })
})

/** No matching input at all is in a key what an empty record of them is not; no part of them differs. */
const withoutEmpty = (image: PreImage): PreImage => ({
  ...image,
  inputs: Object.fromEntries(Object.entries(image.inputs).filter(([, input]) => Object.keys(input).length > 0)),
})

describe('two plans', () => {
  const all = defineTask({
    params: { howMany: t.number, note: param(t.string, { default: '', ignorePersistence: true }) },
    data: t.number,
  }).run(() => 1)
  const other = defineTask({ params: { seed: t.number }, data: t.number }).run(() => 1)
  const some = defineTask({
    inputs: { all, many: matching(/all|other/, t.number) },
    params: { limit: t.number },
    data: t.number,
  }).run(() => 1)
  const small = fc.integer({ min: 0, max: 1 })
  const plan = fc
    .record({ how_many: small, note: fc.constantFrom('', 'x'), seed: small, limit: small, all: fc.boolean() })
    .map(
      ({ all: whole, ...params }): Plan =>
        planOf({ tasks: { p: whole ? { all, other, some } : { all, some } }, params }),
    )

  test('differ for why in what changes keys for a diff, node by node', () => {
    fc.assert(
      fc.property(plan, plan, (before, after) => {
        for (const change of diffPlans(before, after).changed) {
          const found = whyBetween(before, after, change.id)?.nearest?.differences ?? []
          const inKey = change.params.filter((one) => one.inKey)
          expect(found.flatMap((one) => (one._tag === 'Param' ? [one.name] : []))).toEqual(inKey.map((one) => one.name))
          expect(new Set(found.flatMap((one) => (one._tag === 'Input' ? [one.role] : [])))).toEqual(
            new Set(change.inputs.map((one) => one.role)),
          )
          const root = inKey.length > 0 || change.inputs.some(({ rebound }) => rebound)
          expect(found.some((one) => !isInherited(one))).toBe(root)
        }
      }),
    )
  })

  test('a param may be called like a method that every object has', () => {
    const odd = defineTask({ params: { constructor: param(t.number, { default: 1 }) }, data: t.number }).run(() => 1)
    const [before, after] = [{}, { constructor: 2 }].map((params) => planOf({ tasks: { p: { odd } }, params }))
    expect(diffChains(before as Plan, after as Plan).params).toMatchObject([
      { name: 'constructor', before: 1, after: 2, originBefore: undefined },
    ])
  })
})
