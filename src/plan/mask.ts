/** Hides texts of secrets in whatever is shown or kept. */

/** What stands in place of a secret. */
export const hidden = '***'

/** Shorter texts would hide half of every message; they cannot be told from ordinary words anyway. */
const shortest = 4

/** Replaces secrets in texts and, piece by piece, in values. */
export interface Mask {
  /** True while there is nothing to hide. */
  readonly idle: boolean
  readonly text: (text: string) => string
  /** The same value where nothing in it was to hide; else a copy, errors as errors of their class. */
  readonly value: <A>(value: A) => A
}

/** Every form in which a secret may turn up: as it is, within JSON, within an address, and line by line. */
export const formsOf = (secret: string): readonly string[] => {
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).map((line) => line.trim()) : []
  return [secret, secret.trim(), ...lines.filter((line) => line.length >= 8)]
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.toWellFormed())])
    .filter((text) => text.length >= shortest)
}

/** Texts and numbers inside a value. */
export const leavesOf = (value: unknown, depth = 0): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)]
  if (typeof value !== 'object' || value === null || depth > 50) return []
  return Object.values(value).flatMap((part) => leavesOf(part, depth + 1))
}

/**
 * A mask for secrets of at least four characters. A secret that was cut short, as messages do with `…`, is hidden up to there.
 *
 * @example maskOf(['sk-1234']).text('401 for sk-1234')   // '401 for ***'
 */
export const maskOf = (secrets: Iterable<string>): Mask => {
  const forms = [...new Set([...secrets].flatMap(formsOf))].sort((left, right) => right.length - left.length)
  if (forms.length === 0) return idleMask
  const whole = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g')
  const text = (given: string): string => withoutCut(given.replace(whole, hidden), forms)
  return { idle: false, text, value: (value) => masked(value, text, new Map(), 0) as typeof value }
}

/** Changes nothing. */
export const idleMask: Mask = { idle: true, text: (text) => text, value: (value) => value }

/** Beginnings of secrets before an ellipsis. */
const withoutCut = (text: string, forms: readonly string[]): string =>
  !text.includes('…')
    ? text
    : text
        .split('…')
        .map((piece, index, pieces) => (index === pieces.length - 1 ? piece : piece.slice(0, piece.length - cutLength(piece, forms)) + (cutLength(piece, forms) > 0 ? hidden : '')))
        .join('…')

const cutLength = (piece: string, forms: readonly string[]): number => {
  let longest = 0
  for (const form of forms)
    for (let length = Math.min(form.length - 1, piece.length); length > longest && length >= 2; length--) if (piece.endsWith(form.slice(0, length))) longest = length
  return longest
}

type Text = (text: string) => string

/** Values nested deeper than any message shows are left out. */
const deepest = 30

const masked = (value: unknown, text: Text, seen: Map<object, unknown>, depth: number): unknown => {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number' || typeof value === 'bigint') return text(String(value)) === hidden ? hidden : value
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (seen.has(value)) return seen.get(value)
  if (depth > deepest) return hidden
  seen.set(value, value) // a circle leads to the original; what shows values stops at circles
  const made = copy(value, (part) => masked(part, text, seen, depth + 1), text)
  seen.set(value, made)
  return made
}

const copy = (value: object, inner: (part: unknown) => unknown, text: Text): object => {
  if (Array.isArray(value)) {
    const items = value.map(inner)
    return items.some((item, index) => !Object.is(item, value[index])) ? items : value
  }
  if (value instanceof Map) {
    const entries = [...value].map(([name, part]) => [inner(name), inner(part)] as const)
    return [...value].some(([name, part], index) => !Object.is(name, entries[index]?.[0]) || !Object.is(part, entries[index]?.[1])) ? new Map(entries) : value
  }
  if (value instanceof Set) {
    const items = [...value].map(inner)
    return items.some((item) => !value.has(item)) ? new Set(items) : value
  }
  const names = value instanceof Error ? [...new Set(['message', 'stack', 'cause', ...Object.keys(value)])].filter((name) => name in value) : Object.keys(value)
  const fields = names.map((name) => [text(name), fieldOf(value, name), inner(fieldOf(value, name))] as const)
  if (fields.every(([name, before, after], index) => name === names[index] && Object.is(before, after))) return value
  const made: object = value instanceof Error ? new Error() : {}
  Object.setPrototypeOf(made, Object.getPrototypeOf(value) as object | null)
  for (const [name, , after] of fields) Object.defineProperty(made, name, { value: after, enumerable: !(value instanceof Error) || Object.prototype.propertyIsEnumerable.call(value, name), configurable: true, writable: true })
  return made
}

/** A getter may throw. */
const fieldOf = (value: object, name: string): unknown => {
  try {
    return (value as Readonly<Record<string, unknown>>)[name]
  } catch {
    return undefined
  }
}
