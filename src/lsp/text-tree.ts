import type { ParsedNode } from 'yaml'
import { limits } from '../config/limits.js'
import { isMap, isPair, isScalar, isSeq } from '../config/read/yaml-library.js'
import { compose, tokensOf } from '../config/read/yaml-syntax.js'

/** The parsed text of a config with offsets, as far as it can be parsed, including half-typed YAML and JSON. */
export interface TextNode {
  readonly kind: 'map' | 'list' | 'scalar'
  readonly from: number
  readonly to: number
  /** For scalars: their text. */
  readonly text: string
  /** For scalars: whether they are in quotes. */
  readonly quoted: boolean
  readonly entries: readonly TextEntry[]
}

/** An entry of a map, or an item of a list under its index. */
export interface TextEntry {
  readonly key: string
  /** Undefined for list items. */
  readonly keyNode: TextNode | undefined
  readonly node: TextNode | undefined
}

const options = { version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const

/** Longer texts are data files that nobody edits by hand. */
const longest = 300_000

/** Undefined if the text is empty or exceeds a limit. */
export const textTree = (text: string): TextNode | undefined => {
  if (text.length > longest) return undefined
  try {
    const read = tokensOf(text, () => undefined)
    if ('passed' in read) return undefined
    const contents = compose(read.tokens, text.length, options).first?.contents
    return contents == null ? undefined : nodeOf(contents, 0)
  } catch {
    return undefined // nested too deeply for the stack
  }
}

const nodeOf = (node: unknown, depth: number): TextNode | undefined => {
  if (node === null || node === undefined || depth > limits.depth) return undefined
  const [from, to] = (node as ParsedNode).range ?? [0, 0] // every parsed node has one
  const plain = { from, to, text: '', quoted: false }
  if (isMap(node)) return { ...plain, kind: 'map', entries: node.items.flatMap((item) => entryOf(item, depth)) }
  if (isSeq(node))
    return {
      ...plain,
      kind: 'list',
      entries: node.items.map((item, index) => ({
        key: String(index),
        keyNode: undefined,
        node: isPair(item) ? nodeOf(item.key, depth + 1) : nodeOf(item, depth + 1),
      })),
    }
  if (!isScalar(node)) return undefined
  const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE'
  return { ...plain, kind: 'scalar', text: node.source ?? '', quoted, entries: [] }
}

const entryOf = (pair: unknown, depth: number): readonly TextEntry[] => {
  if (!isPair(pair)) return []
  const keyNode = nodeOf(pair.key, depth + 1)
  return keyNode === undefined ? [] : [{ key: keyNode.text, keyNode, node: nodeOf(pair.value, depth + 1) }]
}

/** The entry of a map or list under a key. */
export const entryIn = (node: TextNode | undefined, key: string): TextEntry | undefined =>
  node?.entries.find((entry) => entry.key === key)

/** The node at the end of a path. */
export const nodeAt = (node: TextNode | undefined, path: readonly string[]): TextNode | undefined =>
  path.reduce<TextNode | undefined>((here, key) => entryIn(here, key)?.node, node)

/** Texts of a scalar, or of a list of them. */
export const textsIn = (node: TextNode | undefined): readonly string[] =>
  node === undefined
    ? []
    : node.kind === 'scalar'
      ? [node.text]
      : node.entries.flatMap((entry) => (entry.node?.kind === 'scalar' ? [entry.node.text] : []))

/** A scalar and its path. */
export interface Found {
  readonly node: TextNode
  readonly role: 'key' | 'value'
  /** Keys that lead to it; for a key, the last one is the key itself. */
  readonly path: readonly string[]
}

/** The first key or scalar that a test accepts, in depth-first order. */
export const findScalar = (
  node: TextNode | undefined,
  accepts: (scalar: TextNode) => boolean,
  path: readonly string[] = [],
): Found | undefined => {
  if (node === undefined) return undefined
  if (node.kind === 'scalar') return accepts(node) ? { node, role: 'value', path } : undefined
  for (const { key, keyNode, node: inner } of node.entries) {
    const here = [...path, key]
    if (keyNode !== undefined && accepts(keyNode)) return { node: keyNode, role: 'key', path: here }
    const found = findScalar(inner, accepts, here)
    if (found !== undefined) return found
  }
  return undefined
}

/** The key or scalar at an offset. */
export const scalarAt = (tree: TextNode | undefined, offset: number): Found | undefined =>
  findScalar(tree, ({ from, to }) => from <= offset && offset <= to)
