// Runs of other processes in a store of objects, as a page of another machine sees them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventWriter } from '../../src/adapters/history/event-writer.js'
import { historyOf } from '../../src/adapters/history/open-history.js'
import { endedRecord, startRecord } from '../../src/adapters/history/record-run.js'
import { removeRuns } from '../../src/adapters/history/remove-runs.js'
import type { RunHistory } from '../../src/adapters/history/run-history.js'
import type { RunRecord } from '../../src/adapters/history/run-record.js'
import { storeOfObjects } from '../../src/adapters/object-store/store-of-objects.js'
import type { RunEvent } from '../../src/runtime/ports/events.js'
import type { ServerEvent } from '../../src/ui/contract.js'
import { followRequests } from '../../src/ui/live/follow-requests.js'
import { liveEvents } from '../../src/ui/live/live-events.js'
import { mapBucket, type MapBucket } from '../adapters/map-bucket.js'

let folder: string
let bucket: MapBucket
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'Date', 'performance'] })
  folder = mkdtempSync(join(tmpdir(), 'taskchain-follow-'))
  bucket = mapBucket()
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

const open = (): RunHistory =>
  historyOf(storeOfObjects({ bucket, cache: { folder, maxBytes: 1_000_000 } })) as RunHistory
const run = { command: 'run', config: 'films', tasks: [], nodes: [], plans: [] } as const
const started = (history: RunHistory) => startRecord(history, run, { context: [], set: [] }, (text) => text)
const ended = (history: RunHistory, record: RunRecord) =>
  history.write(
    endedRecord(record, { at: new Date(), exit: 0, report: undefined, failures: [], usage: {}, revision: undefined }),
  )
const event = (node: string, more: object = { _tag: 'started', key: node }): RunEvent =>
  ({ at: Date.now(), node, ...more }) as unknown as RunEvent
const parts = (): readonly string[] => [...bucket.objects.keys()].filter((name) => name.startsWith('r/events/'))
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

/** A page that hears of runs. */
const page = () => {
  const heard: ServerEvent[] = []
  const live = liveEvents(() => 1)
  const follower = followRequests(
    async () => open(),
    live,
    { followOf: () => undefined },
    (config) => config,
  )
  const watch = () => live.watch(({ event: one }) => heard.push(one))
  return { heard, live, follower, watch }
}
const nodesIn = (heard: readonly ServerEvent[]): readonly unknown[] =>
  heard.flatMap((one) => (one.kind === 'events' ? one.events.map(({ event: what, node }) => `${what} ${node}`) : []))

test('a run is seen with its events while it goes on, and ends; nothing of them is left', async () => {
  const { heard, follower, watch } = page()
  watch()
  await pass(2000)
  const history = open()
  const record = await started(history)
  const writer = eventWriter(history, record.id)
  writer.listener(event('a:one'))
  await pass(4000)
  expect(heard.filter(({ kind }) => kind === 'began')).toMatchObject([{ run: record.id, config: 'films' }])
  expect(nodesIn(heard)).toEqual(['started a:one'])
  writer.listener(event('a:one', { _tag: 'progress', done: 1, total: 9 }))
  writer.listener(event('a:one', { _tag: 'progress', done: 2, total: 9 })) // replaced before it is put
  writer.listener(event('a:one', { _tag: 'progress', done: 3, total: 9 }))
  writer.listener(event('a:two'))
  await pass(4000)
  writer.listener(event('a:one', { _tag: 'progress', done: 4, total: 9 }))
  writer.listener(event('a:one', { _tag: 'computed', key: 'k', seconds: 1 }))
  await pass(4000)
  expect(nodesIn(heard)).toEqual([
    'started a:one',
    'progress a:one',
    'started a:two',
    'progress a:one',
    'progress a:one',
    'computed a:one',
  ])
  writer.end()
  await ended(history, record)
  await writer.clear()
  await pass(15_000)
  expect(heard.filter(({ kind }) => kind === 'ended')).toMatchObject([{ run: record.id, state: 'done' }])
  expect(parts()).toEqual([])
  follower.close()
})

test('a short run puts no events, and a page that nobody looks at asks for nothing', async () => {
  const history = open()
  const record = await started(history)
  const writer = eventWriter(history, record.id)
  for (let count = 0; count < 50; count++) writer.listener(event(`a:${count}`))
  await pass(1500)
  writer.end()
  await writer.clear()
  expect(bucket.calls.filter((call) => call === 'put')).toHaveLength(2) // the record and its plan
  bucket.calls.length = 0
  const { follower, watch, heard } = page()
  await pass(600_000)
  expect(bucket.calls).toEqual([])
  const leave = watch()
  await pass(2000)
  expect(heard.map(({ kind }) => kind)).toEqual(['began'])
  leave()
  const before = bucket.calls.length
  await pass(600_000)
  expect(bucket.calls.length).toBe(before)
  follower.close()
})

test('while nothing happens, looks become rare; a long run puts few parts', async () => {
  const { follower, watch } = page()
  watch()
  await pass(120_000)
  bucket.calls.length = 0
  await pass(150_000)
  expect(bucket.calls.length).toBeLessThanOrEqual(11)
  const history = open()
  const writer = eventWriter(history, (await started(history)).id)
  for (let second = 0; second < 3600; second++) {
    writer.listener(event(`a:${second}`))
    await pass(1000)
  }
  expect(parts().length).toBeLessThan(500)
  expect(parts().length).toBeGreaterThan(240)
  writer.end()
  await writer.clear()
  expect(parts()).toEqual([])
  follower.close()
})

test('many events at once are put soon, also by a run that has gone on for an hour: none is lost', async () => {
  const history = open()
  const record = await started(history)
  const writer = eventWriter(history, record.id)
  writer.listener(event('a:first'))
  await pass(3_600_000)
  writer.listener(event('a:early'))
  await pass(1000)
  const { heard, follower, watch } = page()
  watch()
  const long = 'x'.repeat(1000)
  for (let second = 0; second < 20; second++) {
    for (let count = 0; count < 120; count++) writer.listener(event('a:b', { _tag: 'retrying', problem: long }))
    await pass(1000)
  }
  await pass(30_000)
  expect(nodesIn(heard)).toHaveLength(2 + 20 * 120)
  writer.end()
  follower.close()
})

test('a run that a page did not see begin, long after the page was left, is seen by it', async () => {
  const { heard, follower, watch } = page()
  watch()()
  await pass(5000)
  const record = await started(open())
  await pass(3 * 3_600_000)
  watch()
  await pass(2000)
  expect(heard.filter(({ kind }) => kind === 'began')).toMatchObject([{ run: record.id }])
  follower.close()
})

test('each of fifty runs at once is seen, and a look waits for them together', async () => {
  const history = open()
  const records: RunRecord[] = []
  for (let count = 0; count < 50; count++) records.push(await started(history))
  let [now, together] = [0, 0]
  bucket.before = async (method, name) => {
    if (method !== 'list' || !name.startsWith('r/events/')) return
    together = Math.max(together, ++now)
    await Promise.resolve()
    now--
  }
  const { heard, follower, watch } = page()
  watch()
  await pass(5000)
  const began = heard.flatMap((one) => (one.kind === 'began' ? [one.run] : []))
  expect(began.toSorted()).toEqual(records.map(({ id }) => id).toSorted())
  expect(together).toBeGreaterThan(1)
  for (const record of records) await ended(history, record)
  await pass(20_000)
  expect(heard.filter(({ kind }) => kind === 'ended')).toHaveLength(50)
  follower.close()
})

test('a run is seen that many others have followed, and one of a machine whose clock is far behind', async () => {
  const history = open()
  const first = await started(history)
  eventWriter(history, first.id).listener(event('a:one'))
  await pass(3 * 3_600_000)
  for (let count = 0; count < 40; count++) await ended(history, await started(history))
  const { heard, follower, watch } = page()
  watch()
  const began = () => heard.flatMap((one) => (one.kind === 'began' ? [one.run] : []))
  await pass(5000)
  expect(began()).toEqual([first.id])
  const now = Date.now()
  vi.setSystemTime(now - 5 * 3_600_000)
  const behind = await started(history)
  vi.setSystemTime(now)
  eventWriter(history, behind.id).listener(event('a:two'))
  await pass(400_000)
  expect(began()).toEqual([first.id, behind.id])
  await ended(history, behind)
  heard.length = 0
  await pass(20_000)
  expect(heard.filter(({ kind }) => kind === 'ended')).toMatchObject([{ run: behind.id, state: 'done' }])
  await pass(3_600_000)
  expect(heard.filter(({ kind }) => kind === 'changed')).toHaveLength(1) // what is left of it is no news
  follower.close()
})

test('a store that does not answer for a while fails no run, and loses few events', async () => {
  const history = open()
  const record = await started(history)
  const writer = eventWriter(history, record.id)
  bucket.before = () => {
    throw new Error('the network is down')
  }
  const { heard, follower, watch } = page()
  watch()
  for (let count = 0; count < 100; count++) {
    writer.listener(event(`a:${count}`))
    await pass(1000)
  }
  bucket.before = () => undefined
  await pass(60_000)
  expect(nodesIn(heard)).toHaveLength(100)
  bucket.before = () => {
    throw new Error('the network is down')
  }
  const long = 'x'.repeat(1000)
  for (let count = 0; count < 5000; count++) writer.listener(event(`b:${count}`, { _tag: 'retrying', problem: long }))
  await pass(30_000)
  bucket.before = () => undefined
  await pass(60_000)
  for (const name of parts()) expect(bucket.objects.get(name)?.bytes.length).toBeLessThan(2_000_000) // of 5 MB
  expect(nodesIn(heard).at(-1)).toBe('retrying b:4999')
  writer.end()
  await writer.clear()
  follower.close()
})

test('objects that are no parts, or of no run, harm nothing; other runs are followed beside them', async () => {
  const history = open()
  const [bad, good] = [await started(history), await started(history)]
  for (const [name, text] of Object.entries({
    'r/events/../x': 'x',
    'r/events/x/00000000': 'x',
    [`r/events/${bad.id}/00000000`]: '\u0000{"event":"started","__proto__":{"a":1}}\n{"event":"nothing"}\n[1]',
    [`r/events/${bad.id}/00000001`]: 'x'.repeat(5_000_000),
    [`r/events/${bad.id}/1`]: '{"event":"started","at":1,"node":"no"}',
    [`r/events/${bad.id}/99999999`]: '',
    'r/runs/20991231-000000-000-3f9a.json': '{"schema":1',
    [`r/events/${good.id}/00000007`]: '{"event":"started","at":1,"node":"a:b"}\n{"event":"fai',
  }))
    await bucket.put(name, Buffer.from(text))
  const { heard, follower, watch } = page()
  watch()
  await pass(3000)
  expect(nodesIn(heard)).toEqual(['started a:b'])
  const records: string[] = []
  bucket.before = (method, name) => void (method === 'get' && name.startsWith('r/runs/2099') && records.push(name))
  await pass(30_000)
  expect(records).toEqual([])
  expect(({} as { a?: number }).a).toBeUndefined()
  follower.close()
})

test('large parts are read a few at a time, all of them in turn', async () => {
  const history = open()
  const { id } = await started(history)
  const large = `${JSON.stringify({ event: 'started', at: 1, node: 'a:b' })}\n`.repeat(75_000)
  for (let part = 0; part < 30; part++)
    await bucket.put(`r/events/${id}/${String(part).padStart(8, '0')}`, Buffer.from(large))
  let [last, lines] = [-1, 0]
  for (let next = await history.live?.partsAfter(id, last); next !== undefined && next.part > last; ) {
    expect(next.text.length).toBeLessThan(40_000_000)
    lines += next.text.split('\n').filter(Boolean).length
    last = next.part
    next = await history.live?.partsAfter(id, last)
  }
  expect([last, lines]).toEqual([29, 30 * 75_000])
})

test('the events of a run that died tell what its items have used, and go with its record', async () => {
  const history = open()
  const record = await started(history)
  const writer = eventWriter(history, record.id)
  const items = { name: 'items', attempts: 3, usage: { cost: 0.5 } }
  writer.listener(event('a:one', { _tag: 'progress', key: 'k', done: 3, items }))
  await pass(4000)
  writer.end()
  expect(parts()).toHaveLength(1)
  await history.write({ ...record, process: { ...record.process, pid: 1, start: '1' } })
  const [died] = await open().readAll([record.id])
  expect(died?.usage).toEqual({ cost: 0.5 })
  await removeRuns(open(), [record.id])
  expect([...bucket.objects.keys()].filter((name) => name.startsWith('r/'))).toEqual([])
})
