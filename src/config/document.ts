import { isNonEmpty } from '../base/non-empty.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { isSafeName } from '../declare/names.js'
import type { Place, PlanError, PlanWarning } from '../errors.js'
import { limits, tooLarge } from './limits.js'
import { isMap, kindOf, type Reading } from './read/located.js'
import { readJson } from './read/read-json.js'
import { readObject } from './read/read-object.js'
import { readPlainYaml } from './read/read-plain-yaml.js'
import { readYaml } from './read/read-yaml.js'
import type { ConfigDocument, ConfigPart, Located } from './config-types.js'

/** A parsed config, or all its errors. */
export type ParsedDocument = E.Either<NonEmptyArray<PlanError>, ConfigDocument>

/**
 * Parses the text of a config: JSON if the origin ends in `.json`, else YAML. Reads no files and expands nothing.
 *
 * @example
 * const parsed = parseDocument('configs/a.yaml', 'tasks: movies.*\nmin_votes: 1000')
 * E.isRight(parsed) // => true
 */
export const parseDocument = (origin: string, text: string): ParsedDocument => {
  if (text.length > limits.text) return E.left([tooLarge('text', { origin, line: 1, column: 1 })])
  const top = { origin, line: 1, column: 1 }
  if (/\.json$/i.test(origin)) return documentFrom(origin, readJson(origin, text), top)
  const plain = readPlainYaml(origin, text)
  return plain === undefined ? documentFrom(origin, readYaml(origin, text), top) : documentOfMap(origin, plain, top)
}

/**
 * Converts a config given as an object; places have line 0.
 *
 * @example
 * const parsed = documentOf('configs/a.yaml', { tasks: 'movies.*', min_votes: 1000 })
 * E.isRight(parsed) // => true
 */
export const documentOf = (origin: string, object: unknown): ParsedDocument =>
  documentFrom(origin, readObject(origin, object), { origin, line: 0, column: 0 })

const documentFrom = (origin: string, reading: Reading, top: Place): ParsedDocument => {
  const errors = [...reading.errors]
  const { located } = reading
  if (isNonEmpty(errors)) return leftOf(errors)
  return located === undefined || isMap(located.value)
    ? documentOfMap(origin, reading, top)
    : E.left([
        {
          _tag: 'BadStructure',
          place: located.place,
          key: '',
          expected: 'a map of names to values',
          actual: kindOf(located.value),
        },
      ])
}

/** The document of an error-free reading that is a map or empty. */
const documentOfMap = (origin: string, { located, warnings: odd }: Reading, top: Place): ParsedDocument => {
  const errors: PlanError[] = []
  const values: ReadonlyMap<string, Located> = located?.parts ?? new Map()
  const configs = values.get('configs')
  const warnings = [...odd]
  const parts =
    configs === undefined
      ? new Map([['', partFrom('', located?.place ?? top, values)]])
      : partsOf(configs, values, errors, warnings)
  for (const part of parts.values()) for (const one of structureErrors(part.values)) errors.push(one)
  const mainPart = mainOf(parts, errors)
  if (isNonEmpty(errors)) return leftOf(errors)
  return E.right(Object.freeze({ origin, parts, mainPart, warnings: Object.freeze(warnings) }))
}

const leftOf = (errors: NonEmptyArray<PlanError>): ParsedDocument => {
  const [first, ...others] = errors
  return E.left(
    errors.length > limits.errors + 1
      ? [first, ...others.slice(0, limits.errors - 1), tooMany(errors[limits.errors])]
      : errors,
  )
}

const tooMany = (next: PlanError | undefined): PlanError =>
  tooLarge(
    'errors',
    (next !== undefined && 'place' in next ? next.place : undefined) ?? { origin: '', line: 0, column: 0 },
  )

const partsOf = (
  configs: Located,
  values: ReadonlyMap<string, Located>,
  errors: PlanError[],
  warnings: PlanWarning[],
): ReadonlyMap<string, ConfigPart> => {
  for (const [name, located] of values)
    if (name !== 'configs' && name !== '$schema' && !name.startsWith('x-'))
      warnings.push({ _tag: 'IgnoredBesideParts', place: located.place, name })
  const parts = new Map<string, ConfigPart>()
  if (!isMap(configs.value) || configs.parts?.size === 0)
    errors.push({
      _tag: 'BadStructure',
      place: configs.place,
      key: 'configs',
      expected: 'a map of parts',
      actual: isMap(configs.value) ? 'an empty one' : kindOf(configs.value),
    })
  for (const [name, part] of (isMap(configs.value) && configs.parts) || []) {
    if (!isSafeName(name)) errors.push({ _tag: 'UnsafeName', place: part.place, what: 'part', name })
    if (part.value !== null && !isMap(part.value))
      errors.push({
        _tag: 'BadStructure',
        place: part.place,
        key: `configs.${name}`,
        expected: 'a map of names to values',
        actual: kindOf(part.value),
      })
    parts.set(name, partFrom(name, part.place, part.parts ?? new Map()))
  }
  return parts
}

/** The part with `main_part: true`; else the only part; else undefined. */
const mainOf = (parts: ReadonlyMap<string, ConfigPart>, errors: PlanError[]): string | undefined => {
  const mains = [...parts.values()].filter((part) => part.values.get('main_part')?.value === true)
  const [main, second] = mains
  if (second !== undefined)
    errors.push({
      _tag: 'SeveralMainParts',
      place: second.values.get('main_part')?.place ?? second.place,
      parts: mains.map((part) => part.name).sort(),
    })
  return main?.name ?? (parts.size === 1 ? [...parts.keys()][0] : undefined)
}

/** Texts under a reserved name: a single text or a list, empty if absent. Their shape is checked separately. */
const textsOf = (located: Located | undefined): ConfigPart['tasks'] => {
  const items = Array.isArray(located?.value)
    ? [...(located.parts?.values() ?? [])]
    : located === undefined
      ? []
      : [located]
  return items.flatMap(({ value, place }) => (typeof value === 'string' ? [{ text: value, place }] : []))
}

const partFrom = (name: string, place: Place, values: ReadonlyMap<string, Located>): ConfigPart => ({
  name,
  place,
  values,
  tasks: textsOf(values.get('tasks')),
  excludedTasks: textsOf(values.get('excluded_tasks')),
  uses: textsOf(values.get('uses')),
})

/** Errors in the shapes of values under reserved names. An empty value counts as absent. */
const structureErrors = (values: ReadonlyMap<string, Located>): readonly PlanError[] => {
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
