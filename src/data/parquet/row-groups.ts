import type { StoredColumn } from '../table/stored-column.js'

/** Maximum rows per row group: what readers decode at a time. */
export const groupRows = 1 << 16

/** Approximate maximum bytes per row group, unless a single row has more. */
export const groupBytes = 1 << 26

/**
 * Where row groups start, and where the last one ends: `[0, 65536, 100000]`. Without rows there are no groups: `[0]`.
 */
export const cutPoints = (columns: readonly StoredColumn[]): readonly number[] => {
  const rows = columns[0]?.values.length ?? 0
  const texts = columns.filter((column) => column.stored === 'text' || column.stored === 'json')
  const fixed = (columns.length - texts.length) * 8
  const most = Math.max(1, Math.min(groupRows, Math.floor(groupBytes / Math.max(1, fixed))))
  const cuts = [0]
  let start = 0
  let characters = 0
  for (let row = 0; row < rows; row++) {
    let length = 0
    for (const { values } of texts) length += ((values[row] as string | null)?.length ?? 0) + 4
    if (row > start && (row - start >= most || characters + length > groupBytes)) {
      cuts.push(row)
      start = row
      characters = 0
    }
    characters += length
  }
  return rows === 0 ? cuts : [...cuts, rows]
}
