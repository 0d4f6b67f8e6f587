// The history of runs in a store of objects, on a map instead of a service.
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endedRecord, startRecord } from '../../src/adapters/history/record-run.js'
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
const run = { command: 'run', config: 'films', tasks: [], nodes: [] } as const
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

test('names that are no ids are no runs, and lead nowhere', async () => {
  for (const name of ['r/runs/../m/x.json', 'r/runs/x.json', 'r/runs/20261127-124001-123-3f9a.json', 'r/pins/x'])
    await bucket.put(name, Buffer.from('{"schema":1'))
  const history = open()
  expect(await history.ids()).toEqual(['20261127-124001-123-3f9a'])
  expect(await history.readAll(await history.ids())).toEqual([undefined])
  expect([...(await history.pins())]).toEqual([])
  await expect(history.pin('../x', true)).rejects.toThrow('not the id of a run')
})
