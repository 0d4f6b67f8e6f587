import { describe, expect, test } from 'vitest'
import { fieldIn, itemAt, nonEmpty, valueIn } from '../../src/base/present.js'
import { makePriorityQueue } from '../../src/base/priority-queue.js'
import { fieldOf, isRecord, tagOf } from '../../src/base/records.js'

describe('what must be there', () => {
  test('is given, null, 0 and empty texts too', () => {
    expect(itemAt([null, 0, ''], 0)).toBeNull()
    expect(itemAt(new Int32Array(1), 0)).toBe(0)
    expect(valueIn(new Map([['a', '']]), 'a')).toBe('')
    expect(fieldIn({ a: false }, 'a')).toBe(false)
    expect(nonEmpty([1])).toEqual([1])
  })

  test('is named where it is not there', () => {
    expect(() => itemAt(['a'], 1)).toThrow('no item 1 in a list of 1')
    expect(() => valueIn(new Map(), 'b')).toThrow("no value for 'b'")
    expect(() => fieldIn<number>({}, 'c')).toThrow("no field 'c'")
    expect(() => nonEmpty([])).toThrow('an empty list')
  })
})

test('fields and tags of whatever comes from outside are read without throwing', () => {
  for (const value of [undefined, null, 'text', 3, [], new Map(), () => 1]) expect(tagOf(value)).toBeUndefined()
  expect(fieldOf(null, 'code')).toBeUndefined()
  expect(fieldOf(Object.assign(new Error(), { code: 'ENOENT' }), 'code')).toBe('ENOENT')
  expect([isRecord({}), isRecord([]), isRecord(null)]).toEqual([true, false, false])
})

test('what waits comes out by priority, then in order of arrival', () => {
  const queue = makePriorityQueue<number>()
  const priorities = Array.from({ length: 500 }, (_, index) => (index * 7919) % 13)
  for (const [item, priority] of priorities.entries()) queue.push(item, priority)
  const expected = [...priorities.keys()].sort((a, b) => (priorities[b] ?? 0) - (priorities[a] ?? 0) || a - b)
  expect(queue.size()).toBe(500)
  expect(expected.map(() => queue.pop())).toEqual(expected)
  expect(queue.pop()).toBeUndefined()
})
