import { fillOf, lineOf, washOf } from '../layout/colours.js'
import type { Point, Rect, Size } from '../layout/layout-types.js'
import type { Stand } from '../state/stand.js'
import { type Camera, toWorld } from './camera.js'
import { lookOf, type Palette, standColour } from './palette.js'
import type { Scene, SceneBox, SceneEdge, SceneItem } from './scene.js'

/** The parts of a drawing that change, by index of the scene's items. */
export interface Lights {
  readonly standOf: (item: SceneItem) => Stand
  /** For boxes: number of nodes in each status. */
  readonly countsOf: (item: SceneItem) => readonly (readonly [Stand, number])[]
  /** From 0 to 1; undefined if not reported. */
  readonly progressOf: (item: SceneItem) => number | undefined
  /** Words such as `changed`, if the graph shows differences. */
  readonly markOf?: (item: SceneItem) => DiffMark | undefined
  readonly selected: number
  readonly hovered: number
  /** Items that a search has found; undefined without a search. */
  readonly found: ReadonlySet<number> | undefined
}

export type DiffMark = 'added' | 'removed' | 'root' | 'consequence'

export interface Paper {
  readonly context: CanvasRenderingContext2D
  readonly view: Size
  readonly ratio: number
  readonly palette: Palette
  readonly dark: boolean
}

export const fontOf = (size: number, weight = 500): string => `${weight} ${size}px system-ui, "Segoe UI", sans-serif`

/** Draws the visible part of a scene in one go. */
export const paint = (paper: Paper, camera: Camera, scene: Scene, lights: Lights): void => {
  for (const _ of paintParts(paper, camera, scene, lights));
}

/** The same in steps of a few milliseconds. */
export function* paintParts(paper: Paper, camera: Camera, scene: Scene, lights: Lights): Generator<undefined> {
  const { context, view, ratio, palette } = paper
  const { scale } = camera
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.fillStyle = palette.ground
  context.fillRect(0, 0, view.width, view.height)
  context.setTransform(ratio * scale, 0, 0, ratio * scale, -camera.x * scale * ratio, -camera.y * scale * ratio)
  const corner = toWorld(camera, { x: 0, y: 0 })
  const seen: Rect = { ...corner, width: view.width / scale, height: view.height / scale }
  const boxes = scene.boxes.filter((box) => meets(box, seen))
  for (const box of boxes) paintBox(paper, scale, box)
  yield* paintEdges(paper, scale, scene, seen, lights)
  const focus = lights.hovered >= 0 ? lights.hovered : lights.selected
  for (const [index, item] of scene.items.entries()) {
    if (index % itemsAtOnce === 0) yield
    if (!meets(item, seen)) continue
    context.globalAlpha = lights.found?.has(index) === false && index !== focus ? 0.34 : 1
    paintItem(paper, scale, item, index, lights)
  }
  context.globalAlpha = 1
  if (scale < legible) for (const box of boxes) paintTitleOver(paper, scale, box)
}

/** Below this scale task names are left out, and titles of boxes are written over their contents. */
const legible = 0.33

const meets = (one: Rect, other: Rect): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height

const paintBox = ({ context, dark, palette }: Paper, scale: number, box: SceneBox): void => {
  context.beginPath()
  context.roundRect(box.x, box.y, box.width, box.height, 10)
  context.fillStyle = washOf(box.colour, dark)
  context.fill()
  context.strokeStyle = lineOf(box.colour, dark)
  context.globalAlpha = 0.45
  context.lineWidth = Math.max(1, 0.8 / scale)
  context.stroke()
  context.globalAlpha = 1
  const size = Math.min(12.5 / Math.min(1, scale), 18)
  if (scale < legible) return
  context.font = fontOf(size, 600)
  context.textBaseline = 'alphabetic'
  context.fillStyle = box.colour < 0 ? palette.dim : lineOf(box.colour, dark)
  context.fillText(clipped(context, `▾ ${box.title}`, box.width - 20), box.x + 11, box.y + 10 + size * 0.75)
}

const paintTitleOver = ({ context, dark, palette }: Paper, scale: number, box: SceneBox): void => {
  if (box.width * scale < 40) return
  const size = 12 / scale
  context.font = fontOf(size, 600)
  context.textBaseline = 'middle'
  const title = clipped(context, box.title, box.width - size * 0.8)
  context.fillStyle = palette.ground
  context.globalAlpha = 0.82
  context.fillRect(box.x, box.y, context.measureText(title).width + size * 0.8, size * 1.5)
  context.globalAlpha = 1
  context.fillStyle = box.colour < 0 ? palette.dim : lineOf(box.colour, dark)
  context.fillText(title, box.x + size * 0.4, box.y + size * 0.78)
}

/** Draws lines in few strokes, grouped by style rather than one by one. */
function* paintEdges(paper: Paper, scale: number, { edges }: Scene, seen: Rect, lights: Lights): Generator<undefined> {
  const { context, palette } = paper
  const focus = lights.hovered >= 0 ? lights.hovered : lights.selected
  const inView = edges.filter(({ points }) => points.length > 1 && lineMeets(points, seen))
  const lit = focus < 0 ? [] : inView.filter(({ from, to }) => from === focus || to === focus)
  const straight = inView.length > 3000
  const thin = Math.max(1.1, 0.7 / scale)
  const heads = scale > 0.35 && inView.length < 1500
  const faint = focus >= 0 || lights.found !== undefined
  const [bright, dim] = straight ? [0.35, 0.12] : [1, 0.6]
  context.globalAlpha = faint ? dim : bright
  yield* strokeEdges(
    context,
    inView.filter(({ weight }) => weight === 1),
    { colour: palette.edge, width: thin, straight, heads },
  )
  for (const edge of inView)
    if (edge.weight > 1)
      yield* strokeEdges(context, [edge], {
        colour: palette.edge,
        width: thin * Math.min(4, 1 + Math.log2(edge.weight) / 2),
        straight,
        heads,
      })
  context.globalAlpha = 1
  yield* strokeEdges(context, lit, { colour: palette.accent, width: thin * 1.5, straight: false, heads: scale > 0.2 })
}

interface Stroke {
  readonly colour: string
  readonly width: number
  readonly straight: boolean
  readonly heads: boolean
}

/** Lines in one stroke; with many more, canvases take far longer for each line. */
const atOnce = 400
const [strokesAtOnce, itemsAtOnce] = [4, 500]

function* strokeEdges(
  context: CanvasRenderingContext2D,
  edges: readonly SceneEdge[],
  stroke: Stroke,
): Generator<undefined> {
  if (edges.length === 0) return
  context.strokeStyle = stroke.colour
  context.fillStyle = stroke.colour
  context.lineWidth = stroke.width
  context.setLineDash([])
  for (let from = 0; from < edges.length; from += atOnce) {
    if (from % (strokesAtOnce * atOnce) === strokesAtOnce * atOnce - atOnce) yield
    context.beginPath()
    for (const { points } of edges.slice(from, from + atOnce)) tracedLine(context, points, stroke.straight)
    context.stroke()
  }
  if (!stroke.heads) return
  context.beginPath()
  for (const { points } of edges) {
    const end = points.at(-1) ?? { x: 0, y: 0 }
    context.moveTo(end.x, end.y)
    context.lineTo(end.x - 7, end.y - 3.4)
    context.lineTo(end.x - 7, end.y + 3.4)
  }
  context.fill()
}

const tracedLine = (context: CanvasRenderingContext2D, points: readonly Point[], straight: boolean): void => {
  const [start, end] = [points[0] ?? { x: 0, y: 0 }, points.at(-1) ?? { x: 0, y: 0 }]
  context.moveTo(start.x, start.y)
  if (straight) {
    context.lineTo(end.x, end.y)
    return
  }
  if (end.x < start.x + 8) {
    tracedBack(context, start, end)
    return
  }
  let before = start
  for (const point of points.slice(1)) {
    const bend = Math.max(12, (point.x - before.x) / 2)
    context.bezierCurveTo(before.x + bend, before.y, point.x - bend, point.y, point.x, point.y)
    before = point
  }
}

/** An edge to the next row of a folded graph: down between the two rows, then in from the left. */
const tracedBack = (context: CanvasRenderingContext2D, start: Point, end: Point): void => {
  const middle = (start.y + end.y) / 2
  context.bezierCurveTo(start.x + 26, start.y, start.x + 26, middle, start.x, middle)
  context.lineTo(end.x, middle)
  context.bezierCurveTo(end.x - 26, middle, end.x - 26, end.y, end.x, end.y)
}

const lineMeets = (points: readonly Point[], seen: Rect): boolean => {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return left <= seen.x + seen.width && right >= seen.x && top <= seen.y + seen.height && bottom >= seen.y
}

const paintItem = (paper: Paper, scale: number, item: SceneItem, index: number, lights: Lights): void => {
  const { context, palette, dark } = paper
  const stand = lights.standOf(item)
  const look = lookOf(stand, lineOf(item.colour, dark), palette)
  const { x, y, width, height } = item
  if (scale < 0.12) {
    context.fillStyle = look.width === 0 ? fillOf(item.colour, dark) : look.line
    context.fillRect(x, y, width, height)
    return
  }
  const mark = lights.markOf?.(item)
  if (item.of.kind === 'box') paintPile(paper, item)
  context.beginPath()
  context.roundRect(x, y, width, height, 7)
  context.fillStyle = fillOf(item.colour, dark)
  context.fill()
  if (item.of.kind === 'box' || look.width > 0) {
    context.strokeStyle = item.of.kind === 'box' ? lineOf(item.colour, dark) : look.line
    context.lineWidth = item.of.kind === 'box' ? 1.4 : look.width
    context.setLineDash(item.of.kind === 'box' ? [] : [...look.dash])
    context.stroke()
    context.setLineDash([])
  }
  if (index === lights.selected || index === lights.hovered || mark !== undefined)
    paintRing(paper, scale, item, mark, index === lights.selected)
  if (scale < legible) return
  paintTexts(paper, scale, item, look.mark, look.line)
  if (item.of.kind === 'box') paintCounts(paper, item, lights.countsOf(item))
  else paintProgress(paper, item, stand, lights.progressOf(item))
}

/** A closed box is drawn as a pile. */
const paintPile = ({ context, dark }: Paper, { x, y, width, height, colour }: SceneItem): void => {
  context.beginPath()
  context.roundRect(x + 4, y + 4, width, height, 7)
  context.fillStyle = fillOf(colour, dark)
  context.fill()
  context.strokeStyle = lineOf(colour, dark)
  context.globalAlpha *= 0.5
  context.lineWidth = 1
  context.stroke()
  context.globalAlpha *= 2
}

const paintRing = (
  { context, palette }: Paper,
  scale: number,
  item: Rect,
  mark: DiffMark | undefined,
  selected: boolean,
): void => {
  const width = Math.max(2, 1.6 / scale)
  context.beginPath()
  context.roundRect(item.x - width * 1.6, item.y - width * 1.6, item.width + width * 3.2, item.height + width * 3.2, 10)
  context.lineWidth = width
  context.strokeStyle = selected || mark === undefined ? palette.accent : markColour(mark, palette)
  const alpha = context.globalAlpha
  context.globalAlpha = selected || mark !== undefined ? alpha : alpha / 2
  context.stroke()
  context.globalAlpha = alpha
}

export const markColour = (mark: DiffMark, palette: Palette): string => {
  switch (mark) {
    case 'added':
      return palette.good
    case 'removed':
      return palette.failed
    case 'root':
      return palette.warn
    case 'consequence':
      return palette.accent
  }
}

/** When zoomed out, draws only the name, larger, so that it stays legible longer. */
const paintTexts = (
  { context, palette }: Paper,
  scale: number,
  item: SceneItem,
  mark: string,
  colour: string,
): void => {
  const { x, y, width, height, label } = item
  const pile = item.of.kind === 'box'
  const note = scale < 0.72 && !pile ? '' : item.note
  const room = width - (mark === '' || pile ? 14 : 30)
  const text = pile ? `▸ ${label}` : label
  const larger = note === '' ? 13 * Math.min(1.4, Math.max(1, 0.85 / scale)) : 13
  context.textBaseline = 'middle'
  context.fillStyle = palette.ink
  context.font = fontOf(fitted(context, text, room, larger), pile ? 600 : 500)
  const middle = note === '' ? y + height / 2 + 0.5 : y + 15
  context.fillText(clipped(context, text, room), x + 8, middle)
  if (note !== '') {
    context.font = fontOf(11, 400)
    context.fillStyle = palette.dim
    context.fillText(clipped(context, note, width - 16), x + 8, y + 31)
  }
  if (mark === '' || pile) return
  context.font = fontOf(12, 700)
  context.fillStyle = colour
  context.fillText(mark, x + width - 18, middle)
}

const paintCounts = (
  { context, palette }: Paper,
  { x, y, width, height }: Rect,
  counts: readonly (readonly [Stand, number])[],
): void => {
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  let left = x + 10
  for (const [stand, count] of counts) {
    const part = ((width - 20) * count) / Math.max(1, total)
    context.fillStyle = standColour(stand, palette)
    context.fillRect(left, y + height - 9, Math.max(1, part - 1), 3)
    left += part
  }
}

const paintProgress = (
  { context, palette }: Paper,
  { x, y, width, height }: Rect,
  stand: Stand,
  progress: number | undefined,
): void => {
  if (stand !== 'running' || progress === undefined) return
  context.fillStyle = palette.accent
  context.fillRect(x + 6, y + height - 5, (width - 12) * Math.min(1, progress), 3)
}

const natural = new Map<string, number>()
/** The wanted font size or as much as fits, but at least 13. */
const fitted = (context: CanvasRenderingContext2D, text: string, room: number, wanted: number): number => {
  if (wanted <= 13) return 13
  let width = natural.get(text)
  if (width === undefined) {
    context.font = fontOf(13)
    width = context.measureText(text).width
    if (natural.size > 20_000) natural.clear()
    natural.set(text, width)
  }
  return Math.max(13, Math.floor(Math.min(wanted, (12.9 * room) / Math.max(1, width)) * 2) / 2)
}

const widths = new Map<string, string>()
/** Cuts a text to its room with an ellipsis; cached, since measuring is slow. */
const clipped = (context: CanvasRenderingContext2D, text: string, room: number): string => {
  const id = `${context.font} ${Math.round(room)} ${text}`
  const known = widths.get(id)
  if (known !== undefined) return known
  let cut = text
  if (context.measureText(text).width > room) {
    let [low, high] = [0, text.length]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle
      else high = middle - 1
    }
    cut = `${text.slice(0, low)}…`
  }
  if (widths.size > 20_000) widths.clear()
  widths.set(id, cut)
  return cut
}
