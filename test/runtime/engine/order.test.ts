// How good the order is in which units start: time, values at once, resources. On a virtual clock.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Needs } from '../../../src/base/resource-lines.js'
import type { WorkGraph } from '../../../src/runtime/engine/schedule-types.js'
import { simulate } from './simulation.js'

interface Timed {
  readonly inputs: readonly (readonly number[])[]
  readonly seconds: readonly number[]
}

/** Numbers from 0 to 1 that are the same in each run. */
const numbersFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((more ^ (more >>> 14)) >>> 0) / 2 ** 32
  }
}

type Shape = 'any' | 'layers' | 'chains' | 'narrow'
const inputsOf = (shape: Shape, node: number, next: () => number): readonly number[] => {
  const below = (count: number, make: () => number): readonly number[] =>
    node === 0 ? [] : [...new Set(Array.from({ length: count }, make))]
  switch (shape) {
    case 'any':
      return below(Math.floor(next() * 4), () => Math.floor(next() * node))
    case 'layers':
      return node < 20 ? [] : below(3, () => (Math.floor(node / 20) - 1) * 20 + Math.floor(next() * 20))
    case 'chains':
      return node % 10 === 0 ? [] : [node - 1]
    case 'narrow':
      return below(2, () => Math.max(0, node - 1 - Math.floor(next() * 30)))
  }
}

/** Most tasks are short, one in ten is long. */
const graphOf = (shape: Shape, seed: number, size = 200): Timed => {
  const next = numbersFrom(seed)
  const inputs = Array.from({ length: size }, (_, node) => inputsOf(shape, node, next))
  return { inputs, seconds: inputs.map(() => (next() < 0.1 ? 20 + next() * 80 : 1 + next() * 10)) }
}

/** The longest way from each node to the end. */
const waysOf = ({ inputs, seconds }: Timed): readonly number[] => {
  const ways = [...seconds]
  for (let node = inputs.length - 1; node >= 0; node--)
    for (const input of inputs[node] ?? [])
      ways[input] = Math.max(ways[input] ?? 0, (seconds[input] ?? 0) + (ways[node] ?? 0))
  return ways
}

/** What list scheduling needs: whenever a slot is free, the node with the longest way starts. */
const listScheduled = (graph: Timed, limit: number): number => {
  const { inputs, seconds } = graph
  const ways = waysOf(graph)
  const pending = inputs.map((of) => of.length)
  let ready = pending.flatMap((count, node) => (count === 0 ? [node] : []))
  let running: { readonly node: number; readonly end: number }[] = []
  for (let time = 0; ; ) {
    ready = ready.toSorted((one, other) => (ways[other] ?? 0) - (ways[one] ?? 0))
    while (running.length < limit && ready.length > 0) {
      const node = ready.shift() ?? 0
      running.push({ node, end: time + (seconds[node] ?? 0) })
    }
    running = running.toSorted((one, other) => one.end - other.end)
    const ended = running.shift()
    if (ended === undefined) return time
    time = ended.end
    for (const [node, of] of inputs.entries())
      if (of.includes(ended.node) && --(pending as number[])[node]! === 0) ready.push(node)
  }
}

const all = (inputs: Timed['inputs'], want: 'kept' | 'value' = 'kept') => inputs.map((_, node) => ({ node, want }))
const simulated = ({ inputs, seconds }: Timed, limit: number, known: Partial<WorkGraph> = {}) =>
  simulate({
    graph: { inputs: (node) => inputs[node] ?? [], wants: () => 'value', ...known },
    limit,
    targets: all(inputs),
    world: { duration: (node) => seconds[node] ?? 0 },
  })

describe('time', () => {
  const shapes: readonly Shape[] = ['any', 'layers', 'chains', 'narrow']
  test.each(shapes.flatMap((shape) => [2, 4, 8].map((limit) => [shape, limit] as const)))(
    '%s, %i slots: with durations of earlier runs within 5 % of list scheduling, and never behind the order without',
    (shape, limit) => {
      let [known, unknown, list] = [0, 0, 0]
      for (let seed = 1; seed <= 25; seed++) {
        const graph = graphOf(shape, seed)
        const { time } = simulated(graph, limit, { seconds: (node) => graph.seconds[node] })
        const bound = listScheduled(graph, limit)
        expect(time / bound, `seed ${seed}`).toBeLessThan(1.05)
        known += time
        list += bound
        unknown += simulated(graph, limit).time
      }
      expect(known / list).toBeLessThan(1.01)
      expect(known).toBeLessThanOrEqual(unknown)
    },
  )

  test('where nothing is known the order is what it was', () => {
    const graph = graphOf('any', 1)
    const plain = simulated(graph, 3).steps.map(({ order }) => order)
    expect(simulated(graph, 3, { seconds: () => undefined }).steps.map(({ order }) => order)).toEqual(plain)
  })

  test('tasks that nobody knows count as long as the others on average', () => {
    const graph = graphOf('layers', 3)
    const half = simulated(graph, 4, { seconds: (node) => (node % 2 === 0 ? graph.seconds[node] : undefined) })
    expect(half.time / listScheduled(graph, 4)).toBeLessThan(1.25)
  })
})

describe('values at once', () => {
  const equal = (inputs: Timed['inputs']): Timed => ({ inputs, seconds: inputs.map(() => 1) })
  const chains = equal(Array.from({ length: 500 * 40 }, (_, node) => (node % 40 === 0 ? [] : [node - 1])))
  /** 4,096 leaves, two and two brought together; inputs before what reads them. */
  const tree = (): Timed => {
    const inputs: (readonly number[])[] = []
    const make = (height: number): number => {
      const below = height === 0 ? [] : [make(height - 1), make(height - 1)]
      return inputs.push(below) - 1
    }
    make(12)
    return equal(inputs)
  }
  test.each([1, 4, 16])(
    '%i slots: 500 chains of 40 hold a few for each slot; a tree of 4,096 leaves its height for each',
    (limit) => {
      for (const known of [{}, { seconds: () => 1 }]) {
        expect(simulated(chains, limit, known).peakValues).toBeLessThanOrEqual(4 * limit + 2)
        expect(simulated(tree(), limit, known).peakValues).toBeLessThanOrEqual(13 * (limit + 1))
      }
    },
  )
})

interface Demand {
  readonly inputs: readonly number[]
  readonly needs: Needs
  readonly seconds: number
  readonly held: boolean
  readonly asks: number | null
}

describe('resources', () => {
  const has = { gpu: 2, memory: 16 }
  const needs: fc.Arbitrary<Needs> = fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.record({ gpu: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ memory: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ gpu: fc.integer({ min: 1, max: 2 }), memory: fc.integer({ min: 1, max: 16 }) }),
  )
  const node = fc.record({
    inputs: fc.array(fc.nat(1000), { maxLength: 3 }),
    needs,
    seconds: fc.integer({ min: 1, max: 9 }),
    held: fc.boolean(),
    asks: fc.option(fc.nat(1000), { freq: 5 }),
  })
  const graphs: fc.Arbitrary<readonly Demand[]> = fc.array(node, { minLength: 1, maxLength: 40 })
  const run = (nodes: readonly Demand[], limit: number, isKnown: boolean) =>
    simulate({
      graph: {
        inputs: (at) => (at === 0 ? [] : [...new Set(nodes[at]?.inputs.map((one) => one % at))]),
        wants: () => 'value',
        needs: (at) => nodes[at]?.needs ?? {},
        ...(isKnown ? { seconds: (at: number) => nodes[at]?.seconds } : {}),
      },
      limit,
      options: { resources: has },
      targets: nodes.map((_, at) => ({ node: at, want: 'kept' as const })),
      world: {
        duration: (at) => nodes[at]?.seconds ?? 0,
        held: (at) => nodes[at]?.held === true,
        asks: (at) => (at === 0 || (nodes[at]?.asks ?? null) === null ? [] : [(nodes[at]?.asks ?? 0) % at]),
      },
    })

  test('never more is taken than there is; all is given back, and everything ends', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 6 }), fc.boolean(), (nodes, limit, isKnown) => {
        const { steps, finished, results } = run(nodes, limit, isKnown)
        expect(steps.every(({ free }) => Object.values(free).every((left) => left >= 0))).toBe(true)
        expect(finished).toBe(true)
        expect(new Set(results)).toEqual(new Set(['value']))
        expect(steps.at(-1)?.free).toEqual(has)
      }),
      { numRuns: 300 },
    )
  })

  test('while some wait for a resource, others of equal needs that share it start twice at most', () => {
    const lineOf = (of: Needs): string =>
      JSON.stringify(Object.entries(of).map(([name, most]) => [name, Math.min(most, has[name as 'gpu'])]))
    const shared = (one: Needs, other: Needs): boolean => Object.keys(one).some((name) => name in other)
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 6 }), fc.boolean(), (nodes, limit, isKnown) => {
        /** Nodes that were told to wait and have not begun, and who has begun since one of their line has. */
        const waiting = new Map<string, { readonly told: Set<number>; since: string[]; readonly needs: Needs }>()
        const quiet = nodes.map((one) => ({ ...one, held: false, asks: null }))
        for (const { order, node: at } of run(quiet, limit, isKnown).steps) {
          const needs = nodes[at]?.needs ?? {}
          const line = lineOf(needs)
          const own = waiting.get(line) ?? { told: new Set<number>(), since: [], needs }
          if (order._tag === 'short') waiting.set(line, own).get(line)?.told.add(at)
          if (order._tag !== 'compute') continue
          own.told.delete(at)
          own.since = []
          for (const [name, other] of waiting) {
            if (name === line || other.told.size === 0 || !shared(needs, other.needs)) continue
            other.since.push(line)
            expect(other.since.filter((one) => one === line).length).toBeLessThanOrEqual(2)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('one GPU: one at a time, whatever the slots; the rest goes on beside', () => {
    const nodes = Array.from({ length: 6 }, (_, at) => at)
    const { steps, time } = simulate({
      graph: { inputs: () => [], wants: () => 'value', needs: (at) => (at < 3 ? { gpu: 1 } : {}) },
      limit: 4,
      options: { resources: { gpu: 1 } },
      targets: nodes.map((at) => ({ node: at, want: 'kept' })),
      world: { duration: () => 1 },
    })
    const starts = steps.flatMap(({ order, node: at, time: when }) => (order._tag === 'compute' ? [[at, when]] : []))
    expect(starts.filter(([at = 0]) => at < 3).map(([, when]) => when)).toEqual([0, 1, 2])
    expect(starts.filter(([at = 0]) => at >= 3).map(([, when]) => when)).toEqual([0, 0, 0])
    expect(steps.flatMap(({ order }) => (order._tag === 'short' ? [order.of] : []))).toEqual([['gpu'], ['gpu']])
    expect(time).toBe(3)
  })

  test('ten thousand that need the same one are not looked at again and again', () => {
    const nodes = Array.from({ length: 10_000 }, (_, at) => at)
    const { finished, steps } = simulate({
      graph: { inputs: () => [], wants: () => 'value', needs: (at) => ({ memory: 1 + (at % 3) }) },
      limit: 100,
      options: { resources: { memory: 4 } },
      targets: nodes.map((at) => ({ node: at, want: 'kept' })),
      world: { duration: () => 1 },
    })
    expect(finished).toBe(true)
    expect(steps.filter(({ order }) => order._tag === 'compute')).toHaveLength(10_000)
  })
})
