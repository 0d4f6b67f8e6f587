// What pages hear of runs: lines read as data, the newest of what repeats, what a page has missed.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderRuns } from '../../src/adapters/history/folder-runs.js'
import { processIdentity } from '../../src/adapters/lease/process-identity.js'
import type { RunBegan, ServerEvent } from '../../src/ui/contract.js'
import { eventLine, linesIn, newest } from '../../src/ui/live/event-lines.js'
import { followRuns } from '../../src/ui/live/follow-runs.js'
import { liveEvents, type Numbered } from '../../src/ui/live/live-events.js'
import { endOf } from '../../src/ui/live/own-runs.js'

const run: RunBegan = {
  follow: 'a',
  run: null,
  started: 1,
  config: 'films.yaml',
  tasks: [],
  command: 'run',
  host: 'here',
  pid: 1,
  at: '2026-11-27T00:00:00.000Z',
}

describe('a line of a run', () => {
  test('is taken field by field', () => {
    expect(
      eventLine(
        '{"schema":1,"event":"progress","at":5,"node":"a:b","done":1,"total":"x","__proto__":{"event":1},"other":2}',
      ),
    ).toEqual({ event: 'progress', at: 5, node: 'a:b', done: 1 })
    expect(
      eventLine(
        '{"event":"failed","at":5,"node":"a:b","error":{"code":"TaskFailed","message":"<b>no</b>","hint":"h"}}',
      ),
    ).toEqual({ event: 'failed', at: 5, node: 'a:b', error: { tag: 'TaskFailed', message: '<b>no</b>', hint: 'h' } })
  })

  test('says of items what is a number, by names as long as one can show', () => {
    const items = { failed: 1, attempts: 'x', toDo: 5, secondsLeft: null, usage: { cost: 2, bad: 'x' }, expected: 1 }
    const known = { failed: 1, refused: 0, attempts: 0, toDo: 5, perSecond: null, secondsLeft: null }
    expect(eventLine(JSON.stringify({ event: 'progress', at: 5, node: 'a:b', done: 1, items }))?.items).toEqual({
      ...known,
      usage: { cost: 2 },
      expected: null,
    })
  })

  test('that is torn, foreign or an end is none', () => {
    for (const line of [
      '',
      '{"event":"prog',
      '[]',
      'null',
      '{"event":"ended"}',
      '{"event":"constructor"}',
      '{"event":5}',
    ])
      expect(eventLine(line), line).toBeUndefined()
    expect(linesIn('a\n\nb\nc')).toEqual({ lines: ['a', 'b'], rest: 'c' })
  })

  test('comes in any pieces, and is dropped when it does not end', () => {
    expect(linesIn('b', 'a')).toEqual({ lines: [], rest: 'ab' })
    expect(linesIn('b\nc', 'a')).toEqual({ lines: ['ab'], rest: 'c' })
    const piece = 'x'.repeat(1024 * 1024)
    let [rest, longest] = ['', 0]
    for (let count = 0; count < 20; count++) {
      rest = linesIn(piece, rest).rest
      longest = Math.max(longest, rest.length)
    }
    expect(longest).toBeLessThanOrEqual(4 * piece.length)
    expect(linesIn('\n{}\n', rest).lines.at(-1)).toBe('{}')
  })

  test('of progress is forgotten when there is a newer one of its node', () => {
    const progress = (node: string, done: number) => ({ event: 'progress', at: 0, node, done }) as const
    const begun = { event: 'started', at: 0, node: 'a' } as const
    const { events, dropped } = newest([begun, progress('a', 1), progress('b', 1), progress('a', 2), progress('a', 3)])
    expect(events).toEqual([begun, progress('b', 1), progress('a', 3)])
    expect(dropped).toBe(2)
  })
})

describe('runs of other processes', () => {
  test('are followed beside one whose lines are no file, or have no end', () => {
    const root = mkdtempSync(join(tmpdir(), 'taskchain-follow-'))
    const history = folderRuns(root)
    const ids = ['1', '2', '3'].map((last) => `20261127-120000-000-000${last}`)
    for (const id of ids) {
      const started = new Date().toISOString()
      const [common, process] = [{ tasks: [], context: [], set: [], nodes: 1 }, processIdentity()]
      history.write({ id, command: 'run', config: 'films.yaml', started, process, ...common })
    }
    const file = (id: string) => join(root, '.runs', `${id}.events`)
    const [endless = '', folder = '', fine = ''] = ids
    writeFileSync(file(endless), `${'x'.repeat(5 * 1024 * 1024)}\n{"event":"started","at":1,"node":"a:b"}\n`)
    mkdirSync(file(folder))
    writeFileSync(file(fine), '{"event":"started","at":1,"node":"日本"}\n{"event":"fai')
    const told: unknown[] = []
    const live = liveEvents(() => 1)
    live.listen(({ event }) => event.kind === 'events' && told.push([event.follow, event.events[0]?.node]))
    const follower = followRuns(root, live, { followOf: () => undefined }, (config) => config)
    try {
      follower.look()
      expect(told).toEqual(
        expect.arrayContaining([
          [fine, '日本'],
          [endless, 'a:b'],
        ]),
      )
    } finally {
      follower.close()
      rmSync(root, { recursive: true })
    }
  })
})

describe('a page', () => {
  const kinds = (all: readonly Numbered[]) => all.map(({ event }) => event.kind)

  test('that comes hears of what goes on, with what was told; then of everything', () => {
    const live = liveEvents(() => 7)
    live.began(run)
    live.happened('a', [{ event: 'started', at: 1, node: 'x' }])
    const first = live.catchUp(undefined)
    expect(first.map(({ event }) => event)).toEqual([
      { kind: 'hello', generation: 7, runs: [run], missed: false },
      { kind: 'events', follow: 'a', events: [{ event: 'started', at: 1, node: 'x' }], dropped: 0 },
    ])
    const heard: ServerEvent[] = []
    const end = live.listen(({ event }) => heard.push(event))
    live.named('a', '20261127-000000-000-abcd')
    live.ended({ follow: 'a', run: null, state: 'done', counts: null, seconds: 1, failures: [], trouble: [] })
    live.happened('a', [{ event: 'started', at: 1, node: 'y' }]) // after its end
    end()
    live.changed('store')
    expect(heard.map(({ kind }) => kind)).toEqual(['began', 'ended'])
    expect(live.runs()).toEqual([])
  })

  test('that comes back gets what it has missed, or is told that it is too much', () => {
    const live = liveEvents(() => 1)
    live.changed('store')
    const [hello] = live.catchUp(undefined)
    live.changed('history')
    live.changed('project')
    expect(live.catchUp(hello?.id).map(({ event }) => event)).toMatchObject([{ what: 'history' }, { what: 'project' }])
    expect(live.catchUp(3)).toEqual([])
    expect(kinds(live.catchUp(99))).toEqual(['hello']) // of another server
    for (let count = 0; count < 1000; count++) live.changed('store')
    expect(live.catchUp(hello?.id)[0]?.event).toMatchObject({ kind: 'hello', missed: true })
  })
})

test('the end of a run is that of its report, or of what it said instead', () => {
  const report = {
    event: 'ended',
    computed: ['a'],
    failed: [{ node: 'b', code: 'TaskFailed', message: 'no' }],
    seconds: 2,
  }
  expect(endOf(1, JSON.stringify(report), 'beside')).toEqual({
    state: 'failed',
    counts: { computed: 1, loaded: 0, cached: 0, adopted: 0, failed: 1, skipped: 0, unfinished: 0, stale: 0 },
    seconds: 2,
    failures: ['b'],
    trouble: [{ tag: 'TaskFailed', message: 'no' }],
  })
  expect(endOf(2, '', 'error: wrong\n')).toMatchObject({
    state: 'failed',
    trouble: [{ tag: 'Said', message: 'error: wrong' }],
  })
  expect([0, 4, 130, 143, 1, null].map((code) => endOf(code, '', '').state)).toEqual([
    'done',
    'unfinished',
    'stopped',
    'stopped',
    'failed',
    'died',
  ])
})
