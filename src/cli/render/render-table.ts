import { cut, padEnd, padStart, textWidth } from './text-width.js'

/** One column of a printed table. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  /** Numbers are aligned right. Default `left`. */
  readonly align?: 'left' | 'right'
  /** Cells are cut to this width, in terminal columns. */
  readonly most?: number
  /** Colours a cell after it was measured. */
  readonly paint?: (text: string, row: Row) => string
}

export interface TableOptions {
  /** Lines are cut to this width; unlimited if left out, as for a pipe. */
  readonly columns?: number | undefined
  readonly paintTitle?: (text: string) => string
}

/** Rows as aligned lines under their titles; columns without content are left out. */
export const tableLines = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions = {},
): readonly string[] => {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => cut(column.cell(row), column.most ?? Infinity)) }))
    .filter(({ cells }) => rows.length === 0 || cells.some((cell) => cell !== ''))
  const widths = filled.map(({ column, cells }) =>
    cells.reduce((most, cell) => Math.max(most, textWidth(cell)), textWidth(column.title)),
  )
  const line = (texts: readonly string[], paint: (text: string, index: number) => string): string => {
    let left = options.columns ?? Infinity
    const parts: string[] = []
    for (const [index, text] of texts.entries()) {
      if (left <= 0) break
      const width = widths[index] ?? 0
      const aligned =
        filled[index]?.column.align === 'right'
          ? padStart(text, width)
          : index === texts.length - 1
            ? text
            : padEnd(text, width)
      parts.push(paint(cut(aligned, left), index))
      left -= width + 2
    }
    return parts.join('  ').trimEnd()
  }
  const paintTitle = options.paintTitle ?? ((text: string) => text)
  return [
    line(
      filled.map(({ column }) => column.title),
      paintTitle,
    ),
    ...rows.map((row, at) =>
      line(
        filled.map(({ cells }) => cells[at] ?? ''),
        (text, index) => filled[index]?.column.paint?.(text, row) ?? text,
      ),
    ),
  ]
}
