import type { Sparse } from './cooccurrence.js'

/**
 * The largest singular values of a sparse matrix, by subspace iteration: repeatedly multiply a few random directions by
 * the matrix and make them orthogonal. Each row of the result is the vector of one word.
 */
export const decomposed = (matrix: Sparse, rank: number, rounds = 6): readonly Float64Array[] => {
  const size = matrix.columns.length
  let directions = Array.from({ length: rank }, (_, at) => orthogonal.start(size, at))
  orthogonal.make(directions)
  let lengths: Float64Array = new Float64Array(rank)
  for (let round = 0; round < rounds; round++) {
    // two multiplications per step: the matrix is symmetric, and its singular values come from its square
    directions = directions.map((direction) => times(matrix, times(matrix, direction)))
    lengths = orthogonal.make(directions)
  }
  return Array.from({ length: size }, (_, word) =>
    Float64Array.from(directions, (direction, at) => (direction[word] ?? 0) * (lengths[at] ?? 0) ** 0.25),
  )
}

const times = ({ columns, values }: Sparse, direction: Float64Array): Float64Array => {
  const result = new Float64Array(columns.length)
  for (const [row, those] of columns.entries()) {
    const weights = values[row] ?? new Float64Array()
    let sum = 0
    for (let at = 0; at < those.length; at++) sum += weights[at]! * direction[those[at]!]!
    result[row] = sum
  }
  return result
}

const orthogonal = {
  /** Random directions, the same every time. */
  start: (size: number, at: number): Float64Array => {
    let state = 48271 + at * 7919
    return Float64Array.from({ length: size }, () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5)
  },
  /**
   * Gram-Schmidt: removes from each the components of those before it and normalises it; returns the lengths before
   * that.
   */
  make: (directions: readonly Float64Array[]): Float64Array =>
    Float64Array.from(directions, (direction, at) => {
      for (const before of directions.slice(0, at)) {
        const common = dot(direction, before)
        for (let row = 0; row < direction.length; row++) direction[row]! -= common * before[row]!
      }
      const length = Math.sqrt(dot(direction, direction))
      for (let row = 0; row < direction.length; row++) direction[row]! /= length
      return length
    }),
}

export const dot = (one: ArrayLike<number>, other: ArrayLike<number>): number => {
  let sum = 0
  for (let at = 0; at < Math.min(one.length, other.length); at++) sum += one[at]! * other[at]!
  return sum
}
