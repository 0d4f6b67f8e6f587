/** Did-you-mean: names similar to a wrong one. Fast enough for thousands of lookups among thousands of names. */

interface Candidate {
  readonly name: string
  readonly whole: Word
  /** The last segment of `group:name`, `folder/name` or `pipeline.name`; undefined if the name has no segments. */
  readonly last: Word | undefined
}

interface Word {
  /** Lower case, without `_`, `-` and spaces, so that `minVotes`, `min-votes` and `min_votes` are equal. */
  readonly plain: string
  /** Which letters occur, a bit each: this rules out most other words quickly. */
  readonly letters: number
}

/** Longer names are only compared for equality: suggestions are for typos. */
const longest = 100

/**
 * The candidates most similar to a name, best first, at most `max` (3). Differences in case, snake or camel case and
 * `-`/`_` do not count; a bare name is also compared with the last segment of `group:name`. The name itself is never
 * suggested.
 *
 * @example nearest('minVote', ['min_votes', 'from_year'])   // ['min_votes']
 */
export const nearest = (name: string, candidates: Iterable<string>, max = 3): string[] =>
  suggester(candidates)(name, max)

/**
 * `nearest` with the candidates prepared once, for repeated lookups.
 *
 * @example const near = suggester(names); unknown.map((name) => near(name))
 */
export const suggester = (candidates: Iterable<string>): ((name: string, max?: number) => string[]) => {
  const prepared = [...new Set(candidates)].map(prepare)
  const row = (): Float64Array => new Float64Array(2 * longest)
  const rows: Rows = [row(), row(), row()]
  return (name, max = 3) => {
    const wanted = wordOf(name)
    const segmented = /[:/.]/.test(name)
    const found: { readonly name: string; readonly distance: number }[] = []
    let limit = limitFor(wanted.plain)
    for (const candidate of prepared) {
      if (candidate.name === name) continue
      const whole = distanceWithin(wanted, candidate.whole, limit, rows)
      const last =
        segmented || candidate.last === undefined ? Infinity : distanceWithin(wanted, candidate.last, limit, rows) + 0.5
      const distance = Math.min(whole, last)
      if (distance > limit + 0.5) continue
      found.push({ name: candidate.name, distance })
      if (found.length >= 4 * max + 8) limit = Math.min(limit, Math.ceil(keepBest(found, max)))
    }
    keepBest(found, max)
    return found.map((candidate) => candidate.name)
  }
}

/** Sorts, keeps the best, and returns the distance of the last one: candidates further away can be skipped. */
const keepBest = (found: { readonly name: string; readonly distance: number }[], max: number): number => {
  found.sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
  found.length = Math.min(found.length, max)
  return found[found.length - 1]?.distance ?? 0
}

const prepare = (name: string): Candidate => {
  const last = /[:/.]([^:/.]+)$/.exec(name)?.[1]
  return { name, whole: wordOf(name), last: last === undefined ? undefined : wordOf(last) }
}

const wordOf = (name: string): Word => {
  const plain = name.toLowerCase().replace(/[_\-\s]/g, '')
  let letters = 0
  for (let index = 0; index < Math.min(plain.length, 2 * longest); index++)
    letters |= 1 << (plain.charCodeAt(index) & 31)
  return { plain, letters }
}

/** How many typos are tolerated: one in short names, a third of the length in longer ones. */
const limitFor = (plain: string): number =>
  plain.length > longest || plain.length === 0 ? 0 : plain.length < 4 ? 1 : Math.min(4, Math.floor(plain.length / 3))

const bits = (mask: number): number => {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}

/**
 * Insertions, deletions, replacements and swaps of neighbours between two words; Infinity if there are more than
 * `limit`.
 */
const distanceWithin = (wordA: Word, wordB: Word, limit: number, rows: Rows): number => {
  const left = wordA.plain
  const right = wordB.plain
  if (left === right) return 0
  if (limit === 0 || Math.abs(left.length - right.length) > limit) return Infinity
  if (bits(wordA.letters & ~wordB.letters) > limit || bits(wordB.letters & ~wordA.letters) > limit) return Infinity
  let start = 0
  while (start < left.length && start < right.length && left.charCodeAt(start) === right.charCodeAt(start)) start++
  let leftEnd = left.length
  let rightEnd = right.length
  while (leftEnd > start && rightEnd > start && left.charCodeAt(leftEnd - 1) === right.charCodeAt(rightEnd - 1)) {
    leftEnd--
    rightEnd--
  }
  return banded(left.slice(start, leftEnd), right.slice(start, rightEnd), limit, rows)
}

type Rows = readonly [before: Float64Array, above: Float64Array, row: Float64Array]

/** The usual table, three rows of it, only the cells within `limit` of the diagonal. */
const banded = (left: string, right: string, limit: number, rows: Rows): number => {
  let [before, above, row] = rows
  const width = right.length + 1
  for (let j = 0; j < width; j++) above[j] = j <= limit ? j : Infinity
  for (let i = 1; i <= left.length; i++) {
    const from = Math.max(1, i - limit)
    const to = Math.min(right.length, i + limit)
    row.fill(Infinity, 0, width)
    if (i <= limit) row[0] = i
    let best = row[0]!
    for (let j = from; j <= to; j++) {
      const same = left.charCodeAt(i - 1) === right.charCodeAt(j - 1)
      let cost = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1))
      if (
        i > 1 &&
        j > 1 &&
        left.charCodeAt(i - 1) === right.charCodeAt(j - 2) &&
        left.charCodeAt(i - 2) === right.charCodeAt(j - 1)
      )
        cost = Math.min(cost, before[j - 2]! + 1)
      row[j] = cost
      if (cost < best) best = cost
    }
    if (best > limit) return Infinity
    ;[before, above, row] = [above, row, before]
  }
  const result = above[right.length]!
  return result <= limit ? result : Infinity
}
