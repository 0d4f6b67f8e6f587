import { describe, expect, test } from 'vitest'
import { around } from '../../src/page/layout/around.js'
import { boxesOf } from '../../src/page/layout/boxes-of.js'
import { closedAtFirst, visibleOf } from '../../src/page/layout/visible.js'
import { stepFrom } from '../../src/page/graph/steps.js'
import { liveAfter, nothingLive, runOf } from '../../src/page/state/live.js'
import { hashOf, routeOf, withWords } from '../../src/page/state/route.js'
import { searched } from '../../src/page/state/search.js'
import { standOf } from '../../src/page/state/stand.js'
import { itemWords } from '../../src/page/state/item-words.js'
import { embeddedSource } from '../../src/page/source/embedded-source.js'
import type { ChainAnswer, RunBeganEvent, ServerEvent } from '../../src/ui/contract.js'
import { addressOf } from '../../src/ui/addresses.js'

/** `namespace::group:name` of each node, inputs first. */
const chainOf = (names: readonly string[], edges: ChainAnswer['edges']): ChainAnswer => {
  const parsed = names.map((id) => {
    const [, namespace = '', group = '', name = ''] = /^(?:(.*)::)?(?:(\w+):)?(\w+)$/.exec(id)!
    return { id, namespace, group, name }
  })
  const groups = [...new Set(parsed.map(({ group }) => group))]
  const namespaces = [...new Set(parsed.map(({ namespace }) => namespace))]
  return {
    schema: 1,
    config: 'a.yaml',
    context: null,
    nodes: parsed.map(({ id, namespace, group, name }) => ({
      id,
      name,
      group: groups.indexOf(group),
      namespace: namespaces.indexOf(namespace),
      state: 'to_run',
      format: 'json',
      persisted: true,
      config: 'a.yaml',
    })),
    edges,
    groups: groups.map((name, colour) => ({ name, colour })),
    namespaces,
    counts: { to_run: names.length },
    pending: { nodes: 0, atLeast: 0, atMost: 0, seconds: 0, timed: 0 },
    warnings: [],
    fingerprint: 'f',
  }
}

const chain = chainOf(
  ['raw', 'films:clean', 'films:labels', 'train::model:fit', 'train::model:score', 'train::report'],
  [[0, 1], [1, 2], [2, 3], [1, 3], [3, 4], [4, 5]], // biome-ignore format: edges
)
const boxes = boxesOf(chain)

describe('boxes', () => {
  test('are namespaces and the groups in them', () => {
    expect(boxes.boxes.map(({ kind, title, parent, nodes }) => ({ kind, title, parent, nodes }))).toEqual([
      { kind: 'group', title: 'films', parent: -1, nodes: [1, 2] },
      { kind: 'namespace', title: 'train', parent: -1, nodes: [3, 4, 5] },
      { kind: 'group', title: 'model', parent: 1, nodes: [3, 4] },
    ])
    expect(boxes.boxOf).toEqual([-1, 0, 0, 2, 2, 1])
  })

  test('that hold everything are not drawn', () => {
    expect(boxesOf(chainOf(['g:a', 'g:b'], [])).boxes).toEqual([])
  })

  test('that are closed stand for what is in them, also for its edges', () => {
    const closed = new Set([boxes.boxes[1]!.id, boxes.boxes[0]!.id])
    const { items, edges, weights, open } = visibleOf(chain, boxes, { closed })
    expect(items).toEqual([
      { kind: 'node', node: 0, in: -1 },
      { kind: 'box', box: 0, in: -1, nodes: [1, 2] },
      { kind: 'box', box: 1, in: -1, nodes: [3, 4, 5] },
    ])
    expect(edges).toEqual([[0, 1], [1, 2]]) // biome-ignore format: edges
    expect(weights).toEqual([1, 2])
    expect(open).toEqual([])
  })

  test('a box in a closed one is not seen, and one without chosen nodes neither', () => {
    expect(visibleOf(chain, boxes, { closed: new Set([boxes.boxes[2]!.id]) }).open).toEqual([0, 1])
    expect(visibleOf(chain, boxes, { closed: new Set(), shown: new Set([0, 1]) }).open).toEqual([0])
  })

  test('a small graph is shown as it is, a large one with its groups closed', () => {
    expect(closedAtFirst(6, boxes, 300).size).toBe(0)
    const many = chainOf(
      Array.from({ length: 900 }, (_, index) => `n${index % 3}::g${index % 30}:t${index}`),
      [],
    )
    const { items } = visibleOf(many, boxesOf(many), { closed: closedAtFirst(900, boxesOf(many), 300) })
    expect(items.length).toBe(30)
  })
})

test('a task with its neighbours, its inputs, its readers, or all of them', () => {
  expect([...around(3, chain.edges, 'both', 1)].toSorted()).toEqual([1, 2, 3, 4])
  expect([...around(3, chain.edges, 'inputs', Infinity)].toSorted()).toEqual([0, 1, 2, 3])
  expect([...around(3, chain.edges, 'readers', Infinity)].toSorted()).toEqual([3, 4, 5])
})

test('search finds every word anywhere in the full name, whole names first', () => {
  const { nodes } = chainOf(['films:model', 'a::model:fit', 'model:model2'], [])
  expect(searched({ nodes }, 'model')).toEqual([0, 2, 1])
  expect(searched({ nodes }, ' MODEL  fit ')).toEqual([1])
  expect(searched({ nodes }, '<b>')).toEqual([])
  expect(searched({ nodes }, '  ')).toEqual([])
})

test('arrow keys go along edges, up and down to the nearest', () => {
  const at = (x: number, y: number) => ({ x, y, width: 10, height: 10 })
  const scene = {
    items: [at(0, 50), at(100, 0), at(100, 100)],
    edges: [{ from: 0, to: 1 }, { from: 0, to: 2 }], // biome-ignore format: edges
  } as unknown as Parameters<typeof stepFrom>[0]
  expect(stepFrom(scene, 0, 'right')).toBe(1)
  expect(stepFrom(scene, 1, 'down')).toBe(2)
  expect(stepFrom(scene, 2, 'left')).toBe(0)
  expect(stepFrom(scene, 1, 'right')).toBe(1)
  expect(stepFrom(scene, -1, 'right')).toBe(0)
})

test('the address says what is shown, and anything else is the graph', () => {
  const route = routeOf('#/graph?config=a%2Fb%26c.yaml&node=x%3A%3Ay')
  expect(route).toEqual({ view: 'graph', words: { config: 'a/b&c.yaml', node: 'x::y' } })
  expect(routeOf(hashOf(route))).toEqual(route)
  expect(routeOf('#token=abc')).toEqual({ view: 'graph', words: {} })
  expect(routeOf('#/<script>')).toEqual({ view: 'graph', words: {} })
  expect(withWords(route, { node: undefined, tab: 'log' }).words).toEqual({ config: 'a/b&c.yaml', tab: 'log' })
})

describe('a run that goes on', () => {
  const began: RunBeganEvent = {
    kind: 'began',
    follow: 'f1',
    run: null,
    started: 1,
    config: 'a.yaml',
    tasks: [],
    command: 'run',
    host: 'h',
    pid: 1,
    at: '2026-01-01T00:00:00Z',
  }
  const told = (...events: Extract<ServerEvent, { kind: 'events' }>['events']): ServerEvent => ({
    kind: 'events',
    follow: 'f1',
    events,
    dropped: 0,
  })
  const after = (...events: readonly ServerEvent[]) => events.reduce(liveAfter, nothingLive)

  test('shows each node as it goes, and how many are done', () => {
    const live = after(
      began,
      told({ event: 'planned', at: 1, toRun: ['raw', 'films:clean'] }, { event: 'started', at: 2, node: 'raw' }),
      told({ event: 'progress', at: 3, node: 'raw', done: 3, total: 4 }),
    )
    expect(runOf(live, 'a.yaml')).toMatchObject({ toRun: 2, done: 0 })
    expect(runOf(live, 'a.yaml')!.nodes.get('raw')).toEqual({ phase: 'running', at: 2, done: 3, total: 4 })
    const later = liveAfter(
      live,
      told({ event: 'computed', at: 9, node: 'raw' }, { event: 'computed', at: 9, node: 'raw' }),
    )
    expect(runOf(later, 'a.yaml')).toMatchObject({ toRun: 2, done: 1 })
    expect(standOf('to_run', true, runOf(later, 'a.yaml')!.nodes.get('raw'))).toBe('cached')
    expect(standOf('to_run', false, runOf(later, 'a.yaml')!.nodes.get('raw'))).toBe('in_memory')
  })

  test('says of items how many are done, how fast, and what they use', () => {
    const usage = { cost: 1.25 }
    const items = { failed: 3, refused: 0, attempts: 1250, toDo: 10_000, perSecond: 41.26, secondsLeft: 212.4, usage }
    const words = '1234 of 10,000 items, 3 failed, 41 a second, cost 1.25'
    const left = 'about 3 min 33 s left'
    expect(itemWords({ ...items, expected: { cost: 4.1 } }, 1234, 10_000)).toBe(`${words} of about 4.1, ${left}`)
    expect(itemWords({ ...items, expected: null, secondsLeft: 0 }, 1234, 10_000)).toBe(words)
  })

  test('that has ended is told until the next one of its config begins; what is told of unknown runs is passed over', () => {
    const ended: ServerEvent = {
      kind: 'ended',
      follow: 'f1',
      run: 'r',
      state: 'failed',
      counts: null,
      seconds: 1,
      failures: ['raw'],
      trouble: [],
    }
    const live = after(began, ended, { ...ended, follow: 'other' })
    expect(runOf(live, 'a.yaml')?.ended?.state).toBe('failed')
    expect(runOf(live, 'b.yaml')).toBeUndefined()
    const named = after(began, told({ event: 'started', at: 2, node: 'raw' }), { ...began, run: 'r' })
    expect(runOf(named, 'a.yaml')).toMatchObject({
      began: { run: 'r' },
      nodes: new Map([['raw', { phase: 'running', at: 2 }]]),
    })
    const next = liveAfter(live, { ...began, follow: 'f2' })
    expect([...next.runs.keys()]).toEqual(['f2'])
  })

  test('is kept when the browser comes back, and forgotten when the server knows it no more', () => {
    const live = after(began, told({ event: 'started', at: 2, node: 'raw' }))
    const hello = { kind: 'hello', generation: 1, missed: false } as const
    expect(runOf(liveAfter(live, { ...hello, runs: [began] }), 'a.yaml')!.nodes.size).toBe(1)
    expect(liveAfter(live, { ...hello, runs: [] }).runs.size).toBe(0)
  })
})

test('a report answers from what is in it, and says what is not', async () => {
  const { nodes: _, ...answer } = chain
  const address = addressOf('chain', { config: 'a.yaml' })
  const source = embeddedSource({
    schema: 1,
    config: 'a.yaml',
    answers: { [address]: answer as never },
    files: { [addressOf('file', { config: 'a.yaml', node: 'raw', view: 'svg' })]: 'data:image/svg+xml,x' },
    plots: {},
    left: [{ node: 'raw', size: 9, reason: 'too large for a report' }],
  })
  expect(await source.ask('chain', { config: 'a.yaml' })).toEqual({ ok: true, value: answer })
  expect(await source.ask('chain', { config: 'b.yaml' })).toMatchObject({ ok: false, status: 404 })
  expect(await source.ask('preview', { config: 'a.yaml', node: 'raw' })).toMatchObject({
    errors: [{ message: 'too large for a report' }],
  })
  expect(source.picture({ config: 'a.yaml', node: 'raw', view: 'svg' })).toBe('data:image/svg+xml,x')
  expect(source.picture({ config: 'a.yaml', node: 'toString' })).toBeUndefined()
  expect(source.offers('chain')).toBe(true)
  expect(source.offers('runs')).toBe(false)
  const sized = { config: 'a.yaml', node: 'raw', offset: 0, limit: 100, summary: 1 } as const
  const shown = addressOf('preview', { config: 'a.yaml', node: 'raw' })
  const compare = addressOf('compare', { before: 'b&.yaml', after: 'a.yaml' })
  const report = embeddedSource({
    schema: 1,
    config: 'a.yaml',
    answers: { [shown]: 'beginning', [compare]: 'both' },
    files: {},
    plots: {},
    left: [],
  })
  expect(await report.ask('preview', sized)).toEqual({ ok: true, value: 'beginning' })
  expect(await report.ask('preview', { ...sized, offset: 100 })).toMatchObject({ ok: false })
  expect(report.compared).toEqual({ before: 'b&.yaml', after: 'a.yaml' })
  expect(await source.act('abort', { started: 1 })).toMatchObject({ ok: false })
})
