// Whole processes, config to exit, against a bare engine in plain Node over the same graph (`floor/bare.mjs`), in turn
// in one run: with nothing to do, and cold. Ratios of processor time and of peak memory; medians.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Row } from './table.js'

/** What one process says of itself: seconds of processor time, bytes. */
interface Figures {
  readonly cpu: number
  readonly memory: number
  readonly computed: number
  readonly cached: number
  readonly failed: number
}

type Shape = 'layered' | 'namespaces'

const shapes: Readonly<Record<Shape, (nodes: number) => string>> = {
  layered: (nodes) => `${nodes} tasks, a folder each`,
  namespaces: (nodes) => `100 tasks in ${nodes / 100} namespaces`,
}

const floor = resolve(import.meta.dirname, 'floor')
const dist = resolve(import.meta.dirname, '../dist')

const node = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

/** A folder with the configs of a graph, what runs in it, and an end of it. */
const placeFor = (shape: Shape, nodes: number) => {
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'taskchain-bench-'))
  const graph = [shape, String(nodes), root]
  node(join(floor, 'bare.mjs'), ...graph, 'prepare')
  return {
    bare: () => JSON.parse(node(join(floor, 'bare.mjs'), ...graph)) as Figures,
    library: (durability: string) =>
      JSON.parse(node(join(floor, 'library.mjs'), dist, ...graph, durability)) as Figures,
    end: () => rmSync(root, { recursive: true, force: true }),
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number

const rowsOf = (what: string, ours: readonly Figures[], bare: readonly Figures[]): readonly Row[] => {
  const row = (of: string, value: number, unit: string): Row => ({
    what: `${what}${of}`,
    value,
    unit,
    limit: undefined,
  })
  const ratio = (field: 'cpu' | 'memory'): number =>
    median(ours.map((one, at) => one[field] / (bare[at] as Figures)[field]))
  return [
    row(', processor time to the bare engine’s', ratio('cpu'), '×'),
    row(', peak memory to the bare engine’s', ratio('memory'), '×'),
    row(', processor time', median(ours.map(({ cpu }) => cpu)), 's'),
    row(', processor time of the bare engine', median(bare.map(({ cpu }) => cpu)), 's'),
  ]
}

const refuse = (wrong: boolean): void => {
  if (wrong) throw new Error('a run has not done what it was measured for')
}

const cachedRows = (shape: Shape, nodes: number, rounds: number): readonly Row[] => {
  const [ours, bare]: [Figures[], Figures[]] = [[], []]
  const place = placeFor(shape, nodes)
  try {
    place.bare()
    place.library('none')
    for (let round = 0; round < rounds; round++) {
      ours.push(place.library('group'))
      bare.push(place.bare())
    }
  } finally {
    place.end()
  }
  refuse([...ours, ...bare].some(({ computed, cached }) => computed > 0 || cached !== nodes))
  return rowsOf(`nothing to do, ${shapes[shape](nodes)}`, ours, bare)
}

const coldRows = (shape: Shape, nodes: number, rounds: number, durability: string): readonly Row[] => {
  const [ours, bare]: [Figures[], Figures[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const place = placeFor(shape, nodes)
    try {
      ours.push(place.library(durability))
      bare.push(place.bare())
    } finally {
      place.end()
    }
  }
  refuse([...ours, ...bare].some(({ computed, failed }) => failed > 0 || computed !== nodes))
  const what = `cold, durability ${durability}, ${shapes[shape](nodes)}`
  const start = { what: `${what}, of it a task`, unit: 'ms', limit: undefined }
  return [...rowsOf(what, ours, bare), { ...start, value: (median(ours.map(({ cpu }) => cpu)) / nodes) * 1000 }]
}

/** Quick: 1,000 nodes alone. */
export const processRows = async (quick: boolean): Promise<readonly Row[]> =>
  (['layered', 'namespaces'] as const).flatMap((shape) =>
    (quick ? [1_000] : [1_000, 10_000]).flatMap((nodes) => [
      ...cachedRows(shape, nodes, quick ? 3 : 9),
      ...coldRows(shape, nodes, quick ? 1 : 3, 'group'),
      ...coldRows(shape, nodes, quick ? 1 : 3, 'none'),
    ]),
  )
