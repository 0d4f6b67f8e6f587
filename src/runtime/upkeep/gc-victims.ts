/** What choosing goes by. */
export interface Candidate {
  readonly folder: string
  readonly key: string
  readonly bytes: number
  /** When it was made; milliseconds since 1970. */
  readonly made: number
  /** Seconds that it took to compute; undefined where nobody knows. */
  readonly seconds: number | undefined
}

/** What may stay although nothing reaches it. Without a limit nothing may. */
export interface Limits {
  /** Candidates go, the cheap to recompute first, until they and `otherBytes` are no more than this. */
  readonly maxBytes?: number | undefined
  /** Bytes that stay whatever is chosen: of what is reachable. Default 0. */
  readonly otherBytes?: number | undefined
  /** Candidates made before this go; milliseconds since 1970. */
  readonly madeBefore?: number | undefined
}

/**
 * Which of the candidates go: all where there is no limit; else those too old, and then as few of the others as bring
 * the bytes below the cap, fewest seconds per byte first. What nobody knows the time of counts as no time. The order of
 * the candidates does not matter.
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
    if (victims.has(candidate) || candidate.bytes === 0) continue // nothing is won by what has no bytes
    victims.add(candidate)
    left -= candidate.bytes
  }
  return sorted.filter((candidate) => victims.has(candidate))
}

/** Seconds that are lost for each byte that is won. */
export const costOf = ({ seconds = 0, bytes }: Pick<Candidate, 'seconds' | 'bytes'>): number =>
  bytes === 0 ? Infinity : seconds / bytes

const cheapestFirst = (left: Candidate, right: Candidate): number => {
  const [a, b] = [costOf(left), costOf(right)]
  if (a !== b) return a < b ? -1 : 1
  return left.made - right.made || byText(left.folder, right.folder) || byText(left.key, right.key)
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
