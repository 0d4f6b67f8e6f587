// Whatever a task throws is the failure of that task, and of nothing else.
import * as t from 'io-ts'
import { expect, it } from 'vitest'
import { explainText } from '../../src/explain.js'
import { defineObject, object } from '../../src/declare/object.js'
import { param } from '../../src/declare/param.js'
import { defineTask } from '../../src/declare/task.js'
import { open } from './fixture.js'

const trap = (): never => {
  throw new Error('trap')
}
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
const hidden = 'something that cannot be shown was thrown'

it.each([
  ['a proxy that was revoked', revoked(), hidden],
  [
    'a proxy that lets nobody look',
    new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap }),
    hidden,
  ],
  ['an error whose message throws', Object.defineProperty(new Error('a'), 'message', { get: trap }), hidden],
  ['an error whose stack throws', Object.defineProperty(new Error('a'), 'stack', { get: trap }), hidden],
  ['an error with such a cause', new Error('outer', { cause: revoked() }), hidden],
  ['an object without text', Object.create(null) as unknown, hidden],
  [
    'an error with a field that throws',
    Object.defineProperty(new Error('field'), 'trap', { get: trap, enumerable: true }),
    'field',
  ],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['nothing', undefined, 'undefined'],
  ['a text', 'text', 'text'],
])('%s', async (_, thrown, text) => {
  const throws = defineTask({ data: t.number }).run(() => {
    throw thrown
  })
  const secretly = defineTask({ params: { token: param(t.string, { secret: true }) }, data: t.number }).run(() => {
    throw thrown
  })
  const Fragile = defineObject('Fragile', { args: {} }).create((): object => {
    throw thrown
  })
  const made = defineTask({ params: { fragile: object(Fragile) }, data: t.number }).run(() => 1)
  const fine = defineTask({ data: t.number }).run(() => 1)
  const { chain } = open(
    { p: { throws, secretly, made, fine } },
    { objects: { Fragile }, params: { token: 'a-secret-token', fragile: { class: 'Fragile' } } },
  )
  const { failed, computed } = await chain.run()
  expect(computed).toEqual(['p:fine'])
  expect(failed.map((error) => explainText(error).split('\n')[0]).toSorted()).toEqual([
    expect.stringMatching(/^param 'fragile' of 'p:made': /),
    `task 'p:secretly' failed: ${text}`,
    `task 'p:throws' failed: ${text}`,
  ])
})
