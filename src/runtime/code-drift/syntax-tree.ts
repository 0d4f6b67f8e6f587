import { createRequire } from 'node:module'
import { isObject } from '../../base/records.js'

/** A node of the syntax tree that acorn produces (https://github.com/estree/estree). */
export interface Tree {
  readonly type: string
  readonly [field: string]: unknown
}

export const isTree = (value: unknown): value is Tree => isObject(value) && typeof value['type'] === 'string'

export const trees = (value: unknown): readonly Tree[] => (Array.isArray(value) ? value.filter(isTree) : [])

interface ParseOptions {
  readonly ecmaVersion: 'latest'
  readonly sourceType: 'module'
  readonly checkPrivateFields: false // a method is read without the class that declares them
}
type Parse = (text: string, options: ParseOptions) => unknown

/** Loaded when the first function is read: commands that need no fingerprint do not need a parser. */
let parse: Parse | undefined

/** The syntax tree of a module; throws if the text cannot be parsed. */
export const parsed = (text: string): Tree | undefined => {
  parse ??= (createRequire(import.meta.url)('acorn') as { readonly parse: Parse }).parse
  const tree = parse(text, { ecmaVersion: 'latest', sourceType: 'module', checkPrivateFields: false })
  return isTree(tree) ? tree : undefined
}
