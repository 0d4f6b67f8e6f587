import { expect, test } from 'vitest'
import { numbersOf } from '../../src/inspect/diff-metrics.js'

test('numbers are those of records, however deep, and of nothing else', () => {
  expect([...numbersOf({ rmse: 1, test: { mae: 2, name: 'x', none: null } })]).toEqual([
    ['rmse', 1],
    ['test.mae', 2],
  ])
  expect([3, [1, 2], { rows: [1] }, 'text', null].map((value) => numbersOf(value).size)).toEqual([0, 0, 0, 0, 0])
})
