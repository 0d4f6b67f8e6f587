import type { Answer, Cell, Json, Trouble } from './words.js'

/** `preview`: a value, as much as fits, in a form that depends on its format. */
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

/** Rows from `offset` on. `columns` are those requested by `columnsFrom` and `columnsLimit`. */
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
  /** Only with `summary=1`, which reads the column; covers the first `of` rows. */
  readonly summary?: ColumnSummary
}

/** `of`: number of rows examined. `missing`: nulls among them. */
export interface ColumnSummary {
  readonly of: number
  readonly missing: number
  readonly numbers?: NumberSummary
  /** For texts and booleans: number of distinct values (counted up to `distinctLimit`), and the most common ones. */
  readonly texts?: {
    readonly distinct: number
    readonly more: boolean
    readonly commonest: readonly { readonly text: string; readonly count: number }[]
  }
}

export interface NumberSummary {
  readonly count: number
  /** NaN and infinities, which all other figures ignore. */
  readonly odd: number
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly deviation: number
  readonly median: number
  readonly histogram: Histogram
}

/** Bins of equal width from `min` to `max`; the last one includes `max`. A single bin if all values are equal. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly counts: readonly number[]
}

export interface ArrayPreview {
  readonly kind: 'array'
  readonly dtype: string
  readonly shape: readonly number[]
  /** Computed over the first `looked` elements in memory order. */
  readonly looked: number
  readonly summary?: NumberSummary
  /** For two dimensions (the last two, at index 0 of those before): means over blocks, row by row. */
  readonly heatMap?: HeatMap
  /** For one dimension: means over intervals, with minimum and maximum. */
  readonly line?: {
    readonly mean: readonly Cell[]
    readonly min: readonly Cell[]
    readonly max: readonly Cell[]
    /** Number of elements that one point represents. */
    readonly step: number
  }
  /** The first elements, as text. */
  readonly first: readonly Cell[]
}

export interface HeatMap {
  readonly rows: number
  readonly columns: number
  /** null for a block without numbers. */
  readonly values: readonly (number | null)[]
  /** The slice shown, by index of the leading dimensions: all 0 unless requested with `slice=1,0`. */
  readonly slice: readonly number[]
  readonly rowsInAll: number
  readonly columnsInAll: number
}

/** Several arrays or datasets by name; `name=` selects one of them, which is then in `array`. */
export interface ArraysPreview {
  readonly kind: 'arrays'
  readonly arrays: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[]
  readonly more: number
  readonly name?: string
  readonly array?: ArrayPreview
  /** Values of a dataset that is not numeric. */
  readonly values?: readonly Cell[]
}

/** Pictures are behind `file` with `view=svg` or `view=png`; the spec is for clients that have Vega. */
export interface FigurePreview {
  readonly kind: 'figure'
  readonly views: readonly ('svg' | 'png')[]
  readonly spec?: Json
  readonly title?: string
}

/** JSON, limited in depth, width and length. */
export interface TreePreview {
  readonly kind: 'tree'
  readonly root: TreeNode
}

/** `more`: number of entries left out. */
export type TreeNode =
  | { readonly kind: 'value'; readonly value: Cell }
  | { readonly kind: 'list'; readonly length: number; readonly items: readonly TreeNode[]; readonly more: number }
  | {
      readonly kind: 'record'
      readonly length: number
      readonly fields: readonly { readonly name: string; readonly value: TreeNode }[]
      readonly more: number
    }

/** JSON lines, each as a tree; `total` if it was counted. */
export interface LinesPreview {
  readonly kind: 'lines'
  readonly offset: number
  readonly items: readonly TreeNode[]
  readonly total?: number
  readonly end: boolean
}

/** `more`: number of bytes left out. */
export interface TextPreview {
  readonly kind: 'text'
  readonly text: string
  readonly more: number
  /** Bytes as hex, 16 a line, if the data is not text. */
  readonly binary: boolean
}

/** The first files in a folder, recursively; `path=` selects one, which is then in `preview`. */
export interface FolderPreview {
  readonly kind: 'folder'
  readonly files: readonly { readonly path: string; readonly size: number; readonly kind: FileKind }[]
  readonly more: number
  readonly bytes: number
  readonly path?: string
  readonly preview?: ImagePreview | TextPreview | NoPreview
}

/** `link`: a link, which is listed but not followed. */
export type FileKind = 'image' | 'text' | 'other' | 'link'

/** A picture behind `file` with this `path`. */
export interface ImagePreview {
  readonly kind: 'image'
  readonly path: string
  readonly type: 'image/png' | 'image/svg+xml' | 'image/jpeg' | 'image/gif' | 'image/webp'
  readonly size: number
}

/** Stored results of items, of one set, selected by `name`; the node's answer lists the other sets. */
export interface ItemsPreview {
  readonly kind: 'items'
  readonly sets: readonly string[]
  readonly name?: string
  readonly offset: number
  readonly total: number
  readonly items: readonly ItemRow[]
  /** Total cost of all results that report one, by unit; `{}` if none does. */
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

/** Why there is nothing to show; `message` is a sentence that also says what to do. */
export interface NoPreview {
  readonly kind: 'too large' | 'damaged' | 'not computed' | 'unreadable' | 'in memory' | 'too slow' | 'left out'
  readonly message: string
  /** For data that is too large: its bytes, and the limit for reading. */
  readonly size?: number
  readonly limit?: number
  readonly trouble?: Trouble
}
