// Names that would lead elsewhere, or be taken for something else: in configs, in the store, on disk.
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { surveyGarbage, collectGarbage } from '../../src/runtime/upkeep/gc.js'
import { verifyStore } from '../../src/runtime/upkeep/verify.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { put, putFolder, get, putRunInfo } from '../adapters/artifacts.js'
import { project } from '../cases/project.js'
import { answerTo, prototypesAreClean, type Attempt } from './planning.js'

const ask = (attempt: Partial<Attempt> & { readonly entry: Attempt['entry'] }) =>
  answerTo(project, { files: {}, ...attempt })
const fine = { tasks: 'movies.all_movies', source_file: 'a' }

const wrongNames = [
  '..',
  '.',
  '../x',
  '../../../../etc/passwd',
  '/etc/passwd',
  'a/b',
  'a\\b',
  'C:\\x',
  'con',
  'nul.json',
  'a\0b',
  'x'.repeat(300),
  'e\u0301',
  '\u00e9',
  'a b',
  '.hidden',
  '-rf',
  'a.',
  '\u202egnp',
  '\u001b[2J',
  '',
]

describe('names in configs', () => {
  test.each(wrongNames)('%j is neither a namespace nor a readable name, and no task', async (name) => {
    const as = name === '' ? ' ' : name
    for (const entry of [
      { tasks: 'movies.all_movies', source_file: 'a', human_readable_data_name: as },
      { uses: `other.yaml as ${as}` },
      { uses: `other.yaml as a::${as}` },
      { tasks: as === '.' || as === '..' ? `x${as}` : as },
    ])
      expect(
        (await ask({ files: { 'other.yaml': 'tasks: movies.all_movies\nsource_file: a\n' }, entry }))._tag,
        JSON.stringify(entry),
      ).toBe('Refused')
  })

  test('names of prototypes are names like others, and one that is more is refused, wherever it stands', async () => {
    for (const name of [
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'valueOf',
      'isPrototypeOf',
      '__defineGetter__',
    ])
      for (const attempt of [
        { entry: { ...fine, [name]: { polluted: 1 } } },
        { entry: fine, contexts: [{ [name]: { polluted: true } }] },
        { entry: fine, set: { [name]: 1, [`source_file.${name}.polluted`]: 1, [`${name}.prototype.polluted`]: 1 } },
        { entry: { ...fine, source_file: `{${name}}` } },
      ])
        expect((await ask(attempt))._tag).toMatch(/Planned|Refused/)
    const evil = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>
    for (const attempt of [
      { entry: { ...fine, x: evil } },
      { entry: fine, contexts: [evil] },
      { entry: fine, contexts: [{ for_namespaces: { '': evil } }] },
      { entry: fine, set: { x: evil } },
      { entry: fine, set: { '__proto__.polluted': 1, 'x.__proto__.polluted': 1, 'constructor.prototype.polluted': 1 } },
    ])
      await ask(attempt)
    expect(prototypesAreClean()).toBe(true)
  })
})

describe('the store', () => {
  let root: string
  let outside: string
  let store: FullStore
  const key = 'a'.repeat(32)
  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'taskchain-hostile-'))
    outside = join(root, 'outside')
    fs.mkdirSync(outside)
    fs.writeFileSync(join(outside, `${key}.json`), 'precious')
    fs.writeFileSync(join(outside, `${key}.run_info.yaml`), 'precious')
    fs.mkdirSync(join(root, 'store'))
    store = fileStore(join(root, 'store'))
  })
  afterEach(() => fs.rmSync(root, { recursive: true, force: true }))
  const inStore = (...parts: readonly string[]): string => join(root, 'store', ...parts)
  const untouched = (): void => {
    expect(fs.readdirSync(outside).sort()).toEqual([`${key}.json`, `${key}.run_info.yaml`])
    expect(fs.readFileSync(join(outside, `${key}.json`), 'utf8')).toBe('precious')
  }

  test.each(['group', 'group/task'])(
    'a link in place of %s that leads out is written through by nothing',
    async (path) => {
      fs.mkdirSync(inStore(path, '..'), { recursive: true })
      fs.symlinkSync(outside, inStore(path), 'dir')
      const folder = path === 'group' ? 'group' : 'group/task'
      const address = { folder, key, extension: 'json' }
      const quiet = { signal: new AbortController().signal, waiting: () => undefined }
      const stored = {
        folder,
        key,
        names: { extensions: ['json'], runInfo: true, log: false, stale: false, unfinished: false },
        bytes: 1,
        written: 0,
      }
      for (const attempt of [
        () => put(store, address, 'x'),
        () => store.remove(address),
        () => store.markStale(address),
        () => putRunInfo(store, address, 'x: 1\n'),
        () => store.lease(address, quiet),
        () => store.links?.link(address, 'name'),
        () => store.upkeep?.setAside(stored, 'trash', 'now'),
      ])
        await expect(attempt()).rejects.toMatchObject({ code: 'EACCES' })
      untouched()
    },
  )

  test('gc and verify do not follow links, and what a link of ours stands for stays', async () => {
    fs.symlinkSync(outside, inStore('linked'), 'dir')
    await put(store, { folder: 'movies/all', key, extension: 'json' }, 'text')
    await putFolder(store, { folder: 'movies/all', key: 'b'.repeat(32), extension: null }, { x: '1' })
    fs.rmSync(inStore('movies/all', `${key}.json`))
    fs.symlinkSync(join(outside, `${key}.json`), inStore('movies/all', `${key}.json`))
    fs.symlinkSync(outside, inStore('movies/all', 'b'.repeat(32), 'inner'), 'dir')
    const found = await verifyStore(store, { label: 'now' })
    expect(found.damage.map(({ kind, setAside }) => [kind, setAside])).toEqual([
      ['damaged', true],
      ['damaged', true],
    ])
    await put(store, { folder: 'movies/all', key, extension: 'json' }, 'text')
    const { unreachable } = await surveyGarbage(store, { has: () => false })
    expect(unreachable.map(({ folder }) => folder)).toEqual(['movies/all'])
    await collectGarbage(store, unreachable, 'later')
    await store.upkeep.aside({ remove: true })
    untouched()
    expect(await get(store, { folder: 'movies/all', key, extension: 'json' })).toBe('miss: absent')
  })

  test('trash that is a link is left alone', async () => {
    await put(store, { folder: 'movies/all', key, extension: 'json' }, 'text')
    fs.symlinkSync(outside, inStore('.trash'), 'dir')
    const { unreachable } = await surveyGarbage(store, { has: () => false })
    const { moved, failed } = await collectGarbage(store, unreachable, 'now')
    expect([moved.length, failed.length]).toEqual([0, 1])
    expect(await store.upkeep.aside({ remove: true })).toEqual([])
    untouched()
    expect(await get(store, { folder: 'movies/all', key, extension: 'json' })).toBe('text')
  })
})
