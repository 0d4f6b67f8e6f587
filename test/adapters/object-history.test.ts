// The history of runs in a store of objects, on a map instead of a service.
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endedRecord, startRecord } from '../../src/adapters/history/record-run.js'
import { removeRuns } from '../../src/adapters/history/remove-runs.js'
import { historyOf } from '../../src/adapters/history/open-history.js'
import type { RunHistory } from '../../src/adapters/history/run-history.js'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import { mapBucket, type MapBucket } from './map-bucket.js'

let folder: string
let bucket: MapBucket
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskchain-history-'))
  bucket = mapBucket()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** As another process opens it. */
const open = (): RunHistory =>
  historyOf(storeOfObjects({ bucket, cache: { folder, maxBytes: 1_000_000 } })) as RunHistory
const run = { command: 'run', config: 'films', tasks: [], nodes: [], plans: [] } as const
const started = (history: RunHistory, set: readonly string[] = []) =>
  startRecord(history, run, { context: [], set }, (text) => text)

test('a record is read by others, first without an end, then with it; a pin and a plan, too', async () => {
  const [one, other] = [open(), open()]
  const record = await started(one, ['a=1'])
  expect(await other.readAll(await other.ids())).toMatchObject([record])
  const ended = endedRecord(record, {
    at: new Date(),
    exit: 0,
    report: undefined,
    failures: [],
    usage: {},
    revision: undefined,
  })
  await one.write(ended)
  expect(await other.readAll([record.id])).toMatchObject([ended])
  await one.pin(record.id, true)
  expect([...(await other.pins())]).toEqual([record.id])
  await one.pin(record.id, false)
  expect([...(await other.pins())]).toEqual([])
  expect((await other.plan(record.plan ?? ''))?.keys).toEqual([])
  await one.remove(record.id)
  expect([await other.ids(), await other.readAll([record.id])]).toEqual([[], [undefined]])
})

test('runs of one plan share it, and what has been read is not asked for again', async () => {
  const history = open()
  const long = new Date(Date.now() - 3_600_000)
  for (const config of ['a', 'b', 'c']) {
    const record = await startRecord(history, { ...run, config }, { context: [], set: [] }, (text) => text)
    await history.write({ ...record, ended: long.toISOString(), exit: 0 })
  }
  expect(await history.planNames()).toHaveLength(1)
  const ids = await history.ids()
  await history.readAll(ids)
  bucket.calls.length = 0
  expect((await history.readAll(ids)).map((record) => record?.config)).toEqual(
    (await open().readAll(ids)).map((record) => record?.config),
  )
  expect(bucket.calls.filter((call) => call === 'get')).toHaveLength(3)
})

test('a run that ends, and exits, while its record is being read has not died', async () => {
  const [reader, writer] = [open(), open()]
  const record = await started(writer)
  const gone = { ...record, process: { ...record.process, pid: 1, start: '1' } }
  await writer.write(gone)
  const { get } = bucket
  const late: MapBucket['get'] = async (name, range) => {
    const bytes = await get(name, range)
    await writer.write({ ...gone, ended: new Date().toISOString(), exit: 0 })
    return bytes
  }
  Object.assign(bucket, { get: late })
  expect(await reader.readAll([record.id])).toMatchObject([{ exit: 0 }])
  Object.assign(bucket, { get })
  expect(await reader.readAll([record.id])).toMatchObject([{ exit: 0 }])
})

test('names that are no ids are no runs, and lead nowhere', async () => {
  for (const name of ['r/runs/../m/x.json', 'r/runs/x.json', 'r/runs/20261127-124001-123-3f9a.json', 'r/pins/x'])
    await bucket.put(name, Buffer.from('{"schema":1'))
  const history = open()
  expect(await history.ids()).toEqual(['20261127-124001-123-3f9a'])
  expect(await history.readAll(await history.ids())).toEqual([undefined])
  expect([...(await history.pins())]).toEqual([])
  await expect(history.pin('../x', true)).rejects.toThrow('not the id of a run')
})

test('a record stays small whatever was asked for, and no part of a secret is left where it is cut', async () => {
  const history = open()
  const tasks = Array.from({ length: 50_000 }, (_, index) => `films:${'a'.repeat(40)}_${index}`)
  const set = Array.from({ length: 500 }, () => `long=${'x'.repeat(990)}correct-horse`)
  const hide = (text: string) => text.replaceAll('correct-horse', '•••')
  const config = 'c'.repeat(2_000_000)
  const { id } = await startRecord(history, { ...run, tasks, config }, { context: [], set }, hide)
  const [record] = await history.readAll([id])
  expect([record?.tasks.length, record?.set.length, record?.config.length]).toEqual([2000, 200, 1001])
  expect(record?.set.join()).not.toContain('corr')
})

test.each([
  ['after records were looked at', 'remove', /^r\/plans\//],
  ['while records are looked at again', 'list', /^r\/runs\//],
])('a run that begins %s keeps its plan', async (_, method, name) => {
  const history = open()
  const first = await started(history)
  let begun: Promise<unknown> | undefined
  let isGone = false
  bucket.before = async (called, on) => {
    isGone ||= called === 'remove' && on.startsWith('r/plans/')
    if (begun === undefined && called === method && name.test(on) && (method === 'remove' || isGone))
      await (begun = started(open()))
  }
  expect(await removeRuns(history, [first.id])).toEqual([])
  expect(begun).toBeDefined()
  const [left] = await history.readAll(await history.ids())
  expect(left?.id).not.toBe(first.id)
  expect(await history.plan(left?.plan ?? '')).toEqual({ keys: [], plan: undefined })
})
