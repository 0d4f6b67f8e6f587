import type { Point, Rect, Size } from '../layout/layout-types.js'

/** The visible part of the graph: world coordinates of the upper left corner, and pixels for each unit of the world. */
export interface Camera extends Point {
  readonly scale: number
}

const [least, most] = [0.01, 3]
const [narrow, legible] = [560, 0.5]

export const toWorld = ({ x, y, scale }: Camera, at: Point): Point => ({ x: x + at.x / scale, y: y + at.y / scale })

export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x - dx / camera.scale,
  y: camera.y - dy / camera.scale,
})

/** Zooms so that the point at `at` (in pixels) stays in place. */
export const zoomedAt = (camera: Camera, at: Point, factor: number): Camera => {
  const scale = Math.min(most, Math.max(least, camera.scale * factor))
  const { x, y } = toWorld(camera, at)
  return { scale, x: x - at.x / scale, y: y - at.y / scale }
}

/** Centres a whole rectangle, magnified at most to its real size; on a narrow screen, its start at a legible size. */
export const fitting = ({ x, y, width, height }: Rect, view: Size, whole = false): Camera => {
  const margin = 36
  const room = { width: Math.max(40, view.width - 2 * margin), height: Math.max(40, view.height - 2 * margin) }
  const scale = Math.max(least, Math.min(1.15, room.width / Math.max(1, width), room.height / Math.max(1, height)))
  const middle = y + height / 2
  if (!whole && view.width < narrow && scale < legible && width < legible * 8000)
    return { scale: legible, x: x - 12 / legible, y: middle - view.height / 2 / legible }
  return { scale, x: x + width / 2 - view.width / 2 / scale, y: middle - view.height / 2 / scale }
}

/** Centres a rectangle, within `bounds`, at a legible size; unchanged if the rectangle is visible already. */
export const showing = (camera: Camera, rect: Rect, view: Size, bounds: Rect): Camera => {
  const middle = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }
  const scale = camera.scale < 0.55 ? 0.8 : camera.scale
  const margin = 60
  const at = { x: (middle.x - camera.x) * scale, y: (middle.y - camera.y) * scale }
  const inside = at.x > margin && at.y > margin && at.x < view.width - margin && at.y < view.height - margin
  return inside && scale === camera.scale
    ? camera
    : {
        scale,
        x: within(middle.x, view.width / scale, bounds.x, bounds.width, 24 / scale),
        y: within(middle.y, view.height / scale, bounds.y, bounds.height, 24 / scale),
      }
}

/** The start of a view that centres `middle` but shows as little as possible of what lies outside the graph. */
const within = (middle: number, view: number, start: number, length: number, margin: number): number =>
  length + 2 * margin <= view
    ? start + length / 2 - view / 2
    : Math.min(start + length + margin - view, Math.max(start - margin, middle - view / 2))
