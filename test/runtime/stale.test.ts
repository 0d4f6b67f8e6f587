// What is stale by content: computed again in every config, and nothing else.
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { inMemory } from '../../src/declare/format.js'
import { lazy } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { contentStates, type SeenNode } from '../../src/runtime/code-drift/content-states.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { mustRun } from '../../src/inspect/must-run.js'
import { open } from './fixture.js'

/** The world outside, that tasks read without saying so. */
const world = { value: 1 }
const ran: string[] = []
const counted = <A>(name: string, value: A): A => {
  ran.push(name)
  return value
}

const raw = defineTask({ data: t.number }).run(() => counted('raw', world.value))
const parity = defineTask({ inputs: { raw }, data: t.number }).run(({ raw }) => counted('parity', raw % 2))
const kept = defineTask({ inputs: { raw }, data: inMemory<number>() }).run(({ raw }) => raw)
const ten = defineTask({ inputs: { raw }, params: { by: t.number }, data: t.number }).run(({ raw, by }) =>
  counted('ten', by * raw),
)
const through = defineTask({ inputs: { kept }, data: t.number }).run(({ kept }) => counted('through', kept))
const late = defineTask({ inputs: { raw: lazy(raw) }, data: t.number }).run(async ({ raw }) =>
  counted('late', await raw()),
)
const never = defineTask({ inputs: { raw: lazy(raw) }, data: t.number }).run(() => counted('never', 0))
const last = defineTask({ inputs: { ten, parity }, data: t.number }).run(({ ten, parity }) =>
  counted('last', ten + parity),
)
const below = defineTask({ inputs: { parity }, data: t.number }).run(({ parity }) => counted('below', parity))
const tasks = { raw, parity, kept, ten, through, late, never, last, below }

const config = (store: Store, by: number, onStale: 'recompute' | 'warn' = 'recompute') =>
  open({ p: tasks }, { params: { by } }, { store, project: defineProject({ pipelines: { p: tasks }, onStale }) })
const runIn = async (opened: ReturnType<typeof config>, wanted?: readonly string[]): Promise<readonly string[]> => {
  ran.length = 0
  const { failed } = await opened.chain.run(wanted)
  expect(failed).toEqual([])
  return ran.toSorted()
}
const made = async (value = 1) => {
  world.value = value
  const store = memoryStore()
  await runIn(config(store, 10))
  await runIn(config(store, 100))
  return store
}

describe('after an input was forced and came to another content', () => {
  const changed = async (value: number) => {
    const store = await made(1)
    world.value = value
    const { chain } = config(store, 10)
    await chain.force('raw', { mark: true })
    ran.length = 0
    await chain.run()
    return store
  }

  test('other configs compute again what has read it, directly, lazily or through memory; and nothing else', async () => {
    const store = await changed(2)
    const other = config(store, 100)
    expect(await runIn(other)).toEqual(['last', 'ten'])
    expect(await other.chain.value('last')).toBe(200)
    expect(await runIn(config(store, 100))).toEqual([])
  })

  test('states, and why, say so before: the input with both contents', async () => {
    const store = await changed(2)
    const { chain } = config(store, 100)
    const states = await chain.states()
    expect([states.get('p:raw'), states.get('p:ten'), states.get('p:last')]).toEqual(['cached', 'stale', 'stale'])
    const why = await chain.task('ten').why()
    expect(why).toMatchObject({ state: 'stale', stale: { action: 'recompute', because: [{ input: 'p:raw' }] } })
    const [{ read, now } = { read: '', now: '' }] = why.stale?.because ?? []
    expect([read, now]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)])
    expect(read).not.toBe(now)
  })

  test('a run reports what was stale', async () => {
    const store = await changed(2)
    const { chain, events } = config(store, 100)
    const { computed, stale } = await chain.run()
    expect([computed.toSorted(), stale.toSorted()]).toEqual([
      ['p:last', 'p:ten'],
      ['p:last', 'p:ten'],
    ])
    expect(events.filter(({ _tag }) => _tag === 'stale')).toHaveLength(2)
  })

  test('a project that says warn uses them, and is told', async () => {
    const store = await changed(2)
    const { chain } = config(store, 100, 'warn')
    const { computed, stale } = await chain.run()
    expect([computed, stale.toSorted()]).toEqual([[], ['p:last', 'p:ten']])
    expect(await chain.value('ten')).toBe(100)
  })

  test('equal content makes nobody stale', async () => {
    expect(await runIn(config(await changed(1), 100))).toEqual([])
  })
})

describe('what is only marked', () => {
  test('is computed again where something below it is asked for, and what is below once that has ended', async () => {
    const store = await made(1)
    await config(store, 10).chain.force('raw', { mark: true })
    world.value = 3
    const other = config(store, 100)
    expect((await other.chain.states()).get('p:ten')).toBe('undecided')
    expect(await runIn(other, ['last'])).toEqual(['last', 'parity', 'raw', 'ten'])
    expect(await other.chain.value('last')).toBe(301)
  })

  test('leaves what is below as it is, where it comes to the same', async () => {
    const store = await made(1)
    await store.markStale({
      folder: 'p/raw',
      key: config(store, 10).plan.nodes.find(({ name }) => name === 'raw')?.key ?? '',
      extension: 'json',
    })
    expect(await runIn(config(store, 100))).toEqual(['raw'])
    world.value = 3
    const { chain, plan } = config(store, 100)
    await store.markStale({
      folder: 'p/raw',
      key: plan.nodes.find(({ name }) => name === 'raw')?.key ?? '',
      extension: 'json',
    })
    ran.length = 0
    await chain.run()
    expect(ran.toSorted()).toEqual(['last', 'late', 'parity', 'raw', 'ten', 'through'])
  })

  test('what is missing and not needed makes nobody stale', async () => {
    const store = await made(1)
    const { plan } = config(store, 10)
    world.value = 9
    await store.remove({
      folder: 'p/raw',
      key: plan.nodes.find(({ name }) => name === 'raw')?.key ?? '',
      extension: 'json',
    })
    expect(await runIn(config(store, 10), ['last', 'late'])).toEqual([])
    const { chain } = config(store, 10)
    const states = await chain.states()
    expect([states.get('p:raw'), states.get('p:ten')]).toEqual(['to_run', 'undecided']) // all of it would run
    expect((await chain.states(['ten'])).get('p:ten')).toBe('cached')
    expect([mustRun(plan, states, 'p:ten'), mustRun(plan, states, 'p:raw')]).toEqual([[], ['p:raw']])
  })
})

test('in one chain a value that was read before is not given again once its inputs are others', async () => {
  const store = await made(1)
  const [one, other] = [config(store, 10), config(store, 100)]
  expect([await one.chain.value('ten'), await one.chain.value('through')]).toEqual([10, 1])
  world.value = 5
  await other.chain.force('raw')
  await other.chain.run()
  await one.chain.run()
  expect([await one.chain.value('ten'), await one.chain.value('through')]).toEqual([50, 5])
})

/** What each task makes of the world as it was when its inputs were made. */
test('whatever is run, forced and changed in two configs: no value is older than its inputs, and nothing is computed for nothing', async () => {
  const names = ['raw', 'parity', 'ten', 'through', 'late', 'never', 'last', 'below'] as const
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('run' as const),
        by: fc.constantFrom(10, 100),
        wanted: fc.option(fc.subarray([...names], { minLength: 1 }), { nil: undefined }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('force' as const),
        by: fc.constantFrom(10, 100),
        name: fc.constantFrom(...names),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), value: fc.integer({ min: 1, max: 4 }) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
      const store = memoryStore()
      world.value = 1
      for (const one of steps) {
        if (one.do === 'change') world.value = one.value
        if (one.do === 'force') await config(store, one.by).chain.force(one.name, { mark: true })
        if (one.do === 'run') {
          await runIn(config(store, one.by), one.wanted)
          const { chain } = config(store, one.by)
          const wanted = new Set(one.wanted ?? names)
          const read = async (name: string): Promise<number> => {
            ran.length = 0
            return Number(await chain.value(name))
          }
          for (const name of wanted) {
            const now = await read(name)
            expect(ran).toEqual([]) // the run has left nothing to do
            const input = name === 'raw' || name === 'never' ? 0 : await read(name === 'below' ? 'parity' : 'raw')
            const expected: Record<string, number> = {
              parity: input % 2,
              ten: input * one.by,
              through: input,
              late: input,
              never: 0,
              below: input,
              last: input * one.by + (input % 2),
            }
            if (name !== 'raw') expect([name, now]).toEqual([name, expected[name]])
          }
          expect(await runIn(config(store, one.by), one.wanted)).toEqual([])
        }
      }
    }),
    { numRuns: 60 },
  )
})

describe('states by content', () => {
  const node = (key: string, is: SeenNode['is'], reads?: Record<string, string>, digest = `${key} now`): SeenNode => ({
    key,
    is,
    digest,
    reads,
  })
  const inputs =
    (graph: Record<string, readonly string[]>) =>
    (key: string): readonly string[] =>
      graph[key] ?? []
  test('a digest that nobody knows is never another one', () => {
    const nodes: readonly SeenNode[] = [{ key: 'a', is: 'stored' }, node('b', 'stored', { a: 'then', gone: 'then' })]
    expect(contentStates(nodes, ['b'], inputs({ b: ['a'] })).size).toBe(0)
  })
  test('what is absent is waited for where something else needs it, and not for its own sake', () => {
    const nodes = [node('a', 'absent'), node('b', 'stored', { a: 'a now' }), node('c', 'absent')]
    const graph = inputs({ b: ['a'], c: ['a'] })
    expect(contentStates(nodes, ['b'], graph).size).toBe(0)
    expect(contentStates(nodes, ['b', 'c'], graph).get('b')).toEqual({ _tag: 'undecided', awaits: ['a'] })
  })
  test('a path of 100,000 below what is stale is undecided to its end', () => {
    const path = Array.from({ length: 100_000 }, (_, at) =>
      node(`n${at}`, 'stored', at === 0 ? { none: 'then' } : { [`n${at - 1}`]: at === 1 ? 'then' : `n${at - 1} now` }),
    )
    const states = contentStates(path, ['n99999'], () => [])
    expect([states.get('n0'), states.get('n1')?._tag, states.get('n2')?._tag, states.get('n99999')?._tag]).toEqual([
      undefined,
      'stale',
      'undecided',
      'undecided',
    ])
  })
})
