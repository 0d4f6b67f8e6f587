import { describe, expect, test } from 'vitest'
import { placedOnLine } from '../../src/page/layout/columns.js'
import { layOut } from '../../src/page/layout/lay-out.js'
import type { Edge, LayoutAnswer, LayoutRequest } from '../../src/page/layout/layout-types.js'
import { engineFor, lookAt } from '../../src/page/layout/look.js'

const size = { width: 120, height: 30 }
const path = (count: number): readonly Edge[] => Array.from({ length: count - 1 }, (_, from) => [from, from + 1])
/** A graph that is the same on every machine. */
const tangled = (nodes: number, edges: number): readonly Edge[] => {
  let seed = 7
  const below = (limit: number): number => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed % limit
  }
  const pairs = new Map<string, Edge>()
  while (pairs.size < edges) {
    const to = 1 + below(nodes - 1)
    const from = Math.max(0, to - 1 - below(200))
    pairs.set(`${from} ${to}`, [from, to])
  }
  return [...pairs.values()]
}
const flat = (nodes: number, edges: readonly Edge[]): LayoutRequest => ({
  items: Array.from({ length: nodes }, () => ({ ...size, box: -1 })),
  boxes: [],
  edges,
})

interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
const overlap = (one: Area, other: Area): boolean =>
  one.x < other.x + other.width - 0.01 &&
  other.x < one.x + one.width - 0.01 &&
  one.y < other.y + other.height - 0.01 &&
  other.y < one.y + one.height - 0.01
const areasOf = (request: LayoutRequest, { items }: LayoutAnswer): readonly Area[] =>
  items.map((point, index) => ({ ...point, width: request.items[index]!.width, height: request.items[index]!.height }))
/** Pairs that overlap, found by sorting: for many. */
const overlapping = (areas: readonly Area[]): number => {
  const sorted = areas.toSorted((left, right) => left.x - right.x)
  let found = 0
  sorted.forEach((one, index) => {
    for (let next = index + 1; next < sorted.length && sorted[next]!.x < one.x + one.width; next += 1)
      if (overlap(one, sorted[next]!)) found += 1
  })
  return found
}

describe('a look at a graph says how it is laid out', () => {
  test('nodes, edges and the longest path are counted', () => {
    expect(lookAt(5, [[0, 1], [1, 2], [0, 2], [3, 4]])).toEqual({ nodes: 5, edges: 4, depth: 3 }) // biome-ignore format: edges
    expect(lookAt(0, [])).toEqual({ nodes: 0, edges: 0, depth: 0 })
  })

  test('small ones go to dagre; large, dense and long ones do not', () => {
    expect(engineFor({ nodes: 60, edges: 90, depth: 8 })).toBe('dagre')
    expect(engineFor({ nodes: 500, edges: 499, depth: 500 })).toBe('layered')
    expect(engineFor({ nodes: 100, edges: 2000, depth: 8 })).toBe('layered')
    expect(engineFor({ nodes: 80, edges: 79, depth: 80 })).toBe('layered')
  })
})

describe('positions', () => {
  test('on a line are where they are wanted, or as near as others leave room', () => {
    expect(placedOnLine([0, 100], [10, 10], 5)).toEqual([0, 100])
    expect(placedOnLine([50, 50, 50], [10, 10, 10], 5)).toEqual([35, 50, 65])
    expect(placedOnLine([], [], 5)).toEqual([])
  })

  test('every node is right of its inputs, and none overlaps another', () => {
    for (const [nodes, edges] of [
      [40, 60],
      [400, 700],
    ] as const) {
      // biome-ignore format: sizes
      const request = flat(nodes, tangled(nodes, edges))
      const answer = layOut(request)
      if (answer.height > 0 && nodes === 40)
        for (const [from, to] of request.edges) expect(answer.items[from]!.x).toBeLessThan(answer.items[to]!.x)
      expect(overlapping(areasOf(request, answer))).toBe(0)
    }
  })

  test('a path of 500 is folded into a picture that is not much wider than high', () => {
    const answer = layOut(flat(500, path(500)))
    expect(answer.width / answer.height).toBeLessThan(3)
    expect(overlapping(areasOf(flat(500, path(500)), answer))).toBe(0)
  })

  test('10,000 nodes with 30,000 edges have their places, none on another', () => {
    const request = flat(10_000, tangled(10_000, 30_000))
    const answer = layOut(request)
    expect(overlapping(areasOf(request, answer))).toBe(0)
    expect(answer.width / answer.height).toBeLessThan(6)
  })

  test('boxes hold what is in them and nothing else, by both engines, also where they depend on each other', () => {
    for (const nodes of [30, 300]) {
      const request: LayoutRequest = {
        items: Array.from({ length: nodes }, (_, index) => ({ ...size, box: index % 4 === 3 ? -1 : 1 + (index % 3) })),
        boxes: [
          { parent: -1, width: 100 },
          { parent: 0, width: 100 },
          { parent: 0, width: 100 },
          { parent: -1, width: 100 },
        ],
        edges: tangled(nodes, nodes * 2).filter(([from, to]) => to - from < 8),
      }
      const answer = layOut(request)
      expect(answer.engine).toBe(nodes === 30 ? 'dagre' : 'layered')
      areasOf(request, answer).forEach((area, index) => {
        const ancestors = [0, 1, 2, 3].filter((box) => {
          const own = request.items[index]!.box
          return own === box || request.boxes[own]?.parent === box
        })
        answer.boxes.forEach((box, at) => {
          if (ancestors.includes(at)) {
            expect(area.x).toBeGreaterThanOrEqual(box.x)
            expect(area.y).toBeGreaterThanOrEqual(box.y)
            expect(area.x + area.width).toBeLessThanOrEqual(box.x + box.width + 0.01)
            expect(area.y + area.height).toBeLessThanOrEqual(box.y + box.height + 0.01)
          } else if (answer.engine === 'layered') expect(overlap(area, box)).toBe(false)
        })
      })
    }
  })
})
