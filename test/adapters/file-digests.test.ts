// Digests of files: what is read, what is remembered, what is told of files that cannot be read. Reads are counted at
// the file system.
import { createHash } from 'node:crypto'
import * as nodeFs from 'node:fs'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestCacheIn, gatherDigests } from '../../src/adapters/project/file-digests.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'

const sha = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'taskchain-digests-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** node:fs that notes which files' contents are opened. */
const counting = (): { readonly fileSystem: FileSystem; readonly opened: string[] } => {
  const opened: string[] = []
  const promises = {
    ...nodeFs.promises,
    open: async (path: string, ...rest: unknown[]) => (
      opened.push(path), (nodeFs.promises.open as (...all: unknown[]) => Promise<unknown>)(path, ...rest)
    ),
  }
  return { fileSystem: { ...nodeFs, promises } as unknown as FileSystem, opened }
}

/** Long after everything was written. */
const later = (): number => Date.now() + 3_600_000
const cached = (): { readonly root: string; readonly cache: string; readonly now: () => number } => ({
  root,
  cache: digestCacheIn(join(root, 'store')),
  now: later,
})

describe('digests', () => {
  test('are the SHA-256 of contents, by path as given; relative ones start from the root', async () => {
    writeFileSync(join(root, 'a.csv'), 'a,b\n1,2\n')
    const big = Buffer.alloc(3_000_000, 7)
    writeFileSync(join(root, 'big.bin'), big)
    writeFileSync(join(root, 'empty'), '')
    const path = join(root, 'a.csv')
    expect(await gatherDigests(['a.csv', './big.bin', 'empty', path], { root })).toEqual({
      'a.csv': { sha256: sha('a,b\n1,2\n') },
      './big.bin': { sha256: sha(big) },
      empty: { sha256: sha('') },
      [path]: { sha256: sha('a,b\n1,2\n') },
    })
  })

  test("of what cannot be read say why, with names that are near, and never the machine's path", async () => {
    mkdirSync(join(root, 'folder'))
    writeFileSync(join(root, 'movies.csv'), '')
    writeFileSync(join(root, 'locked'), '')
    chmodSync(join(root, 'locked'), 0)
    const found = await gatherDigests(['moveis.csv', 'folder', 'movies.csv/x', 'nowhere/at/all'], { root })
    expect(found).toEqual({
      'moveis.csv': { problem: 'there is no such file', near: ['movies.csv'] },
      folder: { problem: 'it is a folder', near: [] },
      'movies.csv/x': { problem: 'there is no such file', near: [] },
      'nowhere/at/all': { problem: 'there is no such file', near: [] },
    })
    if (process.getuid?.() !== 0)
      expect(await gatherDigests(['locked'], { root })).toEqual({ locked: { problem: 'permission denied', near: [] } })
  })
})

describe('an unchanged file', () => {
  test('is not read again, in this process or the next', async () => {
    writeFileSync(join(root, 'a.csv'), 'one')
    const first = counting()
    await gatherDigests(['a.csv'], { ...cached(), fileSystem: first.fileSystem })
    expect(first.opened).toEqual([join(root, 'a.csv')])
    const second = counting()
    expect(await gatherDigests(['a.csv'], { ...cached(), fileSystem: second.fileSystem })).toEqual({
      'a.csv': { sha256: sha('one') },
    })
    expect(second.opened).toEqual([])
  })

  test('but one that was written, replaced or touched is', async () => {
    const path = join(root, 'a.csv')
    writeFileSync(path, 'one')
    await gatherDigests(['a.csv'], cached())
    writeFileSync(path, 'two')
    expect(await gatherDigests(['a.csv'], cached())).toEqual({ 'a.csv': { sha256: sha('two') } })
    const times = nodeFs.statSync(path)
    writeFileSync(join(root, 'other'), 'six')
    utimesSync(join(root, 'other'), times.atime, times.mtime)
    renameSync(join(root, 'other'), path) // same size and time, as cp -p gives
    expect(await gatherDigests(['a.csv'], cached())).toEqual({ 'a.csv': { sha256: sha('six') } })
  })

  test('is remembered only where its last change is a while ago: within one tick of the clock it could change unseen', async () => {
    writeFileSync(join(root, 'a.csv'), 'one')
    await gatherDigests(['a.csv'], { ...cached(), now: Date.now })
    expect(existsSync(cached().cache)).toBe(false)
    const { fileSystem, opened } = counting()
    await gatherDigests(['a.csv'], { ...cached(), fileSystem })
    expect(opened).toHaveLength(1)
  })

  test('is read once, however many ask for it', async () => {
    writeFileSync(join(root, 'a.csv'), 'one')
    const { fileSystem, opened } = counting()
    await gatherDigests(['a.csv', 'a.csv', 'a.csv'], { root, fileSystem })
    expect(opened).toHaveLength(1)
  })
})

describe('the memory of digests', () => {
  test('that is damaged, of another kind or made up is no obstacle', async () => {
    writeFileSync(join(root, 'a.csv'), 'one')
    mkdirSync(join(root, 'store/.taskchain'), { recursive: true })
    for (const text of [
      '{',
      '[]',
      '{"schema":2,"files":{}}',
      '{"schema":1,"files":[1]}',
      `{"schema":1,"files":{"${join(root, 'a.csv')}":{"state":"x","sha256":"y"}}}`,
    ]) {
      writeFileSync(cached().cache, text)
      expect(await gatherDigests(['a.csv'], cached())).toEqual({ 'a.csv': { sha256: sha('one') } })
    }
    expect(JSON.parse(readFileSync(cached().cache, 'utf8'))).toMatchObject({
      schema: 1,
      files: { [join(root, 'a.csv')]: { sha256: sha('one') } },
    })
  })

  test('is not written where it cannot be, nor through a link that leads out of the store', async () => {
    writeFileSync(join(root, 'a.csv'), 'one')
    mkdirSync(join(root, 'outside'))
    mkdirSync(join(root, 'store'))
    symlinkSync(join(root, 'outside'), join(root, 'store/.taskchain'))
    expect(await gatherDigests(['a.csv'], cached())).toEqual({ 'a.csv': { sha256: sha('one') } })
    expect(nodeFs.readdirSync(join(root, 'outside'))).toEqual([])
    expect(await gatherDigests(['a.csv'], { ...cached(), cache: join(root, 'a.csv/.taskchain/digests.json') })).toEqual(
      { 'a.csv': { sha256: sha('one') } },
    )
  })
})
