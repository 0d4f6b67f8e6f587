/** The syntax tree of a regular expression. */
export type Node =
  | { readonly _tag: 'one'; readonly takes: (character: string) => boolean }
  | { readonly _tag: 'at'; readonly holds: (name: readonly string[], at: number) => boolean }
  | { readonly _tag: 'engine'; readonly inner: Node | undefined }
  | { readonly _tag: 'all'; readonly parts: readonly Node[] }
  | { readonly _tag: 'any'; readonly parts: readonly Node[] }
  | { readonly _tag: 'times'; readonly part: Node; readonly least: number; readonly most: number }

const deepest = 200

/** The position in a source being parsed. */
interface Cursor {
  readonly source: string
  readonly flags: string
  at: number
  depth: number
  failed: 'unknown' | 'too large' | undefined
}

/** Undefined for unsupported syntax; the source is a regular expression that the engine has already accepted. */
export const parsePattern = (source: string, flags: string): Node | undefined | 'too large' => {
  const cursor: Cursor = { source, flags, at: 0, depth: 0, failed: undefined }
  const tree = alternatives(cursor)
  if (cursor.failed === 'too large') return cursor.failed
  return cursor.failed === undefined && cursor.at === source.length ? tree : undefined
}

const giveUp = (cursor: Cursor, why: 'unknown' | 'too large'): Node => {
  cursor.failed ??= why
  cursor.at = cursor.source.length
  return { _tag: 'all', parts: [] }
}

const take = (cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined => {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.source) ?? undefined
  if (found !== undefined) cursor.at += found[0].length
  return found
}

const alternatives = (cursor: Cursor): Node => {
  const first = sequence(cursor)
  const parts = [first]
  while (cursor.source[cursor.at] === '|') {
    cursor.at++
    parts.push(sequence(cursor))
  }
  return parts.length === 1 ? first : { _tag: 'any', parts }
}

const sequence = (cursor: Cursor): Node => {
  const { source } = cursor
  const parts: Node[] = []
  while (cursor.at < source.length && source[cursor.at] !== '|' && source[cursor.at] !== ')')
    parts.push(repeated(cursor, atom(cursor)))
  return { _tag: 'all', parts }
}

const repeated = (cursor: Cursor, part: Node): Node => {
  const found = take(cursor, /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y)
  if (found === undefined) return part
  const [, sign, count, comma, end] = found
  if (sign !== undefined) return { _tag: 'times', part, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
  const least = Number(count)
  if (comma === undefined) return { _tag: 'times', part, least, most: least }
  return { _tag: 'times', part, least, most: end === '' ? Infinity : Number(end) }
}

const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character)
const isBoundary = (name: readonly string[], at: number): boolean => isWord(name[at - 1]) !== isWord(name[at])

/** Atoms other than a single character; the first match applies. */
const atoms: readonly (readonly [start: RegExp, node: (cursor: Cursor) => Node])[] = [
  [/\((?:\?=|\?!|\?<=|\?<!)/y, (cursor) => ({ _tag: 'engine', inner: group(cursor) })],
  [/\((?:\?:|\?<[^>=!]+>)/y, (cursor) => group(cursor)],
  [/\(\?/y, (cursor) => giveUp(cursor, 'unknown')],
  [/\(/y, (cursor) => group(cursor)],
  [/\^/y, () => ({ _tag: 'at', holds: (_, at) => at === 0 })],
  [/\$/y, () => ({ _tag: 'at', holds: (name, at) => at === name.length })],
  [/\\b/y, () => ({ _tag: 'at', holds: isBoundary })],
  [/\\B/y, () => ({ _tag: 'at', holds: (name, at) => !isBoundary(name, at) })],
  [/\\(?:[1-9]\d*|k<[^>]*>|k)/y, () => ({ _tag: 'engine', inner: undefined })],
]

const atom = (cursor: Cursor): Node => {
  for (const [start, node] of atoms) if (take(cursor, start) !== undefined) return node(cursor)
  const single =
    take(cursor, /\[(?:[^\]\\]|\\[^])*\]/y) ??
    take(cursor, /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|0(?![0-9])|[^cpPkux0-9])/y) ??
    take(cursor, cursor.flags.includes('u') ? /[^\\()[]/uy : /[^\\()[]/y)
  if (single === undefined) return giveUp(cursor, 'unknown')
  return one(/^[{}\]/]$/.test(single[0]) ? `\\${single[0]}` : single[0], cursor.flags)
}

const group = (cursor: Cursor): Node => {
  if (++cursor.depth > deepest) return giveUp(cursor, 'too large')
  const inner = alternatives(cursor)
  cursor.depth--
  return cursor.source[cursor.at++] === ')' ? inner : giveUp(cursor, 'unknown')
}

/** One character, tested by the engine; results are cached. */
const one = (text: string, flags: string): Node => {
  const whole = new RegExp(`^(?:${text})$`, flags)
  const known = new Map<string, boolean>()
  return {
    _tag: 'one',
    takes: (character) => {
      const before = known.get(character)
      if (before !== undefined) return before
      const takes = whole.test(character)
      known.set(character, takes)
      return takes
    },
  }
}

const insideOf = (node: Node): readonly Node[] => {
  switch (node._tag) {
    case 'all':
    case 'any':
      return node.parts
    case 'times':
      return [node.part]
    case 'engine':
      return node.inner === undefined ? [] : [node.inner]
    default:
      return []
  }
}

/** Whether only the engine can evaluate it: lookarounds and backreferences. */
export const needsEngine = (node: Node): boolean => node._tag === 'engine' || insideOf(node).some(needsEngine)

const isLong = (node: Node): boolean => node._tag === 'times' && node.most > 8

/** Whether the engine's run time may grow fast with the length of the name. */
export const couldTakeForEver = (node: Node): boolean => repetitions(node) > 3 || couldExplode(node, false)

const repetitions = (node: Node): number =>
  insideOf(node).reduce((sum, inner) => sum + repetitions(inner), isLong(node) ? 1 : 0)

/** A repetition of a repetition or of branches: the engine may try exponentially many paths. */
const couldExplode = (node: Node, repeated: boolean): boolean =>
  (repeated && (node._tag === 'any' || node._tag === 'times')) ||
  insideOf(node).some((inner) => couldExplode(inner, repeated || (node._tag === 'times' && node.most > 1)))
