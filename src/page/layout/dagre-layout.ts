import { Graph, layout } from '@dagrejs/dagre'
import { gaps, type LayoutAnswer, type LayoutRequest, type Point, type Rect } from './layout-types.js'

/** Lays out with dagre, which reduces crossings and routes edges around nodes. */
export const byDagre = ({ items, boxes, edges }: LayoutRequest): LayoutAnswer => {
  const graph = new Graph({ compound: boxes.length > 0 })
  graph.setGraph({ rankdir: 'LR', nodesep: gaps.between, edgesep: 6, ranksep: gaps.ranks, marginx: 0, marginy: 0 })
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
    const { x, y, width, height } = graph.node(name) as Required<Rect> // `layout` has placed it
    return { x: x - width / 2, y: y - height / 2, width, height }
  }
  const rects = boxes.map((_, index) => corner(`b${index}`))
  const room = roomBelow(rects.map(({ y }) => y))
  const lowered = ({ x, y }: Point, middle = y): Point => ({ x, y: y + room(middle) })
  return {
    engine: 'dagre',
    items: items.map(({ height }, index) => {
      const place = corner(`${index}`)
      return lowered(place, place.y + height / 2)
    }),
    boxes: rects.map(({ x, y, width, height }) => {
      const top = y + room(y - 0.001)
      return { x, y: top, width, height: y + height + room(y + height) - top }
    }),
    routes: edges.map(([from, to]) =>
      innerPoints(
        graph.edge(`${from}`, `${to}`) as { readonly points?: readonly Point[] }, // its types allow any label
      )?.map((point) => lowered(point)),
    ),
    ...(graph.graph() as { readonly width: number; readonly height: number }), // set by `layout`
  }
}

/** Dagre leaves no room for titles: everything below the top of a box moves down by one title. */
const roomBelow =
  (tops: readonly number[]) =>
  (y: number): number =>
    tops.reduce((sum, top) => sum + (top <= y ? gaps.title - gaps.box + 4 : 0), 0)

/** Without the end points, which lie on the borders of nodes. */
const innerPoints = ({ points = [] }: { readonly points?: readonly Point[] }): readonly Point[] | undefined =>
  points.length > 3 ? points.slice(1, -1).map(({ x, y }) => ({ x, y })) : undefined
