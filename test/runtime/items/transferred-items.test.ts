// Items of one task that two stores have computed apart from each other.
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from '../../../src/adapters/file-store/file-store.js'
import { recordIn } from '../../../src/runtime/items/item-record.js'
import type { ItemKind, StoreItems } from '../../../src/runtime/ports/items.js'
import type { FullStore } from '../../../src/runtime/ports/store.js'
import { transferItems } from '../../../src/runtime/upkeep/transfer/transfer-items.js'

const set = { folder: 'judge/answers', name: 'items' }
const key = (letter: string): string => letter.repeat(32)
interface Given {
  readonly value?: unknown
  readonly at: number
  readonly kind?: ItemKind
  readonly code?: string
}

let folder: string
let [here, there] = [] as unknown as [FullStore, FullStore]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-items-'))
  here = fileStore(join(folder, 'here'))
  there = fileStore(join(folder, 'there'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const itemsOf = ({ items }: Pick<FullStore, 'items'>): StoreItems => {
  if (items === undefined) throw new Error('a store without items')
  return items
}
const add = async (
  store: FullStore,
  letter: string,
  { value, at, kind = 'kept', code = 'f' }: Given,
): Promise<void> => {
  const log = await itemsOf(store).open(set)
  log.append({ key: key(letter), kind, at, text: JSON.stringify({ schema: 1, value, code }) })
  await log.close()
}
const valuesIn = async (store: FullStore): Promise<Readonly<Record<string, unknown>>> =>
  Object.fromEntries(
    Array.from(await itemsOf(store).lines(set))
      .filter(({ kind }) => kind === 'kept')
      .map((line) => [line.key[0], recordIn(line.text)?.value])
      .toSorted(),
  )
const sums = async () =>
  (await transferItems(there, here)).map(({ copied, there: known, different }) => [copied, known, different])

test('each side gets what it lacks; equal results of one key are one', async () => {
  await add(here, 'a', { value: 1, at: 1 })
  await add(here, 'b', { value: 2, at: 2 })
  await add(there, 'b', { value: 2, at: 5 })
  await add(there, 'c', { value: 3, at: 3 })
  await Promise.all([transferItems(there, here), transferItems(here, there)])
  expect(await valuesIn(here)).toEqual({ a: 1, b: 2, c: 3 })
  expect(await valuesIn(there)).toEqual({ a: 1, b: 2, c: 3 })
  expect((await itemsOf(here).list())[0]?.kept).toBe(3)
})

test('different results of one key are reported, every time, and each side keeps its own', async () => {
  await add(here, 'a', { value: 'mine', at: 1 })
  await add(there, 'a', { value: 'theirs', at: 9 })
  await add(there, 'b', { value: 2, at: 2 })
  expect(await sums()).toEqual([[1, 0, 1]])
  expect(await sums()).toEqual([[0, 1, 1]])
  expect([await valuesIn(here), await valuesIn(there)]).toEqual([
    { a: 'mine', b: 2 },
    { a: 'theirs', b: 2 },
  ])
})

test('a result that was forgotten and computed again, or by other code, replaces the earlier one', async () => {
  await add(here, 'a', { value: 'old', at: 1 })
  await add(here, 'b', { value: 'old', at: 1 })
  await transferItems(here, there)
  await add(there, 'a', { kind: 'gone', at: 3 })
  await add(there, 'a', { value: 'new', at: 4 })
  await add(there, 'b', { value: 'new', at: 4, code: 'g' })
  expect(await sums()).toEqual([[3, 2, 0]]) // two results and the mark
  expect(await valuesIn(here)).toEqual({ a: 'new', b: 'new' })
})

test('a torn file gives what is whole, and a second transfer brings the rest', async () => {
  for (const letter of ['a', 'b', 'c']) await add(there, letter, { value: letter, at: 1 })
  await transferItems(there, here)
  const place = join(folder, 'here/.items')
  const [name = ''] = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter(
    (one) => /\.\w+$/.test(one) && !one.endsWith('.set'),
  )
  truncateSync(join(place, name), 90)
  expect(Object.keys(await valuesIn(fileStore(join(folder, 'here')))).length).toBeLessThan(3)
  here = fileStore(join(folder, 'here'))
  await transferItems(there, here)
  expect(await valuesIn(here)).toEqual({ a: 'a', b: 'b', c: 'c' })
})
