/** Joins regular expressions into one, with the flags of the first: for patterns longer than a line. */
export const longPattern = (...parts: readonly [RegExp, ...RegExp[]]): RegExp =>
  new RegExp(parts.map(({ source }) => source).join(''), parts[0].flags)
