// What was renamed keeps its results: nothing is computed again, and every value is what it was.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { outlineOf } from '../../src/plan/plan-graph.js'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import { layeredStore } from '../../src/adapters/shared-store/layered-store.js'
import { mapBucket, type MapBucket } from '../adapters/map-bucket.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { directory } from '../../src/data/index.js'
import { inMemory } from '../../src/declare/format.js'
import { param } from '../../src/declare/param.js'
import type { Modules } from '../../src/declare/project.js'
import { defineTask, type Task } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { interpret } from '../../src/runtime/engine/interpret.js'
import { parseRunInfo } from '../../src/runtime/run-info/run-info.js'
import type { Store } from '../../src/runtime/ports/store.js'
import type { WalkableStore } from '../../src/runtime/upkeep/gc.js'
import { everythingIn, transfer } from '../../src/runtime/upkeep/transfer/transfer.js'
import { open, type Opened } from './fixture.js'

const scratch = mkdtempSync(join(tmpdir(), 'taskchain-formerly-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const onDisk = () => fileStore(mkdtempSync(join(scratch, 'store-')), { durability: 'none' })

const objects = (bucket: MapBucket) =>
  storeOfObjects({ bucket, cache: { folder: mkdtempSync(join(scratch, 'cache-')), maxBytes: 1e9 } })
const behind = () => ({ store: objects(mapBucket()), mode: 'read-write' }) as const

let ran: string[] = []
const counted = <A>(name: string, value: A): A => {
  ran.push(name)
  return value
}
const runIn = async (opened: Opened, options = {}) => {
  ran = []
  const report = await opened.chain.run(undefined, options)
  expect(report.failed).toEqual([])
  return { ran: ran.toSorted(), adopted: report.adopted.toSorted() }
}
const at = (store: Store, p: Modules[string], params = {}) => open({ p }, { params }, { store })
const nodeIn = ({ plan }: Opened, name: string) =>
  plan.nodes.find((node) => node.name === name) as Opened['plan']['nodes'][number]
const infoOf = async (opened: Opened, name: string) => {
  const parsed = parseRunInfo((await opened.store.readRunInfo(addressOf(nodeIn(opened, name)))) ?? '')
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right
}

const votes = [3, 20, 400, 5000]
const source = () =>
  defineTask({ params: { min: t.number }, data: t.array(t.number) }).run(({ min }) =>
    counted(
      'votes',
      votes.filter((one) => one >= min),
    ),
  )
const before = () => {
  const raw = source()
  const sum = defineTask({ inputs: { raw }, data: t.number }).run(({ raw }) =>
    counted(
      'sum',
      raw.reduce((all, one) => all + one, 0),
    ),
  )
  const told = defineTask({ inputs: { sum }, data: t.string }).run(({ sum }) => counted('told', `${sum} votes`))
  return { raw, sum, told }
}
/** Task, param and input roles are called otherwise. */
const after = () => {
  const ballots = defineTask({
    formerly: ['p:raw'],
    params: { minVotes: param(t.number, { formerly: ['min'], nameInConfig: 'min' }) },
    data: t.array(t.number),
  }).run(({ minVotes }) =>
    counted(
      'votes',
      votes.filter((one) => one >= minVotes),
    ),
  )
  const total = defineTask({
    formerly: ['p:sum'],
    inputs: { ballots },
    inputsFormerly: { ballots: ['raw'] },
    data: t.number,
  }).run(({ ballots }) =>
    counted(
      'sum',
      ballots.reduce((all, one) => all + one, 0),
    ),
  )
  const told = defineTask({ inputs: { total }, inputsFormerly: { total: ['sum'] }, data: t.string }).run(({ total }) =>
    counted('told', `${total} votes`),
  )
  return { ballots, total, told }
}

const kinds = [
  ['in memory', (): Store => memoryStore()],
  ['on disk', (): Store => onDisk()],
  ['of objects', (): Store => objects(mapBucket())],
  ['with another one behind it', (): Store => layeredStore(onDisk(), [behind()], () => undefined)],
] as const

test.each([
  ['commits of their own', async (bucket: MapBucket): Promise<WalkableStore> => objects(bucket)],
  ['packs', async (): Promise<WalkableStore> => onDisk()],
] as const)('machines that read a bucket for the first time find what was renamed, in %s', async (kind, firstStore) => {
  const bucket = mapBucket()
  const first = await firstStore(bucket)
  for (let min = 1; min <= 20; min++) await runIn(at(first, before(), { min }))
  if (kind === 'packs') await transfer(first, objects(bucket), await everythingIn(first))
  expect([...bucket.objects.keys()].some((name) => name.includes('__packs__'))).toBe(kind === 'packs')
  expect(await runIn(at(objects(bucket), after(), { min: 10 }))).toEqual({
    ran: [],
    adopted: ['p:ballots', 'p:told', 'p:total'],
  })
  // by content alone: with this param nothing was computed under any name
  expect(await runIn(at(objects(bucket), after(), { min: 19.5 }))).toEqual({
    ran: ['votes'],
    adopted: ['p:told', 'p:total'],
  })
})

describe.each(kinds)('in a store %s', (_, make) => {
  test('tasks, params and inputs that were renamed keep their results, and so does what reads them', async () => {
    const store = make()
    const old = at(store, before(), { min: 10 })
    expect((await runIn(old)).ran).toEqual(['sum', 'told', 'votes'])
    const renamed = at(store, after(), { min: 10 })
    expect(Object.fromEntries(await renamed.chain.states())).toEqual({
      'p:ballots': 'cached',
      'p:total': 'cached',
      'p:told': 'cached',
    })
    expect(await renamed.chain.computations()).toEqual({ atLeast: 0, atMost: 0 })
    const waiting = await renamed.chain.formers()
    expect(waiting.map(({ node, formerly, adopted }) => [node, formerly, adopted])).toEqual([
      ['p:ballots', 'p:raw, param min', false],
      ['p:total', 'p:sum, input raw', false],
      ['p:told', 'input sum', false],
    ])
    expect(waiting[0]?.from).toBe(nodeIn(old, 'raw').key)
    expect(await renamed.chain.value('told')).toBe('5420 votes')
    expect(await runIn(renamed)).toEqual({ ran: [], adopted: [] })
    expect((await renamed.chain.formers()).map(({ adopted }) => adopted)).toEqual([true, true, true])
    expect((await renamed.chain.tasks()).map(({ formerly }) => formerly)).toEqual([
      'p:raw, param min',
      'p:sum, input raw',
      'input sum',
    ])
  })

  test('a run says what it has adopted; key, inputs and code are those of now, all else of who computed it', async () => {
    const store = make()
    const old = at(store, before(), { min: 10 })
    await runIn(old)
    const renamed = at(store, after(), { min: 10 })
    expect(await runIn(renamed)).toEqual({ ran: [], adopted: ['p:ballots', 'p:told', 'p:total'] })
    expect(renamed.told().filter((one) => one.startsWith('adopted'))).toHaveLength(3)
    const [was, is] = [await infoOf(old, 'sum'), await infoOf(renamed, 'total')]
    expect(is).toMatchObject({
      task: { name: 'p:total' },
      key: nodeIn(renamed, 'total').key,
      input_tasks: {
        ballots: {
          task: 'p:ballots',
          key: nodeIn(renamed, 'ballots').key,
          digest: (await infoOf(old, 'raw')).data?.digest,
        },
      },
      adopted: { key: was.key, digest: was.data?.digest, formerly: 'p:sum, input raw' },
      started: was.started,
      data: was.data,
      identity: was.identity,
    })
    // the code of the present names, so that the lines can be taken out
    expect(is.code_fingerprint).not.toBe(was.code_fingerprint)
    expect(await renamed.chain.drifted()).toEqual([])
  })

  test('without these lines everything is computed anew; once all was adopted they are needed no more', async () => {
    const store = make()
    await runIn(at(store, before(), { min: 10 }))
    const bare = (): Modules[string] => {
      const ballots = defineTask({
        params: { minVotes: param(t.number, { nameInConfig: 'min' }) },
        data: t.array(t.number),
      }).run(({ minVotes }) =>
        counted(
          'votes',
          votes.filter((one) => one >= minVotes),
        ),
      )
      const total = defineTask({ inputs: { ballots }, data: t.number }).run(({ ballots }) =>
        counted(
          'sum',
          ballots.reduce((all, one) => all + one, 0),
        ),
      )
      const told = defineTask({ inputs: { total }, onCodeChange: 'recompute', data: t.string }).run(({ total }) =>
        counted('told', `${total} votes`),
      )
      return { ballots, total, told }
    }
    await runIn(at(store, after(), { min: 10 }))
    const without = at(store, bare(), { min: 10 })
    expect(await runIn(without)).toEqual({ ran: [], adopted: [] })
    expect(await without.chain.drifted()).toEqual([])
    const fresh = make()
    await runIn(at(fresh, before(), { min: 10 }))
    expect((await runIn(at(fresh, bare(), { min: 10 }))).ran).toEqual(['sum', 'told', 'votes'])
  })

  test('also of what has no identity: refreshed, not deterministic, of native code, read through memory', async () => {
    const store = make()
    const parse = (() => 7).bind(undefined)
    const tasks = (name: string, formerly: readonly `${string}:${string}`[]): Modules[string] => {
      const raw = defineTask({ name, formerly, refresh: { after: '1 day' }, data: t.number }).run(() =>
        counted('raw', 1),
      )
      const held = defineTask({ inputs: { raw }, data: inMemory<number>() }).run(({ raw }) => counted('held', raw))
      const chance = defineTask({ inputs: { held }, deterministic: false, data: t.number }).run(({ held }) =>
        counted('chance', held + Math.random()),
      )
      const native = defineTask({ inputs: { raw }, data: t.number }).run(parse)
      return { raw, held, chance, native }
    }
    const old = at(store, tasks('raw', []))
    await runIn(old)
    const chance = await old.chain.value('chance')
    const renamed = at(store, tasks('download', ['p:raw']))
    expect(await runIn(renamed)).toEqual({ ran: [], adopted: ['p:chance', 'p:download', 'p:native'] })
    expect(await renamed.chain.value('chance')).toBe(chance)
  })

  test('folders, several configs, one name after the other', async () => {
    const store = make()
    const tasks = (names: readonly string[]): Modules[string] => {
      const name = names.at(-1) ?? ''
      const formerly = names.slice(0, -1).map((one) => `p:${one}` as const)
      const first = defineTask({ name, formerly, params: { size: t.number }, data: directory() }).run(
        async ({ size }, { dir }) => {
          await writeFile(join(dir, 'all.txt'), counted('first', 'x'.repeat(size)))
        },
      )
      const last = defineTask({ inputs: { first }, data: t.number }).run(({ first }) =>
        counted('last', statSync(join(first, 'all.txt')).size),
      )
      return { first, last }
    }
    for (const size of [1, 2]) await runIn(at(store, tasks(['a']), { size }))
    expect(await runIn(at(store, tasks(['a', 'b']), { size: 1 }))).toEqual({ ran: [], adopted: ['p:b', 'p:last'] })
    // the first is under a, b; the second under a alone
    for (const size of [1, 2]) {
      const renamed = at(store, tasks(['a', 'b', 'c']), { size })
      expect(await runIn(renamed)).toEqual({ ran: [], adopted: ['p:c', 'p:last'] })
      expect(await renamed.chain.value('last')).toBe(size)
    }
    // what only b ever had
    await runIn(at(store, tasks(['b']), { size: 3 }))
    expect((await runIn(at(store, tasks(['a', 'b', 'c']), { size: 3 }))).ran).toEqual([])
    const c = at(store, tasks(['a', 'b', 'c']), { size: 1 })
    writeFileSync(join((await c.chain.value('c')) as string, 'all.txt'), 'other')
    const a = at(store, tasks(['a']), { size: 1 })
    expect(readFileSync(join((await a.chain.value('a')) as string, 'all.txt'), 'utf8')).toBe('x')
  })

  test('never where the code or the version is another, it is marked or forced, or nothing is to be adopted', async () => {
    const tasks = (name: string, extra: object, text = 'x'): Modules[string] => {
      const raw = defineTask({ name, data: t.string, ...extra }).run(
        text === 'x' ? () => counted('raw', 'x') : () => counted('raw', 'y'),
      )
      return { raw }
    }
    const formerly = { formerly: ['p:old'] } as const
    const fresh = async (mark = false): Promise<Store> => {
      const store = make()
      const old = at(store, tasks('old', {}))
      await runIn(old)
      if (mark) await store.markStale(addressOf(nodeIn(old, 'old')))
      return store
    }
    const computed = { ran: ['raw'], adopted: [] }
    expect(await runIn(at(await fresh(), tasks('raw', formerly)))).toEqual({ ran: [], adopted: ['p:raw'] })
    expect(await runIn(at(await fresh(), tasks('raw', formerly, 'y')))).toEqual(computed)
    expect(await runIn(at(await fresh(), tasks('raw', { ...formerly, version: 2 })))).toEqual(computed)
    expect(await runIn(at(await fresh(true), tasks('raw', formerly)))).toEqual(computed)
    expect(await runIn(at(await fresh(), tasks('raw', formerly)), { adopt: false })).toEqual(computed)
    const forced = at(await fresh(), tasks('raw', formerly))
    await forced.chain.force('raw')
    expect(await runIn(forced)).toEqual(computed)
    expect((await forced.chain.states()).get('p:raw')).toBe('cached')
    // its own result comes first, and stays marked where it was
    await forced.store.markStale(addressOf(nodeIn(forced, 'raw')))
    expect(await runIn(at(forced.store, tasks('raw', formerly)))).toEqual(computed)
  })

  test('what is below a result that is to be computed is undecided until it was', async () => {
    const store = make()
    const old = at(store, before(), { min: 10 })
    await runIn(old)
    await store.markStale(addressOf(nodeIn(old, 'raw')))
    const renamed = at(store, after(), { min: 10 })
    expect(Object.fromEntries(await renamed.chain.states())).toEqual({
      'p:ballots': 'to_run',
      'p:total': 'undecided',
      'p:told': 'undecided',
    })
    expect(await runIn(renamed)).toEqual({ ran: ['votes'], adopted: ['p:told', 'p:total'] })
  })

  test('what was accepted for the present code is adopted, and accepted under the new name', async () => {
    const store = make()
    const named = (name: string, extra: object): Modules[string] => ({
      raw: defineTask({ name, data: t.string, ...extra }).run(() => counted('raw', 'y')),
    })
    const first = { raw: defineTask({ name: 'old', data: t.string }).run(() => counted('raw', 'x')) }
    await runIn(at(store, first))
    expect(await at(store, named('old', {})).chain.bless()).toHaveLength(1)
    const renamed = at(store, named('raw', { formerly: ['p:old'] }))
    expect(await runIn(renamed)).toEqual({ ran: [], adopted: ['p:raw'] })
    expect(await renamed.chain.value('raw')).toBe('x')
    expect(await renamed.chain.drifted()).toEqual([])
  })

  test('what was made from contents of long ago is adopted, and stale', async () => {
    const store = make()
    let world = 1
    const tasks = (extra: object): Modules[string] => {
      const raw = defineTask({ name: 'raw', data: t.number }).run(() => counted('raw', world))
      const last = defineTask({ inputs: { raw }, name: 'old', data: t.number, ...extra }).run(({ raw }) =>
        counted('last', 10 * raw),
      )
      return { raw, last }
    }
    const old = at(store, tasks({}))
    await runIn(old)
    world = 2
    await old.chain.force('raw')
    await old.chain.run(['raw'])
    const renamed = at(store, tasks({ name: 'last', formerly: ['p:old'] }))
    expect((await runIn(renamed)).ran).toEqual(['last'])
    expect(await renamed.chain.value('last')).toBe(20)
  })

  test('the code above that makes everything be computed again is known under its former names', async () => {
    const store = make()
    const old = (): Modules[string] => {
      const raw = defineTask({ params: { min: t.number }, onCodeChange: 'recompute', data: t.number }).run(({ min }) =>
        counted('raw', min),
      )
      const last = defineTask({ inputs: { raw }, data: t.number }).run(({ raw }) => counted('last', raw))
      return { raw, last }
    }
    await runIn(at(store, old(), { min: 1 }))
    const renamed = (more: number): Modules[string] => {
      const least = param(t.number, { formerly: ['min'] })
      const spec = { formerly: ['p:raw'], params: { least }, onCodeChange: 'recompute', data: t.number } as const
      const first = more
        ? defineTask(spec).run(({ least }) => counted('raw', least + 1))
        : defineTask(spec).run(({ least }) => counted('raw', least))
      const last = defineTask({ inputs: { first }, inputsFormerly: { first: ['raw'] }, data: t.number }).run(
        ({ first }) => counted('last', first),
      )
      return { first, last }
    }
    expect((await runIn(at(store, renamed(1), { least: 1 }))).ran).toEqual(['last', 'raw'])
    const other = make()
    await runIn(at(other, old(), { min: 1 }))
    expect((await runIn(at(other, renamed(0), { least: 1 }))).ran).toEqual([])
    expect((await runIn(at(other, renamed(0), { least: 1 }))).ran).toEqual([])
  })
})

test('what lies under the old name in a shared store only is adopted from there', async () => {
  const bucket = mapBucket()
  await runIn(at(objects(bucket), before(), { min: 10 }))
  const store = layeredStore(onDisk(), [{ store: objects(bucket), mode: 'read-only' }], () => undefined)
  const renamed = at(store, after(), { min: 10 })
  expect(await runIn(renamed)).toEqual({ ran: [], adopted: ['p:ballots', 'p:told', 'p:total'] })
  expect(await renamed.chain.value('told')).toBe('5420 votes')
})

test('several chains of one run each adopt their own', async () => {
  const store = memoryStore()
  for (const min of [10, 400]) await runIn(at(store, before(), { min }))
  const [one, two] = [10, 400].map((min) => at(store, after(), { min }))
  if (one === undefined || two === undefined) throw new Error('there are two')
  ran = []
  const targets = [one.plan, two.plan]
    .map(outlineOf)
    .flatMap((plan) => plan.nodes.map(({ id }) => ({ plan, id, want: 'kept' as const })))
  const { report } = await interpret(one.session, { targets })
  expect([ran, report.adopted.length, report.cached]).toEqual([[], 6, []])
})

test('a task that asks a chain of its program for its own value fails with that, also where something was renamed', async () => {
  const own = defineTask({ formerly: ['p:old'], data: t.number }).run((): Promise<number> => {
    return chain.value('own') as Promise<number>
  })
  const { chain } = open({ p: { own } }, {}, { concurrency: 1 })
  const { failed } = await chain.run()
  expect(JSON.stringify(failed.map(({ _tag }) => _tag))).toBe('["TaskFailed"]')
})

test('names enter identities in their oldest form: a renamed task takes over what equal contents have made', async () => {
  const store = onDisk()
  await runIn(at(store, before(), { min: 10 }))
  const renamed = at(store, after(), { min: 15 })
  expect(await renamed.chain.computations()).toEqual({ atLeast: 1, atMost: 3 })
  expect(await runIn(renamed)).toEqual({ ran: ['votes'], adopted: ['p:told', 'p:total'] })
})

test('arguments that are read from one object are known by their former names too; other values are not', async () => {
  const store = memoryStore()
  const old = {
    one: defineTask({ params: { min: t.number }, data: t.number }).run((given) => counted('one', given.min)),
  }
  await runIn(at(store, old, { min: 1 }))
  const params = { least: param(t.number, { formerly: ['min'] }) }
  const renamed = { one: defineTask({ params, data: t.number }).run((args) => counted('one', args.least)) }
  expect((await runIn(at(store, renamed, { least: 1 }))).ran).toEqual([])
  const movie = { min: 1, least: 2 }
  const other = defineTask({ params: { min: t.number }, data: t.number }).run(({ min }) =>
    counted('two', min + movie.min),
  )
  const changed = defineTask({ params, data: t.number }).run(({ least }) => counted('two', least + movie.least))
  await runIn(at(store, { other }, { min: 1 }))
  expect((await runIn(at(store, { other: changed }, { least: 1 }))).ran).toEqual(['two'])
})

/** A chain of tasks that read up to two earlier ones; names, params and roles by what the world calls them. */
const chainOf = (shape: readonly (readonly number[])[], names: Names, kinds: readonly boolean[]): Modules[string] => {
  const made: Task<number, any>[] = []
  const called = (what: string, was: string, formerly: boolean): readonly [string, readonly string[] | undefined] =>
    names.has(`${what} ${was}`) ? [`${was}_now`, formerly ? [was] : undefined] : [was, undefined]
  for (const [at, reads] of shape.entries()) {
    const [name, formerly] = called('task', `t${at}`, true)
    const [least, before] = called('param', `p${at}`, true)
    const roles = [...new Set(reads.map((one) => one % Math.max(at, 1)))].filter((one) => one < at)
    const inputs: Record<string, Task<number>> = {}
    const inputsFormerly: Record<string, readonly string[]> = {}
    for (const one of roles) {
      const [role, was] = called('input', `i${at}_${one}`, true)
      inputs[role] = made[one] as Task<number>
      if (was !== undefined) inputsFormerly[role] = was
    }
    const spec = {
      name,
      ...(formerly === undefined ? {} : { formerly: formerly.map((one) => `p:${one}` as const) }),
      params: {
        [least]: param(t.number, { ...(before === undefined ? {} : { formerly: before }), nameInConfig: 'min' }),
      },
      inputs,
      inputsFormerly,
      data: kinds[at] === true && at > 0 ? inMemory<number>() : t.number,
    }
    const run = (given: Readonly<Record<string, number>>) =>
      counted(
        `t${at}`,
        Object.values(given).reduce((sum, one) => sum + one, at),
      )
    made.push(defineTask(spec as never).run(run as never) as Task<number, any>)
  }
  return Object.fromEntries(made.map((task, at) => [`t${at}`, task]))
}

/** What is called otherwise by now. */
type Names = ReadonlySet<string>

test('whatever is renamed, at once or one after the other: values are the same and nothing is computed again', async () => {
  const shapes = fc.array(fc.array(fc.nat(5), { maxLength: 2 }), { minLength: 1, maxLength: 5 })
  const things = (shape: readonly (readonly number[])[]): readonly string[] =>
    shape.flatMap((reads, at) => [
      `task t${at}`,
      `param p${at}`,
      ...reads.flatMap((one) => (one % Math.max(at, 1) < at ? [`input i${at}_${one % Math.max(at, 1)}`] : [])),
    ])
  await fc.assert(
    fc.asyncProperty(
      shapes,
      fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      fc.infiniteStream(fc.boolean()),
      fc.boolean(),
      async (shape, kinds, choices, stepwise) => {
        const store = memoryStore()
        const chosen = things(shape).filter(() => choices.next().value === true)
        const first = at(store, chainOf(shape, new Set(), kinds), { min: 1 })
        await runIn(first)
        const kept = first.plan.nodes.filter(({ storage }) => storage !== 'memory')
        const values = await Promise.all(kept.map(({ id }) => first.chain.value(id)))
        const steps = stepwise ? chosen.map((_, end) => chosen.slice(0, end + 1)) : [chosen]
        for (const names of steps) {
          const renamed = at(store, chainOf(shape, new Set(names), kinds), { min: 1 })
          expect(await renamed.chain.computations()).toEqual({ atLeast: 0, atMost: 0 })
          expect((await runIn(renamed)).ran).toEqual([])
          const now = (id: string) => (names.includes(`task ${id.slice(2)}`) ? `${id}_now` : id)
          expect(await Promise.all(kept.map(({ id }) => renamed.chain.value(now(id))))).toEqual(values)
        }
      },
    ),
    { numRuns: 40 },
  )
})
