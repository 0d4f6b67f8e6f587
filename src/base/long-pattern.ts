/** One regular expression of parts that follow each other, with the flags of the first: for those that fill lines. */
export const longPattern = (...parts: readonly [RegExp, ...RegExp[]]): RegExp =>
  new RegExp(parts.map(({ source }) => source).join(''), parts[0].flags)
