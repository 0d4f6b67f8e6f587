import { isSafeName } from '../declare/names.js'
import { reservedNames } from '../declare/param.js'
import type { Place, PlanError } from '../errors.js'
import { isMap, kindOf } from './read/located.js'
import type { ConfigPart, Located } from './config-types.js'

/** Names with a meaning of their own: the structure of configs. Everything else is a value. */

const reserved: ReadonlySet<string> = new Set(reservedNames)

/** True for a name that no task reads as a value. */
export const isReserved = (name: string): boolean => reserved.has(name)

/** A text and where it stands. */
export interface LocatedText {
  readonly text: string
  readonly place: Place
}

/**
 * Texts of a part under a reserved name: one text or a list of them; nothing where there is none. Shapes were checked
 * by `structureErrors`.
 */
export const textsOf = (part: ConfigPart, name: 'tasks' | 'excluded_tasks' | 'uses'): readonly LocatedText[] => {
  const located = part.values.get(name)
  if (located === undefined) return []
  const items = Array.isArray(located.value) ? [...(located.parts?.values() ?? [])] : [located]
  return items.flatMap((item) => (typeof item.value === 'string' ? [{ text: item.value, place: item.place }] : []))
}

/** What is wrong with the shapes under reserved names. An empty value counts as absent. */
export const structureErrors = (values: ReadonlyMap<string, Located>): readonly PlanError[] => {
  const errors: PlanError[] = []
  const refuse = (key: string, located: Located, expected: string): void =>
    void errors.push({ _tag: 'BadStructure', place: located.place, key, expected, actual: kindOf(located.value) })
  for (const key of ['tasks', 'excluded_tasks', 'uses'] as const) {
    const located = values.get(key)
    if (located === undefined || located.value === null || typeof located.value === 'string') continue
    const expected = key === 'uses' ? 'a path or a list of paths' : 'a pattern or a list of patterns'
    if (!Array.isArray(located.value)) refuse(key, located, expected)
    else
      for (const item of located.parts?.values() ?? []) if (typeof item.value !== 'string') refuse(key, item, expected)
  }
  const main = values.get('main_part')
  if (main !== undefined && main.value !== null && typeof main.value !== 'boolean')
    refuse('main_part', main, 'true or false')
  const readable = values.get('human_readable_data_name')
  if (readable !== undefined && readable.value !== null && typeof readable.value !== 'string')
    refuse('human_readable_data_name', readable, 'text')
  const configs = values.get('configs')
  if (configs !== undefined) refuse('configs', configs, 'at the top of a file')
  const spaces = values.get('for_namespaces')
  if (spaces !== undefined && spaces.value !== null && !isMap(spaces.value))
    refuse('for_namespaces', spaces, 'a map of namespaces to maps of values')
  for (const [namespace, inner] of (spaces !== undefined && isMap(spaces.value) && spaces.parts) || [])
    if (inner.value !== null && !isMap(inner.value)) refuse(`for_namespaces.${namespace}`, inner, 'a map of values')
  return errors
}

/** The error of a namespace with a segment that cannot become part of a path. */
export const namespaceProblem = (namespace: string, place: Place | undefined): PlanError | undefined =>
  namespace.split('::').every(isSafeName)
    ? undefined
    : { _tag: 'UnsafeName', place, what: 'namespace', name: namespace }
