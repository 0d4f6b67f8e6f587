import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ChainAnswer } from '../../ui/contract.js'
import type { Boxes } from '../layout/boxes-of.js'
import type { Rect } from '../layout/layout-types.js'
import type { Visible } from '../layout/visible.js'
import { type Stand, wordOf } from '../state/stand.js'
import { isDark } from '../state/theme.js'
import { type CanvasView, canvasView, type Hit, measureText } from './canvas-view.js'
import { keyDown } from './keys.js'
import { layOutAside } from './lay-out-aside.js'
import type { DiffMark, Lights } from './paint.js'
import { paletteOf } from './palette.js'
import { followPointer } from './pointer.js'
import { boundsOf, layoutRequestOf, type Scene, type SceneItem, sceneOf, spoken } from './scene.js'

export interface GraphCanvasProps {
  readonly chain: ChainAnswer
  readonly boxes: Boxes
  readonly visible: Visible
  /** By index of the node. */
  readonly stands: readonly Stand[]
  readonly progressOf: (node: string) => number | undefined
  readonly markOf?: (node: string) => DiffMark | undefined
  /** Full name. */
  readonly selected: string | undefined
  /** Indexes of nodes. */
  readonly found: ReadonlySet<number> | undefined
  readonly onSelect: (node: string | undefined) => void
  readonly onToggle: (box: string) => void
  /** Whether the next drawing differs only by a box, so that the camera stays. */
  readonly stays: boolean
  /** Whether to show the whole graph, even if it is too small to be legible. */
  readonly whole?: boolean
}

/** The graph on a canvas, with a sentence about the selection for screen readers. */
export const GraphCanvas = (props: GraphCanvasProps) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [view, setView] = useState<CanvasView>()
  const [hovered, setHovered] = useState(-1)
  const [cursor, setCursor] = useState<string>()
  const scene = useScene(props)
  const newest = useRef({ props, scene })
  newest.current = { props, scene }

  useEffect(() => {
    const place = canvas.current
    if (place === null) return
    const made = canvasView(place, { palette: paletteOf(isDark()), dark: isDark(), whole: props.whole === true })
    setView(made)
    const stop = followPointer(place, made, {
      clicked: (hit) => onHit(newest.current, hit),
      hovered: (hit) => {
        setHovered(hit?.kind === 'item' ? hit.index : -1)
        place.style.cursor = hit === undefined ? 'grab' : 'pointer'
      },
    })
    return () => {
      stop()
      made.end()
    }
  }, [])
  const dark = isDark()
  useEffect(() => view?.dress(paletteOf(dark), dark), [view, dark])
  useEffect(() => {
    if (scene !== undefined) view?.show(scene, newest.current.props.stays, focusOf(newest.current.props, scene))
  }, [view, scene])
  const at = indexOf(scene, cursor ?? props.selected)
  useEffect(() => {
    setCursor(undefined)
    const item = scene?.items[indexOf(scene, props.selected)]
    if (item !== undefined) view?.reveal(item)
  }, [view, scene, props.selected])
  useEffect(() => {
    if (scene !== undefined) view?.light(lightsOf(props, scene, at, hovered))
  }, [view, scene, hovered, at, props.stands, props.found, props.progressOf, props.markOf])

  const here = scene?.items[at]
  return (
    <div
      class="graph-frame"
      role="application"
      tabIndex={0}
      data-testid="graph"
      data-ready={scene === undefined ? 'no' : 'yes'}
      data-items={scene?.items.length ?? 0}
      aria-label="Graph. Arrow keys go from task to task, Enter opens one, Backspace closes its group. Also as a list."
      onKeyDown={(event) => keyDown(event, { view, scene, at, move: setCursor, props })}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {scene === undefined ? (
        <p class="over" role="status">
          <span class="spinner" aria-hidden="true" /> Laying out
        </p>
      ) : null}
      <p class="hidden-text" aria-live="polite">
        {here === undefined
          ? ''
          : spoken(here, here.of.kind === 'node' ? wordOf[props.stands[here.of.node] ?? 'to_run'] : '')}
      </p>
      <ZoomButtons view={view} />
    </div>
  )
}

const ZoomButtons = ({ view }: { readonly view: CanvasView | undefined }) => (
  <div class="zoom-buttons">
    <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => view?.zoom(1.3)}>
      +
    </button>
    <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => view?.zoom(1 / 1.3)}>
      −
    </button>
    <button type="button" aria-label="Show all" title="Show all (0)" onClick={() => view?.fit()}>
      ⤢
    </button>
  </div>
)

const useScene = ({ chain, boxes, visible }: GraphCanvasProps): Scene | undefined => {
  const [scene, setScene] = useState<Scene>()
  const request = useMemo(() => layoutRequestOf(chain, boxes, visible, measureText), [chain, boxes, visible])
  useEffect(() => {
    let wanted = true
    void layOutAside(request).then((answer) => {
      if (wanted) setScene(sceneOf(chain, boxes, visible, request, answer))
    })
    return () => {
      wanted = false
    }
  }, [request])
  return scene
}

const indexOf = (scene: Scene | undefined, id: string | undefined): number =>
  id === undefined || scene === undefined ? -1 : scene.items.findIndex((item) => item.id === id)

/** Differences, if any, are the first thing to show. */
const focusOf = ({ whole, found }: GraphCanvasProps, { items }: Scene): Rect | undefined => {
  if (whole !== true || found === undefined) return undefined
  const marked = items.filter(({ of }) => of.kind === 'node' && found.has(of.node))
  return marked.length === 0 ? undefined : boundsOf(marked)
}

const onHit = (
  { props, scene }: { readonly props: GraphCanvasProps; readonly scene: Scene | undefined },
  hit: Hit,
): void => {
  if (scene === undefined) return
  if (hit?.kind === 'box') props.onToggle(scene.boxes[hit.index]?.id ?? '')
  else if (hit === undefined) props.onSelect(undefined)
  else openItem(props, scene.items[hit.index])
}

const openItem = (props: GraphCanvasProps, item: SceneItem | undefined): void => {
  if (item?.of.kind === 'box') props.onToggle(item.id)
  else if (item !== undefined) props.onSelect(item.id)
}

const lightsOf = (
  { stands, progressOf, markOf, found }: GraphCanvasProps,
  { items }: Scene,
  selected: number,
  hovered: number,
): Lights => {
  const foundItems =
    found === undefined
      ? undefined
      : new Set(
          items.flatMap(({ of }, index) =>
            (of.kind === 'node' ? found.has(of.node) : of.nodes.some((node) => found.has(node))) ? [index] : [],
          ),
        )
  return {
    standOf: ({ of }) => (of.kind === 'node' ? (stands[of.node] ?? 'to_run') : 'cached'),
    countsOf: ({ of }) => (of.kind === 'box' ? countsOf(of.nodes.map((node) => stands[node] ?? 'to_run')) : []),
    progressOf: ({ id }) => progressOf(id),
    ...(markOf === undefined ? {} : { markOf: ({ id }: SceneItem) => markOf(id) }),
    selected,
    hovered,
    found: foundItems,
  }
}

const countsOf = (stands: readonly Stand[]): readonly (readonly [Stand, number])[] => {
  const counts = new Map<Stand, number>()
  for (const stand of stands) counts.set(stand, (counts.get(stand) ?? 0) + 1)
  return [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1))
}
