import type { ConfigValue } from '../../config/config-types.js'
import { pushTo } from '../../base/grouping.js'
import { isRecord } from '../../base/records.js'

/** What values in configs reveal about the params that read them: a codec as text, and the classes that they name. */

/** A class that configs name, with its arguments. */
export interface DraftClass {
  readonly name: string
  /** The name as written in configs: `project.models.Ridge`. */
  readonly dotted: string
  /** Values by argument, from all places that name the class. */
  readonly args: ReadonlyMap<string, readonly ConfigValue[]>
  /** How often it is named: an argument with fewer values is optional. */
  readonly count: number
}

/** The source text of a codec that accepts all of these values. */
export const codecOf = (values: readonly ConfigValue[]): string => {
  const given = values.filter((value) => value !== null)
  const kinds = new Set(given.map(kindOf))
  const codec = kinds.size === 1 ? codecOfKind([...kinds][0] ?? 'other', given) : 't.unknown'
  return given.length < values.length && codec !== 't.unknown' && given.length > 0
    ? `t.union([${codec}, t.null])`
    : codec
}

type Kind = 'number' | 'string' | 'boolean' | 'list' | 'object' | 'map' | 'other'

const kindOf = (value: ConfigValue): Kind => {
  if (Array.isArray(value)) return 'list'
  if (isClass(value)) return 'object'
  if (isRecord(value)) return 'map'
  const type = typeof value
  return type === 'number' || type === 'string' || type === 'boolean' ? type : 'other'
}

const codecOfKind = (kind: Kind, values: readonly ConfigValue[]): string => {
  const inside: readonly ConfigValue[] = values.flatMap((value): readonly ConfigValue[] =>
    typeof value === 'object' && value !== null ? Object.values(value) : [],
  )
  switch (kind) {
    case 'object':
      return `object(${[...new Set(values.map((value) => classNameOf(value) ?? ''))].join(', ')})`
    case 'list':
    case 'map': {
      if (classesIn(inside).length > 0) return 'anyValue'
      const codec = inside.length === 0 ? 't.unknown' : codecOf(inside)
      return kind === 'list' ? `t.array(${codec})` : `t.record(t.string, ${codec})`
    }
    case 'other':
      return 't.unknown'
    default:
      return `t.${kind}`
  }
}

/** `{class: dotted.path.Name}`, with or without arguments. Names become code, so an invalid name is not a class. */
const isClass = (value: unknown): boolean => classNameOf(value) !== undefined

const classNameOf = (value: unknown): string | undefined =>
  isRecord(value) && typeof value['class'] === 'string' && /^(?:[a-z_]\w*\.)*[A-Z]\w*$/.test(value['class'])
    ? value['class'].split('.').at(-1)
    : undefined

/** Every `{class: …}` in values, at any depth. */
const classesIn = (values: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] =>
  values.flatMap((value) => [
    ...(isClass(value) && isRecord(value) ? [value] : []),
    ...(isRecord(value) || Array.isArray(value) ? classesIn(Object.values(value)) : []),
  ])

/** The classes that values name, each with all its arguments; inner classes before those that contain them. */
export const draftClasses = (values: readonly ConfigValue[]): readonly DraftClass[] => {
  const found = new Map<string, { dotted: string; args: Map<string, ConfigValue[]>; count: number }>()
  for (const value of classesIn(values).toReversed()) {
    const name = classNameOf(value) ?? ''
    const before = found.get(name) ?? {
      dotted: String(value['class']),
      args: new Map<string, ConfigValue[]>(),
      count: 0,
    }
    before.count += 1
    for (const [arg, given] of argumentsOf(value)) pushTo(before.args, arg, given)
    found.set(name, before)
  }
  return [...found].map(([name, draft]) => ({ name, ...draft }))
}

const argumentsOf = (value: Readonly<Record<string, unknown>>): readonly (readonly [string, ConfigValue])[] => {
  const { args, kwargs } = value
  return [
    ...(Array.isArray(args) ? args.map((given: ConfigValue, at) => [`argument_${at + 1}`, given] as const) : []),
    ...(isRecord(kwargs)
      ? Object.entries(kwargs).map(([name, given]) => [name, given as ConfigValue] as const) /* of a config */
      : []),
  ]
}

/** Names of placeholders in texts, such as `{DATA_DIR}`, at any depth. */
export const placeholdersIn = (values: readonly unknown[]): readonly string[] => [
  ...new Set(
    values.flatMap((value): readonly string[] => {
      if (typeof value === 'string') return [...value.matchAll(/\{([A-Z][A-Z0-9_]*)\}/g)].map(([, name]) => name ?? '')
      return isRecord(value) || Array.isArray(value) ? placeholdersIn(Object.values(value)) : []
    }),
  ),
]
