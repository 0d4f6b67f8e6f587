// Segments of items: merged while others read and add, killed at any call, and never counted twice.
import fc from 'fast-check'
import * as nodeFs from 'node:fs'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import { lineOf } from '../../src/adapters/file-store/items/item-line.js'
import { transferItems } from '../../src/runtime/upkeep/transfer/transfer-items.js'
import { recordIn } from '../../src/runtime/items/item-record.js'
import type { ItemKind, ItemLine, ItemsAtOnce } from '../../src/runtime/ports/items.js'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))
const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-merging-'))
  folders.push(folder)
  return folder
}

const set = { folder: 'shop/scored', name: 'items' }
const keyOf = (at: number): string => (at * 7919).toString(16).padStart(32, 'ab')
const line = (of: number, kind: ItemKind, at: number, cost = 1): ItemLine => ({
  key: keyOf(of),
  kind,
  at: 1_800_000_000_000 + at,
  text: JSON.stringify({ schema: 1, attempts: 1, usage: { cost }, value: `result ${at}` }),
})
const itemsOf = (root: string, fileSystem: FileSystem = nodeFs) =>
  fileStore(root, { fileSystem, durability: 'none' }).items as ItemsAtOnce // a folder answers at once
const setFolder = (root: string): string => join(root, '.items/shop/scored/items.set')
const segments = (root: string): readonly string[] =>
  readdirSync(setFolder(root)).filter((name) => name.endsWith('.items'))
const bytes = (root: string): number =>
  segments(root).reduce((sum, name) => sum + statSync(join(setFolder(root), name)).size, 0)

/** One run: opens, adds, closes. */
const add = async (root: string, lines: readonly ItemLine[], fileSystem?: FileSystem): Promise<void> => {
  const log = itemsOf(root, fileSystem).open(set)
  for (const one of lines) log.append(one)
  await log.close()
}
/** Newest results by key, and what all attempts have cost. */
const known = (root: string) => {
  const items = itemsOf(root)
  const newest = new Map([...items.lines(set)].map(({ key, kind, text }) => [key, `${kind} ${text}`]))
  let cost = 0
  for (const { text } of items.lines(set, 'all')) cost += recordIn(text)?.usage?.['cost'] ?? 0
  return { newest, cost }
}

describe('segments of items', () => {
  it('stay few, however many runs add to them, and hold each result once; what attempts have cost stays known', async () => {
    const root = emptyFolder()
    let cost = 0
    for (let run = 0; run < 60; run++) {
      const failed = Array.from({ length: 40 }, (_, at) => line(at, 'failed', run * 100 + at, 0.5))
      await add(root, [...failed, line(1000 + run, 'kept', run)])
      cost += 40 * 0.5 + 1
      expect(segments(root).length).toBeLessThan(16)
    }
    const { newest, cost: told } = known(root)
    expect([newest.size, told]).toEqual([100, cost])
    expect(itemsOf(root).list()).toMatchObject([{ kept: 60, failed: 40, damaged: 0 }])
    await add(root, [line(5000, 'kept', 1)])
    expect(bytes(root)).toBeLessThan(16 * 41 * 200) // 60 × 41 lines were added
  })

  it('are found by who had read them before they were merged', async () => {
    const root = emptyFolder()
    await add(root, [line(1, 'kept', 1)])
    const reader = itemsOf(root).open(set)
    for (let run = 2; run < 20; run++) await add(root, [line(run, 'kept', run)])
    expect(segments(root).length).toBeLessThan(10)
    expect(reader.read(keyOf(1))?.text).toContain('result 1')
    expect(reader.read(keyOf(2))).toBe(undefined)
    reader.refresh()
    expect(reader.read(keyOf(2))?.text).toContain('result 2')
    await reader.close()
  })

  it('that somebody adds to are left alone', async () => {
    const root = emptyFolder()
    const writer = itemsOf(root).open(set)
    writer.append(line(0, 'kept', 0))
    const [own] = segments(root)
    for (let run = 1; run < 20; run++) await add(root, [line(run, 'kept', run)])
    expect(segments(root)).toContain(own)
    writer.append(line(100, 'kept', 100))
    await writer.close()
    expect(known(root).newest.size).toBe(21)
  })

  it('of a process on another host that is not known to have ended are left alone', async () => {
    const root = emptyFolder()
    await add(root, [line(0, 'kept', 0)])
    const elsewhere = '.results.0123abcd-77-123-0a0b0c0d0.items'
    appendFileSync(join(setFolder(root), elsewhere), lineOf(line(1, 'kept', 1)))
    for (let run = 2; run < 20; run++) await add(root, [line(run, 'kept', run)])
    expect(segments(root)).toContain(elsewhere)
    expect(known(root).newest.size).toBe(20)
  })

  it('with lines that are torn or changed are merged without these, and the lines before count again', async () => {
    const root = emptyFolder()
    await add(root, [line(0, 'kept', 0), line(1, 'kept', 1)])
    const [first = ''] = segments(root)
    await add(root, [line(0, 'kept', 5)])
    const second = segments(root).find((name) => name !== first) ?? ''
    const text = readFileSync(join(setFolder(root), second), 'utf8')
    nodeFs.writeFileSync(join(setFolder(root), second), text.replace('result 5', 'result 6'))
    appendFileSync(join(setFolder(root), second), 'deadbeef torn')
    for (let run = 2; run < 20; run++) await add(root, [line(run, 'kept', run)])
    expect(segments(root)).not.toContain(second)
    expect(known(root).newest.get(keyOf(0))).toContain('result 0')
    expect(itemsOf(root).list()).toMatchObject([{ kept: 20, damaged: 0 }])
  })

  it('count once wherever merging is killed, or the disk gives out', async () => {
    for (let calls = 0; ; calls++) {
      const root = emptyFolder()
      for (let run = 0; run < 8; run++) {
        const lines = [line(run, 'kept', run), line(50, 'failed', run), ...(run === 7 ? [line(3, 'kept', 99)] : [])]
        await add(root, lines, withoutMerging)
      }
      const before = known(root)
      const dying = dyingAfter(calls)
      await add(root, [line(60, 'kept', 1)], dying.fileSystem).catch(() => undefined)
      const expected = before.cost + (known(root).newest.has(keyOf(60)) ? 1 : 0)
      expect([calls, known(root).cost]).toEqual([calls, expected])
      for (const [key, text] of before.newest) expect([calls, known(root).newest.get(key)]).toEqual([calls, text])
      await add(root, [line(61, 'kept', 1)])
      await add(root, [line(62, 'kept', 1)])
      expect([calls, known(root).cost]).toEqual([calls, expected + 2])
      if (!dying.died()) break
      expect(calls).toBeLessThan(200)
    }
  })

  it('take what is pushed to them once, though they keep no more what was replaced', async () => {
    const [here, there] = [emptyFolder(), emptyFolder()]
    await add(here, [...Array.from({ length: 9 }, (_, at) => line(1, 'failed', at)), line(1, 'kept', 10)])
    const push = () => transferItems({ items: itemsOf(here) }, { items: itemsOf(there) })
    await push()
    for (let run = 0; run < 9; run++) await add(there, [line(100 + run, 'kept', run)])
    expect(segments(there).length).toBeLessThan(9)
    const before = known(there)
    expect(before.cost).toBe(10 + 9)
    expect(await push()).toMatchObject([{ copied: 0, there: 10 }])
    await add(here, [line(2, 'kept', 20)])
    expect(await push()).toMatchObject([{ copied: 1, there: 10 }])
    expect(known(there).cost).toBe(before.cost + 1)
  })

  it('say the same as one that was never merged, whoever adds when', async () => {
    const step = fc.record({
      writer: fc.nat(2),
      close: fc.boolean(),
      lines: fc.array(fc.tuple(fc.nat(12), fc.constantFrom<ItemKind>('kept', 'failed', 'refused')), { maxLength: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
        const [root, plain] = [emptyFolder(), emptyFolder()]
        const open = new Map<string, ReturnType<ItemsAtOnce['open']>>()
        let at = 0
        for (const { writer, close, lines } of steps)
          for (const [place, fileSystem] of [
            [root, nodeFs],
            [plain, withoutMerging],
          ] as const) {
            const log = open.get(`${place} ${writer}`) ?? itemsOf(place, fileSystem).open(set)
            open.set(`${place} ${writer}`, log)
            log.refresh()
            lines.forEach(([of, kind], index) => log.append(line(of, kind, at + index)))
            if (place === plain) at += lines.length
            if (!close) continue
            await log.close()
            open.delete(`${place} ${writer}`)
          }
        for (const log of open.values()) await log.close()
        expect(known(root)).toEqual(known(plain))
      }),
      { numRuns: 30 },
    )
  })
})

/** Nothing is renamed, so nothing is merged. */
const withoutMerging = {
  ...nodeFs,
  renameSync: () => {
    throw Object.assign(new Error('no'), { code: 'EROFS' })
  },
} as unknown as FileSystem

/** All that changes a disk fails after so many calls, as where the process was killed. */
const dyingAfter = (last: number): { readonly fileSystem: FileSystem; readonly died: () => boolean } => {
  let calls = 0
  const changing = ['renameSync', 'unlinkSync', 'rmSync', 'writeSync', 'openSync', 'fsyncSync', 'linkSync', 'mkdirSync']
  const changed = changing.map((name) => [
    name,
    (...given: unknown[]): unknown => {
      if (++calls > last) throw Object.assign(new Error('killed'), { code: 'EIO' })
      return (Reflect.get(nodeFs, name) as (...given: unknown[]) => unknown)(...given)
    },
  ])
  return { fileSystem: { ...nodeFs, ...Object.fromEntries(changed) } as FileSystem, died: () => calls > last }
}
