import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { defineTask, type Task } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { gate, open } from './fixture.js'

let root: string
let warnings: string[]
const note = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`)
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-many-'))
  warnings = []
  process.on('warning', note)
})
afterEach(() => {
  process.off('warning', note)
  fs.rmSync(root, { recursive: true, force: true })
})

const many = 40
const named = (make: (number: number) => Task): Readonly<Record<string, Task>> =>
  Object.fromEntries(Array.from({ length: many }, (_, index) => [`one_${index}`, make(index)]))
/** Warnings are told a turn later. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('Node warns of no leak', () => {
  it('where many nodes wait for leases at once', async () => {
    const tasks = named((number) => defineTask({ data: t.number }).run(() => number))
    const holder = fileStore(root)
    const { signal } = new AbortController()
    const planned = open({ p: tasks }, {}, { store: fileStore(root) }).plan.nodes
    const leases = await Promise.all(
      planned.map((node) => holder.lease(addressOf(node), { signal, waiting: () => undefined })),
    )
    let waiting = 0
    const release = (): void => leases.forEach((lease) => void lease.release())
    const { chain } = open(
      { p: tasks },
      {},
      {
        store: fileStore(root),
        concurrency: many,
        listener: ({ _tag }) => {
          if (_tag === 'waiting' && ++waiting === many) release()
        },
      },
    )
    expect((await chain.run()).computed).toHaveLength(many)
    await turn()
    expect(warnings).toEqual([])
  })

  it('where many tasks listen to their signal, and have a limit of time', async () => {
    const all = gate()
    let began = 0
    const tasks = named((number) =>
      defineTask({ data: t.number, ...(number % 2 === 0 ? { timeout: 60_000 } : {}) }).run(async (_, { signal }) => {
        signal.addEventListener('abort', () => undefined)
        if (++began === many) all.open()
        await all.promise
        return number
      }),
    )
    const { chain } = open({ p: tasks }, {}, { concurrency: many })
    expect((await chain.run()).computed).toHaveLength(many)
    await turn()
    expect(warnings).toEqual([])
  })

  it('where many runs have one signal, each of which it stops', async () => {
    const controller = new AbortController()
    let began = 0
    const endless = defineTask({ data: t.number }).run(async (_, { signal }) => {
      if (++began === many) controller.abort(new Error('enough'))
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const runs = Array.from({ length: many }, () =>
      open({ p: { endless } }).chain.run(['endless'], { signal: controller.signal }),
    )
    expect((await Promise.all(runs)).map(({ stopped }) => stopped)).toEqual(runs.map(() => true))
    await turn()
    expect(warnings).toEqual([])
  })
})
