import { padStart } from './text-width.js'
import { shortNumber } from './units.js'

/** An ndarray, recognised by its fields, since a project may have its own copy of the package. */
export interface ArrayOfNumbers {
  readonly data: ArrayLike<number | bigint>
  readonly shape: readonly number[]
  readonly stride: readonly number[]
  readonly offset: number
  readonly dtype: string
}

/** `float64 3201 × 12`. */
export const arraySummary = (array: ArrayOfNumbers): string =>
  `${array.dtype} ${array.shape.length === 0 ? 'scalar' : array.shape.join(' × ')}`

const maxAcross = 8

/** The leading corner of an array: rows of its last two dimensions, at index 0 of all others. */
export const arrayLines = (array: ArrayOfNumbers, rows: number): readonly string[] => {
  const dimensions = array.shape.length
  if (array.shape.some((length) => length === 0)) return ['(empty)']
  const [height, width] =
    dimensions === 0
      ? [1, 1]
      : dimensions === 1
        ? [1, array.shape[0] ?? 0]
        : [array.shape[dimensions - 2] ?? 0, array.shape[dimensions - 1] ?? 0]
  const across = Math.min(width, dimensions === 1 ? Math.max(maxAcross, rows) : maxAcross)
  const down = Math.min(height, rows)
  const at = (row: number, column: number): string => {
    const index =
      array.offset +
      (dimensions > 1 ? row * (array.stride[dimensions - 2] ?? 0) : 0) +
      (dimensions > 0 ? column * (array.stride[dimensions - 1] ?? 0) : 0)
    const value = array.data[index]
    return typeof value === 'number' ? shortNumber(value) : String(value)
  }
  const cells = Array.from({ length: down }, (_, row) => Array.from({ length: across }, (_, column) => at(row, column)))
  const widths = Array.from({ length: across }, (_, column) =>
    cells.reduce((most, line) => Math.max(most, (line[column] ?? '').length), 0),
  )
  return [
    ...(dimensions > 2
      ? [
          `[${array.shape
            .slice(0, -2)
            .map(() => '0')
            .join(', ')}, :, :]`,
        ]
      : []),
    ...cells.map(
      (line) =>
        line.map((cell, column) => padStart(cell, widths[column] ?? 0)).join('  ') + (across < width ? '  …' : ''),
    ),
    ...(down < height ? ['…'] : []),
  ]
}
