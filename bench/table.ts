// Benchmark rows, as a table for people and as JSON for scripts.

/** One measured figure. `limit` is its upper bound; undefined if the figure is only informational. */
export interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly limit: number | undefined
}

const shown = (value: number): string =>
  Number.isInteger(value) ? String(value) : value >= 100 ? value.toFixed(0) : value.toPrecision(3)

/** Aligned text. */
export const tableText = (rows: readonly Row[]): string => {
  const width = Math.max(...rows.map((row) => row.what.length))
  return rows
    .map((row) => {
      const verdict =
        row.limit === undefined
          ? ''
          : row.value <= row.limit
            ? `  (limit ${shown(row.limit)}: holds)`
            : `  (limit ${shown(row.limit)}: MISSED)`
      return `${row.what.padEnd(width)}  ${shown(row.value).padStart(10)} ${row.unit}${verdict}`
    })
    .join('\n')
}
