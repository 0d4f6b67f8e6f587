import type { ChainAnswer } from '../../ui/contract.js'
import type { Boxes } from '../layout/boxes-of.js'
import type { LayoutAnswer, LayoutRequest, Point, Rect } from '../layout/layout-types.js'
import type { Visible, VisibleItem } from '../layout/visible.js'
import { countText, counted, secondsText } from '../words.js'

/** What is drawn, and where: everything that does not change during a run. */
export interface Scene {
  readonly items: readonly SceneItem[]
  readonly boxes: readonly SceneBox[]
  readonly edges: readonly SceneEdge[]
  readonly bounds: Rect
}

export interface SceneItem extends Rect {
  readonly of: VisibleItem
  /** Full name of a node, or id of a box. */
  readonly id: string
  readonly label: string
  /** A second line, smaller. */
  readonly note: string
  /** Index of its group in the project; -1 for none. */
  readonly colour: number
}

export interface SceneBox extends Rect {
  readonly id: string
  readonly title: string
  readonly colour: number
  readonly nodes: number
}

export interface SceneEdge {
  readonly from: number
  readonly to: number
  readonly weight: number
  readonly points: readonly Point[]
}

/** Measures the width of a text in the font of labels. */
export type Measure = (text: string) => number

const [least, widest] = [72, 236]
/** With more items than this, the second line is left out. */
const noted = 160

export const layoutRequestOf = (
  chain: ChainAnswer,
  { boxes }: Boxes,
  { items, open, edges }: Visible,
  measure: Measure,
): LayoutRequest => {
  const at = new Map(open.map((box, index) => [box, index]))
  const height = items.length > noted ? 28 : 44
  return {
    items: items.map((item) => {
      const { label, note } = textsOf(chain, boxes, item)
      const room = Math.max(measure(label), items.length > noted ? 0 : measure(note) * 0.85)
      const width = Math.round(Math.min(widest, Math.max(least, room + 40)))
      return { width, height: item.kind === 'box' ? 50 : height, box: at.get(item.in) ?? -1 }
    }),
    boxes: open.map((box) => ({
      parent: at.get(boxes[box]?.parent ?? -1) ?? -1,
      width: measure(boxes[box]?.title ?? '') + 60,
    })),
    edges,
  }
}

export const sceneOf = (
  chain: ChainAnswer,
  { boxes }: Boxes,
  { items, open, edges, weights }: Visible,
  request: LayoutRequest,
  answer: LayoutAnswer,
): Scene => {
  const placed = items.map((item, index): SceneItem => {
    const { x, y } = answer.items[index] ?? { x: 0, y: 0 }
    const { width, height } = request.items[index] ?? { width: 0, height: 0 }
    const { label, note } = textsOf(chain, boxes, item)
    const id = item.kind === 'node' ? (chain.nodes[item.node]?.id ?? '') : (boxes[item.box]?.id ?? '')
    const group = item.kind === 'node' ? (chain.nodes[item.node]?.group ?? -1) : (boxes[item.box]?.group ?? -1)
    return {
      of: item,
      id,
      label,
      note: items.length > noted ? '' : note,
      x,
      y,
      width,
      height,
      colour: colourOf(chain, group),
    }
  })
  const rects = open.map((box, index): SceneBox => {
    const { id = '', title = '', group = -1, nodes = [] } = boxes[box] ?? {}
    const rect = answer.boxes[index] ?? { x: 0, y: 0, width: 0, height: 0 }
    return { ...rect, id, title, colour: colourOf(chain, group), nodes: nodes.length }
  })
  return {
    items: placed,
    boxes: rects,
    edges: edges.map(([from, to], index) => ({
      from,
      to,
      weight: weights[index] ?? 1,
      points: line(placed[from], placed[to], answer.routes[index]),
    })),
    bounds: boundsOf([...placed, ...rects]),
  }
}

/** Groups have the colour that the project assigns; namespaces and nodes without a group have none. */
export const colourOf = ({ groups }: ChainAnswer, group: number): number => {
  const found = groups[group]
  return found === undefined || found.name === '' ? -1 : found.colour
}

const textsOf = (
  chain: ChainAnswer,
  boxes: Boxes['boxes'],
  item: VisibleItem,
): { readonly label: string; readonly note: string } => {
  if (item.kind === 'box') return { label: boxes[item.box]?.title ?? '', note: counted(item.nodes.length, 'task') }
  const node = chain.nodes[item.node]
  if (node === undefined) return { label: '', note: '' }
  const took = node.seconds === undefined ? '' : ` · ${secondsText(node.seconds)}`
  return { label: node.name, note: `${node.persisted ? node.format : 'in memory'}${took}` }
}

/** From the right side of one item to the left side of the other, along the points of its route. */
const line = (from: Rect | undefined, to: Rect | undefined, route: readonly Point[] = []): readonly Point[] => {
  if (from === undefined || to === undefined) return []
  const start = { x: from.x + from.width, y: from.y + from.height / 2 }
  const end = { x: to.x, y: to.y + to.height / 2 }
  return [start, ...route.filter(({ x }) => x > start.x + 2 && x < end.x - 2), end]
}

export const boundsOf = (rects: readonly Rect[]): Rect => {
  if (rects.length === 0) return { x: 0, y: 0, width: 1, height: 1 }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y, width, height } of rects) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x + width)
    bottom = Math.max(bottom, y + height)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** For a screen reader: `filtered, cached, group films, 2 inputs`. */
export const spoken = ({ label, note, of }: SceneItem, word: string): string =>
  of.kind === 'box' ? `${label}, closed, ${countText(of.nodes.length)} tasks` : `${label}, ${word}, ${note}`
