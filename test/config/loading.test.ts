import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fileSource, loadDocuments, objectOrigin } from '../../src/adapters/project/config-files.js'
import { objectSource } from './object-source.js'
import { resolveConfigs } from '../../src/config/resolve.js'
import { pathFrom } from '../../src/config/uses.js'
import type { ConfigSource } from '../../src/runtime/ports/config-source.js'
import { left, right, table } from './reading.js'

const root = mkdtempSync(path.join(tmpdir(), 'taskchain-configs-'))
afterAll(() => rmSync(root, { recursive: true }))
const write = (origin: string, text: string | Uint8Array): void => {
  mkdirSync(path.dirname(path.join(root, origin)), { recursive: true })
  writeFileSync(path.join(root, origin), text)
}

/** Counts what is read. */
const counted = (source: ConfigSource): { readonly source: ConfigSource; readonly reads: string[] } => {
  const reads: string[] = []
  return { reads, source: { ...source, read: (origin) => (reads.push(origin), source.read(origin)) } }
}

describe('loading', () => {
  test('follows uses of configs and contexts, each file read once', async () => {
    const { source, reads } = counted(
      objectSource({
        'a.yaml': 'uses: [dir/b.yaml, dir/b.yaml as x, "{SHARED}/c.yaml"]',
        'dir/b.yaml': 'uses: ../shared/c.yaml#one',
        'shared/c.yaml': 'configs: {one: {}, two: {main_part: true, uses: d.yaml}}',
        'shared/d.yaml': 'd: 1',
        'ctx.yaml': 'uses: more/ctx.yaml as x',
        'more/ctx.yaml': 'd: 2',
        'unused.yaml': '{',
      }),
    )
    const options = {
      contexts: ['ctx.yaml', { uses: 'more/ctx.yaml' }],
      globals: { SHARED: '/home/project/shared' },
      root: '/home/project',
    }
    const documents = right(await loadDocuments(source, 'a.yaml', options))
    expect([...documents.keys()].sort()).toEqual([
      'a.yaml',
      'ctx.yaml',
      'dir/b.yaml',
      'more/ctx.yaml',
      'shared/c.yaml',
      'shared/d.yaml',
    ])
    expect(reads.sort()).toEqual([...documents.keys()].sort())
    expect(table(right(resolveConfigs(documents, 'a.yaml', options)))).toEqual({
      'a.yaml': { d: 2 },
      'dir/b.yaml': { d: 2 },
      'shared/c.yaml#one': { d: 2 },
      'shared/c.yaml#two': { d: 2 },
      'shared/d.yaml': { d: 2 },
      'x::dir/b.yaml': { d: 2 },
      'x::shared/c.yaml#one': { d: 2 },
    })
  })

  test('uses of parts that are not taken are not followed', async () => {
    const source = objectSource({ 'a.yaml': 'configs: {one: {uses: no.yaml}, two: {}}' })
    expect([...right(await loadDocuments(source, 'a.yaml#two')).keys()]).toEqual(['a.yaml'])
    expect(left(await loadDocuments(source, 'a.yaml#one'))).toMatchObject([
      { _tag: 'ConfigNotFound', origin: 'no.yaml' },
    ])
  })

  test('an entry may be an object', async () => {
    const documents = right(await loadDocuments(objectSource({ 'b.yaml': 'b: 1' }), { a: 1, uses: 'b.yaml as x' }))
    expect(table(right(resolveConfigs(documents, objectOrigin)))).toEqual({ config: { a: 1 }, 'x::b.yaml': { b: 1 } })
  })

  test('circles end', async () => {
    const documents = right(
      await loadDocuments(objectSource({ 'a.yaml': 'uses: b.yaml as x', 'b.yaml': 'uses: a.yaml' }), 'a.yaml'),
    )
    expect(left(resolveConfigs(documents, 'a.yaml'))).toMatchObject([{ _tag: 'UsesCycle' }])
  })

  test('all errors of all files at once, with the place of the uses and near names', async () => {
    const source = objectSource({
      'configs/a.yaml': 'uses:\n  - bb.yaml\n  - broken.yaml\n  - c.yaml as ../x\n',
      'configs/b.yaml': '',
      'configs/broken.yaml': 'a: [',
      'ctx.yml': '',
    })
    expect(
      left(await loadDocuments(source, 'configs/a.yaml', { contexts: ['ctx.yaml', { uses: 'no/where.yaml' }] })),
    ).toMatchObject([
      { _tag: 'ConfigNotFound', origin: 'ctx.yaml', place: undefined, near: ['ctx.yml'] },
      {
        _tag: 'ConfigNotFound',
        origin: 'configs/bb.yaml',
        place: { origin: 'configs/a.yaml', line: 2, column: 5 },
        near: ['b.yaml'],
      },
      { _tag: 'UnsafeName' },
      { _tag: 'YamlSyntax', place: { origin: 'configs/broken.yaml' } },
      { _tag: 'ConfigNotFound', origin: 'no/where.yaml', place: { origin: 'context' } },
    ])
  })

  test('a config that a person names is suggested from any folder, one that a config names as that config has to say it', async () => {
    const source = objectSource({
      'configs/contexts/quick.yaml': '',
      'configs/base.yaml': '',
      'configs/models/a.yaml': 'uses: [../bsae.yaml, "/root/configs/bsae.yaml"]',
    })
    const nearTo = async (entry: string, contexts: readonly string[]) =>
      left(await loadDocuments(source, entry, { contexts, root: '/root' })).map((error) =>
        error._tag === 'ConfigNotFound' ? error.near : error._tag,
      )
    expect(await nearTo('configs/base.yaml', ['configs/quick'])).toEqual([['configs/contexts/quick.yaml']])
    expect(await nearTo('configs/quik', [])).toEqual([['configs/contexts/quick.yaml']])
    expect(await nearTo('configs/models/a.yaml', [])).toEqual([['../base.yaml']])
    expect(pathFrom('configs/a.yaml', '../shared/b.yaml')).toBe('../../shared/b.yaml')
    expect(pathFrom('../shared/a.yaml', 'configs/b.yaml')).toBe(undefined)
  })

  test('a source that fails is told, not thrown', async () => {
    const failing: ConfigSource = {
      read: () => Promise.reject(new Error('the wire broke')),
      list: () => Promise.reject(new Error('no')),
    }
    expect(left(await loadDocuments(failing, 'a.yaml'))).toMatchObject([
      { _tag: 'ConfigUnreadable', origin: 'a.yaml', reason: 'the wire broke' },
    ])
  })
})

describe('configs on disk', () => {
  test('are read relative to the root, absolute paths and links too', async () => {
    write('configs/a.yaml', `uses: [../shared.json, ${root}/other.yml, link.yaml]`)
    write('shared.json', '{"s": 1}')
    write('other.yml', 'o: 1')
    symlinkSync(path.join(root, 'other.yml'), path.join(root, 'configs/link.yaml'))
    const documents = right(await loadDocuments(fileSource(root), path.join(root, 'configs/a.yaml'), { root }))
    expect([...documents.keys()].sort()).toEqual(['configs/a.yaml', 'configs/link.yaml', 'other.yml', 'shared.json'])
  })

  test('a missing one is told with what lies near, whether the extension or the folder is wrong', async () => {
    write('near/movies/basic.yaml', '')
    const near = async (origin: string): Promise<unknown> =>
      left(await loadDocuments(fileSource(root), origin)).map((error) =>
        error._tag === 'ConfigNotFound' ? error.near : error,
      )
    expect(await near('near/movies/basic')).toEqual([['near/movies/basic.yaml']])
    expect(await near('near/movies/basci.yaml')).toEqual([['near/movies/basic.yaml']])
    expect(await near('near/movie/basic.yaml')).toEqual([['near/movies/basic.yaml']])
    expect(await near('near/xyz.yaml')).toEqual([[]])
  })

  test('folders, pipes, other files and what is no text are refused', async () => {
    mkdirSync(path.join(root, 'folder.yaml'))
    write('latin.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xe9]))
    write('notes.txt', 'a: 1')
    execFileSync('mkfifo', [path.join(root, 'pipe.yaml')])
    const reason = async (origin: string): Promise<unknown> =>
      left(await loadDocuments(fileSource(root), origin)).map((error) =>
        error._tag === 'ConfigUnreadable' ? error.reason : error,
      )
    expect(await reason('folder.yaml')).toEqual(['it is a folder'])
    expect(await reason('latin.yaml')).toEqual(['it is not text in UTF-8'])
    expect(await reason('notes.txt')).toEqual(['its name does not end in .yaml, .yml or .json'])
    expect(await reason('pipe.yaml')).toEqual(['it is no regular file'])
    expect(await reason('latin.yaml/inner.yaml')).toMatchObject([{ _tag: 'ConfigNotFound' }])
  })

  test.skipIf(process.getuid?.() === 0)(
    'one without the right to read says so without the path of the machine',
    async () => {
      write('secret.yaml', 'a: 1')
      chmodSync(path.join(root, 'secret.yaml'), 0)
      expect(left(await loadDocuments(fileSource(root), 'secret.yaml'))).toMatchObject([
        { reason: 'EACCES: permission denied' },
      ])
    },
  )

  test('listing finds configs below a folder, not in node_modules or hidden folders', async () => {
    for (const origin of [
      'list/a.yaml',
      'list/x/b.json',
      'list/x/c.txt',
      'list/node_modules/d.yaml',
      'list/.hidden/e.yaml',
    ])
      write(origin, '')
    expect(await fileSource(root).list('list')).toEqual(['list/a.yaml', 'list/x/b.json'])
    expect(await fileSource(root).list('nowhere')).toEqual([])
  })
})
