/** Joins regular expressions into one, with the flags of the first: for patterns longer than a line. */
export const longPattern = (...parts: readonly [RegExp, ...RegExp[]]): RegExp =>
  new RegExp(parts.map(({ source }) => source).join(''), parts[0].flags)

/** What a sticky pattern matches at a position. */
export const matchAt = (pattern: RegExp, source: string, position: number): string | undefined => {
  pattern.lastIndex = position
  return pattern.exec(source)?.[0]
}
