import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../src/adapters/memory-store/memory-store.js'
import { inMemory } from '../src/declare/format.js'
import { param } from '../src/declare/param.js'
import { defineProject } from '../src/declare/project.js'
import { defineTask } from '../src/declare/task.js'
import { openSweep, sweep } from '../src/sweep.js'

/** A small chain that counts how often each task ran. */
const films = () => {
  const ran: string[] = []
  const broken = new Set<number>([13])
  const all = defineTask({ params: { howMany: t.number }, data: t.array(t.number) }).run(({ howMany }) => {
    ran.push('all')
    return Array.from({ length: howMany }, (_, index) => index)
  })
  const filtered = defineTask({
    inputs: { all },
    params: { minVotes: param(t.number, { default: 2 }) },
    data: t.array(t.number),
  }).run(({ all, minVotes }) => {
    ran.push(`filtered ${minVotes}`)
    if (broken.has(minVotes)) throw new Error('no luck')
    return all.filter((votes) => votes >= minVotes)
  })
  const scaled = defineTask({
    inputs: { filtered },
    params: { model: t.type({ l2: t.number }) },
    data: inMemory<number[]>(),
  }).run(({ filtered, model }) => {
    ran.push(`scaled ${model.l2}`)
    return filtered.map((votes) => votes * model.l2)
  })
  const metrics = defineTask({ inputs: { scaled }, data: t.type({ count: t.number, sum: t.number }) }).run(
    ({ scaled }) => ({ count: scaled.length, sum: scaled.reduce((sum, one) => sum + one, 0) }),
  )
  const aside = defineTask({ inputs: { all }, data: t.number }).run(({ all }) => {
    ran.push('aside')
    return all.length
  })
  const project = defineProject({ pipelines: { films: { all, filtered, scaled, metrics, aside } } })
  const config = { tasks: 'films.*', how_many: 5, model: { l2: 1 } }
  return { project, config, ran, broken, metrics, scaled }
}

describe('a sweep in code', () => {
  test('gives a row for each combination, and runs what is shared once', async () => {
    const { project, config, ran, metrics } = films()
    const { columns, rows, report } = await sweep(project, {
      config,
      store: memoryStore(),
      set: { min_votes: [3, 1], 'model.l2': [1, 10] },
      metrics: [metrics],
    })
    expect(columns).toEqual({ params: ['min_votes', 'model.l2'], metrics: ['count', 'sum'] })
    expect(rows).toEqual([
      {
        params: { min_votes: 1, 'model.l2': 1 },
        outcome: 'done',
        errors: [],
        values: [{ count: 4, sum: 10 }],
        metrics: { count: 4, sum: 10 },
      },
      {
        params: { min_votes: 1, 'model.l2': 10 },
        outcome: 'done',
        errors: [],
        values: [{ count: 4, sum: 100 }],
        metrics: { count: 4, sum: 100 },
      },
      {
        params: { min_votes: 3, 'model.l2': 1 },
        outcome: 'done',
        errors: [],
        values: [{ count: 2, sum: 7 }],
        metrics: { count: 2, sum: 7 },
      },
      {
        params: { min_votes: 3, 'model.l2': 10 },
        outcome: 'done',
        errors: [],
        values: [{ count: 2, sum: 70 }],
        metrics: { count: 2, sum: 70 },
      },
    ])
    expect(ran.toSorted()).toEqual([
      'all',
      'aside',
      'filtered 1',
      'filtered 3',
      'scaled 1',
      'scaled 1',
      'scaled 10',
      'scaled 10',
    ])
    expect(report.failed).toEqual([])
  })

  test('says before it runs what it would do', async () => {
    const { project, config, metrics } = films()
    const store = memoryStore()
    const options = { config, store, set: { min_votes: [1, 2], 'model.l2': [1, 2, 3] }, metrics: [metrics] } as const
    const opened = await openSweep(project, options)
    const { merged, ...counts } = await opened.preview()
    expect(counts).toEqual({
      chains: 6,
      nodes: 30,
      distinct: 1 + 1 + 2 + 6 + 6,
      cached: 0,
      toRun: 10,
      inMemory: 6,
      unfinished: 0,
      waiting: 0,
      notNeeded: 0,
    })
    expect(merged.filter(({ name }) => name === 'films:filtered').map(({ params }) => params)).toEqual([
      { min_votes: 1 },
      { min_votes: 2 },
    ])
    await opened.run()
    expect(await (await openSweep(project, options)).preview()).toMatchObject({ cached: 10, toRun: 0 })
    expect(
      await (await openSweep(project, { ...options, set: { min_votes: [1, 2, 3], 'model.l2': [1] } })).preview(),
    ).toMatchObject({ chains: 3, distinct: 11, cached: 6, toRun: 2 })
  })

  test('computes only what is asked for where tasks are named', async () => {
    const { project, config, ran, metrics } = films()
    const opened = await openSweep(project, {
      config,
      store: memoryStore(),
      set: { min_votes: [1, 2] },
      metrics: [metrics],
      tasks: [],
    })
    expect(await opened.preview()).toMatchObject({ nodes: 8, distinct: 7, toRun: 5, inMemory: 2 })
    await opened.run()
    expect(ran).not.toContain('aside')
  })

  test('what is not stored but not needed is told apart', async () => {
    const { project, config, metrics } = films()
    const store = memoryStore()
    const options = { config, store, set: { min_votes: [1, 2] }, metrics: [metrics], tasks: [] } as const
    const opened = await openSweep(project, options)
    await opened.run()
    const filtered = (await opened.preview()).merged.filter(({ name }) => name === 'films:filtered')
    for (const { node } of filtered) await store.remove({ folder: 'films/filtered', key: node.key, extension: 'json' })
    expect(await opened.preview()).toMatchObject({ toRun: 0, notNeeded: 2, cached: 3 })
  })

  test('zips', async () => {
    const { project, config, metrics } = films()
    const { rows } = await sweep(project, {
      config,
      store: memoryStore(),
      set: { min_votes: [1, 2], 'model.l2': [1, 10] },
      zip: true,
      metrics: [metrics],
    })
    expect(rows.map(({ metrics }) => metrics)).toEqual([
      { count: 4, sum: 10 },
      { count: 3, sum: 90 },
    ])
  })
})

describe('failures of a sweep', () => {
  test('spoil their own rows, and the next run computes only what is missing', async () => {
    const { project, config, ran, broken, metrics } = films()
    const options = {
      config,
      store: memoryStore(),
      set: { min_votes: [1, 13, 2] },
      metrics: [metrics, 'films:aside'],
      logLevel: 'silent',
    } as const
    const { rows, report } = await sweep(project, options)
    expect(
      rows.map(({ params, outcome, errors, values }) => [
        params.min_votes,
        outcome,
        errors.map(({ _tag }) => _tag),
        values,
      ]),
    ).toEqual([
      [1, 'done', [], [{ count: 4, sum: 10 }, 5]],
      [2, 'done', [], [{ count: 3, sum: 9 }, 5]],
      [13, 'failed', ['TaskFailed'], [undefined, 5]],
    ])
    expect(report.failed.length).toBe(1)
    ran.splice(0)
    broken.clear()
    const again = await sweep(project, options)
    expect(ran).toEqual(['filtered 13', 'scaled 1'])
    expect(again.rows.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
  })

  test('a stopped sweep has rows that say so', async () => {
    const { project, config, metrics } = films()
    const { rows, report } = await sweep(project, {
      config,
      store: memoryStore(),
      set: { min_votes: [1, 2] },
      metrics: [metrics],
      signal: AbortSignal.abort(),
    })
    expect(report.stopped).toBe(true)
    expect(rows.map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped'])
  })
})

describe('what cannot be swept', () => {
  const errorsOf = async (set: Readonly<Record<string, readonly unknown[]>>, more: object = {}): Promise<unknown> => {
    const { project, config } = films()
    return openSweep(project, { config, store: memoryStore(), set: set as never, ...more }).then(
      () => [],
      (error: { readonly errors: unknown }) => error.errors,
    )
  }

  test('a name that no task reads is an error, with what was probably meant', async () => {
    expect(await errorsOf({ min_vote: [1, 2] })).toEqual([
      {
        _tag: 'BadOption',
        option: "sweep over 'min_vote'",
        problem: "no task of this chain reads it; did you mean 'min_votes'?",
      },
    ])
  })

  test('values that a codec refuses are told all at once, each once', async () => {
    expect(await errorsOf({ min_votes: ['a', 1, 'b'], 'model.l2': [1, 2] })).toEqual([
      expect.objectContaining({
        _tag: 'InvalidParam',
        param: 'minVotes',
        problem: expect.stringContaining('"a"') as string,
      }),
      expect.objectContaining({
        _tag: 'InvalidParam',
        param: 'minVotes',
        problem: expect.stringContaining('"b"') as string,
      }),
    ])
  })

  test('lists of different lengths cannot be zipped, and a list may not be empty', async () => {
    expect(await errorsOf({ min_votes: [1, 2], how_many: [1, 2, 3] }, { zip: true })).toMatchObject([
      { _tag: 'BadOption', option: 'zip' },
    ])
    expect(await errorsOf({ min_votes: [] })).toMatchObject([{ _tag: 'BadOption', option: 'min_votes' }])
  })

  test('secrets, whose values are not told', async () => {
    const asking = defineTask({ params: { apiKey: param(t.string, { secret: true }) }, data: t.number }).run(() => 1)
    const project = defineProject({ pipelines: { asking: { asking } } })
    const error = await openSweep(project, {
      config: { tasks: '**', api_key: 'sk-given' },
      store: memoryStore(),
      set: { api_key: ['sk-first', 'sk-second'] },
    }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ errors: [{ _tag: 'BadOption', option: "sweep over 'api_key'" }] })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/sk-/)
  })

  test('metrics that no chain has', async () => {
    expect(await errorsOf({ min_votes: [1, 2] }, { metrics: ['metric'] })).toMatchObject([
      { _tag: 'NotInChain', name: 'metric' },
    ])
  })
})
