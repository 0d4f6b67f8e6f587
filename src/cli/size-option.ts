/** Sizes and ages on the command line. */

const units: { readonly [unit: string]: number } = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/**
 * Bytes of `500MB`, `1.5 GB`, `2GiB`, `1000`; undefined if the text is not a size.
 *
 * @example parseSize('1.5GB')   // 1_500_000_000
 */
export const parseSize = (text: string): number | undefined => {
  const found = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim())
  const unit = units[(found?.[2] ?? '').toLowerCase()]
  if (found === null || unit === undefined) return undefined
  const bytes = Math.floor(Number(found[1]) * unit)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** A number of days, possibly with a fraction such as `0.5`; undefined if the text is not one. */
export const parseDays = (text: string): number | undefined =>
  /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : undefined
