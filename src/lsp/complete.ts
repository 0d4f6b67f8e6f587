import { byCodeUnit } from '../base/code-unit-order.js'
import { isList, isRecord } from '../base/records.js'
import { pathFrom } from '../config/uses.js'
import type { JsonSchema } from '../plan/inspect/schema-of-codec.js'
import { dottedForm, taskGlob } from '../plan/names/task-pattern.js'
import type { Cursor } from './cursor.js'
import type { ClassFact, ParamFact, ProjectFacts } from './facts.js'
import { levelOf, type ConfigKind } from './level.js'
import { schemasAt } from './schema-walk.js'
import { nodeAt, textsIn } from './text-tree.js'

/** A completion for the word being typed. */
export interface Completion {
  readonly label: string
  readonly kind: CompletionKind
  /** Shown next to the label. */
  readonly detail?: string
  readonly doc?: string
  /** The text to insert, and the range that it replaces. */
  readonly insert: string
  readonly from: number
  readonly to: number
  /** Sort order. */
  readonly rank: number
}

type CompletionKind =
  | 'param'
  | 'keyword'
  | 'task'
  | 'group'
  | 'class'
  | 'argument'
  | 'config'
  | 'value'
  | 'placeholder'
  | 'namespace'

/** A completion before it is rendered for its place in the text: with quotes, with a colon. */
interface Offer {
  readonly label: string
  readonly kind: CompletionKind
  readonly detail?: string
  readonly doc?: string
  readonly rank: number
  /** For values: the value to insert. Undefined for keys. */
  readonly value?: unknown
}

/** What is known while a user types; `facts` are undefined while the project loads. */
export interface Known {
  readonly kind: ConfigKind
  /** The config's own path, relative to the root. */
  readonly origin: string
  readonly facts: ProjectFacts | undefined
  /** Configs of the project, relative to its root. */
  readonly files: readonly string[]
  /** Named parts of files that have any. */
  readonly parts: ReadonlyMap<string, readonly string[]>
  readonly namespaces: readonly string[]
}

/**
 * Completions at the cursor, best first.
 *
 * @example completionsAt(cursorAt(text, offset), known).map(({ label }) => label)   // ['min_votes', 'from_year']
 */
export const completionsAt = (cursor: Cursor, known: Known): readonly Completion[] => {
  const holder = cursor.role === 'value' ? placeholderBefore(cursor) : undefined
  if (holder !== undefined) return placeholders(known.facts?.globals ?? [], cursor, holder)
  const json = known.origin.endsWith('.json')
  return offersAt(cursor, known).map(({ value, ...offer }) => ({
    ...offer,
    insert: value === undefined ? keyText(offer.label, cursor, json) : valueText(value, cursor, json),
    from: cursor.from,
    to: cursor.to,
  }))
}

/** The part of a placeholder before the cursor: `{VEG`. */
const placeholderBefore = ({ word }: Cursor): string | undefined => /\{[^{}\s]*$/.exec(word)?.[0]

const placeholders = (names: readonly string[], { from, word }: Cursor, holder: string): readonly Completion[] => {
  const to = from + word.length
  return names.map((name) => {
    const label = `{${name}}`
    return { label, kind: 'placeholder', insert: label, from: to - holder.length, to, rank: 0 }
  })
}

const keyText = (name: string, { quoted, hasColon }: Cursor, json: boolean): string => {
  const text = quoted || (!json && /^[\w.$-]+$/.test(name)) ? name : JSON.stringify(name)
  return quoted || hasColon ? text : `${text}: `
}

const valueText = (value: unknown, { quoted }: Cursor, json: boolean): string => {
  if (typeof value !== 'string') return JSON.stringify(value)
  if (quoted) return value
  return json || !/^(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z./_][\w./*-]*(?:#[\w.-]+)?$/.test(value)
    ? JSON.stringify(value)
    : value
}

const offersAt = (cursor: Cursor, known: Known): readonly Offer[] => {
  const { part, rest, asks } = levelOf(known.kind, cursor.path, cursor.tree)
  const mayBeKey = cursor.role === 'key' || cursor.opensMap
  if (asks === 'part') return []
  if (asks === 'namespace')
    return mayBeKey ? known.namespaces.map((name): Offer => ({ label: name, kind: 'namespace', rank: 0 })) : []
  const [head, next = '0', ...deeper] = rest
  if (head === undefined) return mayBeKey ? namesAt(cursor, known, part) : []
  if (deeper.length === 0 && /^\d+$/.test(next) && cursor.role === 'value') {
    if (known.kind === 'config' && (head === 'tasks' || head === 'excluded_tasks')) return tasks(known.facts)
    if (head === 'uses') return usable(cursor, known)
  }
  return insideValue(cursor, known)
}

/** Names of values: first those that the config's own tasks require and lack, then optional ones. */
const namesAt = (cursor: Cursor, { kind, facts }: Known, part: readonly string[]): readonly Offer[] => {
  const patterns = textsIn(nodeAt(cursor.tree, [...part, 'tasks'])).map(taskGlob)
  const brought = new Set(
    (facts?.tasks ?? [])
      .filter(({ name }) => patterns.some((pattern) => pattern.matches(dottedForm(name))))
      .map(({ name }) => name),
  )
  const rankOf = ({ readers, required }: ParamFact): number => {
    if (readers.some(({ task }) => brought.has(task))) return required ? 0 : 1
    return brought.size === 0 ? 1 : 3
  }
  const params = (facts?.params ?? []).map(
    (param): Offer => ({
      label: param.name,
      kind: 'param',
      detail: typeText(param),
      doc: paramText(param),
      rank: rankOf(param),
    }),
  )
  const atTop = part.length === 0
  const words = keywords
    .filter((word) => word.of.includes(kind) && (word.at === 'any' || (word.at === 'top') === atTop))
    .map(({ name, about }): Offer => ({ label: name, kind: 'keyword', doc: about, rank: 2 }))
  return [...params, ...words].filter(({ label }) => !cursor.siblings.includes(label)).sort(byRank)
}

const keywords: readonly {
  readonly name: string
  readonly about: string
  readonly at: 'top' | 'part' | 'any'
  readonly of: readonly ConfigKind[]
}[] = [
  { name: 'tasks', about: 'tasks that this config brings', at: 'any', of: ['config'] },
  { name: 'excluded_tasks', about: 'tasks that it does not bring although a pattern fits', at: 'any', of: ['config'] },
  { name: 'uses', about: 'configs whose tasks belong to the chain too', at: 'any', of: ['config', 'context'] },
  {
    name: 'human_readable_data_name',
    about: 'what readable links to the results are called',
    at: 'any',
    of: ['config', 'context'],
  },
  { name: 'configs', about: 'the parts of this file', at: 'top', of: ['config'] },
  { name: 'main_part', about: 'the part that is meant where none is named', at: 'part', of: ['config'] },
  { name: 'for_namespaces', about: 'values for the configs of one namespace', at: 'top', of: ['context'] },
]

const byRank = (left: Offer, right: Offer): number => left.rank - right.rank || byCodeUnit(left.label, right.label)

/** `number = 1000`, `string, secret`. */
export const typeText = ({ types, fallback, secret }: Pick<ParamFact, 'types' | 'fallback' | 'secret'>): string =>
  `${types.join(' | ')}${secret ? ', secret' : ''}${fallback === undefined ? '' : ` = ${fallback}`}`

/** What a value means, and which tasks read it. */
export const paramText = ({ docs, readers, required }: ParamFact): string => {
  const names = readers.map(({ task }) => `\`${task}\``)
  const shown = names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`
  return [...docs, `${required ? 'required; ' : ''}read by ${shown}`].join('\n\n')
}

const tasks = (facts: ProjectFacts | undefined): readonly Offer[] => {
  const names = facts?.tasks ?? []
  const groups = [...new Set(names.map(({ name }) => dottedForm(name.slice(0, name.lastIndexOf(':')))))]
  return [
    ...groups.sort(byCodeUnit).map((group): Offer => {
      const count = names.filter(({ name }) => dottedForm(name).startsWith(`${group}.`)).length
      const label = `${group}.*`
      return { label, value: label, kind: 'group', detail: `${count} tasks`, rank: 0 }
    }),
    ...names.map(({ name, doc, params }): Offer => {
      const label = dottedForm(name)
      const detail = params.length === 0 ? {} : { detail: params.join(', ') }
      return { label, value: label, kind: 'task', ...detail, ...(doc === undefined ? {} : { doc }), rank: 1 }
    }),
  ]
}

/** Other configs as this one refers to them, nearest first, and parts of files. */
const usable = ({ tree }: Cursor, known: Known): readonly Offer[] => {
  const own = nodeAt(tree, ['configs'])?.entries.map(({ key }) => `#${key}`) ?? []
  const others = known.files
    .filter((file) => file !== known.origin)
    .flatMap((file) => {
      const path = pathFrom(known.origin, file)
      return path === undefined ? [] : [path, ...(known.parts.get(file) ?? []).map((name) => `${path}#${name}`)]
    })
  return [...own, ...others].map((path) => {
    const rank = path.startsWith('#') ? 0 : path.split('/').length
    return { label: path, value: path, kind: 'config', rank }
  })
}

/** Keys and values from the schema of a value. */
const insideValue = (cursor: Cursor, { kind, facts }: Known): readonly Offer[] => {
  if (facts === undefined)
    return cursor.role === 'value' && cursor.path.at(-1) === 'main_part' ? texts([true, false]) : []
  const root = kind === 'context' ? facts.contextSchema : facts.configSchema
  const schemas = schemasAt(root, cursor.path, cursor.tree)
  const values = cursor.role === 'value' ? schemas.flatMap((schema) => valuesOf(schema, facts.classes)) : []
  const keys =
    cursor.role === 'key' || cursor.opensMap ? schemas.flatMap((schema) => keysOf(schema, cursor, facts)) : []
  return [...new Map([...values, ...keys].map((one) => [one.label, one])).values()].filter(
    ({ label }) => cursor.role === 'value' || !cursor.siblings.includes(label),
  )
}

const valuesOf = (schema: JsonSchema, classes: readonly ClassFact[]): readonly Offer[] => {
  const { type, enum: listed, default: preset } = schema
  const given = [...(isList(listed) ? listed : []), ...('const' in schema ? [schema['const']] : [])]
  const truth = type === 'boolean' || (isList(type) && type.includes('boolean')) ? [true, false] : []
  const simple = 'default' in schema && (preset === null || typeof preset !== 'object') ? [preset] : []
  return texts([...given, ...truth, ...simple]).map((one): Offer => {
    const found = classes.find(({ name }) => name === one.label)
    return found === undefined ? one : { ...one, kind: 'class', detail: argumentList(found) }
  })
}

const texts = (values: readonly unknown[]): readonly Offer[] =>
  values.map((value) => ({
    label: typeof value === 'string' ? value : JSON.stringify(value),
    value,
    kind: 'value',
    rank: 0,
  }))

const keysOf = ({ properties }: JsonSchema, cursor: Cursor, facts: ProjectFacts): readonly Offer[] => {
  if (!isRecord(properties)) return []
  const inArguments = cursor.path.at(-1) === 'kwargs'
  const className = nodeAt(cursor.tree, [...cursor.path.slice(0, -1), 'class'])?.text
  const args = facts.classes.find(({ name }) => name === className)?.arguments ?? []
  return Object.entries(properties).flatMap(([name, schema]): readonly Offer[] => {
    const arg = inArguments ? args.find((one) => one.name === name) : undefined
    const about = isRecord(schema) && typeof schema['description'] === 'string' ? schema['description'] : undefined
    if (about?.startsWith("write '") === true) return []
    const doc = arg?.doc ?? about
    return [
      {
        label: name,
        kind: inArguments ? 'argument' : 'keyword',
        ...(arg === undefined ? {} : { detail: typeText({ ...arg, types: [arg.type] }) }),
        ...(doc === undefined ? {} : { doc }),
        rank: 0,
      },
    ]
  })
}

/** `l2: number = 1, steps: number`. */
export const argumentList = ({ arguments: args }: ClassFact): string =>
  args.map((arg) => `${arg.name}: ${typeText({ ...arg, types: [arg.type] })}`).join(', ')
