import { eastAsianWidth } from 'get-east-asian-width'

/** Text on a terminal: its width in columns, how to cut it, and what must never reach a terminal. */

/** Includes Hangul vowels and final consonants, which are drawn into the preceding syllable. */
const invisible = /\p{Mn}|\p{Me}|\p{Cf}|[\u1160-\u11ff]/u
/**
 * Sequences that readers see as one character and that are never split: joined emoji, flags and keycaps, letters with
 * accents. Built from text, since TypeScript's target predates the flag; `Intl.Segmenter` takes minutes for a megabyte.
 */
const joined = '\\p{Extended_Pictographic}(?:[\\u{fe0f}\\u{1f3fb}-\\u{1f3ff}]|\\u{200d}\\p{Extended_Pictographic})+'
/** Compiled on the first emoji, since it takes 15 ms. */
const emojiPatterns = (): { readonly signs: RegExp; readonly emoji: RegExp } =>
  (made ??= {
    signs: new RegExp(`${joined}|\\p{RGI_Emoji}|[^]\\p{M}*`, 'gv'),
    emoji: new RegExp(`^(?:${joined}|\\p{RGI_Emoji})$`, 'v'),
  })
let made: { readonly signs: RegExp; readonly emoji: RegExp } | undefined
/** Characters that join others into one emoji; without them the faster pattern is enough. */
const joiners = /\u200d|\ufe0f|\u20e3|[\u{1f1e6}-\u{1f1ff}]|[\u{1f3fb}-\u{1f3ff}]/u
const letters = /[^]\p{M}*/gu

// eslint-disable-next-line no-control-regex -- colours are control characters
const colours = /\u001b\[[0-9;]*m/g

/** Columns that a text occupies; colours take none, wide characters two. */
export const textWidth = (text: string): number => {
  // eslint-disable-next-line no-control-regex -- plain ASCII is nearly all there is
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const sign of signsOf(text.replace(colours, ''))) width += signWidth(sign)
  return width
}

const signsOf = (text: string): readonly string[] =>
  text.match(joiners.test(text) ? emojiPatterns().signs : letters) ?? []

const signWidth = (sign: string): number => {
  if (sign.length > 1 && joiners.test(sign) && emojiPatterns().emoji.test(sign)) return 2
  let width = 0
  for (const character of sign) width += invisible.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0)
  return width
}

/** A text without colours, cut to a number of columns; `…` marks the cut. */
export const cut = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text
  if (columns < 1) return ''
  let kept = ''
  let width = 0
  for (const sign of signsOf(text)) {
    const next = signWidth(sign)
    if (width + next > columns - 1) break
    kept += sign
    width += next
  }
  return `${kept}…`
}

/** Cuts in the middle, for paths and full names, whose ends both matter. */
export const cutMiddle = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text
  if (columns < 5) return cut(text, columns)
  const end: string[] = []
  let width = 0
  for (const sign of signsOf(text).toReversed()) {
    const next = signWidth(sign)
    if (width + next > Math.floor((columns - 1) / 2)) break
    end.unshift(sign)
    width += next
  }
  return `${cut(text, columns - width)}${end.join('')}`
}

/** Pads with blanks. */
export const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - textWidth(text)))
export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - textWidth(text))) + text

/**
 * Data and configs come from outside, so their control characters, and those that turn the direction of the text around
 * them, are made visible and never sent to a terminal. Newlines and tabs are kept.
 */
export const harmless = (text: string): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (control) => {
      const code = control.charCodeAt(0)
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
    },
  )

/** The same on one line. */
export const oneLine = (text: string): string => harmless(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t'))
