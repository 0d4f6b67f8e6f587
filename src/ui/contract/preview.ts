import type { Answer, Cell, Json, Trouble } from './words.js'

/** `preview`: a value, as much of it as fits; by the format that it is kept in. */
export interface PreviewAnswer extends Answer {
  readonly node: string
  readonly key: string
  readonly format: string
  /** Bytes of the data. */
  readonly size?: number
  readonly preview: Preview
}

export type Preview =
  | TablePreview
  | ArrayPreview
  | ArraysPreview
  | FigurePreview
  | TreePreview
  | LinesPreview
  | TextPreview
  | FolderPreview
  | ImagePreview
  | ItemsPreview
  | NoPreview

/** Rows from `offset` on. `columns` are those that were asked for by `columnsFrom` and `columnsLimit`. */
export interface TablePreview {
  readonly kind: 'table'
  readonly rows: number
  readonly columnsInAll: number
  readonly columnsFrom: number
  readonly columns: readonly TableColumn[]
  readonly offset: number
  /** By row, in the order of `columns`. */
  readonly cells: readonly (readonly Cell[])[]
}

export interface TableColumn {
  readonly name: string
  readonly type: string
  /** Only with `summary=1`, which reads the column; over the first `of` rows. */
  readonly summary?: ColumnSummary
}

/** `of`: rows that were looked at. `missing`: nulls among them. */
export interface ColumnSummary {
  readonly of: number
  readonly missing: number
  readonly numbers?: NumberSummary
  /** Of texts and flags: how many differ (at most `distinctLimit` are told apart), and the commonest. */
  readonly texts?: {
    readonly distinct: number
    readonly more: boolean
    readonly commonest: readonly { readonly text: string; readonly count: number }[]
  }
}

export interface NumberSummary {
  readonly count: number
  /** NaN and infinities, which the rest does not look at. */
  readonly odd: number
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly deviation: number
  readonly median: number
  readonly histogram: Histogram
}

/** Bins of equal width from `min` to `max`; the last one holds `max`. One bin where all are equal. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly counts: readonly number[]
}

export interface ArrayPreview {
  readonly kind: 'array'
  readonly dtype: string
  readonly shape: readonly number[]
  /** Over the first `looked` elements in memory order. */
  readonly looked: number
  readonly summary?: NumberSummary
  /** Of two dimensions (the last two; the first index of those before): means over blocks, row by row. */
  readonly heatMap?: HeatMap
  /** Of one dimension: means over stretches, with least and most. */
  readonly line?: {
    readonly mean: readonly Cell[]
    readonly min: readonly Cell[]
    readonly max: readonly Cell[]
    /** Elements that one point stands for. */
    readonly step: number
  }
  /** The first elements, as text. */
  readonly first: readonly Cell[]
}

export interface HeatMap {
  readonly rows: number
  readonly columns: number
  /** null where a block has no number. */
  readonly values: readonly (number | null)[]
  /** Which slice it is, of the leading dimensions: all 0 unless asked by `slice=1,0`. */
  readonly slice: readonly number[]
  readonly rowsInAll: number
  readonly columnsInAll: number
}

/** Several arrays or datasets by name; `name=` asks for one of them, which is `array` then. */
export interface ArraysPreview {
  readonly kind: 'arrays'
  readonly arrays: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[]
  readonly more: number
  readonly name?: string
  readonly array?: ArrayPreview
  /** Datasets that hold no numbers. */
  readonly values?: readonly Cell[]
}

/** Pictures are behind `file` with `view=svg` or `view=png`; the spec for whoever has Vega. */
export interface FigurePreview {
  readonly kind: 'figure'
  readonly views: readonly ('svg' | 'png')[]
  readonly spec?: Json
  readonly title?: string
}

/** JSON, bounded in depth, width and length. */
export interface TreePreview {
  readonly kind: 'tree'
  readonly root: TreeNode
}

/** `more`: entries that were left out. */
export type TreeNode =
  | { readonly kind: 'value'; readonly value: Cell }
  | { readonly kind: 'list'; readonly length: number; readonly items: readonly TreeNode[]; readonly more: number }
  | {
      readonly kind: 'record'
      readonly length: number
      readonly fields: readonly { readonly name: string; readonly value: TreeNode }[]
      readonly more: number
    }

/** JSON lines: each as a tree; `total` where it was counted. */
export interface LinesPreview {
  readonly kind: 'lines'
  readonly offset: number
  readonly items: readonly TreeNode[]
  readonly total?: number
  readonly end: boolean
}

/** `more`: bytes that were left out. */
export interface TextPreview {
  readonly kind: 'text'
  readonly text: string
  readonly more: number
  /** Bytes as hex, 16 a line, where it is no text. */
  readonly binary: boolean
}

/** Files below a folder, the first of them; `path=` asks for one, which is `preview` then. */
export interface FolderPreview {
  readonly kind: 'folder'
  readonly files: readonly { readonly path: string; readonly size: number; readonly kind: FileKind }[]
  readonly more: number
  readonly bytes: number
  readonly path?: string
  readonly preview?: ImagePreview | TextPreview | NoPreview
}

/** `link`: a link, which is shown and not followed. */
export type FileKind = 'image' | 'text' | 'other' | 'link'

/** A picture behind `file` with this `path`. */
export interface ImagePreview {
  readonly kind: 'image'
  readonly path: string
  readonly type: 'image/png' | 'image/svg+xml' | 'image/jpeg' | 'image/gif' | 'image/webp'
  readonly size: number
}

/** Kept results of items, of one set, by `name`; the rest of the sets is in the node's answer. */
export interface ItemsPreview {
  readonly kind: 'items'
  readonly sets: readonly string[]
  readonly name?: string
  readonly offset: number
  readonly total: number
  readonly items: readonly ItemRow[]
  /** Cost of all results that say it, by unit; `{}` where none does. */
  readonly cost: { readonly [unit: string]: number }
}

export interface ItemRow {
  readonly key: string
  readonly outcome: 'kept' | 'failed' | 'refused'
  readonly at: string
  readonly item: TreeNode
  readonly result: TreeNode
  readonly cost?: { readonly [unit: string]: number }
}

/** Why there is nothing to see; `message` says it in a sentence, with what to do. */
export interface NoPreview {
  readonly kind: 'too large' | 'damaged' | 'not computed' | 'unreadable' | 'in memory' | 'too slow' | 'left out'
  readonly message: string
  /** Of what is too large: bytes, and how much would have been read. */
  readonly size?: number
  readonly limit?: number
  readonly trouble?: Trouble
}
