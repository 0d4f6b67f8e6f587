// Whole processes, from config to exit, against a bare engine in plain Node on the same graph (`floor/bare.mjs`),
// alternating in one run: with nothing to do, and cold. Processor time and peak memory; medians, for ratios the medians
// over pairs.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { childEnvironment } from './child-environment.js'
import { isInstalled, peers, peerSeconds, type Peer } from './peers/peers.js'
import type { Row } from './table.js'

/** What one process reports about itself: seconds of processor time, bytes. */
interface Figures {
  readonly cpu: number
  readonly memory: number
  readonly computed: number
  readonly cached: number
  readonly failed: number
}

type Shape = 'layered' | 'namespaces'
type Work = 'nothing to do' | 'cold, durability group' | 'cold, durability none'

/** One comparison. */
export interface Compared {
  readonly work: Work
  readonly shape: Shape
  readonly nodes: number
  readonly ours: readonly Figures[]
  readonly bare: readonly Figures[]
}

/** What a tool took; undefined if it is not installed. */
export interface PeerFigures {
  readonly peer: Peer
  readonly nodes: number
  readonly cpu: { readonly nothing: number; readonly cold: number } | undefined
}

export const shapes: Readonly<Record<Shape, (nodes: number) => string>> = {
  layered: (nodes) => `${nodes} tasks, a folder each`,
  namespaces: (nodes) => `100 tasks in ${nodes / 100} namespaces`,
}

const floor = resolve(import.meta.dirname, 'floor')
const dist = resolve(import.meta.dirname, '../dist')

const node = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: childEnvironment })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

const emptyPlace = (): string => mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'taskchain-bench-'))

/** A folder with the configs of a graph, how to run in it, and how to clean up. */
const placeFor = (shape: Shape, nodes: number) => {
  const root = emptyPlace()
  const graph = [shape, String(nodes), root]
  node(join(floor, 'bare.mjs'), ...graph, 'prepare')
  return {
    bare: () => JSON.parse(node(join(floor, 'bare.mjs'), ...graph)) as Figures,
    library: (durability: string) =>
      JSON.parse(node(join(floor, 'library.mjs'), dist, ...graph, durability)) as Figures,
    end: () => rmSync(root, { recursive: true, force: true }),
  }
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] as number

/** Ratios of the library to the bare engine, pair by pair. */
export const ratioOf = ({ ours, bare }: Compared, field: 'cpu' | 'memory'): number =>
  median(ours.map((one, at) => one[field] / (bare[at] as Figures)[field]))

const refuse = (wrong: boolean): void => {
  if (wrong) throw new Error('a run has not done what it was measured for')
}

const nothingToDo = (shape: Shape, nodes: number, rounds: number): Compared => {
  const [ours, bare]: [Figures[], Figures[]] = [[], []]
  const place = placeFor(shape, nodes)
  try {
    place.bare()
    place.library('none')
    place.library('group') // leaves the finding that the runs after it begin with
    for (let round = 0; round < rounds; round++) {
      ours.push(place.library('group'))
      bare.push(place.bare())
    }
  } finally {
    place.end()
  }
  refuse([...ours, ...bare].some(({ computed, cached }) => computed > 0 || cached !== nodes))
  return { work: 'nothing to do', shape, nodes, ours, bare }
}

const cold = (shape: Shape, nodes: number, rounds: number, durability: 'group' | 'none'): Compared => {
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
  return { work: `cold, durability ${durability}`, shape, nodes, ours, bare }
}

/** Quick: 1,000 nodes only. */
export const comparisons = (quick: boolean): readonly Compared[] =>
  (['layered', 'namespaces'] as const).flatMap((shape) =>
    (quick ? [1_000] : [1_000, 10_000]).flatMap((nodes) => [
      nothingToDo(shape, nodes, quick ? 3 : 9),
      cold(shape, nodes, quick ? 1 : 3, 'group'),
      cold(shape, nodes, quick ? 1 : 3, 'none'),
    ]),
  )

/** Installed tools on the layered graph; make and ninja with 10,000 tasks as well. */
export const peerFigures = (quick: boolean): readonly PeerFigures[] =>
  peers.flatMap((peer) => {
    const isThere = isInstalled(peer)
    return (quick || !isThere ? [1_000] : [1_000, 10_000]).map((nodes): PeerFigures => {
      if (!isThere) return { peer, nodes, cpu: undefined }
      const root = emptyPlace()
      try {
        peer.prepare(root, nodes)
        const first = peerSeconds(peer, root)
        const again = Array.from({ length: 3 }, () => peerSeconds(peer, root))
        return { peer, nodes, cpu: { cold: first, nothing: median(again) } }
      } finally {
        rmSync(root, { recursive: true, force: true })
      }
    })
  })

/**
 * Regression limits as ratios to the bare engine: processor time and peak memory, about a third above what was
 * measured. The targets are far lower: see docs/performance.md.
 */
const limits: Readonly<Record<Work, Readonly<Record<number, readonly [cpu: number, memory: number]>>>> = {
  'nothing to do': { 1_000: [4.3, 2], 10_000: [4.6, 2.8] },
  'cold, durability group': { 1_000: [13, 3.5], 10_000: [13, 5] },
  'cold, durability none': { 1_000: [12, 3.5], 10_000: [12, 5] },
}

/** Milliseconds of processor time per additional task in a cold run. */
const mostATask = { 'cold, durability group': 0.95, 'cold, durability none': 0.85 }

const rowsOf = (compared: Compared): readonly Row[] => {
  const { work, shape, nodes, ours, bare } = compared
  const what = `${work}, ${shapes[shape](nodes)}`
  const [cpu, memory] = limits[work][nodes] ?? []
  const row = (of: string, value: number, unit: string, limit?: number): Row => ({
    what: `${what}${of}`,
    value,
    unit,
    limit,
  })
  return [
    row(', processor time to the bare engine’s', ratioOf(compared, 'cpu'), '×', cpu),
    row(', peak memory to the bare engine’s', ratioOf(compared, 'memory'), '×', memory),
    row(', processor time', median(ours.map((one) => one.cpu)), 's'),
    row(', processor time of the bare engine', median(bare.map((one) => one.cpu)), 's'),
  ]
}

/** The cost of an additional task, from 1,000 to 10,000. */
const slopeRows = (all: readonly Compared[]): readonly Row[] =>
  (['cold, durability group', 'cold, durability none'] as const).flatMap((work) => {
    const [small, large] = [1_000, 10_000].map((nodes) =>
      all.find((one) => one.work === work && one.shape === 'layered' && one.nodes === nodes),
    )
    if (small === undefined || large === undefined) return []
    const seconds = ({ ours }: Compared): number => median(ours.map(({ cpu }) => cpu))
    const value = ((seconds(large) - seconds(small)) / (large.nodes - small.nodes)) * 1000
    return [{ what: `${work}, each additional task, processor time`, value, unit: 'ms', limit: mostATask[work] }]
  })

const peerRow = ({ peer, nodes, cpu }: PeerFigures): readonly Row[] =>
  cpu === undefined
    ? [{ what: `${peer.name}: not installed`, value: 0, unit: '', limit: undefined }]
    : (['nothing', 'cold'] as const).map((work) => ({
        what: `${peer.name} (a ${peer.of} a task), ${work === 'cold' ? 'cold' : 'nothing to do'}, ${nodes} tasks`,
        value: cpu[work],
        unit: 's',
        limit: undefined,
      }))

export const processRows = async (quick: boolean): Promise<readonly Row[]> => {
  const all = comparisons(quick)
  return [...all.flatMap(rowsOf), ...slopeRows(all), ...peerFigures(quick).flatMap(peerRow)]
}
