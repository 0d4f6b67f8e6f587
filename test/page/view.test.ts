import { compile } from 'vega-lite'
import { describe, expect, test } from 'vitest'
import { differenceText, marked } from '../../src/page/compare/difference.js'
import { fitting, panned, showing, toWorld, zoomedAt } from '../../src/page/graph/camera.js'
import { nextHeld } from '../../src/page/node/log-text.js'
import { parallelSpec, positionsOf, scatterSpec, themed, timeSpec } from '../../src/page/plots/specs.js'
import { heatRange } from '../../src/page/preview/heat.js'
import { ordered } from '../../src/page/sweep/order.js'
import { pagesOf, windowOf } from '../../src/page/widgets/window.js'
import { bytesText, countText, numberText, secondsText } from '../../src/page/words.js'

describe('windows of large tables', () => {
  test('hold what is in view and a little more, and never more than there is', () => {
    expect(windowOf(0, 300, 30, 1000)).toEqual({ from: 0, to: 16 })
    expect(windowOf(15_000, 300, 30, 1000)).toEqual({ from: 494, to: 516 })
    expect(windowOf(29_700, 300, 30, 1000)).toEqual({ from: 984, to: 1000 })
    expect(windowOf(9_999, 300, 30, 3)).toEqual({ from: 3, to: 3 })
    expect(windowOf(0, 300, 30, 0)).toEqual({ from: 0, to: 0 })
  })

  test('2,000 columns are asked for by those pages alone that are in view', () => {
    expect(pagesOf({ from: 120, to: 160 }, 50)).toEqual([100, 150])
    expect(pagesOf({ from: 0, to: 0 }, 50)).toEqual([0])
  })

  test('are sorted by numbers, words and both ways, what is missing last', () => {
    expect(ordered(4, [10, null, 9, 100], false)).toEqual([2, 0, 3, 1])
    expect(ordered(4, [10, null, 9, 100], true)).toEqual([3, 0, 2, 1])
    expect(ordered(3, ['b', 'a', { kind: 'number', text: 'NaN' }], false)).toEqual([1, 0, 2])
    expect(ordered(2, undefined, false)).toEqual([0, 1])
  })
})

describe('differences', () => {
  test('are marked where two texts are not the same', () => {
    expect(marked('{"k": 5}', '{"k": 20}')).toEqual({ start: '{"k": ', middle: '5', end: '}' })
    expect(marked('aa', 'aaa')).toEqual({ start: 'aa', middle: '', end: '' })
    expect(marked('aaa', 'aa')).toEqual({ start: 'aa', middle: 'a', end: '' })
    expect(marked('', 'x')).toEqual({ start: '', middle: '', end: '' })
    expect(marked('👍🏽', '👍')).toEqual({ start: '👍', middle: '🏽', end: '' })
  })

  test('of numbers have a sign and a part', () => {
    expect(differenceText(2, 2.5)).toBe('+0.5 (+25.0 %)')
    expect(differenceText(2, 1)).toBe('−1 (−50.0 %)')
    expect(differenceText(0, 3)).toBe('+3')
    expect(differenceText(4, 4)).toBe('0')
  })
})

describe('the camera', () => {
  const view = { width: 800, height: 600 }

  test('keeps what is under the pointer where it is', () => {
    const camera = { x: 5, y: 7, scale: 0.5 }
    const at = { x: 120, y: 80 }
    expect(toWorld(zoomedAt(camera, at, 1.7), at)).toEqual(toWorld(camera, at))
    expect(toWorld(panned(camera, 30, -20), { x: 150, y: 60 })).toEqual(toWorld(camera, at))
  })

  test('shows all of a graph, and goes to what is out of view', () => {
    const camera = fitting({ x: -100, y: 0, width: 4000, height: 300 }, view)
    expect(toWorld(camera, { x: 0, y: 0 }).x).toBeLessThan(-100)
    expect(toWorld(camera, { x: 800, y: 600 }).x).toBeGreaterThan(3900)
    const near = { x: 0, y: 0, scale: 1 }
    const bounds = { x: 0, y: 0, width: 9000, height: 5000 }
    expect(showing(near, { x: 300, y: 300, width: 100, height: 40 }, view, bounds)).toBe(near)
    const moved = showing(near, { x: 5000, y: 400, width: 100, height: 40 }, view, bounds)
    expect(toWorld(moved, { x: 400, y: 300 })).toEqual({ x: 5050, y: 420 })
  })

  test('shows what is at the edge of a graph with as much of the graph as there is room for', () => {
    const near = { x: 0, y: 0, scale: 1 }
    const moved = showing(near, { x: 2900, y: 100, width: 100, height: 40 }, view, {
      x: 0,
      y: 0,
      width: 3000,
      height: 200,
    })
    expect(toWorld(moved, { x: 800, y: 300 })).toEqual({ x: 3024, y: 100 })
  })
})

describe('a log that is followed', () => {
  const piece = { schema: 1, which: 'running', growing: true } as const

  test('grows by its pieces, and begins anew when another run writes it', () => {
    const first = nextHeld({ cut: 0, growing: true }, { ...piece, offset: 10, next: 13, size: 13, text: 'ab\n' })
    const more = nextHeld(first, { ...piece, offset: 13, next: 16, size: 16, text: 'cd\n' })
    expect(more).toMatchObject({ text: 'ab\ncd\n', cut: 10, next: 16 })
    expect(nextHeld(more, { ...piece, offset: 16, next: 16, size: 4, text: '' }).next).toBe(0)
  })

  test('of any length is held in bounded space, cut between lines', () => {
    const line = `${'x'.repeat(99)}\n`
    const long = nextHeld(
      { cut: 0, growing: true },
      { ...piece, offset: 0, next: 1, size: 1, text: line.repeat(10_000) },
    )
    expect(long.text!.length).toBeLessThanOrEqual(400_000)
    expect(long.text!.startsWith(line)).toBe(true)
  })
})

describe('plots', () => {
  test('place numbers between least and most, words in their order, and nothing for what is missing', () => {
    expect(positionsOf({ title: 'n', numeric: true, cells: [10, null, 20, 15] }).positions).toEqual([0, null, 1, 0.5])
    expect(positionsOf({ title: 'w', numeric: false, cells: ['b', 'a', true] }).positions).toEqual([0.5, 0, 1])
    expect(positionsOf({ title: 'one', numeric: true, cells: [3, 3] }).positions).toEqual([0.5, 0.5])
  })

  test('hold names as data, whatever is in them', () => {
    const spec = parallelSpec(['<script>alert(1)</script>'], [{ title: 'datum["x"]', numeric: true, cells: [1] }])
    expect(JSON.stringify(spec)).not.toContain('"expr"')
    expect(JSON.stringify(spec)).not.toContain('"calculate"')
  })

  test('are what Vega-Lite understands: of any columns, also of one run or of none', () => {
    const [x, y] = [
      { title: 'x', numeric: true, cells: [1, null] },
      { title: 'y', numeric: false, cells: ['a', 'b'] },
    ]
    const specs = [
      parallelSpec(['one', 'other'], [x, y]),
      scatterSpec(['one', 'other'], x, y, y),
      timeSpec(['2026-11-27T20:19:00Z'], [{ name: 'rmse', values: [1.2] }]),
      timeSpec([], []),
    ]
    const size = { width: 400, height: 300, dark: false }
    for (const spec of specs) expect(compile(themed(spec, size)).spec.marks).not.toEqual([])
  })
})

test('numbers, times and sizes are short, and the same everywhere', () => {
  expect([0.012, 1.26, 45, 61, 3700].map(secondsText)).toEqual(['12 ms', '1.3 s', '45 s', '1 min 01 s', '1 h 01 min'])
  expect([0, 999, 1000, 123_456, 5_400_000].map(bytesText)).toEqual(['0 B', '999 B', '1.0 kB', '123 kB', '5.4 MB'])
  expect([2011, 12_345, 1_234_567].map(countText)).toEqual(['2011', '12,345', '1,234,567'])
  expect([0.1 + 0.2, 1e-9, 2011, Number.NaN].map(numberText)).toEqual(['0.3', '1.000e-9', '2011', 'NaN'])
})

test('a heat map spends its colours on what most of it is, not on one that is far off', () => {
  const even = Array.from({ length: 100 }, (_, index) => index)
  expect(heatRange(even)).toEqual({ low: 0, high: 99 })
  expect(heatRange([...even, 1e9]).high).toBeLessThan(200)
  expect(heatRange([0, 0, 0, 7])).toEqual({ low: 0, high: 7 })
  expect(heatRange(Array.from({ length: 100 }, (_, index) => (index === 3 ? 1 : 0)))).toEqual({ low: 0, high: 1 })
})
