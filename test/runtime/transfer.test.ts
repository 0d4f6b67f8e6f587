import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { Address, StoredNames } from '../../src/runtime/ports/artifact.js'
import type { FullStore } from '../../src/runtime/ports/store.js'
import { openArtifact } from '../../src/runtime/run-info/hit-or-miss.js'
import { factsInFolder, listFolder } from '../../src/runtime/run-info/one-folder.js'
import { planTransfer } from '../../src/runtime/upkeep/transfer/transfer-plan.js'
import { everythingIn, transfer } from '../../src/runtime/upkeep/transfer/transfer.js'
import { get, put, putFolder, runInfoFor } from '../adapters/artifacts.js'

let folder: string
let source: FullStore
let target: FullStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-transfer-'))
  source = fileStore(join(folder, 'source'))
  target = fileStore(join(folder, 'target'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const key = (letter: string): string => letter.repeat(32)
const at = (letter: string, extension: string | null = 'json', of = 'movies/all'): Address => ({
  folder: of,
  key: key(letter),
  extension,
})

const outcomes = async (options: Parameters<typeof transfer>[3] = {}): Promise<readonly string[]> =>
  (await transfer(source, target, await everythingIn(source), options)).outcomes
    .map(({ artifact, outcome }) => `${artifact.key[0]} ${outcome._tag}`)
    .toSorted()

test('a plan says by names what goes, what is there and what is lacking; each key once', () => {
  const names = (extensions: readonly string[], rest: Partial<StoredNames> = {}): StoredNames => ({
    extensions,
    runInfo: true,
    log: false,
    stale: false,
    unfinished: false,
    ...rest,
  })
  const wanted = ['a', 'b', 'c', 'd', 'e', 'a'].map((letter) => at(letter))
  const source = new Map([
    [
      'movies/all',
      new Map([
        [key('a'), names(['json'])],
        [key('b'), names(['json'])],
        [key('c'), names(['json'], { stale: true })],
        [key('d'), names(['txt'])],
        [key('e'), names(['json'])],
      ]),
    ],
  ])
  const target = new Map([
    [
      'movies/all',
      new Map([
        [key('b'), names(['json'])],
        [key('e'), names(['json'], { stale: true })],
      ]),
    ],
  ])
  const { send, there, lacking } = planTransfer(wanted, source, target)
  expect([send, there, lacking].map((list) => list.map((one) => one.key[0]))).toEqual([['a', 'e'], ['b'], ['c', 'd']])
})

test('files, folders, views, logs and facts arrive as they were, and once', async () => {
  const staging = await source.stage(at('a', 'svg'), 'file')
  const saved = await staging.write(Buffer.from('<svg/>'), { png: Buffer.from('png') })
  const facts = {
    key: key('a'),
    ended: '2026-11-22 11:34:01.521',
    seconds: 1,
    code: 'c',
    format: 'svg',
    extension: 'svg',
    size: 6,
  }
  await staging.commit(runInfoFor(at('a', 'svg'), saved), { ...facts, identity: 'f'.repeat(64) })
  const log = source.log(at('a', 'svg'))
  log.write('line one')
  log.write('line two')
  await log.close('kept')
  await putFolder(source, at('b', null), { 'x.txt': 'inside', 'y.txt': '' })
  await put(source, at('c', 'txt', 'movies/other'), '')
  expect(await outcomes()).toEqual(['a copied', 'b copied', 'c copied'])
  const found = await openArtifact(target, at('a', 'svg'))
  if ('reason' in found) throw new Error(found.reason)
  expect(Buffer.from((await found.beside?.('png')) ?? []).toString()).toBe('png')
  expect(found.runInfo).toBe(await source.readRunInfo(at('a', 'svg')))
  expect(await target.log(at('a', 'svg')).read('kept')).toBe('line one\nline two\n')
  const tree = await openArtifact(target, at('b', null))
  if ('reason' in tree) throw new Error(tree.reason)
  expect(readFileSync(join(tree.directory ?? '', 'x.txt'), 'utf8')).toBe('inside')
  expect(await get(target, at('c', 'txt', 'movies/other'))).toBe('')
  expect((await factsInFolder(target.facts, 'movies/all', new Set([key('a')]))).get(key('a'))?.identity).toBe(
    'f'.repeat(64),
  )
  expect(await outcomes()).toEqual([])
  rmSync(join(folder, 'target/movies/all', `${key('a')}.log`)) // as a kill leaves it between the commit and its log
  expect(await outcomes()).toEqual(['a there'])
  expect(await target.log(at('a', 'svg')).read('kept')).toBe('line one\nline two\n')
})

test('damaged data is reported and does not arrive', async () => {
  const path = await put(source, at('a'), 'text')
  writeFileSync(path, 'tixt')
  await put(source, at('b'), 'fine')
  expect(await outcomes()).toEqual(['a damaged', 'b copied'])
  expect([...(await listFolder(target, 'movies/all')).keys()]).toEqual([key('b')])
})

test('a folder that has changed under its names is found out by its contents', async () => {
  const path = await putFolder(source, at('a', null), { part: 'whole' })
  writeFileSync(join(path, 'part'), 'whale')
  expect(await outcomes()).toEqual(['a damaged'])
  expect(await listFolder(target, 'movies/all')).toEqual(new Map())
})

test('what was stopped goes on where it was, and nothing is copied twice', async () => {
  for (const letter of 'abcdef') await put(source, at(letter), letter)
  const controller = new AbortController()
  const first = await transfer(source, target, await everythingIn(source), {
    concurrency: 1,
    signal: controller.signal,
    done: (artifact) => artifact.key.startsWith('b') && controller.abort(),
  })
  expect(first.stopped).toBe(true)
  const copied = first.outcomes.map(({ artifact }) => artifact.key[0] ?? '')
  expect(copied.length).toBeLessThan(6)
  const rest = [...'abcdef'].filter((letter) => !copied.includes(letter)).map((letter) => `${letter} copied`)
  expect(await outcomes()).toEqual(rest)
})

test('what somebody is writing there comes last, and is not written twice', async () => {
  await put(source, at('a'), 'text')
  await put(source, at('b'), 'text')
  const other = fileStore(join(folder, 'target'))
  const lease = await other.lease(at('a'), { signal: new AbortController().signal, waiting: () => undefined })
  const told: string[] = []
  const finish = async (): Promise<void> => {
    await put(other, at('a'), 'text')
    await lease.release()
  }
  const found = await outcomes({
    waiting: ({ key: [letter] }) => {
      told.push(letter ?? '')
      void finish()
    },
  })
  expect([told, found]).toEqual([['a'], ['a there', 'b copied']])
})

test('two pushes at once copy each artifact once', async () => {
  for (const letter of 'abcdef') await put(source, at(letter), letter)
  const both = (await Promise.all([outcomes(), outcomes()])).flat().filter((line) => line.endsWith('copied'))
  expect(both.toSorted()).toEqual([...'abcdef'].map((letter) => `${letter} copied`))
})

test('different data under one key is reported where it is asked for, and neither is replaced', async () => {
  await put(source, at('a'), 'one')
  await put(target, at('a'), 'two')
  await put(source, at('b'), 'same')
  await put(target, at('b'), 'same')
  expect(await outcomes()).toEqual([])
  expect(await outcomes({ compare: true })).toEqual(['a differs'])
  expect([await get(source, at('a')), await get(target, at('a'))]).toEqual(['one', 'two'])
})

test('a result that is stale there is replaced by another one, and does not come back as the same', async () => {
  await put(source, at('a'), 'old')
  await put(source, at('b'), 'new')
  await put(target, at('a'), 'old')
  await put(target, at('b'), 'old')
  await target.markStale(at('a'))
  await target.markStale(at('b'))
  expect(await outcomes()).toEqual(['a there', 'b copied'])
  expect([await get(target, at('a')), await get(target, at('b'))]).toEqual(['miss: stale', 'new'])
})
