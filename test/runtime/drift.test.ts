import { factsInFolder } from '../../src/runtime/run-info/one-folder.js'
import * as t from 'io-ts'
import { afterAll, describe, expect, test } from 'vitest'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as nodeFs from 'node:fs'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { directory } from '../../src/data/index.js'
import { jsonLines } from '../../src/data/lines.js'
import { inMemory } from '../../src/declare/format.js'
import { defineTask, type OnCodeChange, type Task } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { outlineOf } from '../../src/plan/plan-graph.js'
import { makeDrift } from '../../src/runtime/code-drift/drift.js'
import { gatherFacts } from '../../src/runtime/session/known-facts.js'
import { taskFingerprint } from '../../src/runtime/code-drift/code-state.js'
import { open, type Opened } from './fixture.js'

const folders: string[] = []
const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-drift-'))
  folders.push(folder)
  return folder
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A function from its source: code that changes between two openings of a chain. */
const code = (source: string): ((...args: any[]) => any) => new Function(`return (${source}\n)`)() as never

interface Version {
  readonly base?: string
  readonly next?: string
  readonly onBase?: OnCodeChange
  readonly onNext?: OnCodeChange
}

/** base → next → last, where the code of base and next is given. */
const pipelines = ({
  base = '() => 1',
  next = '({ base }) => base + 1',
  onBase = 'warn',
  onNext = 'warn',
}: Version) => {
  const first = defineTask({ data: t.number, onCodeChange: onBase }).run(code(base)) as Task<number>
  const second = defineTask({ inputs: { base: first }, data: t.number, onCodeChange: onNext }).run(
    code(next),
  ) as Task<number>
  const last = defineTask({ inputs: { next: second }, data: t.number }).run(({ next }) => next * 10)
  return { p: { base: first, next: second, last } }
}

const opened = (store: Store, version: Version = {}): Opened => open(pipelines(version), {}, { store })
const of = (chain: Opened, tag: string): readonly string[] =>
  chain
    .told()
    .filter((line) => line.startsWith(`${tag} `))
    .map((line) => line.slice(tag.length + 1))
const counting = (store: Store): { readonly store: Store; readonly asked: string[] } => {
  const asked: string[] = []
  const { facts } = store
  return {
    asked,
    store: {
      ...store,
      ...(facts === undefined
        ? {}
        : {
            facts: {
              ...facts,
              read: (folders, options) => (
                asked.push(...[...folders.keys()].map((folder) => `facts ${folder}`)), facts.read(folders, options)
              ),
            },
          }),
      open: (address) => (asked.push(`open ${address.folder}`), store.open(address)),
      readRunInfo: (address) => (asked.push(`run info ${address.folder}`), store.readRunInfo(address)),
    },
  }
}

describe.each([
  ['in memory', () => memoryStore()],
  ['on disk', () => fileStore(scratch(), { durability: 'none' })],
] as const)('code that has changed, %s', (_, make: () => Store) => {
  test('is reported of hits, which are used', async () => {
    const store = make()
    await opened(store).chain.run()
    const again = opened(store, { base: '() => 2' })
    const report = await again.chain.run()
    expect({ computed: report.computed, drifted: report.drifted }).toEqual({ computed: [], drifted: ['p:base'] })
    expect(again.events.filter((event) => event._tag === 'drifted')).toEqual([
      {
        _tag: 'drifted',
        at: expect.any(Number) as number,
        node: 'p:base',
        key: again.plan.nodes[0]?.key,
        action: 'kept',
        ended: expect.any(String) as string,
        above: false,
      },
    ])
    expect(again.events[0]?._tag).toBe('planned')
    expect(await again.chain.value('p:last')).toBe(20)
  })

  test('is not reported of what this very run has computed, since its codec refuses what was stored', async () => {
    const store = make()
    const version = (codec: t.Mixed, source: string) => {
      const base = defineTask({ data: codec }).run(code(source)) as Task
      const next = defineTask({ inputs: { base }, data: t.string }).run(({ base }) => String(base))
      return open({ p: { base, next } }, {}, { store })
    }
    await version(t.number, '() => 1').chain.value('p:base')
    const again = version(t.string, '() => "one"')
    const report = await again.chain.run(['p:next'])
    expect(report).toMatchObject({ computed: ['p:base', 'p:next'], drifted: [], cached: [] })
    expect(of(again, 'missed')).toEqual(['p:base'])
    expect(of(again, 'drifted')).toEqual([])
    expect(await again.chain.drifted()).toEqual([])
  })

  test('is not reported of what this very run has computed, since it was found damaged late', async () => {
    const store = make()
    const version = (source: string) => {
      const base = defineTask({ data: jsonLines(t.number) }).run(code(source)) as Task<AsyncIterable<number>>
      const next = defineTask({ inputs: { base }, data: t.number }).run(async ({ base }) => {
        let sum = 0
        for await (const one of base) sum += one
        return sum
      })
      return open({ p: { base, next } }, {}, { store })
    }
    const first = version('() => [1, 2]')
    await first.chain.value('p:base')
    const address = addressOf(first.chain.task('p:base').node)
    const staging = await store.stage(address, 'file')
    await staging.write(new TextEncoder().encode('1\nnothing\n'))
    const info = (await store.readRunInfo(address)) as string
    await staging.commit(info.replace(/size: \d+/, 'size: 10').replace(/checksum: .*/, 'checksum: 00000000'))
    const again = version('() => [3, 4]')
    expect(await again.chain.run()).toMatchObject({ computed: ['p:base', 'p:next'], drifted: [], failed: [] })
  })

  test('in comments and layout is none', async () => {
    const store = make()
    await opened(store).chain.run()
    expect((await opened(store, { base: '() => /* one */\n  1' }).chain.run()).drifted).toEqual([])
  })

  test('is not reported where the task says so', async () => {
    const store = make()
    await opened(store, { onBase: 'ignore' }).chain.run()
    const again = opened(store, { base: '() => 2', onBase: 'ignore' })
    expect((await again.chain.run()).drifted).toEqual([])
    expect(await again.chain.drifted()).toEqual([])
  })

  test('recomputes where the task says so, with all that depends on it, once', async () => {
    const store = make()
    await opened(store, { onBase: 'recompute' }).chain.run()
    const again = opened(store, { base: '() => 2', onBase: 'recompute' })
    expect([...(await again.chain.states()).values()]).toEqual(['to_run', 'to_run', 'to_run'])
    expect(await again.chain.value('p:last')).toBe(30)
    expect(of(again, 'computed')).toEqual(['p:base', 'p:next', 'p:last'])
    expect(of(again, 'drifted').toSorted()).toEqual(['p:base', 'p:last', 'p:next'])
    const report = await opened(store, { base: '() => 2', onBase: 'recompute' }).chain.run()
    expect({ computed: report.computed, drifted: report.drifted, cached: report.cached.length }).toEqual({
      computed: [],
      drifted: [],
      cached: 3,
    })
  })

  test('is found in what depends on it when only a part was computed again', async () => {
    const store = make()
    await opened(store, { onBase: 'recompute' }).chain.run()
    const version: Version = { base: '() => 2', onBase: 'recompute' }
    expect((await opened(store, version).chain.run(['p:base'])).computed).toEqual(['p:base'])
    expect((await opened(store, version).chain.run(['p:last'])).computed).toEqual(['p:next', 'p:last'])
  })

  test('that begins to say recompute recomputes nothing while the code is the same, and what is needed when it is not', async () => {
    const store = make()
    await opened(store).chain.run()
    expect((await opened(store, { onBase: 'recompute' }).chain.run()).computed).toEqual([])
    const version: Version = { base: '() => 2', onBase: 'recompute' }
    expect((await opened(store, version).chain.run(['p:base'])).computed).toEqual(['p:base'])
    expect((await opened(store, version).chain.run()).computed).toEqual(['p:next', 'p:last'])
    expect((await opened(store, version).chain.run()).computed).toEqual([])
  })

  test('is accepted by bless, until it changes again', async () => {
    const store = make()
    await opened(store).chain.run()
    const now = opened(store, { base: '() => 2' }).chain
    expect((await now.bless(undefined, { dryRun: true })).map(({ node }) => node)).toEqual(['p:base'])
    expect((await now.drifted()).length).toBe(1)
    expect((await now.bless()).map(({ node }) => node)).toEqual(['p:base'])
    expect(await now.drifted()).toEqual([])
    expect((await opened(store, { base: '() => 2' }).chain.run()).drifted).toEqual([])
    expect((await opened(store, { base: '() => 3' }).chain.run()).drifted).toEqual(['p:base'])
    expect((await opened(store).chain.run()).drifted).toEqual([])
  })

  test('accepted in one task is accepted in what has changed only with it', async () => {
    const store = make()
    await opened(store, { onBase: 'recompute' }).chain.run()
    const version: Version = { base: '() => 2', next: '({ base }) => base + 1 + 0', onBase: 'recompute' }
    expect((await opened(store, version).chain.bless(['p:base'])).map(({ node }) => node)).toEqual(['p:base'])
    expect((await opened(store, version).chain.drifted()).map(({ node, above }) => [node, above])).toEqual([
      ['p:next', false],
      ['p:last', true],
    ])
    await opened(store, version).chain.bless(['p:next'])
    const report = await opened(store, version).chain.run()
    expect({ computed: report.computed, drifted: report.drifted }).toEqual({ computed: [], drifted: [] })
  })

  test('a result computed anew is not the one that was accepted', async () => {
    const store = make()
    await opened(store).chain.run()
    await opened(store, { base: '() => 2' }).chain.bless()
    const other = opened(store, { base: '() => 3' })
    await other.chain.force(['p:base'])
    await other.chain.run()
    expect((await opened(store, { base: '() => 2' }).chain.run()).drifted).toEqual(['p:base'])
  })

  test('a forced task is no hit', async () => {
    const store = make()
    await opened(store).chain.run()
    const again = opened(store, { base: '() => 2' })
    await again.chain.force(['p:base'])
    expect((await again.chain.run()).drifted).toEqual([])
    expect((await opened(store, { base: '() => 2' }).chain.run()).drifted).toEqual([])
  })

  test('what nobody asks about is read for its content alone', async () => {
    const store = make()
    await opened(store, { onBase: 'ignore', onNext: 'ignore' }).chain.run()
    const { store: counted, asked } = counting(store)
    await opened(counted, { base: '() => 2', onBase: 'ignore', onNext: 'ignore' }).chain.run()
    expect(asked).toEqual(['facts p/base', 'facts p/next', 'facts p/last']) // once, for contents
  })

  test('in tasks kept in memory is passed on to what reads them', async () => {
    const store = make()
    const chain = (source: string): Opened => {
      const base = defineTask({ data: inMemory<number>(), onCodeChange: 'recompute' }).run(code(source)) as Task<number>
      const last = defineTask({ inputs: { base }, data: t.number }).run(({ base }) => base * 10)
      return open({ p: { base, last } }, {}, { store })
    }
    await chain('() => 1').chain.run()
    expect((await chain('() => 1').chain.run()).computed).toEqual([])
    const again = chain('() => 2')
    expect(await again.chain.value('p:last')).toBe(20)
  })
})

test('a wrong onCodeChange or codeOf is an error of the declaration', () => {
  const wrong = (spec: object) => () => open({ p: { task: defineTask({ data: t.number, ...spec }).run(() => 1) } })
  expect(wrong({ onCodeChange: 'never' })).toThrow('onCodeChange is "never"')
  expect(wrong({ codeOf: ['mean'] })).toThrow('codeOf is not a list of functions, classes and modules')
})

describe('the fingerprint of a task', () => {
  const task = (spec: object, source = '() => 1'): Task => defineTask({ data: t.number, ...spec }).run(code(source))

  test('is that of run, its helpers and what codeOf lists: functions, classes, modules', () => {
    const plain = taskFingerprint(task({}))
    const prints = [
      plain,
      taskFingerprint(task({}, '() => 2')),
      taskFingerprint(task({ helpers: { pick: code('() => 1') } })),
      taskFingerprint(task({ helpers: { pick: code('() => 2') } })),
      taskFingerprint(task({ codeOf: [code('() => 1')] })),
      taskFingerprint(task({ codeOf: [code('class A { one() { return 1 } }')] })),
      taskFingerprint(task({ codeOf: [code('class A { one() { return 2 } }')] })),
      taskFingerprint(task({ codeOf: [{ one: code('() => 1'), limit: 3 }] })),
      taskFingerprint(task({ codeOf: [{ two: code('() => 1') }] })),
    ]
    expect(new Set(prints).size).toBe(prints.length)
    expect(taskFingerprint(task({ helpers: { limit: 3 }, codeOf: [{ limit: 3 }] }))).toBe(plain)
    expect(taskFingerprint(task({ codeOf: [code('() => 1'), code('() => 2')] }))).toBe(
      taskFingerprint(task({ codeOf: [code('() => 2 // two'), code('() => 1')] })),
    )
  })

  test('of code that cannot be read is unknown, and reported of nothing', () => {
    expect(taskFingerprint(defineTask({ data: t.number }).run(Math.random.bind(Math)))).toBeNull()
  })
})

test('two who find a result outdated at once compute it once', async () => {
  const folder = scratch()
  const store = (): Store => fileStore(folder, { durability: 'none' })
  await opened(store(), { onBase: 'recompute' }).chain.run()
  const both = [1, 2].map(() =>
    opened(store(), { base: '() => new Promise((resolve) => setImmediate(() => resolve(2)))', onBase: 'recompute' }),
  )
  const reports = await Promise.all(both.map(({ chain }) => chain.run()))
  expect(reports.flatMap((report) => report.computed).toSorted()).toEqual(['p:base', 'p:last', 'p:next'])
})

describe('results of other code under a task that is computed again when its code changes', () => {
  const now: Version = { onBase: 'recompute', base: '() => 2' }
  const before: Version = { onBase: 'recompute', base: '() => 1' }
  /** Segments of the catalog are seen late: they are kept back until they are given out, a kill loses them. */
  const withLateCatalog = (root: string): { readonly store: Store; readonly giveOut: () => void } => {
    const late = new Map<string, string>() // from the index to where its lines wait
    const openSync = (path: string, ...rest: readonly unknown[]): number => {
      if (path.endsWith('.segment') && rest[0] === 'ax') late.set(path, join(root, `late-${late.size}`))
      return nodeFs.openSync(rest[0] === 'ax' ? (late.get(path) ?? path) : path, ...(rest as ['r']))
    }
    return {
      store: fileStore(root, { durability: 'none', fileSystem: { ...nodeFs, openSync } as FileSystem }),
      giveOut: () => late.forEach((from, to) => nodeFs.renameSync(from, to)),
    }
  }
  const lastOf = async (store: Store, version: Version): Promise<unknown> =>
    opened(store, version).chain.value('p:last')

  test('are not used where a kill has lost what the catalog would have told', async () => {
    const root = scratch()
    const first = opened(fileStore(root), now)
    expect(await first.chain.value('p:last')).toBe(30)
    for (const node of first.plan.nodes)
      for (const ending of ['json', 'run_info.yaml'])
        rmSync(join(root, addressOf(node).folder, `${node.key}.${ending}`), { force: true })
    expect(await lastOf(withLateCatalog(root).store, before)).toBe(20)
    expect(await lastOf(fileStore(root), now)).toBe(30)
  })

  test('are not used where the lines of two processes came in another order than their commits', async () => {
    const root = scratch()
    const slow = withLateCatalog(root)
    expect(await lastOf(slow.store, now)).toBe(30)
    expect(await lastOf(fileStore(root), before)).toBe(20)
    slow.giveOut()
    expect(await lastOf(fileStore(root), now)).toBe(30)
  })

  test('are refused under a run that has looked at what they replaced, also once their facts were read', async () => {
    const store = fileStore(scratch())
    const { session, plan, chain } = opened(store, now)
    await chain.run()
    const node = plan.nodes.find(({ id }) => id === 'p:base') as (typeof plan.nodes)[number]
    const item = { plan: outlineOf(plan), node }
    const drift = makeDrift(session)
    await drift.look([item])
    expect(drift.of(node)).toBeUndefined()
    const own = (await store.readRunInfo(addressOf(node))) as string
    expect(await lastOf(store, before)).toBe(20)
    const replaced = (await store.readRunInfo(addressOf(node))) as string
    await gatherFacts(session, [node], true) // as a look at contents does, which judges no code
    expect([await drift.refuses(item, replaced), await drift.refuses(item, own)]).toEqual([true, false])
  })

  test.each([
    ['in memory', () => memoryStore()],
    ['on disk', () => fileStore(scratch())],
  ] as const)('are not used where they come between the look and the load, %s', async (_, make) => {
    const store = make()
    expect(await lastOf(store, now)).toBe(30)
    const { chain, plan } = opened(store, now)
    await chain.force(['next'], { delete: true })
    const base = plan.nodes.find(({ id }) => id === 'p:base') as (typeof plan.nodes)[number]
    let times = 0
    const open: Store['open'] = async (address) => {
      if (address.key === base.key && times++ === 0) expect(await lastOf(store, before)).toBe(20)
      return store.open(address)
    }
    const late = opened({ ...store, open }, now)
    expect([await late.chain.value('p:last'), times > 0]).toEqual([30, true])
    expect(of(late, 'missed')).toEqual(['p:base'])
    expect(await lastOf(store, now)).toBe(30)
    expect(await lastOf(store, before)).toBe(20)
  })

  test('are not used where they replace a folder while it is read', async () => {
    const store = fileStore(scratch())
    let other: (() => Promise<unknown>) | undefined
    const chainOf = (word: string): Opened => {
      const base = defineTask({ data: directory(), onCodeChange: 'recompute' }).run(
        code(`(_, { dir }) => process.getBuiltinModule('fs').writeFileSync(dir + '/word', '${word}')`),
      ) as Task<string>
      const last = defineTask({ inputs: { base }, data: t.string }).run(async ({ base: folder }) => {
        const happens = other
        other = undefined
        await happens?.()
        return readFileSync(join(folder, 'word'), 'utf8')
      })
      return open({ p: { base, last } }, {}, { store })
    }
    other = () => chainOf('before').chain.value('p:base')
    expect(await chainOf('now').chain.value('p:last')).toBe('now')
    expect(await chainOf('now').chain.value('p:last')).toBe('now')
  })

  test('are told from the index alone as long as nothing has changed', async () => {
    const root = scratch()
    await lastOf(fileStore(root), now)
    const read: string[] = []
    const fileSystem = {
      ...nodeFs,
      openSync: (path: string, ...rest: readonly []) => (
        read.push(path), nodeFs.openSync(path, ...(rest as unknown as ['r']))
      ),
    } as unknown as FileSystem
    expect((await opened(fileStore(root, { fileSystem }), now).chain.run()).cached).toEqual([
      'p:base',
      'p:next',
      'p:last',
    ])
    expect(read.filter((path) => path.endsWith('.run_info.yaml'))).toEqual([])
  })
})

describe('what was accepted', () => {
  const accepted = async (change: (lines: string) => string): Promise<readonly string[]> => {
    const folder = scratch()
    await opened(fileStore(folder)).chain.run()
    await opened(fileStore(folder), { base: '() => 2' }).chain.bless()
    const path = join(folder, 'p/base/.blessed.jsonl')
    writeFileSync(path, change(readFileSync(path, 'utf8')))
    return (await opened(fileStore(folder), { base: '() => 2' }).chain.run()).drifted ?? []
  }

  test('says its form; lines of before have none', async () => {
    expect(await accepted((lines) => lines)).toEqual([])
    expect(await accepted((lines) => lines.replace('"schema":1,', ''))).toEqual([])
  })

  test('by a later version is not taken for accepted', async () => {
    expect(await accepted((lines) => lines.replace('"schema":1', '"schema":2'))).toEqual(['p:base'])
  })
})

describe('the catalog', () => {
  const many = (store: Store, count: number, source = '({ seed }) => seed'): Opened => {
    const value = defineTask({ params: { seed: t.number }, data: t.number }).run(code(source)) as Task<number>
    const configs: Record<string, object> = {
      main: { uses: Array.from({ length: count }, (_, index) => `c${index} as n${index}`) },
    }
    for (let index = 0; index < count; index++) configs[`c${index}`] = { tasks: 'p.*', seed: index }
    return open({ p: { value } }, { configs }, { store })
  }

  test('tells the code of all results in one read; no run info is opened', async () => {
    const folder = scratch()
    await many(fileStore(folder), 100).chain.run()
    const { store, asked } = counting(fileStore(folder))
    expect((await many(store, 100, '({ seed }) => seed + 1').chain.run()).drifted.length).toBe(100)
    expect(asked).toEqual(['facts p/value'])
  })

  test('of a store that has none costs the reports, nothing else', async () => {
    const { facts: _, ...bare } = memoryStore()
    await opened(bare).chain.run()
    const again = opened(bare, { base: '() => 2', onBase: 'recompute' })
    const report = await again.chain.run()
    expect({ computed: report.computed, drifted: report.drifted }).toEqual({ computed: [], drifted: [] })
    expect(await again.chain.bless()).toEqual([])
  })

  test('holds params of every kind, bigints and odd names too', async () => {
    const folder = scratch()
    const big = new t.Type<bigint, bigint>(
      'big',
      (value): value is bigint => typeof value === 'bigint',
      (value) => t.success(BigInt(String(value))),
      (value) => value,
    )
    const task = defineTask({ params: { seed: big, map: t.record(t.string, t.number) }, data: t.number }).run(() => 1)
    const { chain, plan } = open(
      { p: { task } },
      { params: { seed: 12, map: { $a: 1, '__proto__ ': 2 } } },
      { store: fileStore(folder) },
    )
    await chain.run()
    const facts = await factsInFolder(fileStore(folder).facts, 'p/task')
    expect(facts.get(plan.nodes[0]?.key ?? '')?.preImage?.params).toEqual({
      seed: 12n,
      map: { $a: 1, '__proto__ ': 2 },
    })
  })
})
