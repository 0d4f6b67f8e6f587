// One key asked by two runs in one process: made once, whoever asked first.
import * as t from 'io-ts'
import { expect, it } from 'vitest'
import { defineTask } from '../../../src/declare/task.js'
import { makeChain } from '../../../src/runtime/chain/chain.js'
import { gate, open } from '../fixture.js'

const twoRuns = (run: (called: number) => Promise<number>) => {
  const calls = { shared: 0 }
  const shared = defineTask({ data: t.number }).run(() => run(++calls.shared))
  const left = defineTask({ inputs: { shared }, data: t.number }).run(({ shared }) => shared + 1)
  const right = defineTask({ inputs: { shared }, data: t.number }).run(({ shared }) => shared + 2)
  const opened = open({ p: { shared, left, right } })
  return { ...opened, calls, other: makeChain(opened.session, opened.plan) }
}

/** Gives the second run its turns, until it has said that it waits. */
const secondWaits = async (told: () => readonly string[]): Promise<void> => {
  for (let turn = 0; turn < 1000 && !told().includes('waiting p:shared'); turn++) await new Promise(setImmediate)
  expect(told()).toContain('waiting p:shared')
}

it('the second waits without a slot, and takes what the first has made', async () => {
  const going = gate()
  const end = gate<number>()
  const { chain, other, calls, told } = twoRuns(() => {
    going.open()
    return end.promise
  })
  const first = chain.run(['left'])
  await going.promise
  const second = other.run(['right'])
  await secondWaits(told)
  end.open(40)
  const [one, two] = await Promise.all([first, second])
  expect([one.computed, two.computed, two.loaded, calls.shared]).toEqual([
    ['p:shared', 'p:left'],
    ['p:right'],
    ['p:shared'],
    1,
  ])
})

it('a failure is the failure of both, and the task is not tried again', async () => {
  const going = gate()
  const end = gate<number>()
  const { chain, other, calls, told } = twoRuns(() => {
    going.open()
    return end.promise.then(() => Promise.reject(new Error('no luck')))
  })
  const first = chain.run(['left'])
  await going.promise
  const second = other.run(['right'])
  await secondWaits(told)
  end.open(0)
  const reports = await Promise.all([first, second])
  expect(reports.map(({ failed, skipped }) => [failed.length, skipped.map(({ node }) => node)])).toEqual([
    [1, ['p:left']],
    [1, ['p:right']],
  ])
  expect(calls.shared).toBe(1)
})

it('a stop of the first leaves the second to make it', async () => {
  const stop = new AbortController()
  const going = gate()
  const { chain, other, calls, told } = twoRuns(async (called) => {
    going.open()
    return called === 1 ? new Promise<number>(() => undefined) : 40
  })
  const first = chain.run(['left'], { signal: stop.signal })
  await going.promise
  const second = other.run(['right'])
  await secondWaits(told)
  stop.abort()
  const [one, two] = await Promise.all([first, second])
  expect([one.stopped, two.computed, calls.shared]).toEqual([true, ['p:shared', 'p:right'], 2])
})
