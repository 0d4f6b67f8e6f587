import type { Boxes } from '../layout/boxes-of.js'
import type { CanvasView } from './canvas-view.js'
import type { Scene } from './scene.js'
import { stepFrom, type Way } from './steps.js'

interface Keyed {
  readonly view: CanvasView | undefined
  readonly scene: Scene | undefined
  /** The selected item. */
  readonly at: number
  readonly move: (id: string) => void
  readonly props: {
    readonly boxes: Boxes
    readonly onSelect: (node: string | undefined) => void
    readonly onToggle: (box: string) => void
  }
}

const ways: { readonly [key: string]: Way } = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}
const pans: { readonly [way in Way]: readonly [number, number] } = {
  left: [80, 0],
  right: [-80, 0],
  up: [0, 80],
  down: [0, -80],
}

/** Arrows move the selection; with Shift they move the picture. Backspace closes the enclosing box. */
export const keyDown = (event: KeyboardEvent, { view, scene, at, move, props }: Keyed): void => {
  if (event.ctrlKey || event.metaKey || event.altKey || view === undefined || scene === undefined) return
  const way = ways[event.key]
  if (way !== undefined && event.shiftKey) view.pan(...pans[way])
  else if (way !== undefined) {
    const item = scene.items[stepFrom(scene, at, way)]
    if (item === undefined) return
    move(item.id)
    view.reveal(item)
  } else if (event.key === '+' || event.key === '=') view.zoom(1.25)
  else if (event.key === '-') view.zoom(0.8)
  else if (event.key === '0') view.fit()
  else if (event.key === 'Escape') props.onSelect(undefined)
  else if (event.key === 'Backspace') {
    const around = props.boxes.boxes[scene.items[at]?.of.in ?? -1]
    if (around !== undefined) props.onToggle(around.id)
  } else if (event.key === 'Enter' || event.key === ' ') {
    if (event.target instanceof HTMLButtonElement) return
    const item = scene.items[at]
    if (item?.of.kind === 'box') props.onToggle(item.id)
    else if (item !== undefined) props.onSelect(item.id)
  } else return
  event.preventDefault()
}
