import { dot } from './decomposition.js'

/** The same direction with length 1; a zero vector is unchanged. */
export const unit = (vector: ArrayLike<number>): Float64Array => {
  const length = Math.sqrt(dot(vector, vector)) || 1
  return Float64Array.from(vector, (value) => value / length)
}

/** Indices of the largest scores, the largest first. */
export const largest = (scores: Float64Array, howMany: number): readonly number[] => {
  const found: number[] = []
  for (let at = 0; at < scores.length; at++) {
    if (found.length === howMany && scores[at]! <= scores[found.at(-1)!]!) continue
    let place = found.length
    while (place > 0 && scores[at]! > scores[found[place - 1]!]!) place--
    found.splice(place, 0, at)
    found.length = Math.min(found.length, howMany)
  }
  return found
}

/** The others with the most similar direction, nearest first; all of length 1. */
export const nearest = (vectors: readonly Float64Array[], to: number, howMany: number): readonly number[] =>
  largest(
    Float64Array.from(vectors, (vector, at) => (at === to ? -Infinity : dot(vectors[to]!, vector))),
    howMany,
  )
