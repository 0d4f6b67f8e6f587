import { layered } from './layered.js'
import {
  type Edge,
  gaps,
  type LayoutAnswer,
  type LayoutRequest,
  type Point,
  type Rect,
  type Size,
} from './layout-types.js'

/** Lays out the contents of each box separately, then the boxes as if they were nodes, so boxes never overlap. */
export const boxesApart = (request: LayoutRequest): LayoutAnswer => {
  const { items, boxes } = request
  const members = membersOf(request)
  const sizes: Size[] = boxes.map(() => ({ width: 0, height: 0 }))
  const inside: Placed[] = []
  for (let box = boxes.length - 1; box >= -1; box -= 1) {
    const level = levelOf(request, members, sizes, box)
    inside[box + 1] = level
    if (box >= 0)
      sizes[box] = {
        width: Math.max(level.width + 2 * gaps.box, boxes[box]?.width ?? 0),
        height: level.height + gaps.box + gaps.title,
      }
  }
  const [points, rects]: [Point[], Rect[]] = [items.map(() => ({ x: 0, y: 0 })), []]
  for (let box = -1; box < boxes.length; box += 1) {
    const { x, y } =
      box < 0 ? { x: 0, y: 0 } : { x: (rects[box]?.x ?? 0) + gaps.box, y: (rects[box]?.y ?? 0) + gaps.title }
    const level = inside[box + 1]
    level?.members.forEach((member, index) => {
      const at = level.places[index] ?? { x: 0, y: 0 }
      const moved = { x: x + at.x, y: y + at.y }
      if (member.box) rects[member.index] = { ...moved, ...(sizes[member.index] ?? { width: 0, height: 0 }) }
      else points[member.index] = moved
    })
  }
  const top = inside[0] ?? { width: 0, height: 0 }
  return { engine: 'layered', items: points, boxes: rects, routes: [], width: top.width, height: top.height }
}

interface Placed extends Size {
  readonly members: readonly Member[]
  readonly places: readonly Point[]
}

/** An item or a box inside a box. `middle`: mean index of the items in it, which orders members without cycles. */
interface Member {
  readonly box: boolean
  readonly index: number
  readonly middle: number
}

/** Members by box, the top level first, ordered by their contents. */
const membersOf = ({ items, boxes }: LayoutRequest): readonly (readonly Member[])[] => {
  const sums = boxes.map(() => ({ sum: 0, count: 0 }))
  items.forEach(({ box }, index) => {
    for (let at = box; at >= 0; at = boxes[at]?.parent ?? -1) {
      const sum = sums[at]
      if (sum !== undefined) Object.assign(sum, { sum: sum.sum + index, count: sum.count + 1 })
    }
  })
  const found: Member[][] = [[], ...boxes.map(() => [])]
  items.forEach(({ box }, index) => found[box + 1]?.push({ box: false, index, middle: index }))
  boxes.forEach(({ parent }, index) => {
    const { sum, count } = sums[index] ?? { sum: 0, count: 0 }
    found[parent + 1]?.push({ box: true, index, middle: count === 0 ? 0 : sum / count })
  })
  return found.map((members) => members.toSorted((left, right) => left.middle - right.middle))
}

const levelOf = (
  { items, boxes, edges }: LayoutRequest,
  members: readonly (readonly Member[])[],
  sizes: readonly Size[],
  box: number,
): Placed => {
  const own = members[box + 1] ?? []
  const [ofItem, ofBox] = [new Map<number, number>(), new Map<number, number>()]
  own.forEach((member, index) => (member.box ? ofBox : ofItem).set(member.index, index))
  /** The member that contains an item; undefined if it is outside this box. */
  const memberOf = (item: number): number | undefined => {
    const direct = ofItem.get(item)
    if (direct !== undefined) return direct
    for (let at = items[item]?.box ?? -1; at >= 0; at = boxes[at]?.parent ?? -1) {
      const found = ofBox.get(at)
      if (found !== undefined) return found
      if (at === box) return undefined
    }
    return undefined
  }
  const seen = new Set<number>()
  const between: Edge[] = []
  for (const [from, to] of edges) {
    const [start, end] = [memberOf(from), memberOf(to)]
    if (start === undefined || end === undefined || start === end || seen.has(start * own.length + end)) continue
    seen.add(start * own.length + end)
    between.push([start, end])
  }
  const level = layered(
    own.map(({ box: isBox, index }) => (isBox ? sizes[index] : items[index]) ?? { width: 0, height: 0 }),
    between,
  )
  return { members: own, ...level }
}
