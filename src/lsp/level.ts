import { entryIn, type TextNode } from './text-tree.js'

/** Whether a file brings tasks or is laid over such. */
export type ConfigKind = 'config' | 'context'

/** What a file outside the folder of configs is, by its place and by what it says; undefined: nothing of ours. */
export const kindByText = (origin: string, text: string): ConfigKind | undefined => {
  const schema = /\$schema["':=\s]+\S*taskchain\S*/.exec(text.slice(0, 500))?.[0]
  if (/^(?:for_namespaces|"for_namespaces")\s*:/m.test(text) || schema?.includes('context') === true) return 'context'
  return origin.startsWith('contexts/') ? 'context' : schema === undefined ? undefined : 'config'
}

/** Where in a config a path leads. */
export interface Level {
  /** The way to the map of values: `[]`, `['configs', 'train']`, `['for_namespaces', 'train']`. */
  readonly part: readonly string[]
  /** From there. */
  readonly rest: readonly string[]
  /** The map itself is one of parts or namespaces. */
  readonly asks: 'value' | 'part' | 'namespace'
}

/** Takes a path apart: parts of a file and namespaces of a context hold values as the top does. */
export const levelOf = (kind: ConfigKind, path: readonly string[], tree: TextNode | undefined): Level => {
  const outer = kind === 'config' ? 'configs' : 'for_namespaces'
  if (path[0] !== outer || entryIn(tree, outer) === undefined) return { part: [], rest: path, asks: 'value' }
  if (path.length === 1) return { part: [], rest: [], asks: kind === 'config' ? 'part' : 'namespace' }
  return { part: path.slice(0, 2), rest: path.slice(2), asks: 'value' }
}
