import { expect, test } from 'vitest'
import { typeCost } from './generated-project.js'

/** Instantiations are the same on every machine, so they are a gate; seconds are not. */
const perTask = 700

test('a task costs the compiler at most 700 instantiations, and 2,000 tasks no more each than 500', () => {
  const library = typeCost(0)
  const small = typeCost(500)
  const large = typeCost(2_000)
  const each = (cost: { readonly tasks: number; readonly instantiations: number }): number =>
    (cost.instantiations - library.instantiations) / cost.tasks
  const told = `${Math.round(each(small))} instantiations a task of 500, ${Math.round(each(large))} of 2,000 (${large.megabytes} MB)`
  expect(each(small), told).toBeLessThanOrEqual(perTask)
  expect(each(large), told).toBeLessThanOrEqual(perTask)
  expect(each(large) / each(small), told).toBeLessThan(1.05)
  expect(large.megabytes - library.megabytes, told).toBeLessThan(700)
}, 600_000) // three runs of the compiler, however busy the machine is
