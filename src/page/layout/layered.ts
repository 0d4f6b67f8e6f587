import { placedOnLine } from './columns.js'
import { type Edge, gaps, type Point, type Size } from './layout-types.js'
import { ranksOf } from './look.js'

/** Sizes and edges of one level, laid out in columns from left to right in time linear in the number of edges. */
export interface Level extends Size {
  /** Upper left corners. */
  readonly places: readonly Point[]
}

export const layered = (sizes: readonly Size[], edges: readonly Edge[]): Level => {
  const forward = edges.filter(([from, to]) => from < to)
  const columns = inColumns(sizes, forward)
  const centres = straightened(sizes, columns, forward)
  return inBands(sizes, columns, centres)
}

/** Nodes by column, which is by rank: nodes without inputs next to their readers, large ranks in several columns. */
const inColumns = (sizes: readonly Size[], edges: readonly Edge[]): readonly (readonly number[])[] => {
  const ranks = ranksOf(sizes.length, edges)
  const readers = neighbours(sizes.length, edges, 0, 1)
  const linked = new Set(edges.flat())
  const hasInput = new Set(edges.map(([, to]) => to))
  const byRank: number[][] = []
  const alone: number[] = []
  sizes.forEach((_, node) => {
    if (!linked.has(node)) {
      alone.push(node)
      return
    }
    const nearest = (readers[node] ?? []).reduce((least, reader) => Math.min(least, ranks[reader] ?? 0), Infinity)
    const rank = hasInput.has(node) || nearest === Infinity ? (ranks[node] ?? 0) : nearest - 1
    const column = byRank[rank]
    if (column === undefined) byRank[rank] = [node]
    else column.push(node)
  })
  const tallest = Math.max(8, Math.ceil(Math.sqrt(sizes.length) * 1.4))
  return [...byRank, alone]
    .filter((column) => column !== undefined && column.length > 0)
    .flatMap((column) => split(column, Math.ceil(column.length / tallest)))
}

const split = (column: readonly number[], parts: number): readonly (readonly number[])[] =>
  Array.from({ length: parts }, (_, part) => column.filter((_node, index) => index % parts === part))

const neighbours = (count: number, edges: readonly Edge[], from: 0 | 1, to: 0 | 1): readonly (readonly number[])[] => {
  const found: number[][] = Array.from({ length: count }, () => [])
  for (const edge of edges) found[edge[from]]?.push(edge[to])
  return found
}

/** Vertical centres by node: repeated sweeps order and place each column by the means of its neighbours. */
const straightened = (
  sizes: readonly Size[],
  columns: readonly (readonly number[])[],
  edges: readonly Edge[],
): readonly number[] => {
  const [inputs, readers] = [neighbours(sizes.length, edges, 1, 0), neighbours(sizes.length, edges, 0, 1)]
  const centres = new Float64Array(sizes.length)
  const order = columns.map((column) => [...column])
  const place = (column: number[], wants: (node: number) => number, sorts: boolean): void => {
    const wanted = new Map(column.map((node) => [node, wants(node)]))
    if (sorts) column.sort((left, right) => (wanted.get(left) ?? 0) - (wanted.get(right) ?? 0) || left - right)
    const placed = placedOnLine(
      column.map((node) => wanted.get(node) ?? 0),
      column.map((node) => sizes[node]?.height ?? 0),
      gaps.between,
    )
    column.forEach((node, index) => {
      centres[node] = placed[index] ?? 0
    })
  }
  const mean = (node: number, others: readonly number[]): number =>
    others.length === 0
      ? (centres[node] ?? 0)
      : others.reduce((sum, other) => sum + (centres[other] ?? 0), 0) / others.length
  for (const column of order) place(column, () => 0, false)
  for (let sweep = 0; sweep < 8; sweep += 1) {
    const [side, way] = sweep % 2 === 0 ? [inputs, order] : [readers, order.toReversed()]
    for (const column of way) place(column, (node) => mean(node, side[node] ?? []), true)
  }
  const both = inputs.map((found, node) => [...found, ...(readers[node] ?? [])])
  for (let sweep = 0; sweep < 4; sweep += 1)
    for (const column of sweep % 2 === 0 ? order.toReversed() : order)
      place(column, (node) => mean(node, both[node] ?? []), true)
  return [...centres]
}

/** Places columns side by side; a graph far wider than high is folded into rows, like lines of text. */
const inBands = (
  sizes: readonly Size[],
  columns: readonly (readonly number[])[],
  centres: readonly number[],
): Level => {
  const widths = columns.map((column) => widest(column, sizes) + gaps.ranks)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const high = columns.reduce((most, column) => {
    const { top, bottom } = extent(column, sizes, centres)
    return Math.max(most, bottom - top)
  }, 0)
  const bands = Math.max(1, total < 2400 ? 1 : Math.round(Math.sqrt(total / (1.8 * (high + gaps.bands)))))
  const places: Point[] = sizes.map(() => ({ x: 0, y: 0 }))
  let [x, y, width] = [0, 0, 0]
  let band: (readonly number[])[] = []
  const close = (): void => {
    const { top, bottom } = extent(band.flat(), sizes, centres)
    for (const column of band)
      for (const node of column) {
        const centre = (centres[node] ?? 0) - (sizes[node]?.height ?? 0) / 2
        places[node] = { x: places[node]?.x ?? 0, y: y + centre - top }
      }
    y += bottom - top + gaps.bands
    width = Math.max(width, x - gaps.ranks)
    ;[x, band] = [0, []]
  }
  columns.forEach((column, index) => {
    const wide = widths[index] ?? 0
    if (bands > 1 && x > 0 && x + wide > (total / bands) * 1.02) close()
    for (const node of column) places[node] = { x: x + (wide - gaps.ranks - (sizes[node]?.width ?? 0)) / 2, y: 0 }
    band.push(column)
    x += wide
  })
  if (band.length > 0) close()
  return { places, width: Math.max(0, width), height: Math.max(0, y - gaps.bands) }
}

const widest = (column: readonly number[], sizes: readonly Size[]): number =>
  column.reduce((most, node) => Math.max(most, sizes[node]?.width ?? 0), 0)

const extent = (
  nodes: readonly number[],
  sizes: readonly Size[],
  centres: readonly number[],
): { readonly top: number; readonly bottom: number } =>
  nodes.reduce(
    ({ top, bottom }, node) => {
      const [centre, half] = [centres[node] ?? 0, (sizes[node]?.height ?? 0) / 2]
      return { top: Math.min(top, centre - half), bottom: Math.max(bottom, centre + half) }
    },
    { top: Infinity, bottom: -Infinity },
  )
