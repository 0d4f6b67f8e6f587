import { spawn } from 'node:child_process'
import fc from 'fast-check'
import * as nodeFs from 'node:fs'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import type { FileSystem } from '../../src/adapters/file-store/file-system.js'
import type { ItemLine, ItemsAtOnce } from '../../src/runtime/ports/items.js'
import { builtOnce } from '../build-once.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))
const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-items-'))
  folders.push(folder)
  return folder
}

const set = { folder: 'shop/scored', name: 'items' }
const keyOf = (at: number): string => at.toString(16).padStart(32, '0')
const line = (at: number, text = `{"schema":1,"value":${at}}`, kind: ItemLine['kind'] = 'kept'): ItemLine => ({
  key: keyOf(at),
  kind,
  at: 1_800_000_000_000 + at,
  text,
})

const itemsOf = (root: string, fileSystem?: FileSystem) => {
  const { items } = fileStore(root, fileSystem === undefined ? {} : { fileSystem })
  if (items === undefined) throw new Error('a file store keeps items')
  return items as ItemsAtOnce // a folder answers at once
}

/** A store with as many items, and the file that they are in. */
const stored = async (count: number): Promise<{ readonly root: string; readonly file: string }> => {
  const root = emptyFolder()
  const log = itemsOf(root).open(set)
  for (let at = 0; at < count; at++) log.append(line(at))
  await log.close()
  const folder = join(root, '.items/shop/scored/items.set')
  const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.items'))
  return { root, file: join(folder, name) }
}

describe('results of items in a folder', () => {
  it('are read by who comes later, and by who is there already', async () => {
    const { root } = await stored(3)
    const [one, other] = [itemsOf(root).open(set), itemsOf(root).open(set)]
    expect([0, 1, 2, 3].map((at) => one.read(keyOf(at)))).toEqual([line(0), line(1), line(2), undefined])
    other.append(line(3))
    expect(one.read(keyOf(3))).toBe(undefined)
    one.refresh()
    expect([one.read(keyOf(3)), other.read(keyOf(3))]).toEqual([line(3), line(3)])
    await Promise.all([one.close(), other.close()])
    expect(itemsOf(root).list()).toMatchObject([{ ...set, kept: 4, failed: 0, refused: 0, damaged: 0 }])
  })

  it('count before failures, and newer ones before older', async () => {
    const root = emptyFolder()
    const log = itemsOf(root).open(set)
    log.append(line(1, '{"schema":1,"problem":"busy"}', 'failed'))
    expect(log.read(keyOf(1))?.kind).toBe('failed')
    log.append(line(1))
    log.append({ ...line(1, '{"schema":1,"problem":"busy"}', 'failed'), at: 9e12 })
    expect(log.read(keyOf(1))).toEqual(line(1))
    log.append({ ...line(1, '{"schema":1,"value":"new"}'), at: 9e12 })
    expect(log.read(keyOf(1))?.text).toBe('{"schema":1,"value":"new"}')
    await log.close()
  })

  it('cut anywhere lose what was cut, and nothing else', async () => {
    const { root, file } = await stored(8)
    const whole = readFileSync(file)
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length))
      const log = itemsOf(root).open(set)
      const left = whole.subarray(0, length).filter((byte) => byte === 10).length
      expect(Array.from({ length: 8 }, (_, at) => log.read(keyOf(at)))).toEqual(
        Array.from({ length: 8 }, (_, at) => (at < left ? line(at) : undefined)),
      )
      log.append(line(7))
      expect(log.read(keyOf(7))).toEqual(line(7))
      await log.close()
      for (const name of readdirSync(join(file, '..')))
        if (join(file, '..', name) !== file) rmSync(join(file, '..', name))
    }
  })

  it('changed anywhere are missing, never wrong', async () => {
    const { root, file } = await stored(5)
    const whole = readFileSync(file)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Buffer.from(whole)
        changed[at] = (changed[at] ?? 0) ^ mask
        writeFileSync(file, changed)
        const items = itemsOf(root)
        const found = [...items.lines(set)]
        for (const one of found) expect(one).toEqual(line(Number.parseInt(one.key, 16)))
        expect(found.length).toBeGreaterThanOrEqual(3) // a line that lost its end takes the next one with it
      }),
      { numRuns: 400 },
    )
  })

  it('on a full disk are refused whole: the next ones are kept', async () => {
    const root = emptyFolder()
    let isFull = false
    const full: FileSystem = {
      ...nodeFs,
      writeSync: ((descriptor: number, bytes: Uint8Array, at: number, length: number) => {
        if (!isFull) return nodeFs.writeSync(descriptor, bytes, at, length)
        if (length > 10) return nodeFs.writeSync(descriptor, bytes, at, 10)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: 'write' })
      }) as never, // as it is called here
    }
    const log = itemsOf(root, full).open(set)
    log.append(line(1))
    isFull = true
    expect(() => log.append(line(2))).toThrow(
      /^ENOSPC: the disk of .*items\.set, where results of items are kept, is full/,
    )
    isFull = false
    log.append(line(3))
    await log.close()
    expect([...itemsOf(root).lines(set)]).toEqual([line(1), line(3)])
  })

  it('of a time that no clock says are missing: what is added after them counts', async () => {
    const root = emptyFolder()
    const log = itemsOf(root).open(set)
    log.append({ ...line(1), at: 9e15 }, 'as it is')
    await log.close()
    expect([...itemsOf(root).lines(set)]).toEqual([])
    const next = itemsOf(root).open(set)
    next.append(line(1))
    await next.close()
    expect([...itemsOf(root).lines(set)]).toEqual([line(1)])
    expect(itemsOf(root).list()).toMatchObject([{ kept: 1, damaged: 1 }])
  })

  it('that are removed while a task adds to them are kept from then on', async () => {
    const root = emptyFolder()
    const log = itemsOf(root).open(set)
    log.append(line(1))
    itemsOf(root).remove(set)
    log.append(line(2))
    expect(log.read(keyOf(2))).toEqual(line(2))
    await log.close()
    expect([...itemsOf(root).lines(set)]).toEqual([line(2)])
  })

  it('replace what a clock that is ahead has written', async () => {
    const root = emptyFolder()
    const [ahead, here] = [itemsOf(root).open(set), itemsOf(root).open(set)]
    ahead.append({ ...line(1), at: 9e12 })
    here.refresh()
    here.append(line(1, '{"schema":1,"value":"new"}'))
    await Promise.all([ahead.close(), here.close()])
    expect([...itemsOf(root).lines(set)].map(({ text }) => text)).toEqual(['{"schema":1,"value":"new"}'])
    expect([...itemsOf(root).lines(set, 'all')].map(({ text }) => text).toSorted()).toEqual(
      [line(1).text, '{"schema":1,"value":"new"}'].toSorted(),
    )
  })

  it('that more processes have added to than may be open at once are all read', async () => {
    const root = emptyFolder()
    for (let at = 0; at < 300; at++) {
      const log = itemsOf(root).open(set)
      log.append(line(at))
      await log.close()
    }
    const open = new Set<number>()
    let most = 0
    const counting: FileSystem = {
      ...nodeFs,
      openSync: (...words) => {
        const descriptor = nodeFs.openSync(...words)
        most = Math.max(most, open.add(descriptor).size)
        return descriptor
      },
      closeSync: (descriptor) => {
        open.delete(descriptor)
        nodeFs.closeSync(descriptor)
      },
    }
    const log = itemsOf(root, counting).open(set)
    expect(Array.from({ length: 300 }, (_, at) => log.read(keyOf(at)))).toEqual(
      Array.from({ length: 300 }, (_, at) => line(at)),
    )
    await log.close()
    expect([most <= 100, open.size]).toEqual([true, 0])
  })

  it('lead nowhere else: a link in their place is not followed, a name is no path', async () => {
    const [root, outside] = [emptyFolder(), emptyFolder()]
    nodeFs.symlinkSync(outside, join(root, '.items'))
    expect(() => itemsOf(root).open(set)).toThrow('is a link')
    for (const folder of ['../out', '/etc', 'a/../..', ''])
      expect(() => itemsOf(root).open({ folder, name: 'x' })).toThrow()
    for (const name of ['../x', 'a/b', '', '.x']) expect(() => itemsOf(root).open({ folder: 'a', name })).toThrow()
    expect(readdirSync(outside)).toEqual([])
  })

  it('that a process has not closed are claimed anew once it is dead', async () => {
    const root = emptyFolder()
    const log = itemsOf(root).open(set)
    const stop = new AbortController().signal
    const claim = await log.claim(keyOf(1), { signal: stop, waiting: () => undefined })
    let isTaken = false
    const second = log.claim(keyOf(1), { signal: stop, waiting: () => undefined }).then((taken) => {
      isTaken = true
      return taken
    })
    await log.claim(keyOf(2), { signal: stop, waiting: () => undefined }).then((other) => other.release())
    expect(isTaken).toBe(false)
    await claim.release()
    await (await second).release()
    await log.close()
  })
})

const count = 400
const start = (root: string) => {
  const calls = join(root, 'calls.txt')
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'items-process.mjs'), join(root, 'store'), String(count), calls],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let out = ''
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  const ended = new Promise<string>((resolve) => child.on('exit', () => resolve(out.trim())))
  return { child, ended }
}
const callsIn = (root: string): readonly string[] =>
  nodeFs.existsSync(join(root, 'calls.txt'))
    ? readFileSync(join(root, 'calls.txt'), 'utf8').trimEnd().split('\n').filter(Boolean)
    : []
const sum = String((count * (count - 1)) / 2)

describe('processes that ask for the same items', () => {
  it('never ask twice for one', async () => {
    const root = emptyFolder()
    const all = [start(root), start(root), start(root)]
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([sum, sum, sum])
    expect(callsIn(root).toSorted()).toEqual(Array.from({ length: count }, (_, at) => String(at)).toSorted())
  }, 60_000)

  it('killed again and again lose nothing that was kept, and ask again for no more than was under way', async () => {
    const root = emptyFolder()
    let kills = 0
    for (const enough of [40, 120, 200, 300]) {
      const { child, ended } = start(root)
      while (callsIn(root).length < enough && child.exitCode === null)
        await new Promise((resolve) => void setTimeout(resolve, 2))
      child.kill('SIGKILL')
      await ended
      kills++
    }
    expect(await start(root).ended).toBe(sum)
    const calls = callsIn(root)
    expect(new Set(calls).size).toBe(count)
    expect(calls.length).toBeLessThanOrEqual(count + kills * 8) // as many at once
  }, 60_000)
})
