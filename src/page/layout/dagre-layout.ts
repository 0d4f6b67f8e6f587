import { Graph, layout } from '@dagrejs/dagre'
import { gaps, type LayoutAnswer, type LayoutRequest, type Point, type Rect } from './layout-types.js'

/** Lays out by dagre, which minds crossings, and leads edges around nodes. */
export const byDagre = ({ items, boxes, edges }: LayoutRequest): LayoutAnswer => {
  const graph = new Graph({ compound: boxes.length > 0 })
  graph.setGraph({ rankdir: 'LR', nodesep: gaps.between, edgesep: 10, ranksep: gaps.ranks, marginx: 0, marginy: 0 })
  boxes.forEach((_, index) => graph.setNode(`b${index}`, {}))
  items.forEach(({ width, height }, index) => graph.setNode(`${index}`, { width, height }))
  boxes.forEach(({ parent }, index) => {
    if (parent >= 0) graph.setParent(`b${index}`, `b${parent}`)
  })
  items.forEach(({ box }, index) => {
    if (box >= 0) graph.setParent(`${index}`, `b${box}`)
  })
  for (const [from, to] of edges) graph.setEdge(`${from}`, `${to}`, {})
  layout(graph)
  const corner = (name: string): Rect => {
    const { x, y, width, height } = graph.node(name) as Required<Rect>
    return { x: x - width / 2, y: y - height / 2, width, height }
  }
  const rects = boxes.map((_, index) => titled(corner(`b${index}`)))
  return {
    engine: 'dagre',
    items: items.map((_, index) => corner(`${index}`)),
    boxes: rects,
    routes: edges.map(([from, to]) =>
      innerPoints(graph.edge(`${from}`, `${to}`) as { readonly points?: readonly Point[] }),
    ),
    ...(graph.graph() as { readonly width: number; readonly height: number }),
  }
}

/** Without the ends, which lie on the borders of nodes. */
const innerPoints = ({ points = [] }: { readonly points?: readonly Point[] }): readonly Point[] | undefined =>
  points.length > 3 ? points.slice(1, -1).map(({ x, y }) => ({ x, y })) : undefined

const titled = ({ x, y, width, height }: Rect): Rect => ({
  x,
  y: y - gaps.title / 2,
  width,
  height: height + gaps.title / 2,
})
