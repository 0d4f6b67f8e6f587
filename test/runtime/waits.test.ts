// Tasks that ask for values while they run: a cycle of them is told, not waited for.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { defineObject, object } from '../../src/declare/object.js'
import { defineTask } from '../../src/declare/task.js'
import { gate, open } from './fixture.js'

/** An object that asks the chain, by name. */
const Asker = defineObject('Asker', { args: { name: t.string } }).create(({ name }, { chain }) => ({
  ask: () => chain().value(name) as Promise<number>,
}))
const asking = (name: string) => ({ class: 'Asker', args: [name] })
const asks = { first: object(Asker) }
const failuresOf = (failed: readonly object[]): readonly unknown[] =>
  failed.map((failure) =>
    'cause' in failure ? [(failure as { node?: string }).node, causesOf(failure.cause)] : failure,
  )
const causesOf = (cause: unknown): readonly string[] =>
  cause instanceof Error ? [cause.message, ...causesOf(cause.cause)] : []

describe('a task whose object asks', () => {
  it('for the task itself fails with that', async () => {
    const own = defineTask({ params: asks, data: t.number }).run(({ first }) => first.ask())
    const { chain } = open({ p: { own } }, { objects: { Asker }, params: { first: asking('own') } })
    expect(failuresOf((await chain.run()).failed)).toEqual([['p:own', ['p:own asks for its own value']]])
    await expect(chain.value('own')).rejects.toThrow("task 'p:own' failed: p:own asks for its own value")
  })

  it('for what depends on it names the whole way', async () => {
    const base = defineTask({ params: asks, data: t.number }).run(({ first }) => first.ask())
    const middle = defineTask({ inputs: { base }, data: t.number }).run(({ base }) => base + 1)
    const top = defineTask({ inputs: { middle }, data: t.number }).run(({ middle }) => middle + 1)
    const { chain } = open({ p: { base, middle, top } }, { objects: { Asker }, params: { first: asking('top') } })
    const { failed, skipped } = await chain.run()
    expect(failuresOf(failed)).toEqual([
      ['p:base', ['tasks wait for each other in a cycle: p:base → p:top → p:middle → p:base']],
    ])
    expect(skipped.map(({ node }) => node).toSorted()).toEqual(['p:middle', 'p:top'])
  })

  it('for a task that asks back ends too, in one run and in two at once', async () => {
    const running = { here: gate(), there: gate() }
    const here = defineTask({ params: { askThere: object(Asker) }, data: t.number }).run(async ({ askThere }) => {
      running.here.open()
      await running.there.promise
      return askThere.ask()
    })
    const there = defineTask({ params: { askHere: object(Asker) }, data: t.number }).run(async ({ askHere }) => {
      running.there.open()
      await running.here.promise
      return askHere.ask()
    })
    const start = () =>
      open(
        { p: { here, there } },
        { objects: { Asker }, params: { ask_here: asking('here'), ask_there: asking('there') } },
      ).chain
    const cycle = /^tasks wait for each other in a cycle: (p:here → p:there → p:here|p:there → p:here → p:there)$/
    const { failed } = await start().run()
    expect(failed).toHaveLength(2)
    for (const failure of failed) expect('cause' in failure ? causesOf(failure.cause).at(-1) : '').toMatch(cycle)
    const chain = start()
    for (const outcome of await Promise.allSettled([chain.value('here'), chain.value('there')]))
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringContaining('in a cycle: ') as string },
      })
  })

  it('for a stored result that is damaged and would need the task itself fails', async () => {
    let isFirst = true
    const base = defineTask({ params: asks, data: t.number }).run(async ({ first }) =>
      isFirst ? 1 : (await first.ask()) + 10,
    )
    const top = defineTask({ inputs: { base }, data: t.number }).run(({ base }) => base + 1)
    const folder = mkdtempSync(join(tmpdir(), 'taskchain-waits-'))
    try {
      const { chain } = open(
        { p: { base, top } },
        { objects: { Asker }, params: { first: asking('top') } },
        { store: fileStore(folder, { durability: 'none' }) },
      )
      expect(await chain.value('top')).toBe(2)
      isFirst = false
      writeFileSync(chain.task('top').dataPath as string, '{')
      await chain.task('base').force()
      chain.release()
      const { failed } = await chain.run(['base'])
      expect(failuresOf(failed)).toEqual([
        ['p:base', ['tasks wait for each other in a cycle: p:base → p:top → p:base']],
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('for what is stored, or depends on nothing of it, gets it, as often as it likes', async () => {
    const base = defineTask({ data: t.number }).run(() => 1)
    const other = defineTask({ inputs: { base }, data: t.number }).run(({ base }) => base + 1)
    const asker = defineTask({ inputs: { base }, params: asks, data: t.number }).run(async ({ first }) =>
      (await Promise.all([first.ask(), first.ask()])).reduce((sum, value) => sum + value, await first.ask()),
    )
    const { chain } = open({ p: { base, other, asker } }, { objects: { Asker }, params: { first: asking('other') } })
    expect(await chain.value('asker')).toBe(6)
    await chain.force('asker')
    expect(await chain.value('asker')).toBe(6)
  })

  it('may ask for a stored result that depended on it', async () => {
    let isFirst = true
    const base = defineTask({ params: asks, data: t.number }).run(async ({ first }) =>
      isFirst ? 1 : (await first.ask()) + 10,
    )
    const top = defineTask({ inputs: { base }, data: t.number }).run(({ base }) => base + 1)
    const { chain } = open({ p: { base, top } }, { objects: { Asker }, params: { first: asking('top') } })
    expect(await chain.value('top')).toBe(2)
    isFirst = false
    await chain.task('base').force()
    chain.release()
    expect(await chain.value('base')).toBe(12)
  })
})

describe('a task that asks a chain of its program', () => {
  it('for its own value fails with that, and whoever asks next to it gets theirs', async () => {
    const own = defineTask({ data: t.number }).run((): Promise<number> => chain.value('own') as Promise<number>)
    const other = defineTask({ data: t.number }).run(() => 2)
    const asks = defineTask({ data: t.number }).run(async (): Promise<number> => (await chain.value('other')) as number)
    const { chain } = open({ p: { own, other, asks } }, {}, { concurrency: 1 })
    const { failed } = await chain.run()
    expect(failed.map((one) => ('node' in one ? one.node : ''))).toEqual(['p:own'])
    expect(JSON.stringify(failuresOf(failed))).toContain('p:own asks for its own value')
    expect(await chain.value('asks')).toBe(2)
  })

  it('for what depends on it names the whole way, and a run of everything reports it', async () => {
    const base = defineTask({ data: t.number }).run((): Promise<number> => chain.value('top') as Promise<number>)
    const top = defineTask({ inputs: { base }, data: t.number }).run(({ base }) => base)
    const all = defineTask({ data: t.unknown }).run(async () => failuresOf((await chain.run()).failed))
    const { chain } = open({ p: { base, top, all } })
    expect(JSON.stringify(failuresOf((await chain.run(['p:top'])).failed))).toContain(
      'in a cycle: p:base → p:top → p:base',
    )
    expect(JSON.stringify(await chain.value('all'))).toContain('p:all asks for its own value')
  })

  it('of another session whose task asks back fails too, in memory and in one store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'taskchain-waits-'))
    try {
      for (const store of [undefined, () => fileStore(folder, { durability: 'none' })]) {
        const here = defineTask({ data: t.number }).run(
          (): Promise<number> => second.chain.value('there') as Promise<number>,
        )
        const there = defineTask({ data: t.number }).run(
          (): Promise<number> => first.chain.value('here') as Promise<number>,
        )
        const parts = () => (store === undefined ? {} : { store: store() })
        const first = open({ p: { here } }, {}, parts())
        const second = open({ p: { there } }, {}, parts())
        const told = await first.chain.run().then(({ failed }) => JSON.stringify(failuresOf(failed)))
        expect(told).toContain('in a cycle: p:')
      }
      const own = defineTask({ data: t.number }).run((): Promise<number> => same.chain.value('own') as Promise<number>)
      const parts = () => ({ store: fileStore(folder, { durability: 'none' }) })
      const one = open({ p: { own } }, {}, parts())
      const same = open({ p: { own } }, {}, parts())
      expect(JSON.stringify(failuresOf((await one.chain.run()).failed))).toContain('p:own')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('stops what it has started when its own run is stopped', async () => {
    const [started, stopped] = [gate(), gate()]
    const slow = defineTask({ data: t.number }).run(
      (_, { signal }): Promise<number> =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => (stopped.open(), reject(signal.reason as Error)))
          started.open()
        }),
    )
    const asks = defineTask({ data: t.number }).run(async (): Promise<number> => (await chain.value('slow')) as number)
    const { chain, session } = open({ p: { slow, asks } })
    const stop = new AbortController()
    const running = chain.run(['p:asks'], { signal: stop.signal })
    await started.promise
    stop.abort()
    await stopped.promise
    expect((await running).stopped).toBe(true)
    while (session.runs.size > 0) await new Promise((resolve) => void setImmediate(resolve))
  })

  it('ends whatever asks for what, in whatever order, and goes on with nothing afterwards', async () => {
    const turns = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn++) await new Promise((resolve) => void setImmediate(resolve))
    }
    let state = 1
    const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below
    for (let round = 0; round < 60; round++) {
      const names = ['a', 'b', 'c', 'd'].slice(0, 2 + random(3))
      const asked = names.map(() => Array.from({ length: random(3) }, () => names[random(names.length)]!))
      const pauses = names.map(() => random(12))
      const tasks = names.map((_, at) =>
        defineTask({ data: t.number }).run(async (): Promise<number> => {
          await turns(pauses[at]!)
          for (const name of asked[at]!) await chain.value(name)
          return at
        }),
      )
      const pipeline = Object.fromEntries(names.map((name, at) => [name, tasks[at]!]))
      const { chain, session, told } = open({ p: pipeline }, {}, { concurrency: 1 + random(2) })
      const { computed, failed } = await chain.run()
      expect([...computed, ...failed].length, JSON.stringify({ names, asked })).toBeGreaterThanOrEqual(names.length)
      await turns(200)
      const before = told().length
      await turns(200)
      expect([session.runs.size, told().slice(before)], JSON.stringify({ names, asked, pauses })).toEqual([0, []])
    }
  }, 60_000)

  it('may leave behind what asks later, when it has ended', async () => {
    const ended = gate()
    let late: Promise<unknown> = Promise.resolve()
    const own = defineTask({ data: t.number }).run(() => {
      if (runs++ === 0) late = ended.promise.then(() => chain.value('own'))
      return 1
    })
    let runs = 0
    const { chain } = open({ p: { own } })
    expect(await chain.value('own')).toBe(1)
    chain.release()
    await chain.force('own')
    ended.open()
    expect(await late).toBe(1)
  })
})
