import { addends, cookedOf } from './added-texts.js'
import { bound, hoisted, lexical } from './bound-names.js'
import { withArguments } from './renamed-arguments.js'
import { isTree, parsed, trees, type Tree } from './syntax-tree.js'

/**
 * Code in one form, whatever compiler or loader produced it: two functions have the same form if they differ only in
 * layout, comments, quotes, parentheses, names of local variables and additions of compilers that preserve names.
 */

/**
 * The canonical form of a function's source; undefined if the parser does not accept it as JavaScript.
 *
 * @example canonicalCode('({ rows: rows2 }) => rows2.length') === canonicalCode('({ rows }) => rows.length') // => true
 */
export const canonicalCode = (source: string): string | undefined => canonicalTree(source, (tree) => tree)

/**
 * The form that it had when the properties of its first argument had other names; `renamed` has them by their present
 * names.
 */
export const formerCode = (source: string, renamed: ReadonlyMap<string, string>): string | undefined =>
  canonicalTree(source, (tree) => withArguments(tree, renamed))

const canonicalTree = (source: string, as: (tree: Tree) => Tree): string | undefined => {
  for (const text of [`(${source})`, `({${source}})`, `(class{${source}})`]) {
    try {
      const tree = parsed(text)
      if (tree !== undefined) return formOf(as(tree), { names: new Map(), count: { bound: 0 } })
    } catch {
      continue // not JavaScript in this context, or nested too deep
    }
  }
  return undefined
}

/** Names that are bound here, each with the form that represents it. */
interface Scope {
  readonly names: ReadonlyMap<string, string>
  readonly count: { bound: number }
  readonly outer?: Scope
}

const within = (outer: Scope, bound: readonly string[]): Scope => {
  if (bound.length === 0) return outer
  const { count } = outer
  return { names: new Map(bound.map((name) => [name, `#${count.bound++}`])), count, outer }
}

const formOfName = (name: string, { names, outer }: Scope): string | undefined =>
  names.get(name) ?? (outer === undefined ? undefined : formOfName(name, outer))

const formOf = (node: Tree, scope: Scope): string => {
  const special = forms[node.type]
  return special === undefined ? fieldsOf(node, innerScope(node, scope)) : special(node, scope)
}

const form = (value: unknown, scope: Scope): string => {
  if (Array.isArray(value)) return `[${value.map((item) => form(item, scope)).join(',')}]`
  if (isTree(value)) return formOf(value, scope)
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
}

/** Positions, and the way the source was written. */
const layout = new Set(['type', 'start', 'end', 'raw', 'shorthand', 'directive'])

const fieldsOf = (node: Tree, scope: Scope): string => {
  let text = `${node.type}(`
  for (const name in node) if (!layout.has(name)) text += `${form(node[name], scope)};`
  return `${text})`
}

/** Defaults of parameters do not see what `var` binds in the body. */
const functionForm = (node: Tree, scope: Scope): string => {
  const own = node.type === 'FunctionExpression' ? within(scope, bound(node['id'])) : scope
  const named = trees(node['params']).flatMap(bound)
  const params = within(own, named)
  const body = within(
    params,
    [...new Set(hoisted(node['body']))].filter((name) => !named.includes(name)),
  )
  let text = `${node.type}(`
  for (const name in node) if (!layout.has(name)) text += `${form(node[name], name === 'body' ? body : params)};`
  return `${text})`
}

const textForm = (text: string): string => JSON.stringify(text)

/** A name that is not a variable: of a property, or a label. */
const nameForm = (key: unknown, computed: unknown, scope: Scope): string => {
  if (computed === true || !isTree(key)) return `[${form(key, scope)}]`
  if (key.type === 'Identifier') return textForm(String(key['name']))
  return key.type === 'Literal' ? textForm(String(key['value'])) : form(key, scope)
}

const variable = (name: string, scope: Scope): string => formOfName(name, scope) ?? name

const keyed =
  (rest: readonly string[]) =>
  (node: Tree, scope: Scope): string =>
    `${node.type}(${nameForm(node['key'], node['computed'], scope)}` +
    `;${rest.map((field) => form(node[field], scope)).join(';')})`

const property = keyed(['value', 'kind', 'method'])

/** `__proto__: value`, unlike `{ __proto__ }`, creates no property. */
const isPrototype = ({ key, computed, shorthand }: Tree): boolean =>
  computed === false && shorthand === false && isTree(key) && (key['name'] ?? key['value']) === '__proto__'

const statements = (body: unknown): readonly Tree[] =>
  Array.isArray(body) ? body.filter(isTree).filter((one) => !isNothing(one)) : []

const block = (node: Tree, scope: Scope): string => {
  const body = statements(node['body'])
  const [only] = body
  if (only !== undefined && body.length === 1 && !only.type.endsWith('Declaration')) return formOf(only, scope)
  const inner = within(scope, lexical(body))
  return `{${body.map((one) => formOf(one, inner)).join('')}}`
}

const forms: Readonly<Record<string, (node: Tree, scope: Scope) => string>> = {
  Identifier: ({ name }, scope) => variable(String(name), scope),
  Literal: ({ value, regex, bigint }, scope) => {
    if (regex !== undefined) return JSON.stringify(regex)
    if (typeof bigint === 'string') return `${bigint}n`
    if (value === null) return '(null)' // distinct from the null of omitted parts: `return`, `[,]`
    return typeof value === 'string' ? textForm(value) : form(value, scope)
  },
  TemplateLiteral: (node, scope) => {
    const [first, ...more] = trees(node['quasis']).map(({ value }) => cookedOf(value))
    return first !== undefined && more.length === 0 ? textForm(first) : fieldsOf(node, scope)
  },
  TemplateElement: ({ value }) => textForm(cookedOf(value)),
  TaggedTemplateExpression: ({ tag, quasi }, scope) => {
    const { quasis, expressions } = quasi as Tree // the grammar guarantees it
    const texts = trees(quasis).map(({ value }) => JSON.stringify(value)) // a tag sees how they are written
    return `${form(tag, scope)}[${texts.join(',')}]${form(expressions, scope)}`
  },
  BinaryExpression: (node, scope) => (node['operator'] === '+' ? sumForm(node, scope) : fieldsOf(node, scope)),
  NewExpression: (node, scope) => {
    const [pattern, flags, ...more] = trees(node['arguments']).map(({ value }) => value)
    const isRegex = isTree(node['callee']) && form(node['callee'], scope) === 'RegExp' && more.length === 0
    if (!isRegex || typeof pattern !== 'string') return fieldsOf(node, scope)
    // esbuild writes a literal this way if its syntax is too new for the target
    return typeof flags === 'string' ? JSON.stringify({ pattern, flags }) : fieldsOf(node, scope)
  },
  UnaryExpression: (node, scope) =>
    node['operator'] === 'void' && isTree(node['argument']) && node['argument']['value'] === 0
      ? variable('undefined', scope)
      : fieldsOf(node, scope),
  MemberExpression: (node, scope) =>
    `.(${form(node['object'], scope)}` +
    `;${nameForm(node['property'], node['computed'], scope)};${String(node['optional'])})`,
  CallExpression: (node, scope) => {
    const wrapped = nameKeeper(node, scope) ?? importIn(node)
    return wrapped === undefined ? fieldsOf(node, scope) : form(wrapped, scope)
  },
  FunctionExpression: functionForm,
  FunctionDeclaration: functionForm,
  ArrowFunctionExpression: functionForm,
  Property: (node, scope) => `${isPrototype(node) ? 'prototype' : ''}${property(node, scope)}`,
  MethodDefinition: keyed(['value', 'kind', 'static']),
  PropertyDefinition: keyed(['value', 'static']),
  MetaProperty: (node) => `${nameForm(node['meta'], false, noScope)}.${nameForm(node['property'], false, noScope)}`,
  LabeledStatement: (node, scope) => `${nameForm(node['label'], false, scope)}:${form(node['body'], scope)}`,
  BreakStatement: (node, scope) => `break ${nameForm(node['label'], false, scope)}`,
  ContinueStatement: (node, scope) => `continue ${nameForm(node['label'], false, scope)}`,
  BlockStatement: block,
  StaticBlock: (node, scope) => `static${block(node, scope)}`,
  ClassBody: (node, scope) =>
    `{${statements(node['body'])
      .map((one) => formOf(one, scope))
      .join('')}}`,
}

const sumForm = (node: Tree, scope: Scope): string => {
  const [first, ...more] = addends(node).map((one) => formOf(one, scope))
  return more.length === 0 ? (first ?? '') : `+(${[first, ...more].join(';')})`
}

const noScope: Scope = { names: new Map(), count: { bound: 0 } }

/** The function or class in a call by which esbuild preserves its name when variables are renamed. */
const nameKeeper = (node: Tree, scope: Scope): unknown => {
  const { type, callee, arguments: given } = node
  const isKeeper = type === 'CallExpression' && isTree(callee) && callee['name'] === '__name'
  if (!isKeeper || formOfName('__name', scope) !== undefined) return undefined
  const [kept, name] = trees(given)
  return typeof name?.['value'] === 'string' ? kept : undefined
}

/** The import that tsx passes to its own function, which looks for the exports of a CommonJS module. */
const importIn = ({ callee, arguments: given }: Tree): Tree | undefined => {
  if (!isTree(callee) || callee.type !== 'MemberExpression') return undefined
  const { object, property } = callee
  if (!isTree(object) || object.type !== 'ImportExpression' || !isTree(property)) return undefined
  const [arrow, ...more] = trees(given)
  const isOfTsx = property['name'] === 'then' && more.length === 0 && arrow?.type === 'ArrowFunctionExpression'
  const scope: Scope = { names: new Map(), count: { bound: 0 } }
  return isOfTsx && formOf(arrow, scope).includes('"__esModule"') ? object : undefined
}

/** Statements without effect: empty ones, and those that only preserve a name. */
const isNothing = ({ type, expression, body }: Tree): boolean => {
  if (type === 'EmptyStatement') return true
  if (type === 'ExpressionStatement') return isTree(expression) && nameKeeper(expression, noScope) !== undefined
  return type === 'StaticBlock' && Array.isArray(body) && body.length > 0 && statements(body).length === 0
}

const innerScope = (node: Tree, scope: Scope): Scope => {
  switch (node.type) {
    case 'ClassExpression':
      return within(scope, bound(node['id']))
    case 'ForStatement':
      return within(scope, lexical([node['init']]))
    case 'ForInStatement':
    case 'ForOfStatement':
      return within(scope, lexical([node['left']]))
    case 'CatchClause':
      return within(scope, bound(node['param']))
    case 'SwitchStatement':
      return within(scope, lexical(trees(node['cases']).flatMap((one) => trees(one['consequent']))))
    default:
      return scope
  }
}
