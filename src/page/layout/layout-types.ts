/** What to lay out, from left to right: plain data, since it is sent to a worker. */
export interface LayoutRequest {
  readonly items: readonly LayoutItem[]
  /** Parents come before their contents. */
  readonly boxes: readonly LayoutBox[]
  /** Indexes of items, each pair once. */
  readonly edges: readonly Edge[]
}

export type Edge = readonly [from: number, to: number]

export interface LayoutItem extends Size {
  /** Index of the box that contains it; -1 for none. */
  readonly box: number
}

export interface LayoutBox {
  readonly parent: number
  /** Minimum width, for its title. */
  readonly width: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Rect extends Point, Size {}

/** Upper left corners. */
export interface LayoutAnswer extends Size {
  readonly engine: Engine
  readonly items: readonly Point[]
  readonly boxes: readonly Rect[]
  /** By edge: points between its ends if the engine has routed it around something. */
  readonly routes: readonly (readonly Point[] | undefined)[]
}

/** `dagre`: fewest crossings, for small graphs. `layered`: time linear in the edges, for all others. */
export type Engine = 'dagre' | 'layered'

export const gaps = { between: 14, ranks: 48, box: 14, title: 30, bands: 44 } as const
