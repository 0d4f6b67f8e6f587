import * as t from 'io-ts'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { jsonLines } from '../../src/data/lines.js'
import { inMemory } from '../../src/declare/format.js'
import { lazy } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { openChains } from '../../src/open-chain.js'
import { makeKeptValues } from '../../src/runtime/session/kept-values.js'
import { sizeOfValue } from '../../src/runtime/session/value-size.js'
import { open } from './fixture.js'

const scratch = mkdtempSync(join(tmpdir(), 'taskchain-memory-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** A model in memory that two results read, and how often each was made. */
const models = () => {
  const runs: string[] = []
  const made = <A>(name: string, value: A): A => (runs.push(name), value)
  const rows = defineTask({ params: { size: t.number }, data: t.array(t.number) }).run(({ size }) =>
    made(
      'rows',
      Array.from({ length: size }, (_, index) => index),
    ),
  )
  const model = defineTask({
    inputs: { rows },
    data: inMemory<{ readonly sum: number; readonly weights: Float64Array }>(),
  }).run(({ rows }) => made('model', { sum: rows.reduce((sum, row) => sum + row, 0), weights: new Float64Array(1000) }))
  const z1 = defineTask({ inputs: { model }, data: t.number }).run(({ model }) => made('z1', model.sum + 1))
  const z2 = defineTask({ inputs: { model }, data: t.number }).run(({ model }) => made('z2', model.sum + 2))
  const z3 = defineTask({ inputs: { model: lazy(model) }, data: t.number }).run(async ({ model }) =>
    made('z3', (await model()).sum + 3),
  )
  return { runs, pipelines: { p: { rows, model, z1, z2, z3 } } }
}

describe('a value that is kept in memory only', () => {
  test('is made once for all questions of a chain, and what it reads is not read again', async () => {
    const { runs, pipelines } = models()
    const { chain, told } = open(pipelines, { params: { size: 4 } })
    expect([await chain.value('z1'), await chain.value('z2'), await chain.value('z3')]).toEqual([7, 8, 9])
    await chain.value('model')
    expect(runs).toEqual(['rows', 'model', 'z1', 'z2', 'z3'])
    expect(told().filter((word) => word.startsWith('loaded'))).toEqual([])
  })

  test('is the same object whenever it is asked for', async () => {
    const { pipelines } = models()
    const { chain } = open(pipelines, { params: { size: 4 } })
    await chain.run()
    expect(await chain.value('model')).toBe(await chain.value('model'))
  })

  test('is made once for a set of chains, and dropped when the set is closed', async () => {
    const { runs, pipelines } = models()
    const project = defineProject({ pipelines, store: join(scratch, 'set') })
    const chains = await openChains(
      project,
      [
        { tasks: 'p.*', size: 4 },
        { tasks: ['p.rows', 'p.model', 'p.z2'], size: 4 },
      ],
      { root: scratch },
    )
    const [first, second] = [...chains.chains.values()]
    await first?.value('z1')
    await second?.value('z2')
    expect(runs.filter((name) => name === 'model')).toEqual(['model'])
    expect(chains.memory()).toEqual(first?.memory())
    expect(chains.memory().values).toBe(3)
    await chains.close()
    expect(chains.memory()).toMatchObject({ values: 0, bytes: 0 })
  })

  test('is told with its size, and released on demand: one, or all', async () => {
    const { runs, pipelines } = models()
    const { chain } = open(pipelines, { params: { size: 4 } }, { memoryLimit: 1e6 })
    expect(chain.memory()).toEqual({ values: 0, bytes: 0, limit: 1e6 })
    await chain.run(['z1'])
    expect(chain.memory().values).toBe(1)
    expect(chain.memory().bytes).toBeGreaterThanOrEqual(8000)
    expect(chain.memory().bytes).toBeLessThan(9000)
    await chain.value('z1')
    chain.release(['model'])
    expect(chain.memory().values).toBe(1)
    chain.release()
    expect(chain.memory()).toEqual({ values: 0, bytes: 0, limit: 1e6 })
    await chain.value('z2')
    expect(runs.filter((name) => name === 'model')).toEqual(['model', 'model'])
  })

  test('is made again when it, or what it reads, is forced', async () => {
    const { runs, pipelines } = models()
    const { chain } = open(pipelines, { params: { size: 4 } })
    await chain.value('z1')
    await chain.force(['rows'])
    await chain.value('z2')
    await chain.task('model').force()
    await chain.value('model')
    expect(runs).toEqual(['rows', 'model', 'z1', 'rows', 'model', 'z2', 'model'])
  })

  test('is made again when what it reads from turns out to be damaged', async () => {
    const place = join(scratch, 'damaged')
    const text = Array.from({ length: 20_000 }, (_, index) => `line ${index}`)
    const source = defineTask({ data: jsonLines(t.string) }).run(() => text)
    const index = defineTask({ inputs: { source }, data: inMemory<{ readonly source: AsyncIterable<string> }>() }).run(
      ({ source }) => ({ source }),
    )
    const count = async (values: AsyncIterable<string>): Promise<number> => {
      let found = 0
      for await (const _ of values) found++
      return found
    }
    const first = defineTask({ inputs: { index }, data: t.number }).run(({ index }) => count(index.source))
    const second = defineTask({ inputs: { index }, data: t.number }).run(
      async ({ index }) => 1 + (await count(index.source)),
    )
    const { chain } = open({ p: { source, index, first, second } }, {}, { store: fileStore(place) })
    expect(await chain.value('first')).toBe(20_000)
    const file = join(
      place,
      'p/source',
      readdirSync(join(place, 'p/source')).find(
        (name) => /^[0-9a-f]{32}\.(?!run_info)/.test(name) && !name.endsWith('.log'),
      ) as string,
    )
    writeFileSync(file, readFileSync(file, 'latin1').replace('"line 7"\n', '"line"\n7 '))
    expect(await chain.value('second')).toBe(20_001)
    expect(readFileSync(file, 'utf8')).toContain('"line 7"\n')
  })
})

describe('the limit of what is kept in memory', () => {
  const sized = (names: readonly string[], kilobytes = 100) => {
    const runs: string[] = []
    const tasks = Object.fromEntries(
      names.map((name) => [
        name,
        defineTask({ data: inMemory<Float64Array>() }).run(() => (runs.push(name), new Float64Array(125 * kilobytes))),
      ]),
    )
    return { runs, pipelines: { p: tasks } }
  }

  test('makes those go that were read least recently, and reports them', async () => {
    const { runs, pipelines } = sized(['a', 'b', 'c'])
    const { chain, events } = open(pipelines, {}, { memoryLimit: 250_000 })
    for (const name of ['a', 'b', 'a', 'c', 'a']) await chain.value(name)
    expect(runs).toEqual(['a', 'b', 'c'])
    expect(events.filter(({ _tag }) => _tag === 'evicted')).toMatchObject([{ node: 'p:b', key: chain.task('b').key }])
    await chain.value('b')
    expect(runs).toEqual(['a', 'b', 'c', 'b'])
    expect(chain.memory().bytes).toBeLessThan(250_000)
  })

  test('does not hold a value that is larger, nor lets it push out others', async () => {
    const { runs, pipelines } = sized(['a'])
    const large = defineTask({ data: inMemory<Float64Array>() }).run(() => (runs.push('large'), new Float64Array(1e6)))
    const { chain, told } = open({ p: { ...pipelines.p, large } }, {}, { memoryLimit: 250_000 })
    await chain.value('a')
    expect(((await chain.value('large')) as Float64Array).length).toBe(1e6)
    await chain.value('large')
    await chain.value('a')
    expect(runs).toEqual(['a', 'large', 'large'])
    expect(told().filter((word) => word.startsWith('evicted'))).toEqual(['evicted p:large', 'evicted p:large'])
  })

  test('counts values that were asked for, too; they are loaded again', async () => {
    const runs: string[] = []
    const text = defineTask({ data: t.string }).run(() => (runs.push('text'), 'x'.repeat(200_000)))
    const other = defineTask({ data: t.string }).run(() => 'y'.repeat(200_000))
    const { chain, told } = open({ p: { text, other } }, {}, { memoryLimit: 300_000, store: memoryStore() })
    await chain.value('text')
    await chain.value('other')
    await chain.value('text')
    expect(runs).toEqual(['text'])
    expect(told().filter((word) => /evicted|loaded/.test(word))).toEqual([
      'evicted p:text',
      'loaded p:text',
      'evicted p:other',
    ])
  })

  test('never takes a value from a run that reads it', async () => {
    const { pipelines } = sized(['a', 'b', 'c', 'd'])
    const sum = defineTask({ inputs: { ...pipelines.p }, data: t.number }).run((values) =>
      Object.values(values).reduce((total, { length }) => total + length, 0),
    )
    const { chain } = open({ p: { ...pipelines.p, sum } }, {}, { memoryLimit: 150_000 })
    expect(await chain.value('sum')).toBe(4 * 12_500)
    await chain.force(['sum'])
    expect(await chain.value('sum')).toBe(4 * 12_500)
  })

  test('of nothing keeps nothing', async () => {
    const { runs, pipelines } = sized(['a'])
    const { chain } = open(pipelines, {}, { memoryLimit: 0 })
    await chain.value('a')
    await chain.value('a')
    expect(runs).toEqual(['a', 'a'])
  })
})

describe('memory that runs short', () => {
  test('makes all go but the newest, whatever their estimated size', () => {
    let tight = false
    const kept = makeKeptValues(1e9, () => tight)
    const node = (key: string) => ({ id: `p:${key}`, key })
    for (const key of ['a', 'b', 'c'])
      expect(kept.keep(node(key), { value: key, content: {}, readings: [] })).toEqual([])
    tight = true
    expect(kept.keep(node('d'), { value: 'd', content: {}, readings: [] }).map(({ node: id }) => id)).toEqual([
      'p:a',
      'p:b',
      'p:c',
    ])
    expect([kept.has('a'), kept.get('d')?.value, kept.use().values]).toEqual([false, 'd', 1])
  })

  test('does not end a process whose values hide what they hold', async () => {
    const script = `
      import * as t from 'io-ts'
      import { defineProject, defineTask, inMemory, openChain } from 'taskchain'
      class Model { #rows; constructor(seed) { this.#rows = Array.from({ length: 250_000 }, (_, index) => ({ index: index + seed })) } get size() { return this.#rows.length } }
      const tasks = Object.fromEntries(Array.from({ length: 24 }, (_, seed) => ['m' + seed, defineTask({ data: inMemory() }).run(() => new Model(seed))]))
      const chain = await openChain(defineProject({ pipelines: { p: tasks }, store: ${JSON.stringify(join(scratch, 'hidden'))} }), { config: { tasks: 'p.*' } })
      let sum = 0
      for (let seed = 0; seed < 24; seed++) sum += (await chain.value('p:m' + seed)).size
      console.log(sum)`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--max-old-space-size=128', '--input-type=module', '-e', script],
      { cwd: join(import.meta.dirname, '../..') },
    )
    expect(stdout.trim()).toBe('6000000')
  })
})

describe('the size of a value', () => {
  const total = (value: unknown): number => sizeOfValue(value).heap + sizeOfValue(value).outside

  test('is near what it takes, whatever its shape', () => {
    expect(total(new Float64Array(1e6))).toBeGreaterThan(8e6 - 1)
    expect(total(new Uint8Array(new ArrayBuffer(1000), 0, 10))).toBeGreaterThan(999)
    expect(total('x'.repeat(1e6))).toBeGreaterThan(1e6 - 1)
    const rows = Array.from({ length: 1e5 }, (_, index) => ({ id: index, name: `row ${index}`, tags: ['a', 'b'] }))
    expect(total(rows)).toBeGreaterThan(5e6)
    expect(total(rows)).toBeLessThan(1e8)
    expect(total(new Map(rows.map((row) => [row.name, row])))).toBeGreaterThan(5e6)
  })

  test('runs no code of the value, and ends with cycles, proxies and what is deep', () => {
    const fail = (): never => {
      throw new Error('touched')
    }
    const cycle: Record<string, unknown> = {
      get danger() {
        return fail()
      },
    }
    cycle['self'] = cycle
    let deep: unknown = 1
    for (let level = 0; level < 1e5; level++) deep = [deep]
    const hostile = new Proxy({}, { get: fail, ownKeys: fail, getOwnPropertyDescriptor: fail })
    class Hidden {
      readonly #rows = [1]
      rows() {
        return this.#rows
      }
    }
    for (const value of [
      cycle,
      deep,
      hostile,
      new Hidden(),
      fail,
      Symbol('x'),
      null,
      undefined,
      1n,
      new Date(),
      new WeakMap(),
      Object.create(null),
    ])
      expect(total(value)).toBeGreaterThan(0)
  })
})
