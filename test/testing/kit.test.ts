import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { from, lazy, matching, optional, ref } from '../../src/declare/input.js'
import { defineObject, object } from '../../src/declare/object.js'
import { param } from '../../src/declare/param.js'
import { defineTask } from '../../src/declare/task.js'
import { TaskchainError } from '../../src/errors.js'
import { inspectTask, mock, planOf, testChain, testTask } from '../../src/testing/index.js'
import { memoryStore } from '../../src/store/index.js'

const source = defineTask({ params: { size: t.number }, data: t.array(t.number) }).run(({ size }) =>
  Array.from({ length: size }, (_, index) => index),
)
const filtered = defineTask({
  inputs: { source },
  params: { atLeast: param(t.number, { default: 2 }) },
  data: t.array(t.number),
}).run(({ source, atLeast }, { note, log }) => {
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
      inputs: {
        thunk: lazy(counted),
        gone: optional(counted, null),
        here: optional(counted, null),
        all: matching(/x/, t.number),
        ns: from('train', counted),
      },
      data: t.UnknownRecord,
    }).run(async ({ thunk, gone, here, all, ns }) => ({ thunk: await thunk(), gone, here, all, ns }))
    expect(await testTask(reader, { inputs: { thunk: async () => 1, here: 2, all: { 'p:x': 3 }, ns: 4 } })).toEqual({
      thunk: 1,
      gone: null,
      here: 2,
      all: { 'p:x': 3 },
      ns: 4,
    })
  })

  test('says which input has no value', async () => {
    await expect(testTask(filtered)).rejects.toThrow(/'source'/)
  })

  test('rejects a wrong result and a run that changes what it was given', async () => {
    const wrong = defineTask({ data: t.number }).run(() => 'one' as never)
    await expect(testTask(wrong)).rejects.toBeInstanceOf(TaskchainError)
    const sorts = defineTask({ inputs: { source }, data: t.array(t.number) }).run(({ source }) => source.sort())
    await expect(testTask(sorts, { inputs: { source: [3, 1] } })).rejects.toMatchObject({
      errors: [{ _tag: 'InputChanged' }],
    })
  })

  test('makes parameter objects from what configs say or from the definition', async () => {
    const Adder = defineObject('Adder', { args: { by: param(t.number, { default: 1 }) } }).create(({ by }) => ({
      add: (value: number) => value + by,
    }))
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
  test('names what a test can do about an input that is not there', () => {
    expect(() => testChain({ tasks: [counted] })).toThrow(
      /list it under 'tasks' of testChain, or give its value under 'mocks'/,
    )
  })

  test('runs tasks over mocks; params by either of their names', async () => {
    const chain = testChain({ tasks: [filtered, counted], mocks: [mock(source, [1, 5, 9])], params: { atLeast: 5 } })
    expect(await chain.value(counted)).toBe(2)
    const typed: number = await chain.task(counted).value()
    expect(typed).toBe(2)
    const same = testChain({ tasks: [filtered, counted], mocks: [mock(source, [1, 5, 9])], params: { at_least: 9 } })
    expect(await same.value(filtered)).toEqual([9])
  })

  test('has values in place of tasks that inputs find by name', async () => {
    const reads = defineTask({
      inputs: {
        summary: ref('reports:summary', t.type({ mean: t.number })),
        short: ref('short', t.number),
        other: optional(ref('train::short', t.number), 0),
        counted,
      },
      data: t.array(t.number),
    }).run(({ summary, short, other, counted }) => [summary.mean, short, other, counted])
    const mocks = [mock('reports:summary', { mean: 4 }), mock('short', 5), mock('counted', 6)]
    const chain = testChain({ tasks: { p: { reads, counted } }, mocks })
    expect(await chain.value(reads)).toEqual([4, 5, 5, 6])
    const outer = defineTask({ inputs: { there: from('ns', reads) }, data: t.array(t.number) }).run(
      ({ there }) => there,
    )
    expect(
      await testChain({ tasks: [outer, reads, counted], mocks: [...mocks.slice(0, 2), mock(counted, 1)] }).value(outer),
    ).toEqual([4, 5, 5, 1])
    const inTrain = [mock('reports:summary', { mean: 4 }), mock('train::short', 7), mock('p:counted', 6)]
    const named = {
      tasks: { p: { reads, counted, again: defineTask({ name: 'short', data: t.number }).run(() => 8) } },
    }
    expect(await testChain({ ...named, mocks: inTrain }).value(reads)).toEqual([4, 8, 7, 6])
    expect(() => testChain({ ...named, mocks: [...inTrain, mock('train::reports:summary', { mean: 5 })] })).toThrow(
      /replace the same task/,
    )
    await expect(
      testChain({
        tasks: { p: { reads, counted } },
        mocks: [...mocks.slice(1), mock('reports:summary', 'text')],
      }).value(reads),
    ).rejects.toThrow(/summary/)
    const every = defineTask({ inputs: { all: matching(/reports:.*/, t.number) }, data: t.UnknownRecord }).run(
      ({ all }) => all,
    )
    expect(
      await testChain({ tasks: [every], mocks: [mock('reports:a', 1), mock('reports:b', 2)] }).value(every),
    ).toEqual({ 'reports:a': 1, 'reports:b': 2 })
  })

  test('runs whole pipelines', async () => {
    const chain = testChain({ tasks: { numbers: { source, filtered, counted } }, params: { size: 5 } })
    expect(await chain.value(counted)).toBe(3)
    expect(chain.plan.nodes.map((node) => node.id)).toEqual(['numbers:source', 'numbers:filtered', 'numbers:counted'])
  })

  test('has the namespaces that the tasks read from', async () => {
    const compare = defineTask({
      inputs: { few: from('few', counted), many: from('many', counted) },
      data: t.number,
    }).run(({ few, many }) => many - few)
    const chain = testChain({
      tasks: [compare, source, filtered, counted],
      params: { size: 3 },
      namespaces: { many: { size: 10 } },
    })
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
    expect(planOf({ ...spec, params: { size: 4 } }).nodes.map((node) => node.key)).not.toEqual(
      plan.nodes.map((node) => node.key),
    )
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

describe('objects that a test gives ready-made', () => {
  class Ridge {
    readonly l2: number
    constructor(l2: number) {
      this.l2 = l2
    }
    learn(rows: readonly number[]): readonly number[] {
      return rows.map((row) => row * this.l2)
    }
  }
  const RidgeModel = defineObject('Ridge', { args: { l2: param(t.number, { default: 1 }) } }).create(
    ({ l2 }) => new Ridge(l2),
  )
  const Scaled = defineObject('Scaled', { args: { inner: object(RidgeModel), by: t.number } }).create(
    ({ inner, by }) => ({
      learn: (rows: readonly number[]) => inner.learn(rows).map((row) => row * by),
    }),
  )
  type Learner = Pick<Ridge, 'learn'>
  const learns = defineTask({
    inputs: { source },
    params: {
      model: object<Learner>(RidgeModel, Scaled),
      more: param(t.record(t.string, t.array(t.union([object<Learner>(), t.null]))), { default: {} }),
    },
    data: t.array(t.number),
  }).run(({ source, model, more }) => [
    ...model.learn(source),
    ...Object.values(more).flatMap((list) => list.flatMap((one) => one?.learn(source) ?? [])),
  ])
  const fake: Learner = { learn: () => [7] }

  test.each([5, 'ridge', true, null, undefined])(
    '%j is no object, and refused by the name of the param',
    async (model) => {
      const given = { model } as never // does not compile
      await expect(testTask(learns, { inputs: { source: [1] }, params: given })).rejects.toThrow(/param 'model'/)
      const mocks = [mock(source, [1])]
      expect(() => testChain({ tasks: [learns], mocks, params: given })).toThrow(/param 'model'/)
    },
  )
  const inputs = { source: [1, 2] }

  test('testTask takes real and fake ones, those of a class, and what configs say', async () => {
    expect(await testTask(learns, { inputs, params: { model: fake } })).toEqual([7])
    expect(await testTask(learns, { inputs, params: { model: new Ridge(3) } })).toEqual([3, 6])
    expect(
      await testTask(learns, { inputs, params: { model: RidgeModel.create({ l2: 2 }, { chain: () => fail() }) } }),
    ).toEqual([2, 4])
    expect(await testTask(learns, { inputs, params: { model: RidgeModel.of({ l2: 4 }) } })).toEqual([4, 8])
    expect(await testTask(learns, { inputs, params: { model: { class: 'Ridge', kwargs: { l2: 5 } } } })).toEqual([
      5, 10,
    ])
  })

  test('also inside lists, records and other objects', async () => {
    const more = { a: [fake, null, RidgeModel.of({ l2: 2 })], b: [new Ridge(3)] }
    expect(
      await testTask(learns, {
        inputs,
        params: { model: Scaled.of({ inner: new Ridge(2), by: 10 }), more },
        objects: { RidgeModel },
      }),
    ).toEqual([20, 40, 7, 2, 4, 3, 6])
  })

  test('testChain and planOf take them too', async () => {
    for (const [model, result] of [
      [fake, [7]],
      [new Ridge(3), [3, 6]],
      [RidgeModel.of({ l2: 4 }), [4, 8]],
      [{ class: 'Ridge' }, [1, 2]],
    ] as const) {
      const chain = testChain({ tasks: [learns], mocks: [mock(source, [1, 2])], params: { model } })
      expect(await chain.value(learns)).toEqual(result)
      const plan = planOf({ tasks: { p: { source, learns } }, params: { size: 2, model } })
      expect(planOf({ tasks: { p: { source, learns } }, params: { size: 2 }, set: { model } }).nodes).toEqual(
        plan.nodes,
      )
      expect(
        planOf({
          tasks: { p: { source, learns } },
          params: { size: 2, model: { class: 'Ridge', kwargs: { l2: 9 } } },
          context: { model },
        }).nodes,
      ).toEqual(plan.nodes)
    }
    const inNamespace = defineTask({ inputs: { there: from('ns', learns) }, data: t.array(t.number) }).run(
      ({ there }) => there,
    )
    const chain = testChain({
      tasks: [inNamespace, learns, source],
      params: { size: 2, model: new Ridge(1) },
      namespaces: { ns: { model: fake } },
    })
    expect(await chain.value(learns)).toEqual([0, 1])
    expect(await chain.value(inNamespace)).toEqual([7])
  })

  test('plans say that they are a test’s; two objects have two keys, one has one', () => {
    const both = defineTask({ params: { model: object<Learner>(), other: object<Learner>() }, data: t.null }).run(
      () => null,
    )
    const planned = (model: unknown, other: unknown) =>
      planOf({ tasks: { p: { both } }, params: { model, other } }).nodes[0]?.params
    const mark = (number: number, type: string) => ({
      class: 'ready object of a test',
      kwargs: { number, test: null, type },
    })
    expect(planned(fake, new Ridge(1))).toEqual({ model: mark(1, 'Object'), other: mark(2, 'Ridge') })
    expect(planned(fake, fake)).toEqual({ model: mark(1, 'Object'), other: mark(1, 'Object') })
  })

  test('a store that outlives a test never serves the result of another test’s object', async () => {
    const store = memoryStore()
    const answers = [fake, new Ridge(3), { learn: () => [8] }].map((model) =>
      testChain({ tasks: [learns], mocks: [mock(source, [1, 2])], params: { model }, store }).value(learns),
    )
    expect(await Promise.all(answers)).toEqual([[7], [3, 6], [8]])
  })

  test('what is no object stays refused', async () => {
    const counts = defineTask({
      params: { limit: t.number, model: param(object(RidgeModel), { default: new Ridge(1) }) },
      data: t.number,
    }).run(({ limit }) => limit)
    await expect(testTask(counts, { params: { limit: 'many' as never, model: RidgeModel.of({}) } })).rejects.toThrow(
      /param 'limit' .* its codec does not accept/,
    )
    await expect(testTask(counts, { params: { limit: 1 } })).rejects.toThrow(/an instance of Ridge/)
    expect(() => planOf({ tasks: { p: { source } }, params: { size: new Ridge(1) } })).toThrow(TaskchainError)
    expect(() =>
      planOf({
        tasks: { p: { learns, source } },
        params: { size: 1, model: { class: 'ready object of a test', kwargs: { number: 1 } } },
      }),
    ).toThrow(/unknown class/)
  })
})
const fail = (): never => {
  throw new Error('not asked')
}
