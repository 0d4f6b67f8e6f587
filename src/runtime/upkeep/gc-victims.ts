import { byCodeUnit } from '../../base/code-unit-order.js'
/** The facts by which victims are chosen. */
export interface Candidate {
  readonly folder: string
  readonly key: string
  readonly bytes: number
  /** When it was computed; milliseconds since 1970. */
  readonly made: number
  /** Seconds that it took to compute; undefined if unknown. */
  readonly seconds: number | undefined
}

/** Limits within which unreachable artifacts may stay. Without any limit none may. */
export interface Limits {
  /** Candidates are removed, the cheapest to recompute first, until they and `otherBytes` are within this limit. */
  readonly maxBytes?: number | undefined
  /** Bytes that stay in any case: those of reachable artifacts. Default 0. */
  readonly otherBytes?: number | undefined
  /** Candidates computed before this are removed; milliseconds since 1970. */
  readonly madeBefore?: number | undefined
}

/**
 * Which of the candidates are removed: all if there is no limit; else those that are too old, and then as few of the
 * others as bring the bytes below the limit, fewest seconds per byte first. An unknown time counts as zero. The order
 * of the candidates does not matter.
 *
 * @example chooseVictims(unreachable, { maxBytes: 10e9, otherBytes: 8e9 })
 */
export const chooseVictims = <C extends Candidate>(
  candidates: readonly C[],
  { maxBytes, otherBytes = 0, madeBefore }: Limits,
): readonly C[] => {
  const sorted = [...candidates].sort(cheapestFirst)
  if (maxBytes === undefined && madeBefore === undefined) return sorted
  const victims = new Set(madeBefore === undefined ? [] : sorted.filter(({ made }) => made < madeBefore))
  let left = otherBytes
  for (const candidate of sorted) if (!victims.has(candidate)) left += candidate.bytes
  for (const candidate of sorted) {
    if (maxBytes === undefined || left <= maxBytes) break
    if (victims.has(candidate) || candidate.bytes === 0) continue // removing it frees nothing
    victims.add(candidate)
    left -= candidate.bytes
  }
  return sorted.filter((candidate) => victims.has(candidate))
}

/** Seconds that are lost for each byte that is freed. */
export const costOf = ({ seconds = 0, bytes }: Pick<Candidate, 'seconds' | 'bytes'>): number =>
  bytes === 0 ? Infinity : seconds / bytes

const cheapestFirst = (left: Candidate, right: Candidate): number => {
  const [a, b] = [costOf(left), costOf(right)]
  if (a !== b) return a < b ? -1 : 1
  return left.made - right.made || byCodeUnit(left.folder, right.folder) || byCodeUnit(left.key, right.key)
}
