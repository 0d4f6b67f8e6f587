import type { Point } from '../layout/layout-types.js'
import type { CanvasView, Hit } from './canvas-view.js'

/** Pointer input on the canvas: drags and pinches move it, a press without movement is a click. */
export const followPointer = (
  canvas: HTMLCanvasElement,
  view: CanvasView,
  { clicked, hovered }: { readonly clicked: (hit: Hit) => void; readonly hovered: (hit: Hit) => void },
): (() => void) => {
  const down = new Map<number, Point>()
  let travelled = 0
  const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const onDown = (event: PointerEvent): void => {
    canvas.setPointerCapture(event.pointerId)
    down.set(event.pointerId, pointOf(event))
    if (down.size === 1) travelled = 0
  }
  const onMove = (event: PointerEvent): void => {
    const [point, before] = [pointOf(event), down.get(event.pointerId)]
    if (before === undefined) {
      hovered(view.at(point))
      return
    }
    travelled += Math.abs(point.x - before.x) + Math.abs(point.y - before.y)
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1]
    if (other !== undefined) {
      const spread = (from: Point): number => Math.max(1, Math.hypot(from.x - other.x, from.y - other.y))
      view.zoom(spread(point) / spread(before), { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 })
    } else if (travelled > 3) view.pan(point.x - before.x, point.y - before.y)
    down.set(event.pointerId, point)
  }
  const onUp = (event: PointerEvent): void => {
    const pressed = down.delete(event.pointerId)
    if (pressed && down.size === 0 && travelled <= 3 && event.type === 'pointerup') clicked(view.at(pointOf(event)))
  }
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault()
    if (event.shiftKey) view.pan(-event.deltaY - event.deltaX, 0)
    else if (event.deltaX !== 0 && !event.ctrlKey) view.pan(-event.deltaX, -event.deltaY)
    else {
      const step = event.deltaMode === 1 ? 24 : event.ctrlKey ? 4 : 1
      view.zoom(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * step)) / 400), pointOf(event))
    }
  }
  const onLeave = (): void => hovered(undefined)
  canvas.addEventListener('pointerdown', onDown)
  canvas.addEventListener('pointermove', onMove)
  canvas.addEventListener('pointerup', onUp)
  canvas.addEventListener('pointercancel', onUp)
  canvas.addEventListener('pointerleave', onLeave)
  canvas.addEventListener('wheel', onWheel, { passive: false })
  return () => {
    canvas.removeEventListener('pointerdown', onDown)
    canvas.removeEventListener('pointermove', onMove)
    canvas.removeEventListener('pointerup', onUp)
    canvas.removeEventListener('pointercancel', onUp)
    canvas.removeEventListener('pointerleave', onLeave)
    canvas.removeEventListener('wheel', onWheel)
  }
}
