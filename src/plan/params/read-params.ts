import * as t from 'io-ts'
import { itemAt } from '../../base/present.js'
import type { ConfigValue, Located, ResolvedConfig, ResolvedValue } from '../../config/config-types.js'
import type { Encoded } from '../../declare/types.js'
import type { Place, PlanError } from '../../errors.js'
import type { IndexedParam, IndexedTask } from '../names/project-index.js'
import type { Origin, Plan } from '../plan-types.js'
import { formsOfDefault, isDefault } from './default-forms.js'
import { encodedSimple } from './encoded.js'
import type { AskedFile } from './param-files.js'
import type { At, NodeParams, ParamReading } from './param-reading.js'
import { missingVariable, placeOfReference, secretForm } from './secret-form.js'
import { formsOfValue } from './value-forms.js'

export const noParams: NodeParams = Object.freeze({
  values: Object.freeze([]),
  keyValues: undefined,
  unset: 0,
  missing: 0,
})

/**
 * Reads a task's params from the config that selects it: decodes them to validate them, and encodes them for plan and
 * key. Errors go to `errors`; then the result lacks the param and serves only for further checks. Must be called inside
 * `whilePlanning`.
 */
export const readParams = (
  task: IndexedTask,
  config: ResolvedConfig,
  node: string,
  place: Place,
  reading: ParamReading,
  errors: PlanError[],
): NodeParams => {
  // made at its full length: a list that grows by one keeps room for sixteen
  const values: (Encoded | undefined)[] = task.params.map(() => undefined)
  let changes: KeyChange[] | undefined
  let given: Record<string, ConfigValue> | undefined
  let unset = 0
  let missing = task.params.length
  for (let at = 0; at < values.length; at++) {
    const param = itemAt(task.params, at)
    const { name, declared } = param
    const value = config.values.get(param.nameInConfig)
    if (value === undefined) unset++
    if (declared.secret) {
      const form = secretForm({ node, param, place, config, reading, errors }, value)
      if (form === undefined) continue
      missing--
      values[at] = form.encoded
      if (form.given !== undefined) (given ??= {})[name] = form.given
      ;(changes ??= []).push({ at, forKey: undefined })
      continue
    }
    let encoded = value === undefined ? undefined : simpleForm(param, value)
    let forKey = encoded
    if (encoded === undefined) {
      const here: At = { node, param, place, config, reading, errors }
      const secretsBefore = reading.secretsMet()
      const forms = value === undefined ? formsOfDefault(here) : formsOfValue(here, value)
      reportMissingFiles(here, value, reading.files.taken())
      for (const variable of reading.unsetTaken())
        reading.warn(missingVariable(here, (value && placeOfReference(value.located, variable)) ?? place, variable))
      if (forms === undefined) continue
      encoded = forms.encoded
      forKey = forms.forKey
      if (value !== undefined && reading.secretsMet() > secretsBefore) (given ??= {})[name] = value.expanded
    }
    missing--
    values[at] = encoded
    if (declared.ignorePersistence || (declared.omitDefault && isDefault(param, forKey, reading))) forKey = undefined
    if (forKey !== encoded) (changes ??= []).push({ at, forKey })
  }
  return { values, keyValues: changes && keyForm(values, changes), given, unset, missing }
}

/** Fast path for most values: a text or a number that its codec accepts. Undefined for anything else. */
const simpleForm = ({ declared }: IndexedParam, { expanded, unexpanded }: ResolvedValue): Encoded | undefined => {
  if (expanded !== unexpanded || typeof expanded === 'object') return undefined
  const { codec } = declared
  if ((codec === t.number && typeof expanded === 'number') || (codec === t.string && typeof expanded === 'string'))
    return encodedSimple(expanded) // what they decode to, and encode again
  try {
    const decoded = codec.decode(expanded)
    return decoded._tag === 'Left' ? undefined : encodedSimple(codec.encode(decoded.right))
  } catch {
    return undefined // the general path reports it
  }
}

/** A param whose form in the key differs, or that is omitted there (undefined). */
interface KeyChange {
  readonly at: number
  readonly forKey: Encoded | undefined
}

/** Values as they are in the key: changed ones replaced or omitted. */
const keyForm = (values: NodeParams['values'], changes: readonly KeyChange[]): NodeParams['values'] => {
  const forKey = [...values]
  for (const change of changes) forKey[change.at] = change.forKey
  return forKey
}

/**
 * Values of params by name, frozen. `isOneOff`: thousands of tasks have names of their own. Their records end up as
 * dictionaries, and are made twice as fast where they start as such.
 */
export const paramRecord = (
  params: IndexedTask['params'],
  values: NodeParams['values'],
  isOneOff: boolean,
): Readonly<Record<string, Encoded>> => {
  const record: Record<string, Encoded> = isOneOff ? (Object.create(null) as {}) : {}
  for (let at = 0; at < params.length; at++) {
    const value = values[at]
    if (value !== undefined) record[itemAt(params, at).name] = value
  }
  if (isOneOff) Object.setPrototypeOf(record, Object.prototype)
  return Object.freeze(record)
}

/** Reports files that could not be read, each at the place that names it. */
const reportMissingFiles = (
  { node, param, place, errors }: At,
  value: ResolvedValue | undefined,
  asked: readonly AskedFile[],
): void => {
  for (const { written, path, kind, digest } of asked) {
    if ('sha256' in digest) continue
    errors.push({
      _tag: 'FileUnreadable',
      place: (value && placeOfText(value.located, written)) ?? value?.located.place ?? place,
      node,
      param: param.name,
      path,
      ...(kind === 'file' ? {} : { kind }),
      problem: digest.problem,
      near: digest.near,
      ...(digest.unfilled === undefined ? {} : { unfilled: digest.unfilled }),
    })
  }
}

const placeOfText = (located: Located, text: string): Place | undefined => {
  if (located.value === text) return located.place
  for (const part of located.parts?.values() ?? []) {
    const found = placeOfText(part, text)
    if (found !== undefined) return found
  }
  return undefined
}

export type ParamOrigins = Plan['origins'][string]

/** Origins of the task's params that a config sets; undefined if there are none. */
export const originsOfParams = (task: IndexedTask, { values }: ResolvedConfig): ParamOrigins | undefined => {
  const origins: Record<string, Origin> = {}
  for (const { name, nameInConfig } of task.params) {
    const value = values.get(nameInConfig)
    if (value !== undefined) origins[name] = originOf(value)
  }
  return Object.keys(origins).length === 0 ? undefined : Object.freeze(origins)
}

/** The config's own place, and the place in the context that overrode it. */
const originOf = ({ located, own, overrides }: ResolvedValue): Origin => {
  const place = frozenPlace(own ?? located.place)
  return Object.freeze(overrides === undefined ? { place } : { place, overrides: frozenPlace(overrides) })
}

/** A frozen copy, since the documents own their places. */
const frozenPlace = (place: Place): Place =>
  Object.isFrozen(place) ? place : Object.freeze({ origin: place.origin, line: place.line, column: place.column })
