import { isList, isRecord, own } from '../base/records.js'
import type { JsonSchema } from '../plan/inspect/schema-of-codec.js'
import { entryIn, type TextNode } from './text-tree.js'

/**
 * The schemas for a path in a text: all alternatives that the text does not rule out. `class: Ridge` rules out the
 * other classes.
 */
export const schemasAt = (
  root: JsonSchema,
  path: readonly string[],
  tree: TextNode | undefined,
): readonly JsonSchema[] => {
  let found = alternatives(root, root, tree)
  let node = tree
  for (const key of path) {
    const inner = entryIn(node, key)?.node
    found = found.flatMap((schema) => below(schema, key)).flatMap((schema) => alternatives(root, schema, inner))
    node = inner
  }
  return found
}

const deepest = 30

const alternatives = (
  root: JsonSchema,
  schema: JsonSchema,
  node: TextNode | undefined,
  depth = 0,
): readonly JsonSchema[] => {
  if (depth > deepest) return []
  const expand = (one: unknown): readonly JsonSchema[] =>
    isRecord(one) ? alternatives(root, one, node, depth + 1) : []
  const parts: unknown[] = [
    ...['anyOf', 'oneOf', 'allOf'].flatMap((keyword) => (isList(schema[keyword]) ? schema[keyword] : [])),
    referred(root, schema['$ref']),
    'if' in schema ? schema[entryIn(node, 'configs') === undefined ? 'else' : 'then'] : undefined,
  ]
  const notes = Object.keys(schema).some((keyword) => informative.includes(keyword)) ? [schema] : []
  return [...notes, ...parts.flatMap(expand)].filter((one) => fits(one, node))
}

/** Keywords that make a schema informative on its own. */
const informative = ['type', 'properties', 'enum', 'const', 'items', 'additionalProperties', 'description', 'default']

const referred = (root: JsonSchema, reference: unknown): unknown => {
  if (typeof reference !== 'string') return undefined
  const name = decodeURIComponent(reference.slice(reference.lastIndexOf('/') + 1))
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
  const { definitions } = root
  return isRecord(definitions) ? own(definitions, name) : undefined
}

/** Whether a schema's class is the one that the text names. */
const fits = (schema: JsonSchema, node: TextNode | undefined): boolean => {
  const wanted = classOf(schema)
  const named = entryIn(node, 'class')?.node?.text
  return wanted === undefined || named === undefined || wanted === named || !/^\w+$/.test(named)
}

/** The class that a schema describes. */
export const classOf = ({ properties }: JsonSchema): unknown => {
  const name = isRecord(properties) ? properties['class'] : undefined
  return isRecord(name) ? name['const'] : undefined
}

const below = (schema: JsonSchema, key: string): readonly JsonSchema[] => {
  const { properties, additionalProperties, items } = schema
  const named = isRecord(properties) ? own(properties, key) : undefined
  const item = isList(items) ? items[Number(key)] : /^\d+$/.test(key) ? items : undefined
  const found = named ?? item ?? additionalProperties
  return isRecord(found) ? [found] : []
}
