/**
 * Which of so many entries a slice means, as `Array.prototype.slice` has it: negative positions count from the end,
 * what lies outside is cut off, `start` is never behind `end`.
 *
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
