import { expect, test } from 'vitest'
import { messageOf, reasonsOf } from '../../src/base/thrown.js'

test('whatever is thrown has a message', () => {
  const odd = [Object.create(null), { toString: {} }, Object.assign(new Error('m'), { message: { toString: {} } })]
  expect(odd.map(messageOf)).toEqual(odd.map(() => 'something that cannot be shown was thrown'))
  expect([new Error('m'), 'text', null, Symbol('x'), 5].map(messageOf)).toEqual(['m', 'text', 'null', 'Symbol(x)', '5'])
})

test('the reasons of an error are its cause and what it collects; none if they cannot be read', () => {
  const [cause, one] = [new Error('cause'), new Error('one')]
  expect(reasonsOf(new AggregateError([one, 'text'], 'all', { cause }))).toEqual([cause, one])
  const hiding = new Proxy(new Error('odd'), {
    get: () => {
      throw cause
    },
  })
  expect(reasonsOf(hiding)).toEqual([])
})
