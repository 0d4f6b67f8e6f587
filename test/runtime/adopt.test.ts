// Early cut-off: what was made from equal contents before is taken over, and every value is what it would have been.
import * as nodeFs from 'node:fs'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import * as t from 'io-ts'
import pc from 'picocolors'
import { afterAll, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { checkpoint, directory } from '../../src/data/index.js'
import { inMemory } from '../../src/declare/format.js'
import { lazy } from '../../src/declare/input.js'
import { defineObject, object } from '../../src/declare/object.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { systemClock } from '../../src/runtime/session/system-clock.js'
import { parseRunInfo, type RunInfo } from '../../src/runtime/run-info/run-info.js'
import type { Address } from '../../src/runtime/ports/artifact.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { surveyGarbage } from '../../src/runtime/upkeep/gc.js'
import { whyLines } from '../../src/cli/render/render-why.js'
import { gate, open, type Opened } from './fixture.js'

const scratch = mkdtempSync(join(tmpdir(), 'taskchain-adopt-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const onDisk = () => fileStore(mkdtempSync(join(scratch, 'store-')), { durability: 'none' })

const ran: string[] = []
const counted = <A>(name: string, value: A): A => {
  ran.push(name)
  return value
}
const votes = [3, 20, 400, 5000]

const filtered = defineTask({ params: { min: t.number }, data: t.array(t.number) }).run(({ min }) =>
  counted(
    'filtered',
    votes.filter((one) => one >= min),
  ),
)
const total = defineTask({ inputs: { filtered }, data: t.number }).run(({ filtered }, { note }) => {
  note({ added: filtered.length })
  return counted(
    'total',
    filtered.reduce((sum, one) => sum + one, 0),
  )
})
const told = defineTask({ inputs: { total }, data: t.string }).run(({ total }) => counted('told', `${total} votes`))
const tasks = { filtered, total, told }

const config = (store: Store, min: number) => open({ p: tasks }, { params: { min } }, { store })
const runIn = async (opened: ReturnType<typeof open>, options = {}) => {
  ran.length = 0
  const report = await opened.chain.run(undefined, options)
  expect(report.failed).toEqual([])
  return { ran: ran.toSorted(), adopted: report.adopted.toSorted() }
}

const addressIn = ({ plan }: Opened, name: string) =>
  addressOf(plan.nodes.find((node) => node.name === name) as Opened['plan']['nodes'][number])
const infoOf = async (opened: Opened, name: string): Promise<RunInfo> => {
  const parsed = parseRunInfo((await opened.store.readRunInfo(addressIn(opened, name))) ?? '')
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right
}
const pathIn = (opened: Opened, name: string): string => opened.store.pathOf(addressIn(opened, name)) ?? ''

describe.each([
  ['in memory', (): Store => memoryStore()],
  ['on disk', (): Store => onDisk()],
] as const)('in a store %s', (_, make) => {
  test('a param that makes no difference to its result costs that one alone', async () => {
    const store = make()
    await runIn(config(store, 10))
    const other = config(store, 15)
    expect(await other.chain.computations()).toEqual({ atLeast: 1, atMost: 3 })
    expect(await runIn(other)).toEqual({ ran: ['filtered'], adopted: ['p:told', 'p:total'] })
    expect(await other.chain.value('told')).toBe('5420 votes')
    expect(await runIn(config(store, 15))).toEqual({ ran: [], adopted: [] })
    expect(await runIn(config(store, 100))).toEqual({ ran: ['filtered', 'told', 'total'], adopted: [] })
  })

  test('what was taken over has its own key and inputs; all else is of the run that computed it', async () => {
    const store = make()
    const first = config(store, 10)
    await runIn(first)
    const log = store.log(addressIn(first, 'total'))
    log.write('adding')
    await log.close('kept')
    const second = config(store, 15)
    await runIn(second)
    const [was, is] = [await infoOf(first, 'total'), await infoOf(second, 'total')]
    expect(is.adopted).toMatchObject({ key: was.key, digest: was.data?.digest })
    expect(is).toMatchObject({
      key: addressIn(second, 'total').key,
      input_tasks: {
        filtered: { key: addressIn(second, 'filtered').key, digest: was.input_tasks['filtered']?.['digest'] },
      },
      log: [{ added: 3 }],
    })
    const common = [
      'started',
      'ended',
      'time',
      'user',
      'host',
      'code_fingerprint',
      'data',
      'identity',
      'attempts',
    ] as const
    for (const field of common) expect(is[field]).toEqual(was[field])
    const logs = await Promise.all([first, second].map((one) => store.log(addressIn(one, 'total')).read('kept')))
    expect(logs[0]).toContain('adding')
    expect(logs[1]).toBe(logs[0])
    const facts = await store.facts?.read(new Map([[addressIn(second, 'total').folder, undefined]]))
    expect(facts?.get('p/total')?.get(is.key)?.adopted).toEqual(is.adopted)
    expect(second.events.find(({ _tag }) => _tag === 'adopted')).toMatchObject({ node: 'p:total', from: was.key })
    // what was taken over is a source as well
    await store.remove(addressIn(first, 'total'))
    expect((await runIn(config(store, 12))).ran).toEqual(['filtered'])
  })

  test('folders and checkpoints are copied: what is written into one is not in the other', async () => {
    const store = make()
    const folder = defineTask({ inputs: { filtered }, data: directory() }).run(async ({ filtered }, { dir }) => {
      await writeFile(join(dir, 'all.txt'), counted('folder', filtered.join(' ')))
    })
    const trained = defineTask({ inputs: { filtered }, data: checkpoint() }).run(async ({ filtered }, { dir }) => {
      await writeFile(join(dir, 'all.txt'), counted('trained', filtered.join(' ')))
    })
    const both = (min: number) => open({ p: { filtered, folder, trained } }, { params: { min } }, { store })
    const first = both(10)
    await runIn(first)
    const second = both(15)
    expect(await runIn(second)).toEqual({ ran: ['filtered'], adopted: ['p:folder', 'p:trained'] })
    for (const name of ['folder', 'trained']) {
      const [from, to] = await Promise.all([first, second].map(({ chain }) => chain.value(name) as Promise<string>))
      expect(from).not.toBe(to)
      writeFileSync(join(from ?? '', 'all.txt'), 'x')
      expect(readFileSync(join(to ?? '', 'all.txt'), 'utf8')).toBe('20 400 5000')
    }
  })

  test('through memory, and where a lazy input was never asked for', async () => {
    const store = make()
    const doubled = defineTask({ inputs: { filtered }, data: inMemory<readonly number[]>() }).run(({ filtered }) =>
      filtered.map((one) => 2 * one),
    )
    const sum = defineTask({ inputs: { doubled, other: lazy(total) }, data: t.number }).run(({ doubled }) =>
      counted('sum', doubled.length),
    )
    const asks = defineTask({ inputs: { doubled, other: lazy(filtered) }, data: t.number }).run(async ({ other }) =>
      counted('asks', (await other()).length),
    )
    const all = (min: number) => open({ p: { filtered, total, doubled, sum, asks } }, { params: { min } }, { store })
    await runIn(all(10))
    const { ran, adopted } = await runIn(all(15))
    expect([ran, adopted]).toEqual([['asks', 'filtered', 'sum'], ['p:total']])
    const same = defineTask({ inputs: { doubled }, data: t.number }).run(({ doubled }) =>
      counted('same', doubled.length),
    )
    const without = (min: number) => open({ p: { filtered, doubled, same } }, { params: { min } }, { store })
    await runIn(without(10))
    expect(await runIn(without(15))).toEqual({ ran: [], adopted: ['p:same'] })
  })

  describe('never', () => {
    const Asking = defineObject('Asking', {}).create(
      (_, { chain }) =>
        () =>
          chain().value('total') as Promise<number>,
    )
    const luck = defineTask({ inputs: { filtered }, data: t.number, deterministic: false }).run(({ filtered }) =>
      counted('luck', filtered.length),
    )
    const native = defineTask({ inputs: { filtered }, data: t.number }).run(
      (() => counted('native', 1)).bind(undefined) as never,
    )
    const asking = defineTask({ inputs: { filtered }, params: { how: object(Asking) }, data: t.number }).run(
      async ({ how }) => counted('asking', await (how as () => Promise<number>)()),
    )

    test.each([
      ['not deterministic', { luck }, {}],
      ['of code that cannot be read', { native }, {}],
      ['asks through objects', { total, asking }, { how: { class: 'Asking' } }],
    ] as const)('what is %s', async (_, more, params) => {
      const store = make()
      const of = (min: number) =>
        open({ p: { filtered, ...more } }, { params: { min, ...params }, objects: { Asking } }, { store })
      await runIn(of(10))
      const { ran, adopted } = await runIn(of(15))
      expect(ran).toEqual(
        Object.keys(more)
          .filter((name) => name !== 'total')
          .concat('filtered')
          .toSorted(),
      )
      expect(adopted).toEqual('total' in more ? ['p:total'] : [])
    })

    test('where it is not wanted, and what is forced or below that', async () => {
      const store = make()
      await runIn(config(store, 10))
      expect(await runIn(config(store, 15), { adopt: false })).toEqual({
        ran: ['filtered', 'told', 'total'],
        adopted: [],
      })
      const forced = config(store, 16)
      await forced.chain.force('filtered')
      expect(await runIn(forced)).toEqual({ ran: ['filtered', 'told', 'total'], adopted: [] })
      const again = config(store, 17)
      await runIn(again, { adopt: false })
      await again.chain.task('total').force({ mark: true })
      expect(await runIn(config(store, 17))).toEqual({ ran: ['total'], adopted: [] })
    })

    test('from what is marked or of other code; what was accepted of other code is a source', async () => {
      const store = make()
      const first = config(store, 10)
      await runIn(first)
      await store.markStale(addressIn(first, 'total'))
      expect(await runIn(config(store, 15))).toEqual({ ran: ['filtered', 'total'], adopted: ['p:told'] })
      const changed = defineTask({ inputs: { total }, data: t.string }).run(({ total }) =>
        counted('told', `${total} votes!`),
      )
      const newer = (min: number) => open({ p: { filtered, total, told: changed } }, { params: { min } }, { store })
      expect(await runIn(newer(16))).toEqual({ ran: ['filtered', 'told'], adopted: ['p:total'] })
      const other = make()
      const of = (min: number, last: typeof told) =>
        open({ p: { filtered, total, told: last } }, { params: { min } }, { store: other })
      await runIn(of(10, told))
      await of(10, changed).chain.bless()
      const blessed = of(15, changed)
      expect((await runIn(blessed)).adopted).toEqual(['p:told', 'p:total'])
      expect(await of(15, changed).chain.drifted()).toEqual([])
    })
  })

  test('two of equal content at once: the second waits and takes it over; where the first fails it is computed', async () => {
    const store = make()
    const [started, go] = [gate(), gate()]
    let fails = true
    const slow = defineTask({ inputs: { filtered }, data: t.number }).run(async ({ filtered }) => {
      ran.push('slow')
      started.open()
      await go.promise
      if (fails) throw new Error('no')
      return filtered.length
    })
    const pipelines = { p: { filtered, slow } }
    const configs = {
      both: { uses: ['a as a', 'b as b'] },
      a: { tasks: 'p.**', min: 10 },
      b: { tasks: 'p.**', min: 15 },
    }
    const opened = open(pipelines, { configs, entry: 'both' }, { store })
    const slowRuns = () => ran.splice(0).filter((name) => name === 'slow').length
    ran.length = 0
    const failing = opened.chain.run()
    await started.promise
    go.open()
    const first = await failing
    expect([slowRuns(), first.failed.length, first.adopted]).toEqual([2, 2, []])
    fails = false
    const second = await opened.chain.run()
    expect([slowRuns(), second.adopted.length]).toEqual([1, 1])
  })

  test('on and off, every value is the same, and nothing is computed twice in the same contents', async () => {
    const step = (level: number) =>
      fc.record({
        reads: fc.subarray(
          Array.from({ length: level }, (_, at) => at),
          { minLength: level === 0 ? 0 : 1 },
        ),
        modulo: fc.integer({ min: 1, max: 4 }),
        memory: fc.boolean(),
      })
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(step(0), step(1), step(2), step(3), step(4)),
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 4 }),
        async (steps, values) => {
          const made: Record<string, typeof total> = {}
          const first = defineTask({ params: { from: t.number }, data: t.number, version: steps[0].modulo }).run(
            (({ from }: { from: number }) => from % 3) as never,
          )
          made['t0'] = first as never
          const middle = (inputs: object, modulo: number, memory: boolean) =>
            defineTask({
              inputs: inputs as Record<string, typeof total>,
              data: memory ? inMemory<number>() : t.number,
              version: modulo,
            }).run(
              ((args: Record<string, number>) =>
                Object.values(args).reduce((sum, one) => sum + one, modulo) % 3) as never,
            )
          for (const [at, { reads, modulo, memory }] of steps.entries())
            if (at > 0)
              made[`t${at}`] = middle(
                Object.fromEntries(reads.map((one) => [`t${one}`, made[`t${one}`]])),
                modulo,
                memory,
              ) as never
          const [on, off] = [make(), make()]
          for (const from of values) {
            const [left, right] = [on, off].map((store) => open({ p: made }, { params: { from } }, { store }))
            if (left === undefined || right === undefined) return
            const { atLeast, atMost } = await left.chain.computations()
            const reports = [await left.chain.run(), await right.chain.run(undefined, { adopt: false })]
            expect(reports.map(({ failed }) => failed)).toEqual([[], []])
            const computed = reports.map((one) => one.computed.filter((id) => !isMemory(id)).length)
            expect(computed[0]).toBeGreaterThanOrEqual(atLeast)
            expect(computed[0]).toBeLessThanOrEqual(atMost)
            expect(computed[1]).toBeGreaterThanOrEqual(atLeast)
            for (const name of Object.keys(made))
              expect(await left.chain.value(name)).toEqual(await right.chain.value(name))
            expect(
              (await open({ p: made }, { params: { from } }, { store: on }).chain.run()).computed.filter(
                (id) => !isMemory(id),
              ),
            ).toEqual([])
          }
          function isMemory(id: string): boolean {
            return !id.endsWith('t0') && steps[Number(id.slice(-1))]?.memory === true
          }
        },
      ),
      { numRuns: 8 },
    )
  })
})

describe('on disk', () => {
  test('a file is shared, and replacing one leaves the other alone', async () => {
    const store = onDisk()
    const [first, second] = [config(store, 10), config(store, 15)]
    await runIn(first)
    await runIn(second)
    const inode = (opened: Opened): number => statSync(pathIn(opened, 'total')).ino
    expect(inode(second)).toBe(inode(first))
    await first.chain.force('total')
    await runIn(first)
    expect(inode(second)).not.toBe(inode(first))
    await store.remove(addressIn(first, 'told'))
    expect(existsSync(pathIn(first, 'told'))).toBe(false)
    expect(await config(store, 15).chain.value('told')).toBe('5420 votes')
  })

  test.each([
    ['has no hard links', { linkSync: 'EPERM' }, ['p:told', 'p:total']],
    ['can neither link nor copy', { linkSync: 'EXDEV', copyFile: 'ENOSPC' }, ['p:told', 'p:total']],
  ] as const)('a disk that %s gives the same values', async (_, codes, adopted) => {
    const location = mkdtempSync(join(scratch, 'store-'))
    const refuse = (code: string) => Object.assign(new Error(code), { code })
    const fileSystem = {
      ...nodeFs,
      linkSync: () => {
        throw refuse(codes.linkSync)
      },
      promises: {
        ...nodeFs.promises,
        ...('copyFile' in codes ? { copyFile: () => Promise.reject(refuse(codes.copyFile)) } : {}),
      },
    }
    const store = fileStore(location, { durability: 'none', fileSystem })
    await runIn(config(store, 10))
    const other = config(store, 15)
    expect((await runIn(other)).adopted).toEqual(adopted)
    expect(await other.chain.value('told')).toBe('5420 votes')
  })

  test.each([
    ['is collected', async (store: Store, address: Address) => store.remove(address)],
    ['is marked', async (store: Store, address: Address) => store.markStale(address, 'damaged: by hand')],
  ] as const)('a source that %s while it is taken is none', async (_, spoil) => {
    const store = onDisk()
    const first = config(store, 10)
    await runIn(first)
    const spoiling: Store = {
      ...store,
      stage: async (address, storage) => {
        const staging = await store.stage(address, storage)
        return {
          ...staging,
          share: async (source, saved) => {
            const isShared = await staging.share?.(source, saved)
            await spoil(store, source)
            return isShared === true
          },
        }
      },
    }
    const other = config(spoiling, 15)
    expect(await runIn(other)).toEqual({ ran: ['filtered', 'told', 'total'], adopted: [] })
    expect(await config(store, 15).chain.value('told')).toBe('5420 votes')
  })

  test('gc counts a shared file once: what is reachable has it', async () => {
    const store = onDisk()
    const [first, second] = [config(store, 10), config(store, 15)]
    await runIn(first)
    await runIn(second)
    const survey = async (...plans: readonly Opened[]) => {
      const keys = new Set(plans.flatMap(({ plan }) => plan.nodes.map(({ key }) => key)))
      const { reachable, unreachable } = await surveyGarbage(store, { has: (_, key) => keys.has(key) })
      return { reachable: reachable.bytes, unreachable: unreachable.reduce((sum, { bytes }) => sum + bytes, 0) }
    }
    const size = statSync(pathIn(first, 'total')).size + statSync(pathIn(first, 'told')).size
    const [all, one, none] = [await survey(first, second), await survey(second), await survey()]
    expect(one.reachable + one.unreachable).toBe(all.reachable)
    expect(none.unreachable).toBe(all.reachable)
    expect(one.reachable + (await survey(first)).reachable).toBe(all.reachable + size)
  })

  test('why names the key that was computed, and when it was taken over', async () => {
    const store = onDisk()
    const [first, second] = [config(store, 10), config(store, 15)]
    await runIn(first)
    await runIn(second)
    expect((await first.chain.task('total').why()).adopted).toBeUndefined()
    const why = await second.chain.task('total').why()
    expect(why.adopted?.key).toBe(addressIn(first, 'total').key)
    expect(whyLines(why, pc.createColors(false)).join('\n')).toContain(
      `computed as ${why.adopted?.key}; taken over from there on`,
    )
  })

  test('a source that is damaged gives a computed value, and no copy of it is taken', async () => {
    const store = onDisk()
    const [first, second] = [config(store, 10), config(store, 15)]
    await runIn(first)
    await runIn(second)
    writeFileSync(pathIn(first, 'total'), '1234')
    const third = config(store, 16)
    expect(await third.chain.value('told')).toBe('5420 votes')
    for (const min of [10, 15, 16, 17]) {
      const one = config(store, min)
      expect((await one.chain.run()).failed).toEqual([])
      expect([await one.chain.value('total'), await one.chain.value('told')]).toEqual([5420, '5420 votes'])
    }
  })
})

test('processes that come to equal content at once: where it took long before, one computes and the others wait for it', async () => {
  const folder = mkdtempSync(join(scratch, 'store-'))
  let [started, go, ticks] = [gate(), gate(), 0]
  const long = { ...systemClock, elapsed: () => (ticks += 2000) }
  const slow = defineTask({ inputs: { filtered }, data: t.number }).run(async ({ filtered }) => {
    ran.push('slow')
    started.open()
    await go.promise
    return filtered.length
  })
  /** As a process of its own would: nothing is shared but the folder. */
  const process = (min: number) =>
    open(
      { p: { filtered, slow } },
      { params: { min } },
      { store: fileStore(folder, { durability: 'none' }), clock: long },
    )
  go.open()
  await runIn(process(1000)) // known to take long
  ;[started, go] = [gate(), gate()]
  ran.length = 0
  const first = process(10).chain.run()
  await started.promise
  const others = [process(15), process(16)]
  const waiting = others.map(({ chain }) => chain.run())
  // both have computed what is above, and hold the lease of their own key: they wait for who computes the identity
  const isAt = (opened: Opened): boolean => existsSync(pathIn(opened, 'slow').replace(/json$/, 'lease'))
  while (!others.every(isAt)) await new Promise((resolve) => setImmediate(resolve))
  go.open()
  const reports = await Promise.all([first, ...waiting])
  expect(reports.map(({ failed, adopted }) => [failed, adopted])).toEqual([
    [[], []],
    [[], ['p:slow']],
    [[], ['p:slow']],
  ])
  expect(ran.filter((name) => name === 'slow')).toHaveLength(1)
})
