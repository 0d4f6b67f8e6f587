import { findScalar, nodeAt, textTree, type Found, type TextNode } from './text-tree.js'

/** What is being typed at the cursor. */
export interface Cursor {
  readonly role: 'key' | 'value'
  /** Keys that lead to the value, or to the map that contains the key. */
  readonly path: readonly string[]
  /** The part of the word before the cursor. */
  readonly word: string
  /** Offset from which a completion replaces text. */
  readonly from: number
  readonly to: number
  /** A value alone on its line, which may become a map. */
  readonly opensMap: boolean
  /** A colon already follows. */
  readonly hasColon: boolean
  readonly quoted: boolean
  /** Keys that the map already has. */
  readonly siblings: readonly string[]
  /** The parsed text, with a marker at the cursor. */
  readonly tree: TextNode | undefined
}

/** Inserted at the cursor to locate it in the parsed text; no config contains these letters. */
const mark = '¦cursor7f3a9¦'

/**
 * What is being typed at an offset; undefined in comments and if the text cannot be parsed.
 *
 * @example cursorAt('tasks: mov', 10)   // { role: 'value', path: ['tasks'], word: 'mov', … }
 */
export const cursorAt = (text: string, offset: number): Cursor | undefined => {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const before = text.slice(start, offset)
  if (/^[^'"]*(?:^|\s)#/.test(before)) return undefined
  const rest = /^[^\r\n]*/.exec(text.slice(offset))?.[0] ?? ''
  const alone = /^\s*[\w.$-]*$/.test(before) && /^[\w.$-]*\s*(?:#.*)?$/.test(rest)
  const plain = marked(text, offset, '')
  // a word before other keys is parsed as if it continued in the next line
  const goesOn =
    plain.found === undefined || plain.text.slice(plain.found.node.from, plain.found.node.to).includes('\n')
  const quote = /["'](?=[^"']*$)/.exec(before)?.[0]
  const tried = alone && goesOn ? marked(text, offset, ':') : plain
  // an unclosed quote swallows everything that follows
  const found = tried.found !== undefined || quote === undefined ? tried : marked(text, offset, quote)
  return found.found === undefined ? undefined : cursorFrom(found.found, found, alone)
}

interface Marked {
  readonly text: string
  readonly tree: TextNode | undefined
  readonly found: Found | undefined
  /** Text added after the word to make it parse. */
  readonly added: string
}

const marked = (text: string, offset: number, added: string): Marked => {
  const word = added === '' ? '' : (/^[\w.$-]*/.exec(text.slice(offset))?.[0] ?? '')
  const longer = `${text.slice(0, offset)}${mark}${word}${added}${text.slice(offset + word.length)}`
  const tree = textTree(longer)
  return { text: longer, tree, added, found: findScalar(tree, (scalar) => scalar.text.includes(mark)) }
}

const cursorFrom = ({ node, role, path }: Found, { text, tree, added }: Marked, alone: boolean): Cursor => {
  const source = text.slice(node.from, node.to)
  const closed = node.quoted && source.length > 1 && source.endsWith(source[0] ?? '')
  const container = role === 'key' ? path.slice(0, -1) : path
  return {
    role,
    path: container,
    word: node.text.slice(0, node.text.indexOf(mark)),
    from: node.from + (node.quoted ? 1 : 0),
    to: node.to - mark.length - (closed ? 1 : 0),
    opensMap: role === 'value' && alone,
    hasColon: role === 'key' && added === '' && /^\s*:/.test(text.slice(node.to, node.to + 50)),
    quoted: node.quoted,
    siblings: (nodeAt(tree, container)?.entries ?? []).map(({ key }) => key).filter((key) => !key.includes(mark)),
    tree,
  }
}
