import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { checkpoint } from '../../src/data/index.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { gate, open } from './fixture.js'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'taskchain-unstopped-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const rowsIn = (dir: string): number =>
  fs.existsSync(join(dir, 'rows')) ? fs.readFileSync(join(dir, 'rows'), 'utf8').length : 0
const addRow = (dir: string): void => fs.appendFileSync(join(dir, 'rows'), 'r')

describe('an attempt at a checkpoint that does not listen when it is told to stop', () => {
  /** Adds rows up to ten; the first attempt sleeps after its second one, until it is woken. */
  const project = () => {
    const asleep = gate()
    const woken = gate()
    let attempts = 0
    const rows = defineTask({ data: checkpoint(), timeout: 1, retry: { attempts: 3, delay: 1 } }).run(
      async (_, { dir }) => {
        attempts++
        for (let have = rowsIn(dir); have < 10; have++) {
          if (have === 2 && attempts === 1) {
            asleep.open()
            await woken.promise
          }
          addRow(dir)
        }
      },
    )
    return { pipelines: { p: { rows } }, asleep, woken, attempts: () => attempts }
  }

  it('keeps its folder: the node fails by name, in this chain and before the next one, until it has ended', async () => {
    const { pipelines, woken, attempts } = project()
    const first = open(pipelines, {}, { store: fileStore(root) })
    expect((await first.chain.run()).failed).toMatchObject([{ _tag: 'StillRunning', node: 'p:rows', attempts: 1 }])
    expect((await first.chain.run()).failed).toMatchObject([{ _tag: 'StillRunning', node: 'p:rows' }])
    const waits = gate<string>()
    const other = open(
      pipelines,
      {},
      { store: fileStore(root), listener: (event) => event._tag === 'waiting' && waits.open(event.holder) },
    )
    const value = other.chain.value('p:rows')
    expect(await waits.promise).toContain(String(process.pid))
    expect(attempts()).toBe(1)
    woken.open()
    expect([rowsIn(String(await value)), attempts()]).toEqual([10, 2])
    expect(rowsIn(String(await first.chain.value('p:rows')))).toBe(10)
  })

  it('does so where the run was stopped, too', async () => {
    const { pipelines, asleep, woken } = project()
    const controller = new AbortController()
    const first = open(pipelines, {}, { store: fileStore(root) })
    void asleep.promise.then(() => controller.abort())
    const stopped = await first.chain.run(undefined, { signal: controller.signal })
    expect([stopped.computed, stopped.failed.every(({ _tag }) => _tag === 'StillRunning')]).toEqual([[], true])
    expect((await first.chain.run()).failed).toMatchObject([{ _tag: 'StillRunning' }])
    expect(
      fs.existsSync(
        join(root, addressOf(first.chain.task('rows').node).folder, `${first.chain.task('rows').node.key}.lease`),
      ),
    ).toBe(true)
    woken.open()
    const value = await open(pipelines, {}, { store: fileStore(root) }).chain.value('p:rows')
    expect(rowsIn(String(value))).toBe(10)
  })
})

it('what an attempt that was given up still says is of no run: no note, no line, no progress', async () => {
  const woken = gate()
  const said = gate()
  let attempts = 0
  const noted = defineTask({ data: t.number, timeout: 20, retry: { attempts: 2, delay: 1 } }).run(
    async (_, { note, log, progress }) => {
      const mine = ++attempts
      if (mine === 2) {
        woken.open()
        await said.promise
      } else await woken.promise
      note(`attempt ${mine}`)
      log.info(`attempt ${mine} speaks`)
      progress(mine)
      said.open()
      return mine
    },
  )
  const opened = open({ p: { noted } }, {}, { store: fileStore(root) })
  expect(await opened.chain.value('p:noted')).toBe(2)
  expect((await opened.chain.task('noted').runInfo())?.log).toEqual(['attempt 2'])
  expect(opened.lines.filter(({ message }) => message.includes('speaks')).map(({ message }) => message)).toEqual([
    'attempt 2 speaks',
  ])
  expect(opened.events.filter(({ _tag }) => _tag === 'progress')).toMatchObject([{ done: 2 }])
})
