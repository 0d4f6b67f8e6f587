import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { advance } from '../../../src/runtime/engine/schedule.js'
import { makeSchedule } from '../../../src/runtime/engine/schedule-state.js'
import type { Order, Want, WorkGraph } from '../../../src/runtime/engine/schedule-types.js'
import type { Result, SeenStanding } from '../../../src/runtime/ports/node-words.js'
import { simulate, type Simulation } from './simulation.js'

const graphOf = (inputs: readonly (readonly number[])[], wants: readonly (readonly Want[])[] = []): WorkGraph => ({
  inputs: (node) => inputs[node] ?? [],
  wants: (node, at) => wants[node]?.[at] ?? 'value',
})
const tags = (orders: readonly Order[]): readonly string[] =>
  orders.map((order) =>
    'unit' in order ? `${order._tag} ${order.unit}` : order._tag === 'look' ? `look ${order.units.join()}` : order._tag,
  )
const ran = (simulation: Simulation): readonly number[] =>
  simulate(simulation)
    .steps.filter(({ order }) => order._tag === 'compute')
    .map(({ node }) => node)

/** 0 ← 1 ← 2: each reads the one before. */
const path = graphOf([[], [0], [1]])
const wanted = (node: number, want: Want = 'value') => [{ node, want }] as const

describe('facts and the orders that follow', () => {
  test('a node and what it needs are looked at, announced, computed inputs first and released after the last reader', () => {
    const schedule = makeSchedule({ graph: path, limit: 2 })
    expect(tags(advance(schedule, { _tag: 'wanted', targets: wanted(1) }))).toEqual(['look 0'])
    expect(tags(advance(schedule, { _tag: 'found', units: [{ unit: 0, standing: 'to_run' }] }))).toEqual(['look 1'])
    expect(tags(advance(schedule, { _tag: 'found', units: [{ unit: 1, standing: 'to_run' }] }))).toEqual([
      'planned',
      'begin 1',
      'compute 1',
      'begin 0',
    ])
    expect(tags(advance(schedule, { _tag: 'computed', unit: 1, as: 'value' }))).toEqual(['compute 0'])
    expect(tags(advance(schedule, { _tag: 'computed', unit: 0, as: 'value' }))).toEqual([
      'release 1',
      'answer 0',
      'release 0',
      'finish',
    ])
  })

  test('what is stored ends the way up; kept is enough where nobody reads it', () => {
    const world = { standing: (node: number): SeenStanding => (node === 1 ? 'cached' : 'to_run') }
    const run = simulate({ graph: path, limit: 1, targets: wanted(2), world })
    expect(run.steps.map(({ order, node }) => `${order._tag} ${node}`)).toEqual([
      'look -1',
      'look -1',
      'planned -1',
      'begin 1',
      'load 1',
      'begin 2',
      'compute 2',
      'release 1',
      'answer 2',
      'release 2',
      'finish -1',
    ])
    expect(
      tags(simulate({ graph: path, limit: 1, targets: wanted(1, 'kept'), world }).steps.map(({ order }) => order)),
    ).toEqual(['look 0', 'planned', 'begin 0', 'answer 0', 'finish'])
  })

  test('a miss while loading is computed after its inputs', () => {
    const run = simulate({
      graph: path,
      limit: 1,
      targets: wanted(1),
      world: { standing: (node) => (node === 1 ? 'cached' : 'to_run'), load: () => 'missed' },
    })
    expect(
      run.steps
        .filter(({ order }) => order._tag === 'load' || order._tag === 'compute')
        .map(({ order, node }) => `${order._tag} ${node}`),
    ).toEqual(['load 1', 'compute 0', 'compute 1'])
  })

  test('an undecided node is decided on when what it reads has ended, and its inputs are not loaded for that', () => {
    const world = { standing: (node: number): SeenStanding => (node === 1 ? 'undecided' : 'to_run') }
    const run = simulate({ graph: path, limit: 1, targets: wanted(1), world })
    expect(
      run.steps
        .filter(({ order }) => ['compute', 'decide', 'load'].includes(order._tag))
        .map(({ order, node }) => `${order._tag} ${node}`),
    ).toEqual(['compute 0', 'decide 1', 'load 1'])
  })

  test('one failure leaves alone what does not depend on it; what depends is skipped because of it', () => {
    const graph = graphOf([[], [0], [1], [], [3]])
    const run = simulate({
      graph,
      limit: 1,
      targets: [2, 4].map((node) => ({ node, want: 'value' })),
      world: { outcome: (node) => (node === 0 ? 'failed' : 'computed') },
    })
    expect(run.results).toEqual(['skipped', 'value'])
    expect(run.steps.flatMap(({ order, node }) => (order._tag === 'skip' ? [node] : []))).toEqual([1, 2])
  })

  test('at the first failure of a run that is to stop there, nothing new begins', () => {
    const graph = graphOf([[], [], []])
    const run = simulate({
      graph,
      limit: 1,
      options: { failFast: true },
      targets: [0, 1, 2].map((node) => ({ node, want: 'value' })),
      world: { outcome: () => 'failed' },
    })
    expect(run.results).toEqual(['failed', 'stopped', 'stopped'])
    expect(run.steps.filter(({ order }) => order._tag === 'halt')).toHaveLength(1)
  })

  test('what is unfinished has no value for its readers', () => {
    expect(
      simulate({ graph: path, limit: 1, targets: wanted(1), world: { outcome: () => 'unfinished' } }).results,
    ).toEqual(['skipped'])
  })

  test('a unit that waits for a lease leaves its slot to others and takes it back before anything new begins', () => {
    const graph = graphOf([[], [], []])
    const run = simulate({
      graph,
      limit: 1,
      targets: [0, 1, 2].map((node) => ({ node, want: 'value' })),
      world: { held: (node) => node === 0, duration: () => 2 },
    })
    expect(
      run.steps
        .filter(({ order }) => order._tag === 'compute' || order._tag === 'resume')
        .map(({ order, node }) => `${order._tag} ${node}`),
    ).toEqual(['compute 0', 'compute 1', 'resume 0', 'compute 2'])
    expect(run.peakRunning).toBe(1)
  })

  test('a value asked for while running is computed in the slot of the one that asks, lent and released', () => {
    const graph = graphOf([[], []])
    const run = simulate({ graph, limit: 1, targets: wanted(1), world: { asks: (node) => (node === 1 ? [0] : []) } })
    expect(run.steps.map(({ order, node }) => `${order._tag} ${node}`)).toEqual([
      'look -1',
      'planned -1',
      'begin 1',
      'compute 1',
      'look -1',
      'begin 0',
      'compute 0',
      'lend 1',
      'release 0',
      'answer 1',
      'release 1',
      'finish -1',
    ])
  })

  test('who asks for what waits for itself is refused, with the path', () => {
    const run = simulate({
      graph: path,
      limit: 4,
      targets: wanted(2),
      world: { asks: (node) => (node === 0 ? [2] : []) },
    })
    expect(run.steps.flatMap(({ order }) => (order._tag === 'refuse' ? [order.path.length] : []))).toEqual([3])
    expect(run.results).toEqual(['value'])
  })

  test('two units that ask for each other do not wait for ever: one is refused', () => {
    const graph = graphOf([[], []])
    const run = simulate({
      graph,
      limit: 4,
      targets: [0, 1].map((node) => ({ node, want: 'value' })),
      world: { asks: (node) => [1 - node] },
    })
    expect(run.steps.filter(({ order }) => order._tag === 'refuse')).toHaveLength(1)
    expect(run.results).toEqual(['value', 'value'])
  })

  test('damage that is found after success has the input made anew, and the unit runs once more', () => {
    const run = simulate({
      graph: path,
      limit: 1,
      targets: wanted(1),
      world: { damagedInput: (node) => (node === 1 ? 0 : undefined) },
    })
    expect(
      run.steps
        .filter(({ order }) => order._tag === 'compute' || order._tag === 'repair')
        .map(({ order, node }) => `${order._tag} ${node}`),
    ).toEqual(['compute 0', 'compute 1', 'repair 1', 'compute 0', 'compute 1'])
    expect(run.results).toEqual(['value'])
  })

  test('damage that is found too often is a failure', () => {
    const run = simulate({
      graph: path,
      limit: 1,
      options: { repairs: 0 },
      targets: wanted(1),
      world: { damagedInput: (node) => (node === 1 ? 0 : undefined) },
    })
    expect(run.results).toEqual(['failed'])
    expect(run.steps.filter(({ order }) => order._tag === 'give up')).toHaveLength(1)
  })

  test('what was computed elsewhere is loaded for those who read it, and only for them', () => {
    const loads = (want: Want): readonly number[] =>
      simulate({
        graph: graphOf([[], [0]], [[], [want]]),
        limit: 1,
        targets: wanted(1, 'kept'),
        world: { computedAs: () => 'kept' },
      }).steps.flatMap(({ order, node }) => (order._tag === 'load' ? [node] : []))
    expect(loads('value')).toEqual([0])
    expect(loads('kept')).toEqual([])
  })

  test('nothing wanted is a finished run', () => {
    expect(tags(advance(makeSchedule({ graph: path, limit: 1 }), { _tag: 'wanted', targets: [] }))).toEqual([
      'planned',
      'finish',
    ])
  })

  test('of what waits for a slot the deepest runs first unless another priority is given', () => {
    const graph = graphOf([[], [0], [], [], [1, 2, 3]])
    expect(ran({ graph, limit: 1, targets: wanted(4) })).toEqual([0, 2, 1, 3, 4])
    expect(ran({ graph, limit: 1, targets: wanted(4), options: { priority: ({ depth }) => -depth } })).toEqual([
      0, 2, 3, 1, 4,
    ])
  })
})

interface Case extends Simulation {
  readonly inputs: readonly (readonly number[])[]
  readonly seed: number
}

/** Graphs whose nodes read nodes before them, in worlds where anything may happen. */
const cases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 14 }).chain((size) => {
  const inputs = fc.tuple(
    ...Array.from({ length: size }, (_, node) =>
      fc.uniqueArray(fc.nat({ max: Math.max(0, node - 1) }), { maxLength: node === 0 ? 0 : 3 }),
    ),
  )
  const per = <A>(values: fc.Arbitrary<A>): fc.Arbitrary<readonly A[]> =>
    fc.array(values, { minLength: size, maxLength: size })
  return fc
    .record({
      inputs,
      wants: per(fc.array(fc.constantFrom<Want>('value', 'value', 'kept'), { minLength: 3, maxLength: 3 })),
      limit: fc.integer({ min: 1, max: 4 }),
      targets: fc.array(fc.record({ node: fc.nat({ max: size - 1 }), want: fc.constantFrom<Want>('value', 'kept') }), {
        minLength: 1,
        maxLength: 5,
      }),
      standing: per(fc.constantFrom<SeenStanding>('to_run', 'to_run', 'cached', 'ready', 'undecided')),
      outcome: per(fc.constantFrom('computed', 'computed', 'computed', 'computed', 'failed', 'unfinished')),
      load: per(fc.constantFrom('loaded', 'loaded', 'missed')),
      damage: per(fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 4 })),
      held: per(fc.boolean()),
      duration: per(fc.nat({ max: 3 })),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
    })
    .map(({ inputs, wants, limit, targets, seed, ...world }) => ({
      seed,
      inputs,
      graph: graphOf(inputs, wants),
      limit,
      targets,
      choose: chooserOf(seed),
      world: {
        standing: (node) => world.standing[node] as SeenStanding,
        outcome: (node) => world.outcome[node] as 'computed',
        load: (node) => world.load[node] as 'loaded',
        damagedInput: (node) => (world.damage[node] === undefined ? undefined : inputs[node]?.[world.damage[node]]),
        held: (node) => world.held[node] as boolean,
        duration: (node) => world.duration[node] as number,
      },
    }))
})

const chooserOf = (seed: number) => {
  let state = seed
  return (n: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % n
  }
}

/** The same run told by recursion, without order, slots or values: what becomes of a node that is wanted. */
const naive = ({ graph, world }: Case) => {
  const known = new Map<string, Result>()
  const became = (node: number, want: Want): Result => {
    const id = `${node} ${want}`
    const before = known.get(id)
    if (before !== undefined) return before
    const result = decide(node, want)
    known.set(id, result)
    return result
  }
  const compute = (node: number): Result => {
    const inputs = graph.inputs(node).map((input, at) => became(input, graph.wants(node, at)))
    if (inputs.some((result) => result !== 'value' && result !== 'kept')) return 'skipped'
    const outcome = world?.outcome?.(node)
    return outcome === 'computed' || outcome === undefined ? 'value' : outcome
  }
  const decide = (node: number, want: Want): Result => {
    const standing = world?.standing?.(node) ?? 'to_run'
    if (standing === 'ready') return 'value'
    if (standing === 'to_run') return compute(node)
    if (want === 'kept') return 'kept'
    return world?.load?.(node) === 'missed' ? compute(node) : 'value'
  }
  return became
}

const isHad = (result: Result | undefined): boolean => result === 'value' || result === 'kept'

describe('whatever the graph, the world and the order of events', () => {
  test('every target is answered with what a naive model says, and the run finishes', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const all = { ...given, graph: graphOf(given.inputs) }
        const run = simulate(all)
        const model = naive(all)
        expect(run.finished).toBe(true)
        given.targets.forEach(({ node, want }, target) => {
          const expected = model(node, want)
          // A node that somebody reads as well may fail where it would have been enough to keep it: its value was
          // looked at.
          const read = model(node, 'value')
          expect(
            isHad(run.results[target])
              ? [isHad(expected), isHad(read)].includes(true)
              : run.results[target] === expected || run.results[target] === read,
          ).toBe(true)
        })
      }),
      { numRuns: 2000 },
    )
  })

  test('each node is computed at most once, but for repairs; inputs have values; slots are kept', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const computed = new Map<number, number>()
        const { steps, peakRunning } = simulate(given)
        let repairs = 0
        const reread = new Set<number>()
        for (const { order, node } of steps) {
          if (order._tag === 'repair') repairs++
          if (order._tag === 'release') reread.add(node)
          if (order._tag === 'compute') computed.set(node, (computed.get(node) ?? 0) + 1)
        }
        for (const [node, times] of computed) if (repairs === 0 && !reread.has(node)) expect(times).toBe(1)
        expect(peakRunning).toBeLessThanOrEqual(given.limit)
      }),
      { numRuns: 2000 },
    )
  })

  test('a value is there from its unit’s end to its last reader, and is released exactly once', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { steps, facts } = simulate(given)
        const released = new Set<number>()
        for (const { order } of steps) {
          if (
            order._tag === 'compute' &&
            given.inputs.every((all, node) => all.every((_, at) => given.graph.wants(node, at) === 'value'))
          )
            for (const input of order.inputs) expect(released.has(input)).toBe(false)
          if (order._tag !== 'release') continue
          expect(released.has(order.unit)).toBe(false)
          released.add(order.unit)
        }
        const withValue = new Set(
          facts.flatMap((fact) =>
            fact._tag === 'loaded' || (fact._tag === 'computed' && fact.as === 'value')
              ? [fact.unit]
              : fact._tag === 'found'
                ? fact.units.flatMap(({ unit, standing }) => (standing === 'ready' ? [unit] : []))
                : [],
          ),
        )
        expect([...released].toSorted((a, b) => a - b)).toEqual([...withValue].toSorted((a, b) => a - b))
      }),
      { numRuns: 2000 },
    )
  })

  test('the same facts give the same orders', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { facts, steps } = simulate(given)
        const again = makeSchedule({ graph: given.graph, limit: given.limit })
        expect(facts.flatMap((fact) => advance(again, fact))).toEqual(steps.map(({ order }) => order))
      }),
      { numRuns: 500 },
    )
  })

  test('a run that is stopped at any moment ends, begins nothing more, and answers every target', () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 40 }), (given, stopAfter) => {
        const run = simulate({ ...given, stopAfter })
        expect(run.finished).toBe(true)
        given.targets.forEach((_, target) => expect(run.results[target]).toBeDefined())
        const stopped = run.facts.findIndex(({ _tag }) => _tag === 'stop')
        const before = stopped === -1 ? Infinity : simulateOrdersBefore(given, run.facts.length, stopped, run.facts)
        expect(
          run.steps.slice(before).filter(({ order }) => order._tag === 'compute' || order._tag === 'load'),
        ).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })
})

/** How many orders had been given when the run was told to stop. */
const simulateOrdersBefore = (
  given: Case,
  _count: number,
  stopped: number,
  facts: Parameters<typeof advance>[1][] | readonly Parameters<typeof advance>[1][],
): number => {
  const schedule = makeSchedule({ graph: given.graph, limit: given.limit })
  return facts.slice(0, stopped + 1).reduce((count, fact) => count + advance(schedule, fact).length, 0)
}

describe('size', () => {
  test('100,000 nodes run on a virtual clock, without a promise', () => {
    const width = 300
    const inputs = Array.from({ length: 100_000 }, (_, node) =>
      node < width ? [] : [0, 1, 2].map((step) => node - width - (node % width) + ((node + step * 7) % width)),
    )
    const targets = inputs.map((_, node) => ({ node, want: 'kept' as const }))
    const run = simulate({ graph: graphOf(inputs), limit: 1000, targets })
    expect(run.steps.filter(({ order }) => order._tag === 'compute')).toHaveLength(100_000)
    expect(run.results.every((result) => result === 'value')).toBe(true)
  })

  test('a path of 100,000 nodes holds two values at a time, and skips to its end when its first node fails', () => {
    const graph = graphOf(Array.from({ length: 100_000 }, (_, node) => (node === 0 ? [] : [node - 1])))
    const run = simulate({ graph, limit: 8, targets: wanted(99_999) })
    expect(run.peakValues).toBe(2)
    expect(simulate({ graph, limit: 8, targets: wanted(99_999), world: { outcome: () => 'failed' } }).results).toEqual([
      'skipped',
    ])
  })
})
