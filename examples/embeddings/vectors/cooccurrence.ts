import { wordsOf } from '../document.js'

/** A sparse symmetric matrix: the columns and values of each row. */
export interface Sparse {
  readonly columns: readonly Int32Array[]
  readonly values: readonly Float64Array[]
}

/** Words that occur in at least `inAtLeast` texts, the most frequent first. */
export const vocabularyOf = (texts: readonly string[], inAtLeast: number, most: number): readonly string[] => {
  const counts = new Map<string, number>()
  for (const text of texts) for (const word of new Set(wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Array.from(counts)
    .filter(([, count]) => count >= inAtLeast)
    .toSorted(([one, often], [other, oftener]) => oftener - often || (one < other ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word)
}

/**
 * How much more often two words occur near each other than by chance: the positive pointwise mutual information of
 * words within a window.
 */
export const mutualInformation = (texts: readonly string[], vocabulary: readonly string[], window: number): Sparse => {
  const numbers = new Map(vocabulary.map((word, at) => [word, at]))
  const counts = vocabulary.map(() => new Map<number, number>())
  for (const text of texts) {
    const words = wordsOf(text).flatMap((word) => numbers.get(word) ?? [])
    for (const [at, word] of words.entries())
      for (const near of words.slice(at + 1, at + 1 + window)) {
        counts[word]?.set(near, (counts[word].get(near) ?? 0) + 1)
        counts[near]?.set(word, (counts[near].get(word) ?? 0) + 1)
      }
  }
  // the exponent makes rare words count less
  const sums = counts.map((row) => Array.from(row.values()).reduce((sum, count) => sum + count, 0) ** 0.75)
  const total = sums.reduce((sum, count) => sum + count, 0)
  const all = counts.map((row) => Array.from(row.values()).reduce((sum, count) => sum + count, 0))
  const rows = counts.map((row, word) =>
    Array.from(row)
      .map(([near, count]) => [near, Math.log((count * total) / ((all[word] ?? 1) * (sums[near] ?? 1)))] as const)
      .filter(([, information]) => information > 0)
      .toSorted(([one], [other]) => one - other),
  )
  return {
    columns: rows.map((row) => Int32Array.from(row, ([near]) => near)),
    values: rows.map((row) => Float64Array.from(row, ([, information]) => information)),
  }
}
