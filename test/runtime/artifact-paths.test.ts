import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { directory } from '../../src/data/index.js'
import { asPath, from, lazy, matching, optional, ref } from '../../src/declare/input.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { testTask } from '../../src/testing/index.js'
import { collectGarbage, surveyGarbage, type WalkableStore } from '../../src/runtime/upkeep/gc.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { open, type Opened } from './fixture.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-paths-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const rows = defineTask({ data: t.array(t.number) }).run(() => [1, 2, 3])
const folder = defineTask({ data: directory() }).run((_, { dir }) => fs.writeFileSync(join(dir, 'a'), 'in a'))
const text = (path: string): string => fs.readFileSync(path, 'utf8').replaceAll(/\s/g, '')
const damage = (path: string): void => fs.writeFileSync(path, fs.readFileSync(path, 'utf8').replace('2', '9'))

describe.each([
  ['on disk', () => fileStore(root)],
  ['in memory', () => memoryStore()],
] as const)('asPath, %s', (_, make) => {
  it('gives paths of files and folders, and of what is optional, lazy, matched or elsewhere', async () => {
    const inputs = {
      rows: asPath(rows),
      folder: asPath(folder),
      none: optional(asPath(ref('missing', t.number)), null),
      later: lazy(asPath(rows)),
      matched: asPath(matching(/ro.s/, t.array(t.number))),
      also: rows,
    }
    const read = defineTask({ inputs, data: t.unknown }).run(async (given, { inputs: handles }) => [
      text(given.rows),
      fs.readdirSync(given.folder),
      given.none,
      text(await given.later()),
      Object.entries(given.matched).map(([name, path]) => [name, text(path)]),
      given.also,
      text((await handles.rows.value()) as unknown as string),
    ])
    const { chain } = open({ p: { rows, folder, read } }, {}, { store: make() })
    expect(await chain.value('p:read')).toEqual([
      '[1,2,3]',
      ['a'],
      null,
      '[1,2,3]',
      [['p:rows', '[1,2,3]']],
      [1, 2, 3],
      '[1,2,3]',
    ])
  })

  it('loads no value, and notes what was read by its digest', async () => {
    const store = make()
    const read = defineTask({ inputs: { rows: asPath(rows) }, data: t.string }).run(({ rows }) => text(rows))
    const pipelines = { p: { rows, read } }
    const first = open(pipelines, {}, { store })
    await first.chain.value('p:rows')
    const { chain, told } = open(pipelines, {}, { store })
    expect(await chain.value('p:read')).toBe('[1,2,3]')
    expect(told().filter((line) => /loaded|computed/.test(line))).toEqual(['computed p:read'])
    const info = (one: Opened['chain'], name: string) => one.task(name).runInfo()
    const digest = (await info(chain, 'p:rows'))?.data?.digest
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect((await info(chain, 'p:read'))?.input_tasks).toMatchObject({ rows: { digest } })
  })

  it('keeps the artifact from gc while it is read', async () => {
    const store = make() as WalkableStore
    let moved: readonly unknown[] | undefined
    const read = defineTask({ inputs: { rows: asPath(rows) }, data: t.string }).run(async ({ rows }) => {
      moved = (await collectGarbage(store, (await surveyGarbage(store, { has: () => false })).unreachable, 'now')).moved
      return text(rows)
    })
    expect(await open({ p: { rows, read } }, {}, { store }).chain.value('p:read')).toBe('[1,2,3]')
    expect(moved).toEqual([])
  })
})

describe('an artifact that is read by its path', () => {
  const read = defineTask({ inputs: { rows: asPath(rows) }, data: t.string }).run(({ rows }) => text(rows))
  const pathOf = (store: Store, { chain }: Opened): string =>
    store.pathOf(addressOf(chain.task('p:rows').node)) as string

  it('is compared with its checksum first, and made anew where it differs', async () => {
    const store = fileStore(root)
    const first = open({ p: { rows, read } }, {}, { store })
    await first.chain.value('p:rows')
    damage(pathOf(store, first))
    const second = open({ p: { rows, read } }, {}, { store })
    expect(await second.chain.value('p:read')).toBe('[1,2,3]')
    expect(second.told().filter((line) => line.startsWith('computed'))).toEqual(['computed p:rows', 'computed p:read'])
    const third = open({ p: { rows, read } }, {}, { store, noRepair: true })
    await third.chain.force(['p:read'])
    damage(pathOf(store, third))
    await expect(third.chain.value('p:read')).rejects.toThrow(/p:rows.*cannot be read/s)
  })

  it('is made anew where it was deleted or replaced while it was read', async () => {
    for (const happen of [
      (store: Store, opened: Opened) => store.remove(addressOf(opened.chain.task('p:rows').node)),
      async (store: Store) => {
        const { chain } = open({ p: { rows } }, {}, { store })
        await chain.force(['p:rows'])
        await chain.value('p:rows')
      },
    ]) {
      const store = fileStore(fs.mkdtempSync(join(root, 'store-')))
      let runs = 0
      let opened: Opened | undefined
      const slow = defineTask({ inputs: { rows: asPath(rows) }, data: t.number }).run(async ({ rows: path }) => {
        if (runs++ === 0) await happen(store, opened as Opened)
        return runs === 1 ? 0 : fs.statSync(path).size
      })
      opened = open({ p: { rows, slow } }, {}, { store })
      expect(await opened.chain.value('p:slow')).toBeGreaterThan(0)
      expect(runs).toBe(2)
    }
  })

  it('is a plain path in tests of one task', async () => {
    const path = join(root, 'rows.json')
    fs.writeFileSync(path, '[ 7 ]')
    expect(await testTask(read, { inputs: { rows: path } })).toBe('[7]')
  })

  it('is found in another namespace', async () => {
    const other = defineTask({ inputs: { rows: from('n', asPath(rows)) }, data: t.string }).run(({ rows }) =>
      text(rows),
    )
    const uses = { entry: 'top', configs: { top: { tasks: 'p.other', uses: 'n as n' }, n: { tasks: 'p.rows' } } }
    expect(await open({ p: { rows, other } }, uses as never).chain.value('p:other')).toBe('[1,2,3]')
  })
})
