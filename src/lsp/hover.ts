import { dottedForm, taskGlob } from '../plan/names/task-pattern.js'
import { argumentList, paramText, typeText } from './complete.js'
import type { ConfigView, ProjectFacts, ValueRead } from './facts.js'
import { levelOf, type ConfigKind } from './level.js'
import { nodeAt, type Found, type TextNode } from './text-tree.js'
import { linesOf } from './ranges.js'

/** What is known about the place that the user points at. */
export interface Pointed {
  readonly kind: ConfigKind
  readonly origin: string
  readonly text: string
  readonly tree: TextNode | undefined
  readonly found: Found
  readonly facts: ProjectFacts
  /** Views of the chains that the file is part of. */
  readonly views: readonly ConfigView[]
  /** Contexts of the project that give a value of a name: `contexts/quick.yaml:3`. */
  readonly givenBy: (name: string) => readonly string[]
}

/** What a place in a config refers to. */
export type Subject =
  | { readonly of: 'param'; readonly name: string; readonly path: readonly string[] }
  | { readonly of: 'class'; readonly name: string; readonly argument: string | undefined }
  | { readonly of: 'tasks'; readonly pattern: string }
  | { readonly of: 'uses'; readonly text: string }

/** The subject at a place; undefined if it means nothing to the project. */
export const subjectAt = ({ kind, tree, found }: Pick<Pointed, 'kind' | 'tree' | 'found'>): Subject | undefined => {
  const { part, rest } = levelOf(kind, found.path, tree)
  const [head, ...deeper] = rest
  if (head === undefined) return undefined
  if (head === 'tasks' || head === 'excluded_tasks')
    return found.role === 'value' ? { of: 'tasks', pattern: found.node.text } : undefined
  if (head === 'uses') return found.role === 'value' ? { of: 'uses', text: found.node.text } : undefined
  const last = deeper.at(-1)
  if (last === 'class' && found.role === 'value') return { of: 'class', name: found.node.text, argument: undefined }
  const kwargs = deeper.lastIndexOf('kwargs')
  const className = kwargs < 0 ? undefined : nodeAt(tree, [...part, head, ...deeper.slice(0, kwargs), 'class'])?.text
  if (className !== undefined && kwargs + 1 < deeper.length)
    return { of: 'class', name: className, argument: deeper[kwargs + 1] }
  return { of: 'param', name: head.split('.')[0] ?? head, path: [...part, head] }
}

/**
 * Information about the subject as Markdown: meaning, type and default, readers, overrides. Contains no values, since
 * they may be secret.
 */
export const hoverText = (pointed: Pointed): string | undefined => {
  const subject = subjectAt(pointed)
  switch (subject?.of) {
    case undefined:
    case 'uses':
      return undefined
    case 'param':
      return paramHover(pointed, subject.name, subject.path)
    case 'class':
      return classHover(pointed.facts, subject.name, subject.argument)
    case 'tasks':
      return tasksHover(pointed.facts, subject.pattern)
  }
}

const code = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``

const paramHover = (pointed: Pointed, name: string, path: readonly string[]): string | undefined => {
  const param = pointed.facts.params.find((one) => one.name === name)
  if (param === undefined) return undefined
  const reads = readsOf(pointed, path)
  const nodes = [...new Set(reads.flatMap((read) => read.nodes))]
  const overridden = [...new Set(reads.flatMap(({ overriddenAt }) => overriddenAt ?? []))]
  const given = pointed.givenBy(name).filter((place) => !place.startsWith(`${pointed.origin}:`))
  return [
    code(`${param.name}: ${typeText(param)}`),
    paramText(param),
    ...(nodes.length === 0 ? [] : [`In this chain: ${listed(nodes)}`]),
    ...(overridden.length === 0 ? [] : [`**Overridden** at ${overridden.join(', ')}`]),
    ...(given.length === 0 ? [] : [`Contexts that change it: ${listed(given)}`]),
  ].join('\n\n')
}

/** Reads of a value, by its place. */
const readsOf = ({ origin, text, tree, views }: Pointed, path: readonly string[]): readonly ValueRead[] => {
  const entry = nodeAt(tree, path.slice(0, -1))?.entries.find(({ key }) => key === path.at(-1))
  if (entry?.keyNode === undefined) return []
  const lines = linesOf(text)
  const [first, last] = [lines.placeAt(entry.keyNode.from).line, lines.placeAt(entry.node?.to ?? entry.keyNode.to).line]
  return views
    .flatMap(({ reads }) => reads)
    .filter((read) => read.origin === origin && read.line >= first && read.line <= last)
}

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 8).map((name) => `\`${name}\``)
  return `${shown.join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`
}

const classHover = (facts: ProjectFacts, name: string, argument: string | undefined): string | undefined => {
  const found = facts.classes.find((one) => one.name === name)
  if (found === undefined) return undefined
  if (argument === undefined) return code(`${name}(${argumentList(found)})`)
  const arg = found.arguments.find((one) => one.name === argument || one.declared === argument)
  if (arg === undefined) return undefined
  const signature = code(`${name}(${arg.name}: ${typeText({ ...arg, types: [arg.type] })})`)
  return arg.doc === undefined ? signature : `${signature}\n\n${arg.doc}`
}

const tasksHover = (facts: ProjectFacts, pattern: string): string | undefined => {
  const { matches } = taskGlob(pattern)
  const found = facts.tasks.filter(({ name }) => matches(dottedForm(name)))
  if (found.length === 0) return undefined
  const lines = found.slice(0, 20).map(({ name, doc }) => `- \`${name}\`${doc === undefined ? '' : `: ${doc}`}`)
  const more = found.length > 20 ? [`- and ${found.length - 20} more`] : []
  return [...lines, ...more].join('\n')
}
