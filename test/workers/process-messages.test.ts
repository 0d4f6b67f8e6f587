import { describe, expect, test } from 'vitest'
import { errorFromData, errorToData } from '../../src/workers/error-data.js'
import { receiving, sent } from '../../src/workers/process-messages.js'

/** What arrives in the other process: both ends write and read JSON. */
const arrived = (message: unknown): readonly unknown[] => {
  const heard: unknown[] = []
  const hear = receiving((one) => heard.push(one))
  for (const part of sent(message)) hear(JSON.parse(JSON.stringify(part)))
  return heard
}

class Named {
  readonly name = 'a class is not kept'
}

const values: readonly (readonly [string, unknown])[] = [
  ['a small record', { _tag: 'Event', event: { _tag: 'loaded', node: 'a', key: '0', seconds: 0.25 } }],
  ['a list', [{ _tag: 'Event' }, { _tag: 'Ended', outcome: { _tag: 'kept', digest: 'é\ud800"\n' } }]],
  ['numbers that JSON does not have', { done: [NaN, Infinity, -Infinity, -0, 2 ** 60, 5e-324] }],
  ['a large integer', { details: { big: 10n ** 30n } }],
  ['undefined in a list and deep in a record', { line: { details: { a: [undefined], b: { c: undefined } } } }],
  ['dates, sets, maps and bytes', { details: [new Date(5), new Set([1]), new Map([[1, {}]]), new Uint8Array([1, 2])] }],
  ['a field named like a method of JSON', { details: { toJSON: 'text' } }],
  ['names of prototypes', { details: JSON.parse('{"__proto__":{"a":1},"constructor":2}') as unknown }],
  ['a list of nothing', { details: [[undefined], [], [null]] }],
  ['a deep record', { a: { b: { c: { d: { e: { f: { g: { h: { i: { j: 1 } } } } } } } } } }],
  ['a message that looks like a part', { _tag: 'Log', $cloned: 5, isLast: true }],
]

describe('a message to another process', () => {
  test.each(values)('arrives as it was: %s', (_, value) => {
    expect(arrived(value)).toStrictEqual([value])
  })

  test('with a cycle arrives with it', () => {
    const round: { self?: unknown } = {}
    round.self = round
    const [heard] = arrived({ details: round }) as [{ details: { self: unknown } }]
    expect(heard.details.self).toBe(heard.details)
  })

  test('of a class arrives as its fields', () => {
    expect(arrived({ details: new Named() })).toEqual([{ details: { name: 'a class is not kept' } }])
  })

  test('may leave out fields of its own that are undefined', () => {
    expect(arrived([{ _tag: 'Event', event: { _tag: 'computed', path: undefined } }])).toEqual([
      [{ _tag: 'Event', event: { _tag: 'computed' } }],
    ])
  })

  test('shows of bytes only those that were sent, also of shared ones', () => {
    const [one, shared] = [new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2), new SharedArrayBuffer(2)]
    const heard = arrived(errorToData({ details: { one, shared } })).map((each) => errorFromData(each))
    expect(heard).toEqual([{ details: { one: expect.any(DataView), shared: new ArrayBuffer(2) } }])
    const [{ details }] = heard as [{ details: { one: DataView } }]
    expect(new Uint8Array(details.one.buffer)).toEqual(Uint8Array.of(2, 3))
  })

  test('that is no message is passed on, for its reader to refuse', () => {
    const heard: unknown[] = []
    const hear = receiving((one) => heard.push(one))
    const broken = [null, 5, 'text', { $cloned: 'no clone', isLast: true }]
    broken.forEach(hear)
    hear({ $cloned: 'no end' })
    expect(heard).toEqual(broken)
  })
})
