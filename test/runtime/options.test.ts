// Options that make no sense are refused where they enter; those that are merely large mean what they say.
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { expect, it } from 'vitest'
import { explainAll } from '../../src/explain.js'
import { defineProject, defineTask, openChain, openChains, planConfig } from '../../src/index.js'
import { delays } from '../../src/helpers/index.js'
import { memoryStore } from '../../src/store/index.js'
import { workerThreads } from '../../src/workers/index.js'

const one = defineTask({ data: t.number, timeout: 40 * 24 * 3_600_000 }).run(async () => {
  await new Promise((turn) => setTimeout(turn, 20))
  return 1
})
const two = defineTask({
  data: t.number,
  timeout: Infinity,
  retry: { attempts: Infinity, delay: 0, maxDelay: Infinity },
}).run(() => 2)
const project = defineProject({ pipelines: { shop: { one, two } } })
const open = (options: object) => openChain(project, { config: { tasks: 'shop.*' }, store: memoryStore(), ...options })

it('a chain names every option that is wrong, and what it wants', async () => {
  const wrong = {
    concurrency: NaN,
    logLevel: 'loud',
    durability: 'never',
    memoryLimit: -1,
    noRepair: 'yes',
    onEvent: 'print',
    executor: {},
  }
  await expect(open(wrong)).rejects.toThrow(`concurrency: expected a number from 1, got NaN
logLevel: expected one of 'debug', 'info', 'warn', 'error', 'silent', got "loud"
durability: expected one of 'group', 'each', 'none', got "never"
onEvent: expected Function, got "print"
executor: expected an executor, as workerThreads(…) gives it, got {}
memoryLimit: expected a number from 0, got -1
noRepair: expected boolean, got "yes"`)
  await expect(open({ store: 7 })).rejects.toThrow('store: expected a folder or a store, got 7')
  await expect(openChains(project, [{ tasks: 'shop.*' }], { concurrency: 0 })).rejects.toThrow(
    'concurrency: expected a number from 1, got 0',
  )
})

it('a run does too', async () => {
  const chain = await open({})
  await expect(chain.run(undefined, { concurrency: NaN, signal: {} as never, failFast: 1 as never })).rejects.toThrow(
    'signal: expected an AbortSignal, got {}\nfailFast: expected boolean, got 1\nconcurrency: expected a number from 1, got NaN',
  )
  await chain.close()
})

it('so do threads and retries of calls', () => {
  expect(() => workerThreads({ project: import.meta.filename, memory: NaN, idle: -1 })).toThrow(
    'memory: expected a number from 0, got NaN\nidle: expected a number of milliseconds from 0, got -1',
  )
  expect(() => delays({ attempts: 3, delay: NaN })).toThrow(
    'expected a number of milliseconds from 0, got NaN at /delay',
  )
})

it('of a task they are errors of its declaration', async () => {
  const wrong = {
    never: defineTask({ data: t.number, retry: { attempts: NaN } }).run(() => 1),
    half: defineTask({ data: t.number, retry: { attempts: 1.5, delay: -1 } }).run(() => 1),
    texts: defineTask({ data: t.number, timeout: '5s' as never, retry: 3 as never }).run(() => 1),
    late: defineTask({ data: t.number, timeout: NaN }).run(() => 1),
  }
  const planned = await planConfig(defineProject({ pipelines: { wrong } }), { config: { tasks: 'wrong.*' } })
  expect(
    E.isLeft(planned)
      ? explainAll(planned.left)
          .split('\n')
          .filter((line) => !line.startsWith(' '))
      : [],
  ).toEqual([
    "task 'wrong:half': retry: expected a whole number from 1, got 1.5 at /attempts",
    "task 'wrong:late': timeout: expected a number of milliseconds above 0, got NaN",
    "task 'wrong:never': retry: expected a whole number from 1, got NaN at /attempts",
    "task 'wrong:texts': retry: expected { attempts: a whole number from 1 }, got 3",
    'task \'wrong:texts\': timeout: expected a number of milliseconds above 0, got "5s"',
  ])
})

it('times beyond what a timer can count, and no limit at all, end nothing early', async () => {
  const chain = await open({ concurrency: Infinity, memoryLimit: Infinity })
  expect(await chain.run()).toMatchObject({ failed: [], computed: ['shop:two', 'shop:one'] })
  await chain.close()
})
