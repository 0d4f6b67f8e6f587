import * as E from 'fp-ts/lib/Either.js'
import type { Errors, Validation } from 'io-ts'
import type { ConfigValue, Located, ResolvedConfig, ResolvedValue } from '../config/types.js'
import { firstProblem } from '../declare/codec.js'
import { decodeForPlan, encodeForPlan, objectProblemOf, type ObjectRegistry } from '../declare/object.js'
import type { Encoded } from '../declare/types.js'
import type { Place, PlanError } from '../errors.js'
import { nearest } from '../suggest.js'
import { encodedSimple, holdsObject, sameEncoded, toEncoded, type EncodingProblem } from './encoded.js'
import type { IndexedParam, IndexedTask } from './index-project.js'
import type { Origin } from './types.js'

/** A node's params as they enter the plan. */
export interface NodeParams {
  readonly params: { readonly [name: string]: Encoded }
  /** What of them is in the key; undefined where that is all. */
  readonly keyParams: { readonly [name: string]: Encoded } | undefined
  readonly origins: { readonly [param: string]: Origin } | undefined
}

/** What reading params needs to know besides the task and its config. */
export interface ParamReading {
  readonly objects: ObjectRegistry
  /** Where other configs have a value of this name. */
  readonly placesOf: (nameInConfig: string) => readonly Place[]
  /** Values of a config that nobody reads and that are called nearly so. */
  readonly near: (config: ResolvedConfig, nameInConfig: string) => readonly string[]
}

/** A value in the forms that plan and key keep. `forKey` lacks what objects leave out of the key. */
interface Forms {
  readonly encoded: Encoded
  readonly forKey: Encoded
}

const noParams: NodeParams = Object.freeze({ params: Object.freeze({}), keyParams: undefined, origins: undefined })

/**
 * Reads a task's params from the config that brings it (SPEC 4): decoded to be checked, encoded again for plan and key.
 * What is wrong goes to `errors`; then the result lacks the param and is for looking further only. To be called inside `whilePlanning`.
 */
export const readParams = (task: IndexedTask, config: ResolvedConfig, node: string, place: Place, reading: ParamReading, errors: PlanError[]): NodeParams => {
  if (task.params.length === 0) return noParams
  const params: Record<string, Encoded> = {}
  let origins: Record<string, Origin> | undefined
  let changes: KeyChange[] | undefined
  for (const param of task.params) {
    const { name, declared } = param
    const value = config.values.get(param.nameInConfig)
    if (value !== undefined) (origins ??= {})[name] = originOf(value)
    let encoded = value === undefined ? undefined : simpleForm(param, value)
    let forKey = encoded
    if (encoded === undefined) {
      const at: At = { node, param, place, config, reading, errors }
      const forms = value === undefined ? formsOfDefault(at) : formsOfValue(at, value)
      if (forms === undefined) continue
      encoded = forms.encoded
      forKey = forms.forKey
    }
    params[name] = encoded
    if (declared.ignorePersistence || (declared.omitDefault && isDefault(param, forKey, reading.objects))) forKey = undefined
    if (forKey !== encoded) (changes ??= []).push({ name, forKey })
  }
  return { params: Object.freeze(params), keyParams: changes && keyForm(params, changes), origins: origins && Object.freeze(origins) }
}

/** A param that is other in the key, or undefined there. */
interface KeyChange {
  readonly name: string
  readonly forKey: Encoded | undefined
}

/** Params with those replaced or left out that are other in the key. */
const keyForm = (params: Readonly<Record<string, Encoded>>, changes: readonly KeyChange[]): Readonly<Record<string, Encoded>> => {
  const keyParams = { ...params }
  for (const { name, forKey } of changes)
    if (forKey === undefined) delete keyParams[name]
    else keyParams[name] = forKey
  return Object.freeze(keyParams)
}

/** The straight way for what most values are: a text or a number that its codec takes. Undefined where there is more to it. */
const simpleForm = ({ declared }: IndexedParam, { expanded, unexpanded }: ResolvedValue): Encoded | undefined => {
  if (expanded !== unexpanded || typeof expanded === 'object') return undefined
  try {
    const decoded = declared.codec.decode(expanded)
    return decoded._tag === 'Left' ? undefined : encodedSimple(declared.codec.encode(decoded.right))
  } catch {
    return undefined // told on the long way
  }
}

interface At {
  readonly node: string
  readonly param: IndexedParam
  /** Where the config brings the task. */
  readonly place: Place
  readonly config: ResolvedConfig
  readonly reading: ParamReading
  readonly errors: PlanError[]
}

const formsOfValue = (at: At, value: ResolvedValue): Forms | undefined => {
  const { param, reading } = at
  const { codec } = param.declared
  const decoded = decode(at, value.expanded)
  if (E.isLeft(decoded)) {
    at.errors.push(refusedValue(at, value, decoded.left))
    return undefined
  }
  const forms = value.unexpanded === value.expanded ? encode(codec, decoded.right, reading.objects) : unexpandedForms(at, value.unexpanded)
  if (E.isRight(forms)) return forms.right
  at.errors.push({ _tag: 'UnencodableParam', place: value.located.place, node: at.node, param: param.name, problem: inWords(forms.left) })
  return undefined
}

/** Through the codec where it reads the text with placeholders and keeps them; else as the config says it. */
const unexpandedForms = (at: At, value: ConfigValue): E.Either<EncodingProblem, Forms> => {
  const decoded = decode(at, value)
  const forms = E.isRight(decoded) ? encode(at.param.declared.codec, decoded.right, at.reading.objects) : undefined
  return forms !== undefined && E.isRight(forms) && keepsPlaceholders(value, forms.right.encoded) ? forms : asWritten(value)
}

/** A codec may well take `{YEAR}-01-01` for some date: then only the text as written can be expanded later. */
const keepsPlaceholders = (before: Encoded, after: Encoded): boolean => {
  const kept = placeholdersIn(after)
  return placeholdersIn(before).every((placeholder) => {
    const found = kept.indexOf(placeholder)
    if (found >= 0) kept.splice(found, 1)
    return found >= 0
  })
}

const placeholdersIn = (value: Encoded): string[] => {
  if (typeof value === 'string') return value.match(/\{[^{}\s]{1,100}\}/g) ?? []
  return typeof value === 'object' && value !== null ? Object.values(value as object).flatMap((part) => placeholdersIn(part as Encoded)) : []
}


const asWritten = (value: ConfigValue): E.Either<EncodingProblem, Forms> => {
  const outcome = toEncoded(value)
  return outcome._tag === 'Refused' ? E.left(outcome) : E.right({ encoded: outcome.value, forKey: outcome.value })
}

const decode = (at: At, value: ConfigValue): Validation<unknown> => {
  try {
    return decodeForPlan(at.param.declared.codec, value, at.reading.objects)
  } catch (cause) {
    return E.left([{ value, context: [], message: `its codec threw: ${cause instanceof Error ? cause.message : String(cause)}` }])
  }
}

const encode = (codec: IndexedParam['declared']['codec'], value: unknown, objects: ObjectRegistry): E.Either<EncodingProblem, Forms> => {
  try {
    const outcome = toEncoded(encodeForPlan(codec, value, objects, false))
    if (outcome._tag === 'Refused') return E.left(outcome)
    if (!holdsObject(outcome.value)) return E.right({ encoded: outcome.value, forKey: outcome.value })
    const forKey = toEncoded(encodeForPlan(codec, value, objects, true))
    if (forKey._tag === 'Refused') return E.left(forKey)
    return E.right({ encoded: outcome.value, forKey: sameEncoded(outcome.value, forKey.value) ? outcome.value : forKey.value })
  } catch (cause) {
    return E.left({ path: '', problem: `its codec threw: ${cause instanceof Error ? cause.message : String(cause)}` })
  }
}

const inWords = ({ path, problem }: EncodingProblem): string => (path === '' ? problem : `${problem} at ${path}`)

/** Encoded once per param of a project; a default that its own codec refuses is an error of the declaration. */
const defaults = new WeakMap<IndexedParam, E.Either<EncodingProblem | 'refused', Forms>>()

const defaultForms = (param: IndexedParam, objects: ObjectRegistry): E.Either<EncodingProblem | 'refused', Forms> | undefined => {
  const { fallback, codec } = param.declared
  if (fallback._tag === 'None') return undefined
  const known = defaults.get(param)
  if (known !== undefined) return known
  const forms: E.Either<EncodingProblem | 'refused', Forms> = E.chain((made: Forms): E.Either<EncodingProblem | 'refused', Forms> => (takes(codec, made.encoded, objects) ? E.right(made) : E.left('refused')))(
    encode(codec, fallback.value, objects) as E.Either<EncodingProblem | 'refused', Forms>,
  )
  defaults.set(param, forms)
  return forms
}

const takes = (codec: IndexedParam['declared']['codec'], value: unknown, objects: ObjectRegistry): boolean => {
  try {
    return E.isRight(decodeForPlan(codec, value, objects))
  } catch {
    return false
  }
}

const isDefault = (param: IndexedParam, forKey: Encoded | undefined, objects: ObjectRegistry): boolean => {
  const made = defaultForms(param, objects)
  return made !== undefined && E.isRight(made) && sameEncoded(made.right.forKey, forKey)
}

const formsOfDefault = (at: At): Forms | undefined => {
  const { param } = at
  const made = defaultForms(param, at.reading.objects)
  if (made === undefined) at.errors.push(missing(at, false))
  else if (E.isRight(made)) return made.right
  else if (made.left === 'refused')
    at.errors.push({ _tag: 'InvalidParam', place: at.place, node: at.node, param: param.name, path: '', problem: `its codec does not take its default back (${param.declared.codec.name})`, overriddenBy: undefined })
  else at.errors.push({ _tag: 'UnencodableParam', place: undefined, node: at.node, param: param.name, problem: `its default: ${inWords(made.left)}` })
  return undefined
}

const missing = ({ node, param, place, config, reading }: At, emptyValue: boolean): PlanError => {
  const { name, nameInConfig } = param
  const elsewhere = emptyValue ? [] : reading.placesOf(nameInConfig)
  return { _tag: 'MissingParam', place, node, param: name, nameInConfig, near: emptyValue ? [] : reading.near(config, nameInConfig), elsewhere, emptyValue }
}

const refusedValue = (at: At, value: ResolvedValue, problems: Errors): PlanError => {
  const { node, param, reading } = at
  const { place } = value.located
  if (value.expanded === null)
    return param.declared.fallback._tag === 'None'
      ? { ...(missing(at, true) as PlanError & { readonly _tag: 'MissingParam' }), place }
      : { _tag: 'InvalidParam', place, node, param: param.name, path: '', problem: `an empty value (null) is accepted only by a nullable codec, this one is ${param.declared.codec.name}; leave the line out to take the default`, overriddenBy: overriding(value, place) }
  const ofObject = objectProblemOf(problems)
  const { path, message } = firstProblem(ofObject === undefined ? problems : [ofObject.error])
  const exact = placeAt(value.located, path)
  if (ofObject?.problem._tag === 'UnknownClass') {
    const { className, known } = ofObject.problem
    return { _tag: 'UnknownClass', place: exact, node, param: param.name, className, near: nearest(className, known, 3), known: known.length > 0 ? known : [...reading.objects.keys()].sort() }
  }
  if (ofObject !== undefined) return { _tag: 'WrongClassArguments', place: exact, node, param: param.name, path, problem: withoutPath(message, path) }
  return { _tag: 'InvalidParam', place: exact, node, param: param.name, path, problem: message, overriddenBy: overriding(value, exact) }
}

const withoutPath = (message: string, path: string): string => (path !== '' && message.endsWith(` at ${path}`) ? message.slice(0, -` at ${path}`.length) : message)

const overriding = ({ overrides }: ResolvedValue, place: Place): Place | undefined =>
  overrides !== undefined && (overrides.origin !== place.origin || overrides.line !== place.line || overrides.column !== place.column) ? overrides : undefined

/** The place of the part that a path leads to, or of what is nearest above it. Arguments of objects are below `kwargs`. */
const placeAt = (located: Located, path: string): Place => {
  let at = located
  for (const segment of path.split('/').slice(1)) {
    const next = at.parts?.get(segment) ?? at.parts?.get('kwargs')?.parts?.get(segment)
    if (next === undefined) break
    at = next
  }
  return at.place
}

/** The config's own place where a context laid a value over it, with the place in the context. */
const originOf = ({ located, own, overrides }: ResolvedValue): Origin => {
  const place = frozenPlace(own ?? located.place)
  return Object.freeze(overrides === undefined ? { place } : { place, overrides: frozenPlace(overrides) })
}

/** Places belong to documents, which are not ours to freeze. */
const frozenPlace = (place: Place): Place => (Object.isFrozen(place) ? place : Object.freeze({ origin: place.origin, line: place.line, column: place.column }))
