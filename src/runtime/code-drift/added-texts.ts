import { isTree, trees, type Tree } from './syntax-tree.js'

/** The operands of a sum, from the left. Adjacent texts are merged, as esbuild does: `${a}b` for `${a}` + 'b'. */
export const addends = (node: Tree): readonly Tree[] => {
  const added: Tree[] = []
  let left: unknown = node
  for (; isTree(left) && left.type === 'BinaryExpression' && left['operator'] === '+'; left = left['left'])
    if (isTree(left['right'])) added.unshift(left['right'])
  if (isTree(left)) added.unshift(left)
  const merged: Tree[] = []
  for (const one of added) {
    const last = merged.at(-1)
    const text = last === undefined ? undefined : joined(last, one)
    if (text === undefined) merged.push(one)
    else merged[merged.length - 1] = text
  }
  return merged
}

/** Two texts, literals or templates, as one template; undefined if either is something else. */
const joined = (one: Tree, other: Tree): Tree | undefined => {
  const [a, b] = [asTemplate(one), asTemplate(other)]
  const [last, first] = [a?.texts.at(-1), b?.texts[0]]
  if (a === undefined || b === undefined || last === undefined || first === undefined) return undefined
  const texts = [...a.texts.slice(0, -1), last + first, ...b.texts.slice(1)]
  const quasis = texts.map((cooked) => ({ type: 'TemplateElement', value: { cooked } }))
  return { type: 'TemplateLiteral', expressions: [...a.expressions, ...b.expressions], quasis }
}

const asTemplate = ({ type, value, quasis, expressions }: Tree) => {
  if (type === 'TemplateLiteral')
    return { texts: trees(quasis).map((one) => cookedOf(one['value'])), expressions: trees(expressions) }
  return type === 'Literal' && typeof value === 'string' ? { texts: [value], expressions: [] } : undefined
}

/** The text that a piece of an untagged template stands for. */
export const cookedOf = (value: unknown): string => (value as { readonly cooked: string }).cooked
