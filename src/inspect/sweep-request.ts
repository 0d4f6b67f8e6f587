import * as E from 'fp-ts/lib/Either.js'
import { parseDocument } from '../config/document.js'
import type { ConfigDocument, Located } from '../config/config-types.js'
import type { PlanError } from '../errors.js'
import { badOption, taskchainError } from '../explain.js'
import type { SweepAxis, SweepZip } from '../plan/sweep/combinations.js'
import { rangeValues, splitList } from '../plan/sweep/sweep-values.js'
import { nearest } from '../base/suggest.js'
import { yamlValue } from './set-values.js'
import { isList } from '../base/records.js'

/** A sweep as given on the command line or in a file. */
export interface SweepSpec {
  readonly axes: readonly SweepAxis[]
  readonly zip: SweepZip
  readonly metrics: readonly string[]
}

/**
 * Parses `--set name=a,b` and `--range name=1..10:2`: parts between commas are YAML, as in a config; later ones for the
 * same name win.
 *
 * @example
 * const axes = sweptValues(['min_votes=100,500'], ['seed=1..3'])
 * axes.map(({ name, values }) => [name, values.length]) // => [['min_votes', 2], ['seed', 3]]
 */
export const sweptValues = (lists: readonly string[], ranges: readonly string[]): readonly SweepAxis[] => {
  const axes = new Map<string, readonly unknown[]>()
  for (const given of lists) {
    const [name, text] = namedText('--set', given)
    const pieces = splitList(text)
    if (pieces.length > 1 && pieces.includes(''))
      throw badOption(
        `--set ${given}`,
        "there is nothing between two commas; write '' for an empty text, null for none",
      )
    axes.set(
      name,
      pieces.map((piece) => yamlValue(given, piece)),
    )
  }
  const listed = new Set(axes.keys())
  for (const given of ranges) {
    const [name, text] = namedText('--range', given)
    if (listed.has(name)) throw badOption(`--range ${given}`, `'${name}' has values by --set already`)
    axes.set(name, rangeOf(`--range ${given}`, text))
  }
  return [...axes].map(([name, values]) => ({ name, values }))
}

const namedText = (option: string, given: string): readonly [name: string, text: string] => {
  const equals = given.indexOf('=')
  const name = given.slice(0, equals).trim()
  if (equals < 0 || name === '')
    throw badOption(
      `${option} ${given}`,
      option === '--set'
        ? 'say name=value,value, as in --set min_votes=100,500'
        : 'say name=from..to, as in --range seed=1..10',
    )
  return [name, given.slice(equals + 1)]
}

const rangeOf = (option: string, text: string): readonly number[] => {
  const values = rangeValues(text)
  if (E.isLeft(values)) throw badOption(option, values.left)
  return values.right
}

const known = ['set', 'range', 'zip', 'metrics'] as const

/**
 * Parses a sweep file: `set` (names to lists of values), `range` (names to `from..to:step`), `zip` (`true`, or groups
 * of names that are paired), `metrics` (tasks). Throws `TaskchainError` with all errors, each with its place.
 *
 * @example
 * parseSweepFile('sweeps/ridge.yaml', 'set: { l2: [0.1, 1] }').axes // => [{ name: 'l2', values: [0.1, 1] }]
 */
export const parseSweepFile = (origin: string, text: string): SweepSpec => {
  const parsed = parseDocument(origin, text)
  if (E.isLeft(parsed)) throw taskchainError(parsed.left)
  const errors: PlanError[] = []
  const values = valuesOf(parsed.right)
  const refuse = (key: string, { place }: Located, expected: string, actual: string): void =>
    void errors.push({ _tag: 'BadStructure', place, key, expected, actual })
  for (const [name, located] of values) {
    const near = nearest(name, known)[0]
    if (!known.some((one) => one === name) && !name.startsWith('x-'))
      refuse(
        name,
        located,
        `one of ${known.join(', ')}`,
        `another name${near === undefined ? '' : ` (did you mean '${near}'?)`}`,
      )
  }
  const axes: SweepAxis[] = []
  for (const [name, located] of partsOf(values.get('set'), 'set', 'a map of names to lists of values', refuse))
    axes.push({ name, values: isList(located.value) ? located.value : [located.value] })
  for (const [name, located] of partsOf(
    values.get('range'),
    'range',
    'a map of names to ranges, as in 1..10:2',
    refuse,
  )) {
    const range = rangeValues(isText(located.value) ? located.value : JSON.stringify(located.value))
    if (E.isLeft(range))
      refuse(`range.${name}`, located, 'a range, as in 1..10:2', `${JSON.stringify(located.value)}: ${range.left}`)
    else if (axes.some((axis) => axis.name === name))
      refuse(`range.${name}`, located, 'a name that has no values by set', 'one that has')
    else axes.push({ name, values: range.right })
  }
  const read = <A>(name: string, is: (value: unknown) => value is A, fallback: A, expected: string): A => {
    const located = values.get(name)
    if (located === undefined) return fallback
    if (is(located.value)) return located.value
    refuse(name, located, expected, 'something else')
    return fallback
  }
  const zip = read('zip', isZip, false, 'true or a list of lists of names')
  const metrics = read('metrics', isMetrics, [], 'a task or a list of tasks')
  const [first, ...others] = errors
  if (first !== undefined) throw taskchainError([first, ...others])
  return { axes, zip, metrics: typeof metrics === 'string' ? [metrics] : metrics }
}

const valuesOf = (document: ConfigDocument): ReadonlyMap<string, Located> =>
  (document.parts.get('') ?? [...document.parts.values()][0])?.values ?? new Map()

const partsOf = (
  located: Located | undefined,
  key: string,
  expected: string,
  refuse: (key: string, located: Located, expected: string, actual: string) => void,
): ReadonlyMap<string, Located> => {
  if (located === undefined || located.value === null) return new Map()
  if (typeof located.value === 'object' && !Array.isArray(located.value)) return located.parts ?? new Map()
  refuse(key, located, expected, Array.isArray(located.value) ? 'a list' : 'a single value')
  return new Map()
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isListOf = <A>(value: unknown, fits: (item: unknown) => item is A): value is readonly A[] =>
  isList(value) && value.every(fits)
const isTexts = (value: unknown): value is readonly string[] => isListOf(value, isText)
const isZip = (value: unknown): value is SweepZip => typeof value === 'boolean' || isListOf(value, isTexts)
const isMetrics = (value: unknown): value is string | readonly string[] => isText(value) || isTexts(value)

/**
 * Merges the command line into a sweep file: its values replace those of the same names, `--zip` zips all, `--metrics`
 * replaces the metrics of the file.
 *
 * @example
 * const written = parseSweepFile('sweeps/ridge.yaml', 'set: { l2: [0.1, 1] }')
 * const given = { axes: sweptValues([], ['seed=1..3']), zip: false, metrics: [] }
 * combineSweeps(written, given).axes.map(({ name }) => name) // => ['l2', 'seed']
 */
export const combineSweeps = (file: SweepSpec, given: SweepSpec): SweepSpec => {
  const own = new Map(given.axes.map((axis) => [axis.name, axis]))
  const fromFile = file.axes.map((axis) => own.get(axis.name) ?? axis)
  return {
    axes: [...fromFile, ...given.axes.filter(({ name }) => !file.axes.some((axis) => axis.name === name))],
    zip: given.zip === true ? true : file.zip,
    metrics: given.metrics.length > 0 ? given.metrics : file.metrics,
  }
}
