import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseVictims, costOf, type Candidate } from '../../src/runtime/upkeep/gc-victims.js'

const candidate = fc.record({
  bytes: fc.nat(1000),
  made: fc.nat(100),
  seconds: fc.option(fc.nat(50), { nil: undefined }),
})
const candidates = fc
  .array(candidate, { maxLength: 12 })
  .map((list) =>
    list.map(
      (one, index): Candidate => ({ ...one, folder: `a/b${index % 3}`, key: index.toString(16).padStart(32, '0') }),
    ),
  )
const total = (list: readonly Candidate[]): number => list.reduce((sum, { bytes }) => sum + bytes, 0)
const without = (list: readonly Candidate[], gone: readonly Candidate[]): readonly Candidate[] =>
  list.filter((one) => !gone.includes(one))

describe('which unreachable artifacts go', () => {
  test('all, where there is no limit', () => {
    fc.assert(
      fc.property(candidates, (list) => {
        expect(new Set(chooseVictims(list, {}))).toEqual(new Set(list))
      }),
    )
  })

  test('as few as bring the bytes below the cap, fewest seconds per byte first', () => {
    fc.assert(
      fc.property(candidates, fc.nat(8000), fc.nat(2000), (list, maxBytes, otherBytes) => {
        const gone = chooseVictims(list, { maxBytes, otherBytes })
        const left = without(list, gone)
        if (otherBytes + total(left) > maxBytes) expect(left.every(({ bytes }) => bytes === 0)).toBe(true)
        const last = gone.at(-1)
        if (last !== undefined) expect(otherBytes + total(left) + last.bytes).toBeGreaterThan(maxBytes)
        for (const victim of gone)
          for (const survivor of left) expect(costOf(victim)).toBeLessThanOrEqual(costOf(survivor))
      }),
    )
  })

  test('what is too old goes, whatever it cost, and what is not stays while there is room', () => {
    fc.assert(
      fc.property(
        candidates,
        fc.nat(100),
        fc.option(fc.nat(8000), { nil: undefined }),
        (list, madeBefore, maxBytes) => {
          const gone = chooseVictims(list, { madeBefore, maxBytes })
          expect(list.filter(({ made }) => made < madeBefore).every((one) => gone.includes(one))).toBe(true)
          if (maxBytes === undefined) expect(gone.every(({ made }) => made < madeBefore)).toBe(true)
        },
      ),
    )
  })

  test('a smaller cap takes all that a larger one takes', () => {
    fc.assert(
      fc.property(candidates, fc.nat(8000), fc.nat(8000), (list, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)].map(
          (maxBytes) => new Set(chooseVictims(list, { maxBytes })),
        )
        for (const one of large ?? []) expect(small?.has(one)).toBe(true)
      }),
    )
  })

  test('the order in which they come does not matter', () => {
    const shuffled = candidates.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length })),
    )
    fc.assert(
      fc.property(shuffled, fc.nat(8000), fc.nat(100), ([list, other], maxBytes, madeBefore) => {
        expect(chooseVictims(other, { maxBytes, madeBefore })).toEqual(chooseVictims(list, { maxBytes, madeBefore }))
      }),
    )
  })
})
