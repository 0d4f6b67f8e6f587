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
import { structureErrors } from './structure.js'
import type { ConfigDocument, ConfigPart, Located } from './config-types.js'

/** A parsed config, or everything that is wrong with it. */
export type ParsedDocument = E.Either<NonEmptyArray<PlanError>, ConfigDocument>

/**
 * Parses the text of a config: JSON where the origin ends in `.json`, else YAML. Reads nothing, expands nothing.
 *
 * @example
 * const parsed = parseDocument('configs/a.yaml', 'tasks: movies.*\nmin_votes: 1000')
 * E.isRight(parsed) // => true
 */
export const parseDocument = (origin: string, text: string): ParsedDocument => {
  if (text.length > limits.text) return E.left([tooLarge('text', { origin, line: 1, column: 1 })])
  const reading = /\.json$/i.test(origin)
    ? readJson(origin, text)
    : (readPlainYaml(origin, text) ?? readYaml(origin, text))
  return documentFrom(origin, reading, { origin, line: 1, column: 1 })
}

/**
 * A config that is given as an object; places have line 0.
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
  if (located !== undefined && !isMap(located.value) && errors.length === 0)
    errors.push({
      _tag: 'BadStructure',
      place: located.place,
      key: '',
      expected: 'a map of names to values',
      actual: kindOf(located.value),
    })
  if (isNonEmpty(errors)) return leftOf(errors)
  const values: ReadonlyMap<string, Located> = located?.parts ?? new Map()
  const configs = values.get('configs')
  const warnings = [...reading.warnings]
  const parts =
    configs === undefined
      ? new Map([['', { name: '', place: located?.place ?? top, values }]])
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
    parts.set(name, { name, place: part.place, values: part.parts ?? new Map() })
  }
  return parts
}

/** The part that says `main_part: true`; else the only one; else there is no telling. */
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
