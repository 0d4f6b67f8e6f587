import { isTree, trees, type Tree } from './syntax-tree.js'

/** The names that a piece of code binds, and their scopes. */

/** Names that a pattern binds, in their order. */
export const bound = (pattern: unknown): readonly string[] => {
  if (!isTree(pattern)) return []
  switch (pattern.type) {
    case 'Identifier':
      return [String(pattern['name'])]
    case 'ObjectPattern':
      return trees(pattern['properties']).flatMap((one) => bound(one['value'] ?? one['argument']))
    case 'ArrayPattern':
      return trees(pattern['elements']).flatMap(bound)
    case 'AssignmentPattern':
      return bound(pattern['left'])
    default:
      return bound(pattern['argument'])
  }
}

/** Names of a block: `let`, `const`, classes and functions. */
export const lexical = (body: readonly unknown[]): readonly string[] =>
  body.filter(isTree).flatMap((one) => {
    if (one.type === 'VariableDeclaration' && one['kind'] !== 'var') return declared(one)
    return one.type === 'ClassDeclaration' || one.type === 'FunctionDeclaration' ? bound(one['id']) : []
  })

const declared = (node: Tree): readonly string[] => trees(node['declarations']).flatMap((one) => bound(one['id']))

/** Names that `var` binds anywhere in a function, except in nested functions and classes. */
export const hoisted = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(hoisted)
  if (!isTree(value) || /Function|Class/.test(value.type)) return []
  const own = value.type === 'VariableDeclaration' && value['kind'] === 'var' ? declared(value) : []
  return [...own, ...Object.values(value).flatMap(hoisted)]
}
