import { mock, planOf, testChain, testTask } from 'taskchain/testing'
import { expect, test } from 'vitest'
import * as tasks from './greetings.js'

test('a task alone: every guest is greeted', async () => {
  expect(await testTask(tasks.greetings, { inputs: { guests: ['Ada', 'Grace'] }, params: { greeting: 'Hi' } })).toEqual(
    ['Hi, Ada!', 'Hi, Grace!'],
  )
})

test('part of a chain: the letter of mocked guests, with the default greeting', async () => {
  const chain = testChain({ tasks: [tasks.greetings, tasks.letter], mocks: [mock(tasks.guests, ['Ada', 'Grace'])] })
  expect(await chain.value(tasks.letter)).toBe('Hello, Ada!\nHello, Grace!')
})

test('a plan: another greeting leaves the guests as they are', () => {
  const keysWith = (greeting: string) =>
    planOf({ tasks: { greetings: tasks }, params: { names: ['Ada'], greeting } }).nodes.map(({ id, key }) => [id, key])
  const [before, after] = [
    new Map(keysWith('Hello') as [string, string][]),
    new Map(keysWith('Hi') as [string, string][]),
  ]
  expect([...before].filter(([id, key]) => after.get(id) !== key).map(([id]) => id)).toEqual([
    'greetings:greetings',
    'greetings:letter',
  ])
})
