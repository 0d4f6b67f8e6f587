import ndarray, { type NdArray } from 'ndarray'

/** Rows are films, columns are features; unknown values are NaN. */
export type Matrix = NdArray<Float64Array>

/** A matrix from its size and a function of row and column. */
export const matrixOf = (rows: number, columns: number, value: (row: number, column: number) => number): Matrix => {
  const data = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) data[row * columns + column] = value(row, column)
  return ndarray(data, [rows, columns])
}

/** The given columns, in the given order. */
export const selectColumns = (matrix: Matrix, wanted: readonly number[]): Matrix =>
  matrixOf(rowsOf(matrix), wanted.length, (row, column) => matrix.get(row, wanted[column] as number))

/** The given rows, in the given order. */
export const selectRows = (matrix: Matrix, wanted: readonly number[]): Matrix =>
  matrixOf(wanted.length, columnsOf(matrix), (row, column) => matrix.get(wanted[row] as number, column))

/** Rows as plain arrays, for libraries that need them. */
export const toRows = (matrix: Matrix): number[][] =>
  Array.from({ length: rowsOf(matrix) }, (_, row) =>
    Array.from({ length: columnsOf(matrix) }, (_, column) => matrix.get(row, column)),
  )

export const rowsOf = (matrix: Matrix): number => matrix.shape[0] ?? 0
export const columnsOf = (matrix: Matrix): number => matrix.shape[1] ?? 0
