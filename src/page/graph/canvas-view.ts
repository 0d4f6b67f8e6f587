import type { Point, Rect, Size } from '../layout/layout-types.js'
import { type Camera, fitting, panned, showing, toWorld, zoomedAt } from './camera.js'
import { fontOf, type Lights, type Paper, paint, paintParts } from './paint.js'
import type { Palette } from './palette.js'
import type { Measure, Scene } from './scene.js'

/** A graph on a canvas: camera, frames, and hit testing. */
export interface CanvasView {
  /** `focus`: the part to show at first if the whole does not fit. */
  readonly show: (scene: Scene, keepsCamera: boolean, focus?: Rect) => void
  readonly light: (lights: Lights) => void
  readonly dress: (palette: Palette, dark: boolean) => void
  readonly fit: () => void
  readonly zoom: (factor: number, at?: Point) => void
  readonly pan: (dx: number, dy: number) => void
  readonly reveal: (rect: Rect) => void
  readonly at: (point: Point) => Hit
  readonly end: () => void
}

export type Hit = { readonly kind: 'item' | 'box'; readonly index: number } | undefined

/** Milliseconds. After slower drawings, moves only shift a picture, which is redrawn in parts once the graph rests. */
const slow = 40
const [restAfter, partTakes] = [140, 10]

export const canvasView = (
  canvas: HTMLCanvasElement,
  start: { readonly palette: Palette; readonly dark: boolean; readonly whole: boolean },
): CanvasView => {
  const context = canvas.getContext('2d', { alpha: false })
  if (context === null) throw new Error('this browser does not support canvas')
  let { palette, dark } = start
  let camera: Camera = { x: 0, y: 0, scale: 1 }
  let scene: Scene | undefined
  let focus: Rect | undefined
  let lights: Lights | undefined
  let view: Size = { width: 0, height: 0 }
  let fitted = true
  /** What should stay visible when the canvas shrinks, until the user moves the graph. */
  let revealed: Rect | undefined
  const paper = (): Paper => ({ context, view, ratio: devicePixelRatio, palette, dark })
  const drawing = drawingOf(canvas, () => ({ paper: paper(), camera, scene, lights }))
  const move = (next: Camera): void => {
    ;[camera, fitted, revealed] = [next, false, undefined]
    drawing.move()
  }
  const reveal = (rect: Rect): void => {
    const next = scene === undefined ? camera : showing(camera, rect, view, scene.bounds)
    if (next !== camera) move(next)
    revealed = rect
  }
  const fit = (): void => {
    if (scene !== undefined) camera = fitting(focus ?? scene.bounds, view, start.whole)
    revealed = undefined
    fitted = true
    drawing.soon()
  }
  const resized = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas
    ;[canvas.width, canvas.height] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)]
    view = { width, height }
    drawing.forget()
    const stays = revealed
    if (fitted) fit()
    drawing.now() // immediately, since resizing clears a canvas
    if (stays !== undefined) reveal(stays)
  })
  resized.observe(canvas)

  return {
    show: (next, keepsCamera, first) => {
      ;[scene, focus] = [next, first]
      drawing.stop()
      drawing.forget()
      if (keepsCamera && !fitted) drawing.soon()
      else fit()
    },
    light: (next) => {
      lights = next
      drawing.soon()
    },
    dress: (next, isDark) => {
      ;[palette, dark] = [next, isDark]
      drawing.soon()
    },
    fit: () => {
      focus = undefined
      fit()
    },
    zoom: (factor, at = { x: view.width / 2, y: view.height / 2 }) => move(zoomedAt(camera, at, factor)),
    pan: (dx, dy) => move(panned(camera, dx, dy)),
    reveal,
    at: (point) => hit(scene, toWorld(camera, point), camera.scale),
    end: () => {
      resized.disconnect()
      drawing.end()
    },
  }
}

/** What is to be drawn now. */
interface Seen {
  readonly paper: Paper
  readonly camera: Camera
  readonly scene: Scene | undefined
  readonly lights: Lights | undefined
}

/** Schedules frames: drawn immediately or soon, or a picture that is shifted while a redraw would take too long. */
const drawingOf = (canvas: HTMLCanvasElement, seen: () => Seen) => {
  let frame = 0
  let rest: ReturnType<typeof setTimeout> | undefined
  let took = 0
  let parts: Generator<undefined> | undefined
  let changed = false
  const picture = pictureOf()

  const drawAll = (): void => {
    const { paper, camera, scene, lights } = seen()
    if (scene === undefined || lights === undefined || canvas.width * canvas.height === 0) return
    parts = undefined
    const began = performance.now()
    paint(paper, camera, scene, lights)
    took = Math.max(took > slow ? slow + 1 : 0, performance.now() - began)
    requestAnimationFrame((next) => {
      took = next - began // includes the browser's own work between the calls
      if (took > slow && seen().camera === camera) picture.take(canvas, camera)
    })
  }
  const putPicture = (): void => {
    const { paper, camera } = seen()
    picture.put(paper, camera)
  }
  const isSlow = (): boolean => took > slow && picture.isThere()
  const drawInParts = (): void => {
    const { paper, camera, scene, lights } = seen()
    if (scene === undefined || lights === undefined) return
    const onto = picture.begin(canvas)
    if (onto === undefined) return drawAll()
    const mine = paintParts({ ...paper, context: onto }, camera, scene, lights)
    const done = (inAll: number): void => {
      ;[took, parts] = [inAll, undefined]
      picture.end(camera)
      putPicture()
      if (changed) drawSoon()
    }
    ;[parts, changed] = [mine, false]
    const request = (next: () => void): void => {
      frame = requestAnimationFrame(next)
    }
    overFrames(mine, { isWanted: () => parts === mine, settle: picture.settle, request, done })
  }
  const drawMoved = (): void => {
    cancelAnimationFrame(frame)
    parts = undefined
    frame = requestAnimationFrame(putPicture)
    clearTimeout(rest)
    rest = setTimeout(() => {
      rest = undefined
      drawSoon()
    }, restAfter)
  }
  const drawSoon = (): void => {
    if (rest !== undefined) return // moving: changes are drawn once it rests
    if (parts !== undefined) {
      changed = true // finish the current drawing first, or frequent changes would show nothing
      return
    }
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(isSlow() ? drawInParts : drawAll)
  }
  return {
    now: drawAll,
    soon: drawSoon,
    move: () => (isSlow() ? drawMoved() : drawSoon()),
    /** Discards a drawing in parts, which belongs to another scene. */
    stop: (): void => {
      parts = undefined
    },
    forget: picture.drop,
    end: (): void => {
      cancelAnimationFrame(frame)
      clearTimeout(rest)
    },
  }
}

interface OverFrames {
  readonly isWanted: () => boolean
  readonly settle: () => void
  readonly request: (next: () => void) => void
  /** Receives the total drawing time, without the time between frames. */
  readonly done: (inAll: number) => void
}

/** Draws a few parts in each frame, until finished or no longer wanted. */
const overFrames = (parts: Generator<undefined>, { isWanted, settle, request, done }: OverFrames): void => {
  let inAll = 0
  const go = (): void => {
    if (!isWanted()) return
    const began = performance.now()
    let isDone = false
    while (!isDone && performance.now() - began < partTakes) {
      isDone = parts.next().done === true
      settle()
    }
    inAll += performance.now() - began
    if (isDone) done(inAll)
    else request(go)
  }
  go()
}

/** The latest complete drawing, which is shifted while a redraw would take too long, and the next one. */
const pictureOf = () => {
  let [copy, next] = [document.createElement('canvas'), document.createElement('canvas')]
  const speck = document.createElement('canvas').getContext('2d')
  let of: Camera | undefined
  return {
    isThere: (): boolean => of !== undefined,
    drop: (): void => {
      of = undefined
    },
    take: (canvas: HTMLCanvasElement, camera: Camera): void => {
      if (canvas.width * canvas.height === 0) return
      ;[copy.width, copy.height] = [canvas.width, canvas.height]
      copy.getContext('2d')?.drawImage(canvas, 0, 0)
      of = camera
    },
    begin: ({ width, height }: HTMLCanvasElement): CanvasRenderingContext2D | undefined => {
      if (width * height === 0) return undefined
      ;[next.width, next.height] = [width, height]
      return next.getContext('2d', { alpha: false }) ?? undefined
    },
    /** Browsers defer canvas calls until pixels are needed: reading one spreads the work over the frames. */
    settle: (): void => speck?.drawImage(next, 0, 0, 1, 1, 0, 0, 1, 1),
    end: (camera: Camera): void => {
      ;[copy, next, of] = [next, copy, camera]
    },
    put: ({ context, palette, ratio }: Paper, camera: Camera): void => {
      if (of === undefined || copy.width * copy.height === 0) return
      const factor = camera.scale / of.scale
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.fillStyle = palette.ground
      context.fillRect(0, 0, copy.width, copy.height)
      const [x, y] = [(of.x - camera.x) * camera.scale * ratio, (of.y - camera.y) * camera.scale * ratio]
      context.drawImage(copy, x, y, copy.width * factor, copy.height * factor)
    },
  }
}

/** Boxes are hit only by their titles: the area inside them is for dragging. */
const hit = (scene: Scene | undefined, { x, y }: Point, scale: number): Hit => {
  if (scene === undefined) return undefined
  const within = (rect: Rect, height = rect.height): boolean =>
    x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + height
  const item = scene.items.findLastIndex((rect) => within(rect))
  if (item >= 0) return { kind: 'item', index: item }
  const title = Math.min(30, Math.max(24, 24 / scale))
  const box = scene.boxes.findLastIndex((rect) => within(rect, title))
  return box < 0 ? undefined : { kind: 'box', index: box }
}

let measuring: CanvasRenderingContext2D | null | undefined
/** Measures a text in the font of labels. */
export const measureText: Measure = (text) => {
  measuring ??= document.createElement('canvas').getContext('2d')
  if (measuring === null) return text.length * 7
  measuring.font = fontOf(13, 600)
  return measuring.measureText(text).width
}
