import { deepest, maxNoted, plainData, tooDeep, type Plain } from './plain-data.js'
import type { RunInfo } from './run-info-types.js'

/**
 * A fast YAML writer for records: block style, one line per scalar, read back equal by YAML 1.1 (PyYAML) and 1.2
 * readers.
 */

/**
 * Run info as YAML; never throws, whatever a task noted. Only notes may contain other than plain data; they are cut off
 * beyond 10,000 values.
 */
export const emitRunInfo = (info: RunInfo): string =>
  textOf({ ...info, log: info.log === undefined ? undefined : plainData(info.log, maxNoted) })

/**
 * A record as YAML text that ends with a newline. Never throws: values that are not plain data (functions, cycles,
 * instances) are written as well as possible. Bigints become integers; `undefined` fields are left out.
 *
 * @example
 * emitYaml({ started: '2026-11-22', answer: true }) // 'started: "2026-11-22"\nanswer: true\n'
 */
export const emitYaml = (record: object): string => {
  const data = plainData(record)
  return typeof data === 'object' && data !== null && !isEmpty(data) ? textOf(data) : `${scalar(data)}\n`
}

/** Plain data that is not empty. */
const textOf = (data: PlainObject): string => (isPlainList(data) ? listText(data, '', '') : mapText(data, '', ''))

type PlainMap = { readonly [name: string]: Plain | undefined }
type PlainObject = readonly Plain[] | PlainMap

const isPlainList = (value: PlainObject): value is readonly Plain[] => Array.isArray(value)

/** A list that is not empty; its first line follows `lead`: the indent, or the dashes of enclosing lists. */
const listText = (list: readonly Plain[], lead: string, indent: string): string => {
  let text = ''
  let before = lead
  for (const whole of list) {
    const item = cut(whole, indent)
    if (typeof item !== 'object' || item === null || isEmpty(item)) text += `${before}- ${scalar(item)}\n`
    else if (isPlainList(item)) text += listText(item, `${before}- `, `${indent}  `)
    else text += mapText(item, `${before}- `, `${indent}  `)
    before = indent
  }
  return text
}

/** The same for a map. */
const mapText = (map: PlainMap, lead: string, indent: string): string => {
  let text = ''
  let before = lead
  for (const name in map) {
    const value = map[name]
    if (value === undefined) continue
    const key = keyText(name)
    // Readers look for the colon within 1024 characters only, unless the key is marked explicitly.
    text += key.length < 1000 ? before + key : `${before}? ${key}\n${indent}`
    if (typeof value === 'string') text += `: ${stringText(value)}\n`
    else if (typeof value !== 'object' || value === null) text += `: ${scalar(value)}\n`
    else text += fieldText(cut(value, indent), `${indent}  `)
    before = indent
  }
  return text
}

/** What follows the name of a field: its value, inside with this indent, and a line end. */
export const fieldText = (value: Plain, indent: string): string => {
  if (typeof value !== 'object' || value === null || isEmpty(value)) return `: ${scalar(value)}\n`
  return `:\n${isPlainList(value) ? listText(value, indent, indent) : mapText(value, indent, indent)}`
}

/** A value inside a map or list with this indent. */
const cut = (value: Plain, { length }: string): Plain =>
  typeof value === 'object' && value !== null && length >= 2 * (deepest - 1) ? tooDeep : value

const keys = new Map<string, string>()

/** A text that occurs in many records, as names of fields do. */
export const keyText = (name: string): string => {
  const known = keys.get(name)
  if (known !== undefined) return known
  const made = scalar(name)
  if (keys.size < 1000 && name.length < 100) keys.set(name, made)
  return made
}

const isEmpty = (value: object): boolean => {
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

/** A value that is no list or map, or an empty one. */
export const scalar = (value: Plain): string => {
  switch (typeof value) {
    case 'string':
      return stringText(value)
    case 'number':
      return number(value)
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? '[]' : '{}'
    default:
      return String(value)
  }
}

/** A text, in quotes where it has to be. */
export const stringText = (value: string): string =>
  !startsWithDigit(value) && plainText.test(value) && !value.endsWith(' ') && !isTaken(value) ? value : quoted(value)

/** Most keys, digests and times do, and so are never plain. */
const startsWithDigit = (value: string): boolean => {
  const first = value.charCodeAt(0)
  return first >= 48 && first <= 57
}

/**
 * Starts with a letter, `_` or `/` and contains nothing that any version of YAML reads as more than text; a colon is
 * safe before a letter, and `e5` is a number for some readers.
 */
const plainText = /^(?!e[-+]?\d+$)[a-z_/](?:[a-z0-9_./@+() -]|:{1,2}(?=[a-z_]))*$/i

/** Words that some version of YAML reads as a boolean or null. */
const taken = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null'])
const isTaken = (text: string): boolean => text.length <= 5 && taken.has(text.toLowerCase())

/**
 * Characters that a reader may refuse, fold or drop inside quotes: C1 controls, line separators, byte order marks,
 * non-characters.
 */
const troublesome = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

const quoted = (text: string): string => {
  if (easy.test(text)) return `"${text}"`
  const made = JSON.stringify(text)
  return simple.test(made)
    ? made
    : made.replace(troublesome, (letter) => '\\u' + letter.charCodeAt(0).toString(16).padStart(4, '0'))
}

/** Texts without anything to escape: keys, digests, times. */
const easy = /^[\w :.-]+$/

/** Texts without special characters. */
const simple = /^[ -~]*$/

/**
 * YAML 1.1 recognizes a float by its point and a signed exponent; integers beyond 2^53 are written as the floats that
 * they are.
 */
const number = (value: number): string => {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  const exponent = text.indexOf('e')
  if (exponent >= 0)
    return text.slice(0, exponent).includes('.') ? text : `${text.slice(0, exponent)}.0${text.slice(exponent)}`
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? `${text}.0` : text
}
