import { describe, expect, test } from 'vitest'
import { combineSweeps, parseSweepFile, sweptValues } from '../../src/inspect/sweep-request.js'

describe('values', () => {
  test('are YAML between commas', () => {
    expect(sweptValues(['a=1,yes,null,"1",[1, 2],{x: 1}', 'b=', 'a.b=text'], ['c=1..2'])).toEqual([
      { name: 'a', values: [1, 'yes', null, '1', [1, 2], { x: 1 }] },
      { name: 'b', values: [null] },
      { name: 'a.b', values: ['text'] },
      { name: 'c', values: [1, 2] },
    ])
    expect(() => sweptValues(['a=1,,2'], [])).toThrow('nothing between two commas')
    expect(() => sweptValues(['a=1'], ['a=1..2'])).toThrow("'a' has values by --set already")
  })

  test('of a file may be lists themselves; a single value is a list of one', () => {
    expect(parseSweepFile('s.yaml', 'set:\n  a: [[1, 2], [3]]\n  b: 5\nzip: true\n')).toEqual({
      axes: [
        { name: 'a', values: [[1, 2], [3]] },
        { name: 'b', values: [5] },
      ],
      zip: true,
      metrics: [],
    })
  })

  test('of the command line come in the place of those of a file', () => {
    const file = parseSweepFile('s.yaml', 'set: { a: [1], b: [2] }\nmetrics: [m]\n')
    expect(
      combineSweeps(file, {
        axes: [
          { name: 'c', values: [4] },
          { name: 'a', values: [3] },
        ],
        zip: true,
        metrics: [],
      }),
    ).toEqual({
      axes: [
        { name: 'a', values: [3] },
        { name: 'b', values: [2] },
        { name: 'c', values: [4] },
      ],
      zip: true,
      metrics: ['m'],
    })
  })
})
