// A large value that nothing reads is not copied; whoever asks for it later gets what a later run loads.
import * as t from 'io-ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nd, { type NdArray } from 'ndarray'
import { afterAll, describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { memoryStore } from '../../src/adapters/memory-store/memory-store.js'
import { bytes, ndarray } from '../../src/data/index.js'
import type { FilePersistence, Format } from '../../src/declare/format.js'
import { lazy } from '../../src/declare/input.js'
import { defineTask } from '../../src/declare/task.js'
import type { Store } from '../../src/runtime/ports/store.js'
import { gate, open } from './fixture.js'

const scratch = mkdtempSync(join(tmpdir(), 'taskchain-unread-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const onDisk = () => fileStore(mkdtempSync(join(scratch, 'store-')), { durability: 'none' })

const length = 200_000 // 1.6 MB
const ones = (): NdArray<Float64Array> => nd(new Float64Array(length).fill(1), [length])

/** The format, counting how often a value is copied for readers. */
const counted = <Value>(format: Format<Value>) => {
  let copies = 0
  const persistence = format.persistence as FilePersistence
  const settle: FilePersistence['settle'] = (returned) => {
    const settled = persistence.settle?.(returned)
    return (
      settled && {
        get value() {
          copies++
          return settled.value
        },
      }
    )
  }
  return { format: { ...format, persistence: { ...persistence, settle } }, copies: () => copies }
}

describe.each([
  ['in memory', (): Store => memoryStore()],
  ['on disk', (): Store => onDisk()],
] as const)('in a store %s', (_, make) => {
  test('a large value is copied only if something reads it', async () => {
    const [unread, read] = [counted(ndarray('float64')), counted(ndarray('float64'))]
    const lonely = defineTask({ data: unread.format }).run(ones)
    const array = defineTask({ data: read.format }).run(ones)
    const sum = defineTask({ inputs: { array }, data: t.number }).run(({ array }) =>
      array.data.reduce((total, value) => total + value, 0),
    )
    const { chain } = open({ p: { lonely, array, sum } }, {}, { store: make() })
    await chain.run()
    expect([unread.copies(), read.copies()]).toEqual([0, 1])
    expect(await chain.value(sum)).toBe(length)
    expect((await chain.value(lonely)).data[7]).toBe(1)
  })

  test('what a task changes after it has returned reaches no reader, whenever that asks', async () => {
    const returned: NdArray<Float64Array>[] = []
    const returning = () => {
      const array = ones()
      returned.push(array)
      return array
    }
    const before = defineTask({ data: ndarray('float64') }).run(returning)
    const later = defineTask({ data: bytes() }).run(() => new Uint8Array(2_000_000).fill(1))
    const spoil = defineTask({ inputs: { before }, data: t.number }).run(({ before }) => {
      for (const array of returned) array.data.fill(2)
      return before.data[0] as number
    })
    const ask = defineTask({ inputs: { spoil, before: lazy(before), later: lazy(later) }, data: t.number }).run(
      async ({ spoil, before, later }) => spoil + ((await before()).data[1] as number) + ((await later())[2] as number),
    )
    const { chain } = open({ p: { before, later, spoil, ask } }, {}, { store: make() })
    expect(await chain.value(ask)).toBe(3)
    expect((await chain.value(before)).data[3]).toBe(1)
  })

  test('a run that waits for the same value gets it, and it is computed once', async () => {
    const [started, end] = [gate(), gate()]
    let runs = 0
    const array = defineTask({ data: ndarray('float64') }).run(async () => {
      runs++
      started.open()
      await end.promise
      return ones()
    })
    const { chain } = open({ p: { array } }, {}, { store: make() })
    const running = chain.run()
    await started.promise
    const value = chain.value(array)
    end.open()
    await running
    expect((await value).data.length).toBe(length)
    expect(runs).toBe(1)
  })

  test('it is reported as computed, with its size and no loading', async () => {
    const array = defineTask({ data: ndarray('float64') }).run(ones)
    const { chain, told, events } = open({ p: { array } }, {}, { store: make() })
    await chain.run()
    expect(told()).not.toContain('loaded p:array')
    expect(events.find(({ _tag }) => _tag === 'computed')).toMatchObject({ size: 8 * length + 128 })
  })
})
