import { isTree, trees, type Tree } from './syntax-tree.js'

/**
 * A function's syntax tree with other names for the properties of its first argument: `({ min }) => …` and `(args) =>
 * args.min` as they were under the former names. Unchanged if the function has another shape, or binds the argument's
 * name again.
 */
export const withArguments = (tree: Tree, renamed: ReadonlyMap<string, string>): Tree => {
  const found = functionIn(tree)
  if (found === undefined) return tree
  const [first] = trees(found['params'])
  if (first?.type === 'ObjectPattern') return replaced(tree, first, patternWith(first, renamed)) as Tree
  if (first?.type !== 'Identifier' || isBoundAgain(found, first)) return tree
  const body = withAccesses(found['body'], String(first['name']), renamed)
  return replaced(tree, found, { ...found, body }) as Tree
}

/** The outermost function. */
const functionIn = (value: unknown): Tree | undefined => {
  if (Array.isArray(value)) return value.map(functionIn).find((one) => one !== undefined)
  if (!isTree(value)) return undefined
  if (/Function/.test(value.type)) return value
  return functionIn(Object.values(value).filter((one) => typeof one === 'object'))
}

const isBoundAgain = (found: Tree, { name }: Tree): boolean => {
  const count = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + count(one), 0)
    if (!isTree(value)) return 0
    const binds =
      value.type === 'VariableDeclarator' ? [value['id']] : /Function/.test(value.type) ? value['params'] : []
    const own = trees(binds).some((one) => JSON.stringify(one).includes(`"name":${JSON.stringify(name)}`)) ? 1 : 0
    return Object.values(value).reduce((sum: number, one) => sum + count(one), own)
  }
  return count(found) !== 1
}

const identifier = (name: string): Tree => ({ type: 'Identifier', name })

const otherName = (key: unknown, renamed: ReadonlyMap<string, string>): string | undefined =>
  isTree(key) ? renamed.get(String(key['name'] ?? key['value'])) : undefined

const patternWith = (pattern: Tree, renamed: ReadonlyMap<string, string>): Tree => ({
  ...pattern,
  properties: trees(pattern['properties']).map((one) => {
    const name = one['computed'] === false ? otherName(one['key'], renamed) : undefined
    return name === undefined ? one : { ...one, key: identifier(name), shorthand: false }
  }),
})

const isName = (value: unknown, name: string): boolean =>
  isTree(value) && value.type === 'Identifier' && value['name'] === name

/** `args.min` and `const { min } = args`. */
const withAccesses = (value: unknown, args: string, renamed: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((one) => withAccesses(one, args, renamed))
  if (!isTree(value)) return value
  if (value.type === 'MemberExpression' && value['computed'] === false && isName(value['object'], args)) {
    const name = otherName(value['property'], renamed)
    return name === undefined ? value : { ...value, property: identifier(name) }
  }
  if (value.type === 'VariableDeclarator' && isName(value['init'], args)) {
    const { id } = value
    if (isTree(id) && id.type === 'ObjectPattern') return { ...value, id: patternWith(id, renamed) }
  }
  return mapped(value, (one) => withAccesses(one, args, renamed))
}

const mapped = (tree: Tree, as: (value: unknown) => unknown): Tree => {
  const made: Record<string, unknown> & { type: string } = { type: tree.type }
  for (const name in tree) made[name] = typeof tree[name] === 'object' ? as(tree[name]) : tree[name]
  return made
}

/** A tree with one of its nodes replaced by another. */
const replaced = (value: unknown, node: Tree, by: Tree): unknown => {
  if (value === node) return by
  if (Array.isArray(value)) return value.map((one) => replaced(one, node, by))
  return isTree(value) ? mapped(value, (one) => replaced(one, node, by)) : value
}
