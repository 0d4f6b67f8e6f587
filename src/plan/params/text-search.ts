import { firstFrom } from '../../base/code-unit-order.js'
/**
 * Searches a text for many others at once: the cost grows with the length of the text, hardly with the number of texts
 * to find.
 */

/** Texts are indexed by prefixes of this length; shorter texts cannot be found. */
export const shortestText = 4

/** Texts with the same prefix, by length, the longest first. */
type Bucket = readonly { readonly length: number; readonly texts: ReadonlySet<string>; readonly only: string }[]

export interface TextSearch {
  /** Replaces all occurrences by `cover`; overlapping and adjacent ones are replaced together. */
  readonly covered: (text: string, cover: string) => string
  /**
   * Length of the longest end of the text that is the start of a searched text, at least `least`; 0 if there is none.
   */
  readonly begun: (text: string, least: number) => number
}

/**
 * Creates a search for texts of at least four characters.
 *
 * @example searchFor(['secret']).covered('my secret', '***')   // 'my ***'
 */
export const searchFor = (wanted: Iterable<string>): TextSearch => {
  const texts = [...new Set(wanted)].filter((text) => text.length >= shortestText).sort()
  const buckets = bucketsOf(texts)
  const mayBegin = new Uint8Array(65_536)
  for (const beginning of buckets.keys()) mayBegin[hashAt(beginning, 0)] = 1
  const longest = texts.reduce((most, text) => Math.max(most, text.length), 0)
  return {
    covered: (text, cover) => {
      const last = text.length - shortestText
      let made = ''
      let from = -1 // start of the current occurrence
      let to = 0
      let kept = 0
      for (let at = 0; at <= last; at++) {
        if (mayBegin[hashAt(text, at)] === 0) continue
        const length = lengthAt(buckets, text, at)
        if (length === 0) continue
        if (from >= 0 && at > to) {
          made += text.slice(kept, from) + cover
          kept = to
          from = -1
        }
        if (from < 0) from = at
        to = Math.max(to, at + length)
      }
      return from < 0 ? text : made + text.slice(kept, from) + cover + text.slice(to)
    },
    begun: (text, least) => {
      for (let at = Math.max(0, text.length - longest); at <= text.length - least; at++)
        if ((at > text.length - shortestText || mayBegin[hashAt(text, at)] === 1) && isBeginning(texts, text.slice(at)))
          return text.length - at
      return 0
    },
  }
}

const bucketsOf = (texts: readonly string[]): ReadonlyMap<string, Bucket> => {
  const byBeginning = new Map<string, Map<number, Set<string>>>()
  for (const text of texts) {
    const beginning = text.slice(0, shortestText)
    const byLength = byBeginning.get(beginning) ?? new Map<number, Set<string>>()
    byBeginning.set(beginning, byLength)
    const same = byLength.get(text.length) ?? new Set<string>()
    byLength.set(text.length, same.add(text))
  }
  const bucketOf = (byLength: ReadonlyMap<number, ReadonlySet<string>>): Bucket =>
    [...byLength]
      .sort(([left], [right]) => right - left)
      .map(([length, same]) => ({ length, texts: same, only: same.size === 1 ? [...same].join('') : '' }))
  return new Map([...byBeginning].map(([beginning, byLength]) => [beginning, bucketOf(byLength)]))
}

const hashAt = (text: string, at: number): number =>
  (text.charCodeAt(at) * 0x9e5 +
    text.charCodeAt(at + 1) * 0x1f3 +
    text.charCodeAt(at + 2) * 0x25 +
    text.charCodeAt(at + 3)) &
  0xffff

/** Length of the longest searched text at this position; 0 if there is none. */
const lengthAt = (buckets: ReadonlyMap<string, Bucket>, text: string, at: number): number => {
  for (const { length, texts, only } of buckets.get(text.slice(at, at + shortestText)) ?? [])
    if (only === '' ? at + length <= text.length && texts.has(text.slice(at, at + length)) : text.startsWith(only, at))
      return length
  return 0
}

/** `texts` are sorted: if any starts with `beginning`, the first that is not smaller does. */
const isBeginning = (texts: readonly string[], beginning: string): boolean => {
  const found = texts[firstFrom(texts, beginning)]
  return found !== undefined && found.length > beginning.length && found.startsWith(beginning)
}
