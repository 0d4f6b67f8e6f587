import { completionsAt, type Completion } from './complete.js'
import { cursorAt } from './cursor.js'
import { wantedOf, type Wanted } from './definition.js'
import type { ConfigView } from './facts.js'
import { hoverText, subjectAt, type Pointed, type Subject } from './hover.js'
import type { ConfigKind } from './level.js'
import { kindOf, lensTitle, type Lens, type ProjectState } from './project-state.js'
import { linesOf } from './ranges.js'
import { entryIn, nodeAt, scalarAt, textTree } from './text-tree.js'

/** Answers to an editor's requests about one document, from the facts known about its project. */

/** A document of a project. */
export interface Document {
  readonly origin: string
  readonly text: string
}

export const completionsIn = (
  state: ProjectState,
  { origin, text }: Document,
  offset: number,
): readonly Completion[] => {
  const kind = kindOf(state, origin, text)
  const cursor = kind === undefined ? undefined : cursorAt(text, offset)
  if (kind === undefined || cursor === undefined) return []
  const configs = state.checked?.configs ?? []
  const parts = new Map<string, readonly string[]>()
  for (const { config } of configs) {
    const [file = '', part] = config.split('#')
    if (part !== undefined) parts.set(file, [...(parts.get(file) ?? []), part])
  }
  const namespaces = state.checked?.namespaces ?? []
  return completionsAt(cursor, { kind, origin, facts: state.facts, files: state.files, parts, namespaces })
}

interface Meant {
  readonly pointed: Pointed
  readonly subject: Subject
}

const meantAt = (state: ProjectState, { origin, text }: Document, offset: number): Meant | undefined => {
  const kind = kindOf(state, origin, text)
  const tree = textTree(text)
  const found = scalarAt(tree, offset)
  const { facts } = state
  if (kind === undefined || found === undefined || facts === undefined) return undefined
  const given = (state.checked?.configs ?? []).flatMap(({ config, gives }) => gives.map((one) => ({ config, ...one })))
  const givenBy = (name: string): readonly string[] =>
    given.flatMap((one) => {
      const where = one.namespace === undefined ? '' : ` (in ${one.namespace === '' ? 'the top' : one.namespace})`
      return one.name === name ? [`${one.config}:${one.line}${where}`] : []
    })
  const views = [...state.views.values()]
  const pointed = { kind, origin, text, tree, found, facts, views, givenBy }
  const subject = subjectAt(pointed)
  return subject === undefined ? undefined : { pointed, subject }
}

export interface Hover {
  readonly text: string
  readonly from: number
  readonly to: number
}

export const hoverIn = (state: ProjectState, document: Document, offset: number): Hover | undefined => {
  const meant = meantAt(state, document, offset)
  const text = meant === undefined ? undefined : hoverText(meant.pointed)
  const node = meant?.pointed.found.node
  return text === undefined || node === undefined ? undefined : { text, from: node.from, to: node.to }
}

/** Where to look for a definition: in modules, or in another config. */
export type Definition =
  | { readonly of: 'code'; readonly wanted: readonly (readonly Wanted[])[] }
  | { readonly of: 'config'; readonly uses: string }

export const definitionIn = (state: ProjectState, document: Document, offset: number): Definition | undefined => {
  const meant = meantAt(state, document, offset)
  if (meant === undefined) return usesWhileLoading(document, offset)
  const { subject, pointed } = meant
  return subject.of === 'uses'
    ? { of: 'config', uses: subject.text }
    : { of: 'code', wanted: wantedOf(subject, pointed.facts) }
}

/** Other configs can be found before the project is loaded. */
const usesWhileLoading = ({ text }: Document, offset: number): Definition | undefined => {
  const found = scalarAt(textTree(text), offset)
  const isUse = found?.role === 'value' && [found.path.at(-1), found.path.at(-2)].includes('uses')
  return isUse ? { of: 'config', uses: found.node.text } : undefined
}

/** Configs in a document, by the line that their code lens is shown above. */
export const configsIn = (
  { origin, text }: Document,
  kind: ConfigKind,
): readonly { readonly config: string; readonly line: number }[] => {
  const tree = textTree(text)
  const lines = linesOf(text)
  const parts = kind === 'config' ? (nodeAt(tree, ['configs'])?.entries ?? []) : []
  if (parts.length === 0) return [{ config: origin, line: 1 }]
  const inside = parts.map(({ key, keyNode, node }) => {
    const isMain = parts.length === 1 || entryIn(node, 'main_part')?.node?.text === 'true'
    return { config: isMain ? origin : `${origin}#${key}`, line: lines.placeAt(keyNode?.from ?? 0).line }
  })
  return inside
}

export const lensesIn = (
  state: ProjectState,
  document: Document,
  views: ReadonlyMap<string, ConfigView | undefined>,
): readonly Lens[] => {
  const kind = kindOf(state, document.origin, document.text)
  if (kind === undefined) return []
  return configsIn(document, kind).flatMap(({ config, line }): readonly Lens[] => {
    const fact = state.checked?.configs.find((one) => one.config === config)
    const title = lensTitle(fact, views.get(config), state)
    return title === undefined ? [] : [{ line, title }]
  })
}
