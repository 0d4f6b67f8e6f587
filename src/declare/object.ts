import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { decoded } from './codec/codec.js'
import { currentMode, inAllModes, inMode, madeHere, type Mode } from './codec/codec-mode.js'
import {
  argumentEntry,
  givenArguments,
  nameInConfig,
  type GivenArgument,
  type GivenArguments,
} from './object-arguments.js'
import type { ObjectCodec, ObjectContext, ObjectDefinition, ObjectRegistry } from './object-types.js'
import { toParam, type Param, type ParamSpec, type Params } from './param.js'
import { isHiddenDefault, PlannedSecret, readSecret, secretFormOf } from './secret.js'
import type { ParamValues } from './task.js'
import { isObjectForm, readyClass, readyIn } from './ready-objects.js'
import { surplusOf } from './codec/tuple-surplus.js'
import type { Encoded } from './types.js'
import { fieldOf, isObject, tagOf } from '../base/records.js'
import { messageOf } from '../base/thrown.js'

export type { ObjectCodec, ObjectContext, ObjectDefinition, ObjectRegistry } from './object-types.js'

/** A parameter object that is declared but not constructed yet: the only form that planning knows. */
export class ObjectCall {
  readonly _tag = 'ObjectCall'
  readonly definition: ObjectDefinition
  /** Decoded arguments by name, including those at their default. */
  readonly args: Readonly<Record<string, unknown>>
  constructor(definition: ObjectDefinition, args: Readonly<Record<string, unknown>>) {
    this.definition = definition
    this.args = args
    Object.freeze(this)
  }
}

/** What `create` receives: the declared arguments by name, and under `rest` those named only by the config. */
export type ObjectArgs<P extends Params, Rest> = [Rest] extends [never]
  ? ParamValues<P>
  : ParamValues<P> & { readonly rest: Readonly<Record<string, Rest>> }

/** A class that still needs its `create`. */
export interface ObjectBuilder<Args> {
  create<Instance>(make: (args: Args, context: ObjectContext) => Instance): ObjectDefinition<Instance, Args>
}

/**
 * Declares a class that configs may name, as `{ class: 'Ridge', kwargs: { l2: 0.1 } }` or
 * `{ class: 'Ridge', args: [0.1] }`. Configs write argument names in snake case, like params. With `rest`, configs may
 * pass further arguments, all of one codec.
 *
 * @example
 * const Ridge = defineObject('Ridge', { args: { l2: param(t.number, { default: 1 }) } }).create(({ l2 }) => ({ l2 }))
 * const Grid = defineObject('Grid', { rest: t.number }).create(({ rest }) => ({ values: rest }))
 * const fitted = defineTask({ params: { model: object(Ridge) }, data: t.number }).run(({ model }) => model.l2)
 * // in a config: model: { class: Ridge, kwargs: { l2: 0.5 } }
 */
export const defineObject = <P extends Params = {}, Rest = never>(
  className: string,
  spec: { readonly args?: P; readonly rest?: t.Type<Rest, any> } = {},
): ObjectBuilder<ObjectArgs<P, Rest>> => ({
  create: <Instance>(make: (args: ObjectArgs<P, Rest>, context: ObjectContext) => Instance) => {
    const { args = {}, rest } = spec
    const definition: ObjectDefinition<Instance, ObjectArgs<P, Rest>> = Object.freeze({
      ...madeHere,
      _tag: 'ObjectDefinition',
      className,
      args,
      rest,
      create: make,
      of: (given: Partial<ObjectArgs<P, Rest>>) =>
        // typed as the instance it becomes
        new ObjectCall(definition, withDefaults(args, rest, given)) as never,
    })
    return definition
  },
})

type Given = Readonly<Record<string, unknown>>

const withDefaults = (params: Params, rest: t.Type<any, any> | undefined, given: Given): Given => {
  const named = Object.entries(params).map(([name, spec]): [string, unknown] => {
    const { fallback } = toParam(spec)
    return [name, name in given ? given[name] : fallback._tag === 'Some' ? fallback.value : undefined]
  })
  return { ...Object.fromEntries(named), ...(rest === undefined ? {} : { rest: given['rest'] ?? {} }) }
}

const isCall = (value: unknown): value is ObjectCall => tagOf(value) === 'ObjectCall'

/** Decodes a config value for planning: objects are validated but not constructed. */
export const decodeForPlan = <A>(codec: t.Type<A, any>, value: unknown, registry: ObjectRegistry): t.Validation<A> =>
  inAllModes({ registry, context: undefined, forKey: false }, () => codec.decode(value))

/** What codecs may use while planning, in addition to classes. */
export type PlanningTools = Partial<Pick<Mode, 'digestOf' | 'environment' | 'secretMet' | 'variableUnset' | 'spelled'>>

/** Provides the registry to all decoding and encoding in a synchronous part of planning; cheaper than per value. */
export const whilePlanning = <A>(registry: ObjectRegistry, work: () => A, tools: PlanningTools = {}): A =>
  inAllModes({ registry, context: undefined, forKey: false, ...tools }, work)

/** What codecs may use just before `run`, in addition to classes. */
export type RunningTools = Partial<
  Pick<Mode, 'expand' | 'resolvePath' | 'filesOf' | 'fileMet' | 'environment' | 'secretMet'>
>

/**
 * Has a plan's values decoded for `run` by what it is given: objects are constructed and paths resolved. That throws
 * `FormatProblem`, or whatever a `create` throws.
 */
export const whileDecoding = <A>(
  registry: ObjectRegistry,
  context: ObjectContext,
  tools: RunningTools,
  work: (decode: (codec: t.Type<any, any>, value: unknown) => unknown) => A,
): A => inAllModes({ registry, context, forKey: false, digestOf: undefined, ...tools }, () => work(decoded))

/** Encodes a planned value: in full for the plan, or only what belongs to the key. */
export const encodeForPlan = (
  codec: t.Type<any, any>,
  value: unknown,
  registry: ObjectRegistry,
  forKey: boolean,
  secretsOfDefault?: Mode['secretsOfDefault'],
): unknown => inAllModes<unknown>({ registry, context: undefined, forKey, secretsOfDefault }, () => codec.encode(value))

/**
 * The codec of a parameter object: one of the given classes, or any registered class if none is given.
 *
 * @example
 * const Ridge = defineObject('Ridge', { args: { l2: t.number } }).create(({ l2 }) => ({ predict: () => l2 }))
 * const Mean = defineObject('Mean', {}).create(() => ({ predict: () => 0 }))
 * const predicted = defineTask({ params: { model: object(Ridge, Mean) }, data: t.number }).run(({ model }) =>
 *   model.predict(),
 * )
 */
export const object: ObjectCodec = (...classes: readonly ObjectDefinition<any, any>[]): t.Type<any, Encoded> => {
  const only =
    classes.length === 0
      ? undefined
      : new Map(classes.map((definition: ObjectDefinition) => [definition.className, definition]))
  const name = only === undefined ? 'object' : `object(${[...only.keys()].join(' | ')})`
  return new ObjectType(name, only) as never // an ObjectCall takes the instance's place until run
}

/** Recognised by the schema and by planners; `only` holds the classes it admits. */
export class ObjectType extends t.Type<unknown, unknown> {
  readonly _tag = 'ObjectType'
  readonly only: ObjectRegistry | undefined
  constructor(name: string, only: ObjectRegistry | undefined) {
    super(
      name,
      (_value): _value is unknown => true,
      (value, context) => decodeObject(value, context, only),
      encodeObject,
    )
    this.only = only
  }
}

/**
 * Why an object codec refused a value, in a form programs can inspect: attached to the validation error as
 * `objectProblem`.
 */
export type ObjectProblem =
  | { readonly _tag: 'UnknownClass'; readonly className: string; readonly known: readonly string[] }
  | { readonly _tag: 'WrongClassArguments'; readonly className: string }
  | { readonly _tag: 'MissingVariable'; readonly variable: string }

/** The first error caused by an unknown class or wrong arguments; undefined if all errors have another cause. */
export const objectProblemOf = (
  errors: t.Errors,
): { readonly problem: ObjectProblem; readonly error: t.ValidationError } | undefined => {
  for (const error of errors) {
    const { objectProblem: problem }: ObjectError = error
    if (problem !== undefined) return { problem, error }
    const inside = error.context.slice(0, -1).findLast((above) => tagOf(above.type) === 'ObjectType')
    if (inside !== undefined)
      return { problem: { _tag: 'WrongClassArguments', className: textOf(fieldOf(inside.actual, 'class')) }, error }
  }
  return undefined
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What our codecs add to the errors of io-ts. */
type ObjectError = t.ValidationError & { readonly objectProblem?: ObjectProblem }

const refused = (value: unknown, context: t.Context, message: string, objectProblem: ObjectProblem): ObjectError => ({
  value,
  context,
  message,
  objectProblem,
})

const decodeObject = (value: unknown, context: t.Context, only: ObjectRegistry | undefined): t.Validation<unknown> => {
  if (isCall(value)) return made(value, context)
  if (!isObject(value) || typeof value['class'] !== 'string')
    return t.failure(value, context, 'expected { class: NAME, args: […], kwargs: {…} }')
  const className = value['class']
  const registry = only ?? currentMode().registry
  const definition = className === readyClass ? readyIn(currentMode().registry) : registry.get(className)
  if (definition === undefined) {
    const problem: ObjectProblem = { _tag: 'UnknownClass', className, known: [...registry.keys()].sort() }
    const inside = [...context, entry('class', className)]
    return E.left([refused(className, inside, unknownClass(className, registry), problem)])
  }
  const { spelled } = currentMode()
  const given = givenArguments(definition, value)
  const args: Record<string, unknown> = {}
  const errors: t.ValidationError[] = given.problems.map(({ problem, steps }) => ({
    ...refused(value, context, problem, wrongArguments(definition)),
    steps,
  }))
  for (const [name, spec] of Object.entries(definition.args)) {
    const decoded = decodeArgument(definition, name, spec, given, context)
    if (decoded === undefined) continue
    if (E.isRight(decoded)) args[name] = decoded.right
    else for (const one of decoded.left) errors.push(one)
  }
  if (definition.rest !== undefined) args['rest'] = restOf(definition.rest, given.rest, context, errors)
  for (const { written, expected } of given.misspelled)
    spelled?.({ className: definition.className, written, expected, context })
  return errors.length > 0 ? E.left(errors) : made(new ObjectCall(definition, args), context)
}

const wrongArguments = ({ className }: ObjectDefinition): ObjectProblem => ({ _tag: 'WrongClassArguments', className })

/** One argument or its default; undefined if it is missing and the error of another argument explains why. */
const decodeArgument = (
  definition: ObjectDefinition,
  name: string,
  spec: ParamSpec,
  given: GivenArguments,
  context: t.Context,
): t.Validation<unknown> | undefined => {
  const { codec, fallback, secret } = toParam(spec)
  const { value, steps } = given.byName.get(name) ?? noArgument
  const read =
    secret && value !== undefined ? secretArgument(definition, name, codec, value, steps, context) : undefined
  if (read !== undefined && read !== 'default') return read
  const arg = read === 'default' ? undefined : value
  if (arg === undefined && fallback._tag === 'Some') {
    if (currentMode().context === undefined) return E.right(fallback.value)
    if (secret && isHiddenDefault(fallback.value)) currentMode().secretMet?.(fallback.value)
    return E.right(remade(codec, fallback.value))
  }
  if (arg === undefined)
    return given.mayBeMeant(name)
      ? undefined
      : E.left([
          refused(
            undefined,
            [...context, argumentEntry(name, codec, undefined)],
            `${definition.className} needs the argument '${nameInConfig(name, spec)}'`,
            wrongArguments(definition),
          ),
        ])
  const inside = [...context, argumentEntry(name, codec, arg, steps)]
  const outcome = codec.validate(arg, inside)
  const surplus = surplusOf(codec, arg, inside)
  if (surplus.length === 0) return outcome
  return E.left(E.isLeft(outcome) ? [...outcome.left, ...surplus] : [...surplus])
}

const noArgument: GivenArgument = { value: undefined, steps: [] }

/** A secret argument: its value just before `run`, a placeholder while planning, or 'default' for its default. */
const secretArgument = (
  definition: ObjectDefinition,
  name: string,
  codec: t.Type<any, any>,
  value: unknown,
  steps: readonly string[],
  context: t.Context,
): t.Validation<unknown> | 'default' => {
  const { context: running, environment, secretMet, variableUnset } = currentMode()
  const read = readSecret(codec, value, environment, running !== undefined)
  if (read._tag === 'Default') return 'default'
  if (read._tag !== 'Refused') {
    secretMet?.(read._tag === 'Read' ? read.raw : undefined)
    return E.right(running !== undefined && read._tag === 'Read' ? read.value : new PlannedSecret(read.form))
  }
  const { variable, form } = read
  if (variable !== undefined && form !== undefined && variableUnset !== undefined && running === undefined) {
    variableUnset(variable)
    secretMet?.(undefined)
    return E.right(new PlannedSecret(form))
  }
  const problem: ObjectProblem =
    variable === undefined ? wrongArguments(definition) : { _tag: 'MissingVariable', variable }
  return E.left([refused('***', [...context, argumentEntry(name, t.string, '***', steps)], read.problem, problem)])
}

/** Arguments named only by the config, all decoded with one codec. */
const restOf = (codec: t.Type<any, any>, given: Given, context: t.Context, errors: t.ValidationError[]): Given => {
  const decoded: Record<string, unknown> = {}
  for (const [name, arg] of Object.entries(given)) {
    const inside = [...context, argumentEntry(name, codec, arg, ['kwargs', name])]
    const outcome = codec.validate(arg, inside)
    if (E.isRight(outcome)) decoded[name] = outcome.right
    else for (const one of outcome.left) errors.push(one)
    for (const one of surplusOf(codec, arg, inside)) errors.push(one)
  }
  return decoded
}

/** A default that holds objects is constructed anew for each run, with placeholders filled in and paths resolved. */
const remade = (codec: t.Type<any, any>, value: unknown): unknown => {
  const encoded = inMode<unknown>({ secretsOfDefault: 'shown' }, () => codec.encode(value))
  const outcome = codec.decode(currentMode().expand?.(encoded) ?? encoded)
  return E.isRight(outcome) ? outcome.right : value
}
const made = (call: ObjectCall, context: t.Context): t.Validation<unknown> => {
  const running = currentMode().context
  if (running === undefined) return E.right(call)
  try {
    return E.right((call.definition.create as (args: unknown, context: ObjectContext) => unknown)(call.args, running))
  } catch (cause) {
    return t.failure(call, context, `${call.definition.className} could not be made: ${messageOf(cause)}`)
  }
}

const entry = (key: string, actual: unknown): t.ContextEntry => ({ key, type: t.string, actual })

const unknownClass = (name: string, registry: ObjectRegistry): string =>
  `unknown class '${name}'; registered: ` +
  `${someOf([...registry.keys()].sort()) || 'none (add it to objects in defineProject)'}`

const someOf = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`

const encodeObject = (value: unknown): unknown => {
  if (!isCall(value)) {
    const mark = isObjectForm(value) ? undefined : readyIn(currentMode().registry)?.markOf(value)
    return mark ?? value // an instance given as default: outside tests the planner refuses it
  }
  const kwargs: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(value.definition.args)) {
    const declared: Param<unknown> = toParam(spec)
    if (currentMode().forKey && (declared.ignorePersistence || declared.secret)) continue
    if (declared.secret) {
      const form = encodedSecret(declared, value.args[name])
      if (form !== undefined) kwargs[name] = form
      continue
    }
    const encoded: unknown = declared.codec.encode(value.args[name])
    if (
      currentMode().forKey &&
      declared.omitDefault &&
      declared.fallback._tag === 'Some' &&
      same(encoded, declared.codec.encode(declared.fallback.value))
    )
      continue
    kwargs[name] = encoded
  }
  const { rest } = value.definition
  for (const [name, arg] of Object.entries(value.args['rest'] ?? {})) {
    if (rest !== undefined && !Object.hasOwn(value.definition.args, name)) kwargs[name] = rest.encode(arg)
  }
  return { class: value.definition.className, kwargs }
}

/**
 * A secret argument: in the plan its reference, or its value when a default's object is constructed; undefined if the
 * class has a default for it or nothing was given.
 */
const encodedSecret = (declared: Param<unknown>, value: unknown): unknown => {
  const fallback = declared.fallback._tag === 'Some' ? declared.fallback : undefined
  switch (currentMode().secretsOfDefault) {
    case 'shown':
      return value === undefined || value === fallback?.value ? undefined : declared.codec.encode(value)
    case 'marked':
      return { secret: true, default: true }
    default:
      return secretFormOf(value, fallback)
  }
}

const same = (left: unknown, right: unknown): boolean => {
  if (Object.is(left, right)) return true
  if (!isObject(left) || !isObject(right)) return false
  const names = Object.keys(left)
  return (
    Array.isArray(left) === Array.isArray(right) &&
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]))
  )
}
