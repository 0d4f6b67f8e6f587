// The short form of `npm run simulate`: a fleet of workers on a virtual clock, through the real scheduler.
import { describe, expect, test } from 'vitest'
import { makeDag, shapes } from './dag.js'
import { simulateFleet } from './simulate.js'

const quiet = { life: 0, absence: 60, patience: 10, deaths: 3, kills: 0, damage: 0, waits: 0 }
const well = { known: true, faults: quiet }
const rough = { life: 1500, absence: 120, patience: 10, deaths: 3, kills: 3, damage: 1e-3, waits: 0.01 }
const [nodes, workers, seed] = [8000, 40, 7]

describe.each(shapes)('a graph of %s', (shape) => {
  test('ends within 5 % of list scheduling where nothing fails, every node computed once', () => {
    const { makespan, bound, finished, commits, early } = simulateFleet({ shape, nodes, workers, seed, ...well })
    expect([finished, early, commits.every((count) => count === 1)]).toEqual([true, 0, true])
    expect(makespan / bound).toBeLessThan(1.05)
  })

  test('gives every result while workers die, artifacts are damaged and the run is killed', () => {
    const result = simulateFleet({ shape, nodes, workers, seed, known: true, faults: rough })
    expect([result.finished, result.early]).toEqual([true, 0])
    for (const happened of [result.deaths, result.redone, result.damages]) expect(happened).toBeGreaterThan(0)
    const lost = result.commits.filter((count) => count === 0).length
    expect(lost).toBe(result.failed + result.skipped)
    // computed again is only what was found damaged
    const again = result.commits.reduce((sum, count) => sum + Math.max(0, count - 1), 0)
    expect(again).toBeLessThanOrEqual(result.damages)
  })
})

test('what lies above a node whose workers died three times is left out, and nothing else', () => {
  const faults = { ...rough, life: 300, kills: 0, damage: 0 }
  const { commits, failed, skipped } = simulateFleet({ shape: 'layers', nodes, workers, seed, known: false, faults })
  const dag = makeDag('layers', nodes, 160, seed)
  const isLost = (node: number): boolean => commits[node] === 0
  const roots = [...commits.keys()].filter((node) => isLost(node) && !dag.inputs(node).some(isLost))
  expect([failed > 0, skipped > 0, roots.length]).toEqual([true, true, failed])
  for (const [node, count] of commits.entries()) if (count > 0) expect(dag.inputs(node).some(isLost)).toBe(false)
})
