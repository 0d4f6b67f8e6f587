import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { from, lazy, matching, optional } from '../../src/declare/input.js'
import { defineObject, object } from '../../src/declare/object.js'
import { param } from '../../src/declare/param.js'
import { defineTask } from '../../src/declare/task.js'
import { TaskchainError } from '../../src/errors.js'
import { inspectTask, mock, planOf, testChain, testTask } from '../../src/testing/index.js'

const source = defineTask({ params: { size: t.number }, data: t.array(t.number) }).run(({ size }) => Array.from({ length: size }, (_, index) => index))
const filtered = defineTask({ inputs: { source }, params: { atLeast: param(t.number, { default: 2 }) }, data: t.array(t.number) }).run(({ source, atLeast }, { note, log }) => {
  note({ from: source.length })
  log.info('filtering')
  return source.filter((value) => value >= atLeast)
})
const counted = defineTask({ inputs: { filtered }, data: t.number }).run(({ filtered }) => filtered.length)

describe('testTask', () => {
  test('runs one task with given inputs and params', async () => {
    expect(await testTask(filtered, { inputs: { source: [1, 2, 3] } })).toEqual([2, 3])
    expect(await testTask(filtered, { inputs: { source: [1, 2, 3] }, params: { atLeast: 3 } })).toEqual([3])
  })

  test('gives lazy, optional, matching and namespaced inputs their form', async () => {
    const reader = defineTask({
      inputs: { thunk: lazy(counted), gone: optional(counted, null), here: optional(counted, null), all: matching(/x/, t.number), ns: from('train', counted) },
      data: t.UnknownRecord,
    }).run(async ({ thunk, gone, here, all, ns }) => ({ thunk: await thunk(), gone, here, all, ns }))
    expect(await testTask(reader, { inputs: { thunk: async () => 1, here: 2, all: { 'p:x': 3 }, ns: 4 } })).toEqual({ thunk: 1, gone: null, here: 2, all: { 'p:x': 3 }, ns: 4 })
  })

  test('says which input has no value', async () => {
    await expect(testTask(filtered)).rejects.toThrow(/'source'/)
  })

  test('rejects a wrong result and a run that changes what it was given', async () => {
    const wrong = defineTask({ data: t.number }).run(() => 'one' as never)
    await expect(testTask(wrong)).rejects.toBeInstanceOf(TaskchainError)
    const sorts = defineTask({ inputs: { source }, data: t.array(t.number) }).run(({ source }) => source.sort())
    await expect(testTask(sorts, { inputs: { source: [3, 1] } })).rejects.toMatchObject({ errors: [{ _tag: 'InputChanged' }] })
  })

  test('makes parameter objects from what configs say or from the definition', async () => {
    const Adder = defineObject('Adder', { args: { by: param(t.number, { default: 1 }) } }).create(({ by }) => ({ add: (value: number) => value + by }))
    const adds = defineTask({ params: { adder: object(Adder) }, data: t.number }).run(({ adder }) => adder.add(10))
    expect(await testTask(adds, { params: { adder: { class: 'Adder', kwargs: { by: 5 } } } })).toBe(15)
    expect(await testTask(adds, { params: { adder: Adder.of({ by: 7 }) } })).toBe(17)
  })

  test('shows notes and log lines of the run', async () => {
    const { notes, log } = await inspectTask(filtered, { inputs: { source: [1] } })
    expect(notes).toEqual([{ from: 1 }])
    expect(log).toEqual([{ level: 'info', message: 'filtering' }])
  })
})

describe('testChain', () => {
  test('runs tasks over mocks; params by either of their names', async () => {
    const chain = testChain({ tasks: [filtered, counted], mocks: [mock(source, [1, 5, 9])], params: { atLeast: 5 } })
    expect(await chain.value(counted)).toBe(2)
    const same = testChain({ tasks: [filtered, counted], mocks: [mock(source, [1, 5, 9])], params: { at_least: 9 } })
    expect(await same.value(filtered)).toEqual([9])
  })

  test('runs whole pipelines', async () => {
    const chain = testChain({ tasks: { numbers: { source, filtered, counted } }, params: { size: 5 } })
    expect(await chain.value(counted)).toBe(3)
    expect(chain.plan.nodes.map((node) => node.id)).toEqual(['numbers:source', 'numbers:filtered', 'numbers:counted'])
  })

  test('has the namespaces that the tasks read from', async () => {
    const compare = defineTask({ inputs: { few: from('few', counted), many: from('many', counted) }, data: t.number }).run(({ few, many }) => many - few)
    const chain = testChain({ tasks: [compare, source, filtered, counted], params: { size: 3 }, namespaces: { many: { size: 10 } } })
    expect(await chain.value(compare)).toBe(7)
    expect(await chain.in('many').value(counted)).toBe(8)
  })

  test('throws where an input is neither a task of the test nor mocked', () => {
    expect(() => testChain({ tasks: [counted] })).toThrow(TaskchainError)
  })
})

describe('planOf', () => {
  test('plans objects as configs; plans are comparable values', () => {
    const spec = { tasks: { numbers: { source, filtered, counted } } }
    const plan = planOf({ ...spec, params: { size: 3 } })
    expect(plan).toEqual(planOf({ ...spec, configs: { config: { size: 3, tasks: '**' } } }))
    expect(planOf({ ...spec, params: { size: 4 } }).nodes.map((node) => node.key)).not.toEqual(plan.nodes.map((node) => node.key))
  })

  test('throws every error at once', () => {
    const error = (() => {
      try {
        return planOf({ tasks: { numbers: { source, filtered } }, params: { siez: 3, at_least: 'x' } })
      } catch (cause) {
        return cause as TaskchainError
      }
    })() as TaskchainError
    expect(error.errors.map((one) => one._tag).sort()).toEqual(['InvalidParam', 'MissingParam'])
  })
})
