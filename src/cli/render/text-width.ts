/** Text on a terminal: how many columns it takes, how it is cut, and what must not reach a terminal at all. */

const invisible = /\p{Mn}|\p{Me}|\p{Cf}/u
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u
// eslint-disable-next-line no-control-regex -- colours are control characters
const colours = /\u001b\[[0-9;]*m/g

/** Columns that a text takes; colours take none, wide characters two. */
export const textWidth = (text: string): number => {
  // eslint-disable-next-line no-control-regex -- plain ASCII is nearly all there is
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text.replace(colours, ''))
    width += invisible.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

/** A text without colours cut to so many columns; what is cut off shows as `…`. */
export const cut = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text
  if (columns < 1) return ''
  let kept = ''
  let width = 0
  for (const character of text) {
    const next = textWidth(character)
    if (width + next > columns - 1) break
    kept += character
    width += next
  }
  return `${kept}…`
}

/** Cuts in the middle, where both ends tell something: paths and full names. */
export const cutMiddle = (text: string, columns: number): string => {
  if (textWidth(text) <= columns) return text
  if (columns < 5) return cut(text, columns)
  const characters = [...text]
  const end: string[] = []
  let width = 0
  for (const character of characters.reverse()) {
    const next = textWidth(character)
    if (width + next > Math.floor((columns - 1) / 2)) break
    end.unshift(character)
    width += next
  }
  return `${cut(text, columns - width)}${end.join('')}`
}

/** Fills up with blanks. */
export const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - textWidth(text)))
export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - textWidth(text))) + text

/**
 * Data and configs come from outside: control characters in them are shown, never sent to a terminal. Newlines and tabs
 * stay.
 */
export const harmless = (text: string): string =>
  text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** The same on one line. */
export const oneLine = (text: string): string => harmless(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t'))
