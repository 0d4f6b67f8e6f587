/**
 * The entries that a slice selects, with the rules of `Array.prototype.slice`: negative positions count from the end,
 * positions outside are clamped, `start` is never greater than `end`.
 * @example rangeOf(100, -10) // [90, 100]
 */
export const rangeOf = (length: number, from = 0, to = length): readonly [start: number, end: number] => {
  const start = positionOf(length, from)
  return [start, Math.max(start, positionOf(length, to))]
}

const positionOf = (length: number, position: number): number => {
  const whole = Math.trunc(position) || 0 // NaN is 0, as in arrays
  return Math.min(length, Math.max(0, whole < 0 ? length + whole : whole))
}
