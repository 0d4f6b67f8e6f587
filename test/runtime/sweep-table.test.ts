import { describe, expect, test } from 'vitest'
import type { PlanNode } from '../../src/plan/plan-types.js'
import { combinationText, metricCells, sortedByColumn, sortedByParams } from '../../src/runtime/chain/sweep-table.js'
import type { SweepRow } from '../../src/runtime/chain/sweep-table.js'

const node = (name: string, group = 'm', namespace = ''): PlanNode =>
  ({ name, task: `${group}:${name}`, namespace }) as PlanNode
const row = (params: SweepRow['params'], metrics: SweepRow['metrics'] = {}): SweepRow => ({
  params,
  metrics,
  outcome: 'done',
  values: [],
  errors: [],
})

describe('cells', () => {
  test('a figure is a column of the name of its task, a record one for each field', () => {
    expect(metricCells([node('count')], [[3], [undefined]], [])).toEqual({
      columns: ['count'],
      rows: [{ count: 3 }, {}],
    })
    expect(
      metricCells([node('metrics')], [[{ rmse: 1, by: { year: 2, skipped: undefined }, note: null }]], []),
    ).toEqual({ columns: ['rmse', 'by.year', 'note'], rows: [{ rmse: 1, 'by.year': 2, note: null }] })
  })

  test('fields are called by their task where they would be mistaken', () => {
    expect(metricCells([node('metrics')], [[{ l2: 1 }]], ['l2']).columns).toEqual(['metrics.l2'])
    expect(metricCells([node('train'), node('test')], [[{ rmse: 1 }, { rmse: 2 }]], []).columns).toEqual([
      'train.rmse',
      'test.rmse',
    ])
    expect(
      metricCells([node('test', 'a'), node('test', 'b'), node('test', 'b', 'ns')], [[1, 2, 3]], []).columns,
    ).toEqual(['a:test', 'b:test', 'ns::b:test'])
  })

  test('what is no figure is said in short', () => {
    const large = Array.from({ length: 100 }, (_, index) => index)
    expect(
      metricCells(
        [node('m')],
        [[{ large, small: [1, 2], rows: [{ a: 1 }], when: new Date(0), map: new Map(), big: 1n }]],
        [],
      ).rows,
    ).toEqual([
      { large: '100 items', small: [1, 2], rows: '1 items', when: '1970-01-01T00:00:00.000Z', map: '…', big: 1n },
    ])
  })
})

describe('order', () => {
  test('by params: numbers by size, kinds apart, what cannot be compared as given', () => {
    const rows = [10, 9, 'b', 'a', null, true, [2], [1]].map((a) => row({ a }))
    expect(sortedByParams(rows, ['a']).map(({ params }) => params['a'])).toEqual([
      null,
      true,
      9,
      10,
      'a',
      'b',
      [2],
      [1],
    ])
  })

  test('by a column, turned by a minus, rows without a value last', () => {
    const rows = [row({ a: 1 }, { rmse: 3 }), row({ a: 2 }), row({ a: 3 }, { rmse: 1 }), row({ a: 4 }, { rmse: NaN })]
    const columns = { params: ['a'], metrics: ['rmse'] }
    expect(sortedByColumn(rows, 'rmse', columns)?.map(({ params }) => params['a'])).toEqual([3, 1, 2, 4])
    expect(sortedByColumn(rows, '-rmse', columns)?.map(({ params }) => params['a'])).toEqual([1, 3, 2, 4])
    expect(sortedByColumn(rows, '-a', columns)?.map(({ params }) => params['a'])).toEqual([4, 3, 2, 1])
    expect(sortedByColumn(rows, 'mse', columns)).toBe(undefined)
  })
})

test('a combination in one line', () => {
  expect(combinationText({ min_votes: 100, kind: 'a b', model: { class: 'Ridge' } })).toBe(
    'min_votes=100 kind=a b model={"class":"Ridge"}',
  )
})
