import * as E from 'fp-ts/lib/Either.js'
import type { Errors, Validation, ValidationError } from 'io-ts'
import { limits, tooLarge } from '../../config/limits.js'
import type { ConfigValue, Located, ResolvedConfig, ResolvedValue } from '../../config/config-types.js'
import { firstProblem } from '../../declare/codec/codec.js'
import { argumentAt, separateErrors, stepsTo } from '../../declare/codec/codec-errors.js'
import type { Environment } from '../../declare/codec/codec-mode.js'
import { decodeForPlan, encodeForPlan, objectProblemOf, type ObjectRegistry } from '../../declare/object.js'
import { readSecret, referenceOf } from '../../declare/secret.js'
import { surplusOf } from '../../declare/codec/tuple-surplus.js'
import type { Encoded } from '../../declare/types.js'
import type { Place, PlanError, PlanWarning } from '../../errors.js'
import { nearest } from '../../base/suggest.js'
import { encodedSimple, frozenData, holdsObject, sameEncoded, toEncoded, type EncodingProblem } from './encoded.js'
import type { IndexedParam, IndexedTask } from '../names/project-index.js'
import type { AskedFile, FileReading } from './param-files.js'
import { placeAt } from '../place-at.js'
import type { Spelling } from '../names/spelling.js'
import { plainClasses } from './plain-classes.js'
import type { Origin } from '../plan-types.js'

/** A node's params as they enter the plan. */
export interface NodeParams {
  readonly params: { readonly [name: string]: Encoded }
  /** What of them is in the key; undefined where that is all. */
  readonly keyParams: { readonly [name: string]: Encoded } | undefined
  readonly origins: { readonly [param: string]: Origin } | undefined
  /**
   * Config values, placeholders filled in, of params that hold secrets given directly or in objects: they are not in
   * `params`.
   */
  readonly given?: { readonly [param: string]: ConfigValue } | undefined
}

/** What reading params needs to know besides the task and its config. */
export interface ParamReading {
  readonly objects: ObjectRegistry
  /** Where other configs have a value of this name. */
  readonly placesOf: (nameInConfig: string) => readonly Place[]
  /** Values of a config that nobody reads and that are called nearly so. */
  readonly near: (config: ResolvedConfig, nameInConfig: string) => readonly string[]
  readonly files: FileReading
  /** How many secrets were met inside objects so far. */
  readonly secretsMet: () => number
  /** Where references to secrets are looked up; undefined where they are not checked now. */
  readonly environment: Environment | undefined
  /** Variables that were asked for inside objects since the last call and are not set. */
  readonly unsetTaken: () => readonly string[]
  readonly warn: (warning: PlanWarning) => void
  readonly spelling: Spelling
}

/** A value in the forms that plan and key keep. `forKey` lacks what objects leave out of the key. */
interface Forms {
  readonly encoded: Encoded
  readonly forKey: Encoded
}

const noParams: NodeParams = Object.freeze({ params: Object.freeze({}), keyParams: undefined, origins: undefined })

/**
 * Reads a task's params from the config that brings it: decoded to be checked, encoded again for plan and key.
 * What is wrong goes to `errors`; then the result lacks the param and is for looking further only. To be called inside
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
  if (task.params.length === 0) return noParams
  const params: Record<string, Encoded> = {}
  let origins: Record<string, Origin> | undefined
  let changes: KeyChange[] | undefined
  let given: Record<string, ConfigValue> | undefined
  for (const param of task.params) {
    const { name, declared } = param
    const value = config.values.get(param.nameInConfig)
    if (value !== undefined) (origins ??= {})[name] = originOf(value)
    if (declared.secret) {
      const form = secretForm({ node, param, place, config, reading, errors }, value)
      if (form === undefined) continue
      params[name] = form.encoded
      if (form.given !== undefined) (given ??= {})[name] = form.given
      ;(changes ??= []).push({ name, forKey: undefined })
      continue
    }
    let encoded = value === undefined ? undefined : simpleForm(param, value)
    let forKey = encoded
    if (encoded === undefined) {
      const at: At = { node, param, place, config, reading, errors }
      const secretsBefore = reading.secretsMet()
      const forms = value === undefined ? formsOfDefault(at) : formsOfValue(at, value)
      tellMissingFiles(at, value, reading.files.taken())
      for (const variable of reading.unsetTaken())
        reading.warn(missingVariable(at, (value && placeOfReference(value.located, variable)) ?? place, variable))
      if (forms === undefined) continue
      encoded = forms.encoded
      forKey = forms.forKey
      if (value !== undefined && reading.secretsMet() > secretsBefore) (given ??= {})[name] = value.expanded
    }
    params[name] = encoded
    if (declared.ignorePersistence || (declared.omitDefault && isDefault(param, forKey, reading))) forKey = undefined
    if (forKey !== encoded) (changes ??= []).push({ name, forKey })
  }
  return {
    params: Object.freeze(params),
    keyParams: changes && keyForm(params, changes),
    origins: origins && Object.freeze(origins),
    given,
  }
}

/** A param that is other in the key, or undefined there. */
interface KeyChange {
  readonly name: string
  readonly forKey: Encoded | undefined
}

/** Params with those replaced or left out that are other in the key. */
const keyForm = (
  params: Readonly<Record<string, Encoded>>,
  changes: readonly KeyChange[],
): Readonly<Record<string, Encoded>> => {
  const keyParams = { ...params }
  for (const { name, forKey } of changes)
    if (forKey === undefined) delete keyParams[name]
    else keyParams[name] = forKey
  return Object.freeze(keyParams)
}

/**
 * The straight way for what most values are: a text or a number that its codec takes. Undefined where there is more to
 * it.
 */
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
  reading.spelling.tell()
  const decoded = decode(at, value.expanded)
  reading.spelling.tell(value.located)
  if (E.isLeft(decoded)) {
    for (const error of refusedValue(at, value, decoded.left)) at.errors.push(error)
    return undefined
  }
  if (typeof value.expanded === 'object')
    for (const warning of plainClasses(value.located, decoded.right, reading.objects, param.name)) reading.warn(warning)
  const forms =
    value.unexpanded === value.expanded
      ? encode(codec, decoded.right, reading.objects)
      : unexpandedForms(at, value, decoded.right)
  if (E.isRight(forms)) return forms.right
  at.errors.push({
    _tag: 'UnencodableParam',
    place: value.located.place,
    node: at.node,
    param: param.name,
    problem: inWords(forms.left),
  })
  return undefined
}

/**
 * Through the codec where it reads the text with placeholders and keeps them; else as the config says it, with what
 * files and secrets in it ask for.
 */
const unexpandedForms = (
  at: At,
  { unexpanded }: ResolvedValue,
  expanded: unknown,
): E.Either<EncodingProblem, Forms> => {
  const { files, secretsMet, objects } = at.reading
  const { codec } = at.param.declared
  const checked = encode(codec, expanded, objects) // what `run` gets must be encodable, whatever becomes of the text with placeholders
  files.taken()
  if (E.isLeft(checked)) return checked
  const secrets = secretsMet()
  const decoded = decode(at, unexpanded)
  const forms = E.isRight(decoded) ? encode(codec, decoded.right, objects) : undefined
  if (forms !== undefined && E.isRight(forms) && keepsPlaceholders(unexpanded, forms.right.encoded)) return forms
  files.taken()
  const inFull = encode(codec, expanded, objects)
  if (
    secretsMet() > secrets ||
    (E.isRight(inFull) && holdsObject(inFull.right.encoded) && !sameEncoded(inFull.right.encoded, inFull.right.forKey))
  )
    return inFull
  const digests = files.taken().map(({ digest }) => ('sha256' in digest ? digest.sha256 : null))
  const written = asWritten(unexpanded)
  return digests.length === 0
    ? written
    : E.map(({ encoded }: Forms): Forms => ({ encoded, forKey: { written: encoded, sha256: digests } }))(written)
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
  return typeof value === 'object' && value !== null
    ? Object.values(value as object).flatMap((part) => placeholdersIn(part as Encoded))
    : []
}

const asWritten = (value: ConfigValue): E.Either<EncodingProblem, Forms> => {
  const outcome = toEncoded(value)
  return outcome._tag === 'Refused' ? E.left(outcome) : E.right({ encoded: outcome.value, forKey: outcome.value })
}

/** What a codec makes of a value, lists that it would cut being errors. */
const whole = (
  codec: IndexedParam['declared']['codec'],
  value: unknown,
  objects: ObjectRegistry,
): Validation<unknown> => {
  const decoded = decodeForPlan(codec, value, objects)
  const surplus = surplusOf(codec, value, [{ key: '', type: codec, actual: value }])
  return surplus.length === 0 ? decoded : E.left(E.isLeft(decoded) ? [...decoded.left, ...surplus] : [...surplus])
}

const decode = (at: At, value: ConfigValue): Validation<unknown> => {
  try {
    return whole(at.param.declared.codec, value, at.reading.objects)
  } catch (cause) {
    return E.left([
      { value, context: [], message: `its codec threw: ${cause instanceof Error ? cause.message : String(cause)}` },
    ])
  }
}

const encode = (
  codec: IndexedParam['declared']['codec'],
  value: unknown,
  objects: ObjectRegistry,
  secrets?: 'marked',
): E.Either<EncodingProblem, Forms> => {
  try {
    const outcome = toEncoded(encodeForPlan(codec, value, objects, false, secrets))
    if (outcome._tag === 'Refused') return E.left(outcome)
    if (!holdsObject(outcome.value)) return E.right({ encoded: outcome.value, forKey: outcome.value })
    const forKey = toEncoded(encodeForPlan(codec, value, objects, true))
    if (forKey._tag === 'Refused') return E.left(forKey)
    return E.right({
      encoded: outcome.value,
      forKey: sameEncoded(outcome.value, forKey.value) ? outcome.value : forKey.value,
    })
  } catch (cause) {
    return E.left({ path: '', problem: `its codec threw: ${cause instanceof Error ? cause.message : String(cause)}` })
  }
}

const inWords = ({ path, problem }: EncodingProblem): string => (path === '' ? problem : `${problem} at ${path}`)

/** Encoded once per param of a project; a default that its own codec refuses is an error of the declaration. */
const defaults = new WeakMap<IndexedParam, E.Either<EncodingProblem | RefusedDefault, Forms>>()

/** `because`: what an object's argument lacks, where that is it. */
interface RefusedDefault {
  readonly refused: true
  readonly because: string
}

const defaultForms = (
  param: IndexedParam,
  { objects, files }: ParamReading,
): E.Either<EncodingProblem | RefusedDefault, Forms> | undefined => {
  const { fallback, codec } = param.declared
  if (fallback._tag === 'None') return undefined
  const known = defaults.get(param)
  if (known !== undefined) return known
  const asked = files.count()
  const encoded: E.Either<EncodingProblem | RefusedDefault, Forms> = encode(codec, fallback.value, objects, 'marked')
  const forms = E.chain((made: Forms): E.Either<EncodingProblem | RefusedDefault, Forms> => {
    const refused = refusalOf(codec, fallback.value, made.encoded, objects)
    return refused === undefined ? E.right(made) : E.left(refused)
  })(encoded)
  if (files.count() === asked) defaults.set(param, forms) // what a file holds may be other the next time
  return forms
}

/** Why a codec does not take its default back, with the secrets that plans do not hold; undefined where it does. */
const refusalOf = (
  codec: IndexedParam['declared']['codec'],
  fallback: unknown,
  encoded: Encoded,
  objects: ObjectRegistry,
): RefusedDefault | undefined => {
  try {
    const outcome = whole(
      codec,
      holdsObject(encoded) ? encodeForPlan(codec, fallback, objects, false, 'shown') : encoded,
      objects,
    )
    if (E.isRight(outcome)) return undefined
    const problem = objectProblemOf(outcome.left)
    return { refused: true, because: problem === undefined ? '' : `: ${firstProblem([problem.error]).message}` }
  } catch {
    return { refused: true, because: '' }
  }
}

const isDefault = (param: IndexedParam, forKey: Encoded | undefined, reading: ParamReading): boolean => {
  const made = defaultForms(param, reading)
  reading.files.taken() // the default is only compared: nobody misses its files
  return made !== undefined && E.isRight(made) && sameEncoded(made.right.forKey, forKey)
}

const formsOfDefault = (at: At): Forms | undefined => {
  const { param } = at
  const made = defaultForms(param, at.reading)
  if (made === undefined) at.errors.push(missing(at, false))
  else if (E.isRight(made)) return made.right
  else if ('refused' in made.left)
    at.errors.push({
      _tag: 'InvalidParam',
      place: at.place,
      node: at.node,
      param: param.name,
      path: '',
      problem: `its codec does not take its default back (${param.declared.codec.name})${made.left.because}`,
      overriddenBy: undefined,
    })
  else
    at.errors.push({
      _tag: 'UnencodableParam',
      place: undefined,
      node: at.node,
      param: param.name,
      problem: `its default: ${inWords(made.left)}`,
    })
  return undefined
}

const missing = ({ node, param, place, config, reading }: At, emptyValue: boolean): PlanError => {
  const { name, nameInConfig } = param
  const elsewhere = emptyValue ? [] : reading.placesOf(nameInConfig)
  const near = emptyValue ? [] : reading.near(config, nameInConfig)
  return {
    _tag: 'MissingParam',
    place,
    node,
    param: name,
    nameInConfig,
    near,
    elsewhere,
    emptyValue,
    ...(param.declared.secret ? { secret: true } : {}),
  }
}

/**
 * A secret as plan and run info show it, with the value that the config gives directly; undefined where it is wrong.
 * Nothing told of it shows the value.
 */
const secretForm = (
  at: At,
  value: ResolvedValue | undefined,
): { readonly encoded: Encoded; readonly given: ConfigValue | undefined } | undefined => {
  const { node, param, reading, errors } = at
  const { codec, fallback } = param.declared
  if (value === undefined) {
    if (fallback._tag === 'Some') return { encoded: defaultSecret, given: undefined }
    errors.push(missing(at, false))
    return undefined
  }
  const { place } = value.located
  const read = readSecret(codec, value.expanded, reading.environment, false)
  reading.files.taken() // what a secret holds is no business of the key
  if (read._tag === 'Read' || read._tag === 'Unread') {
    const encoded = frozenData({ ...read.form }) as Encoded
    return { encoded, given: read._tag === 'Read' && read.direct ? value.expanded : undefined }
  }
  if (read._tag === 'Default') return undefined // only plans say so
  if (read.variable !== undefined && read.form !== undefined) {
    reading.warn(missingVariable(at, place, read.variable)) // only who runs it needs it
    return { encoded: frozenData({ ...read.form }) as Encoded, given: undefined }
  }
  if (value.expanded === null)
    errors.push({ ...(missing(at, true) as PlanError & { readonly _tag: 'MissingParam' }), place })
  else
    errors.push({
      _tag: 'InvalidParam',
      place,
      node,
      param: param.name,
      path: '',
      problem: read.problem,
      overriddenBy: overriding(value, place),
    })
  return undefined
}

const defaultSecret: Encoded = Object.freeze({ default: true, secret: true })

const missingVariable = ({ node, param, reading }: At, place: Place, variable: string): PlanWarning => {
  const names = Object.keys(reading.environment ?? {})
  return {
    _tag: 'MissingVariable',
    place,
    node,
    param: param.name,
    variable,
    empty: reading.environment?.[variable] === '',
    near: nearest(variable, names, 3),
  }
}

/** Files that could not be read, each at the place that names it. */
const tellMissingFiles = (
  { node, param, place, errors }: At,
  value: ResolvedValue | undefined,
  asked: readonly AskedFile[],
): void => {
  for (const { written, path, digest } of asked) {
    if ('sha256' in digest) continue
    errors.push({
      _tag: 'FileUnreadable',
      place: (value && placeOfText(value.located, written)) ?? value?.located.place ?? place,
      node,
      param: param.name,
      path,
      problem: digest.problem,
      near: digest.near,
      ...(digest.unfilled === undefined ? {} : { unfilled: digest.unfilled }),
    })
  }
}

/** Where a value refers to a variable. */
const placeOfReference = (located: Located, variable: string): Place | undefined => {
  if (referenceOf(located.value) === variable) return located.place
  for (const part of located.parts?.values() ?? []) {
    const found = placeOfReference(part, variable)
    if (found !== undefined) return found
  }
  return undefined
}

const placeOfText = (located: Located, text: string): Place | undefined => {
  if (located.value === text) return located.place
  for (const part of located.parts?.values() ?? []) {
    const found = placeOfText(part, text)
    if (found !== undefined) return found
  }
  return undefined
}

/** What is wrong with a value, each thing at its own place. */
const refusedValue = (at: At, value: ResolvedValue, problems: Errors): readonly PlanError[] => {
  if (value.expanded === null) return [refusedNull(at, value)]
  const separate = separateErrors(problems)
  const wrong = separate.slice(0, limits.errors).map((problem) => refusedPart(at, value, problem))
  return separate.length > limits.errors
    ? [...wrong, tooLarge('errors', placeAt(value.located, stepsTo(separate[limits.errors] as ValidationError)))]
    : wrong
}

const refusedNull = (at: At, value: ResolvedValue): PlanError => {
  const { node, param } = at
  const { place } = value.located
  return param.declared.fallback._tag === 'None'
    ? { ...(missing(at, true) as PlanError & { readonly _tag: 'MissingParam' }), place }
    : {
        _tag: 'InvalidParam',
        place,
        node,
        param: param.name,
        path: '',
        problem: `an empty value (null) is accepted only by a nullable codec, this one is ${param.declared.codec.name}; leave the line out to take the default`,
        overriddenBy: overriding(value, place),
      }
}

const refusedPart = (at: At, value: ResolvedValue, error: ValidationError): PlanError => {
  const { node, param, reading } = at
  const { problem } = objectProblemOf([error]) ?? {}
  const { path, message } = firstProblem([error])
  const exact = placeAt(value.located, stepsTo(error))
  if (problem?._tag === 'UnknownClass') {
    const { className, known } = problem
    return {
      _tag: 'UnknownClass',
      place: exact,
      node,
      param: param.name,
      className,
      near: nearest(className, known, 3),
      known: known.length > 0 ? known : [...reading.objects.keys()].sort(),
    }
  }
  if (problem !== undefined) {
    const argument = argumentAt(error)
    const about = {
      ...('className' in problem ? { className: problem.className } : {}),
      ...(argument === undefined ? {} : { argument }),
    }
    return {
      _tag: 'WrongClassArguments',
      place: exact,
      node,
      param: param.name,
      path,
      ...about,
      problem: withoutPath(message, path),
    }
  }
  return {
    _tag: 'InvalidParam',
    place: exact,
    node,
    param: param.name,
    path,
    problem: withPath(message, path),
    overriddenBy: overriding(value, exact),
  }
}

const withoutPath = (message: string, path: string): string =>
  path !== '' && message.endsWith(` at ${path}`) ? message.slice(0, -` at ${path}`.length) : message

const withPath = (message: string, path: string): string =>
  path === '' ? message : `${withoutPath(message, path)} at ${path}`

const overriding = ({ overrides }: ResolvedValue, place: Place): Place | undefined =>
  overrides !== undefined &&
  (overrides.origin !== place.origin || overrides.line !== place.line || overrides.column !== place.column)
    ? overrides
    : undefined

/** The config's own place where a context laid a value over it, with the place in the context. */
const originOf = ({ located, own, overrides }: ResolvedValue): Origin => {
  const place = frozenPlace(own ?? located.place)
  return Object.freeze(overrides === undefined ? { place } : { place, overrides: frozenPlace(overrides) })
}

/** Places belong to documents, which are not ours to freeze. */
const frozenPlace = (place: Place): Place =>
  Object.isFrozen(place) ? place : Object.freeze({ origin: place.origin, line: place.line, column: place.column })
