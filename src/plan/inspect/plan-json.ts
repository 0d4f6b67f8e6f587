import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import * as t from 'io-ts'
import { isObject, isRecord, own, tagOf } from '../../base/records.js'
import { nonEmpty, valueIn } from '../../base/present.js'
import { fullNameOf, isSafeName } from '../../declare/names.js'
import type { Encoded } from '../../declare/types.js'
import type { PlanError, PlanWarning } from '../../errors.js'
import { inputIds } from '../plan-graph.js'
import { keyOf, preImageOf, type InputInKey } from '../key.js'
import type { Plan, PlanNode } from '../plan-types.js'
import { fromTagged, frozenData, isUntagged, toEncoded, toTagged } from '../params/encoded.js'
import { messageOf } from '../../base/thrown.js'

/** Plans as JSON text and back, for queues, files and other processes. Parsed plans are verified, including keys. */

/**
 * A plan as JSON text. Bigints are `{ "$bigint": "12" }`; names that start with `$` get a second one.
 *
 * @example
 * const text = planToJson(planned)
 * E.isRight(planFromJson(text)) // => true
 */
export const planToJson = (plan: Plan): string => JSON.stringify(planCodec.encode(plan))

/**
 * Parses a plan from its JSON text. Left are the errors, as `BadStructure` with the path; never throws.
 * Names must be safe, inputs must precede their readers, and every key must be the hash of its pre-image.
 *
 * @example
 * const again = planFromJson(planToJson(planned))
 * E.isRight(again) && samePlan(again.right, planned) // => true
 */
export const planFromJson = (text: string): E.Either<NonEmptyArray<PlanError>, Plan> => {
  const parsed = E.tryCatch(
    (): unknown => JSON.parse(text),
    (cause) => messageOf(cause),
  )
  if (E.isLeft(parsed))
    return E.left([{ _tag: 'ConfigUnreadable', origin, place: undefined, reason: `invalid JSON: ${parsed.left}` }])
  if (!isRecord(parsed.right)) return E.left([wrong('/', 'a plan', typeof parsed.right)])
  const decoded = planCodec.decode(parsed.right)
  if (E.isLeft(decoded)) return E.left(structureErrors(decoded.left))
  const errors = nodeErrors(decoded.right.nodes)
  return errors.length > 0 ? E.left(nonEmpty(errors.slice(0, maxErrors))) : E.right(deepFrozen(decoded.right))
}

const origin = 'plan as JSON'
const maxErrors = 20

const wrong = (path: string, expected: string, actual: unknown): PlanError => ({
  _tag: 'BadStructure',
  place: { origin, line: 0, column: 0 },
  key: path,
  expected,
  actual: inWords(actual),
})

const inWords = (value: unknown): string => {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

/** A plan of another schema may be invalid everywhere, so that only the schema is reported. */
const structureErrors = (errors: t.Errors): NonEmptyArray<PlanError> => {
  const found = errors.map(({ context, value }) =>
    wrong(
      `/${context
        .slice(1)
        .map(({ key }) => key)
        .join('/')}`,
      context.at(-1)?.type.name ?? '',
      value,
    ),
  )
  const ofSchema = found.filter((error) => error._tag === 'BadStructure' && error.key === '/schema')
  return nonEmpty((ofSchema.length > 0 ? ofSchema : found).slice(0, maxErrors))
}

/** Errors of nodes beyond their structure: names, keys, and inputs that do not precede their readers. */
const nodeErrors = (nodes: readonly PlanNode[]): PlanError[] => {
  const errors: PlanError[] = []
  const done = new Map<string, InputInKey>()
  for (const [index, node] of nodes.entries()) {
    const add = (field: string, expected: string, actual: string): void =>
      void errors.push(wrong(`/nodes/${index}/${field}`, expected, actual))
    const { id, task, group, name, namespace, key } = node
    if (![...group.split(':'), name].every(isSafeName))
      add('task', 'names that can be part of a path', `${group}:${name}`)
    if (namespace !== '' && !namespace.split('::').every(isSafeName)) add('namespace', 'a namespace', namespace)
    if (task !== `${group}:${name}`) add('task', `'${group}:${name}'`, task)
    if (id !== fullNameOf(namespace, task)) add('id', `'${fullNameOf(namespace, task)}'`, id)
    const unknown = inputIds(node).find((input) => !done.has(input))
    if (done.has(id)) add('id', 'a full name of its own', id)
    else if (unknown !== undefined) add('inputs', 'only nodes that precede it', unknown)
    else if (keyOf(preImageOf(node, (input) => valueIn(done, input))) !== key)
      add('key', 'the hash of its task, params and inputs', key)
    done.set(id, { task, key })
  }
  return errors
}

/** Skips frozen values: param values are already frozen deeply. */
export const deepFrozen = <A>(value: A): A => {
  if (isObject(value) && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFrozen(part)
    Object.freeze(value)
  }
  return value
}

/*
 * The codec of plans. Messages use the names of its parts to say what is expected. Fields that other versions add are
 * dropped.
 */

/** A codec that reports errors inside a value as an error of the whole value. */
const whole = <A>(expected: string, codec: t.Type<A, any>): t.Type<A> =>
  new t.Type(
    expected,
    codec.is,
    (value, context) => {
      const read = codec.decode(value)
      return E.isRight(read) ? read : t.failure(value, context)
    },
    t.identity,
  )

type Codecs = Readonly<Record<string, t.Type<any, any>>>
type RecordOf<Required extends Codecs, Optional extends Codecs> = {
  readonly [Field in keyof Required]: t.TypeOf<Required[Field]>
} & { readonly [Field in keyof Optional]?: t.TypeOf<Optional[Field]> }

/** A record of these fields; others are dropped. Faster than records of io-ts, since a plan has many nodes. */
const record = <Required extends Codecs, Optional extends Codecs = {}>(
  expected: string,
  required: Required,
  optional?: Optional,
): t.Type<RecordOf<Required, Optional>, unknown> => {
  const codecs = Object.entries<Codecs[string]>({ ...required, ...optional })
  const read = (value: unknown, context: t.Context): t.Validation<RecordOf<Required, Optional>> => {
    if (!isRecord(value)) return t.failure(value, context)
    const errors: t.ValidationError[] = []
    const fields: Record<string, unknown> = {}
    for (const [field, codec] of codecs) {
      const one = own(value, field)
      if (one === undefined && !Object.hasOwn(required, field)) continue
      const isText = codec === text && typeof one === 'string'
      const decoded = isText ? t.success(one) : codec.validate(one, t.appendContext(context, field, codec, one))
      if (E.isRight(decoded)) fields[field] = decoded.right
      else for (const error of decoded.left) errors.push(error)
    }
    // each field was read by its codec
    return errors.length > 0 ? t.failures(errors) : t.success(fields as RecordOf<Required, Optional>)
  }
  return new t.Type(expected, (value): value is never => E.isRight(read(value, [])), read, t.identity)
}

const text = whole('text', t.string)
const texts = whole('a list of texts', t.array(t.string))
const flag = whole('true or false', t.boolean)
/** JSON may contain `__proto__`, but a record of io-ts would lose it. */
const name = t.refinement(t.string, (given) => given !== '__proto__', 'another name')
const count = t.refinement(t.number, (number) => Number.isInteger(number) && number >= 0)
const place = whole('a place', record('a place', { origin: text, line: count, column: count }))

const params = new t.Type<PlanNode['params'], unknown>(
  'params by name',
  (value): value is PlanNode['params'] => isRecord(value), // decoding checks that its values are encoded data
  (value, context) => {
    if (!isRecord(value)) return t.failure(value, context)
    const fields: [string, Encoded][] = []
    for (const [tagged, field] of Object.entries(value)) {
      const given = tagged.startsWith('$$') ? tagged.slice(1) : tagged
      const wrong = (expected: string, actual: unknown): t.Validation<never> =>
        t.failure(actual, t.appendContext(context, given, whole(expected, t.unknown), actual))
      const bounded = toEncoded(field) // bounds depth and size, so that the next step may recurse
      if (bounded._tag === 'Refused') return wrong('a value that plans can hold', bounded.problem)
      const plain = fromTagged(bounded.value)
      if (plain === undefined || (tagged.startsWith('$') && given === tagged))
        return wrong('names without a single $', given)
      fields.push([given, plain])
    }
    return t.success(Object.fromEntries(fields))
  },
  t.identity,
)

const node = record(
  'a node',
  {
    id: text,
    task: text,
    group: text,
    name: text,
    namespace: text,
    key: whole(
      '32 hex digits',
      t.refinement(t.string, (key) => /^[0-9a-f]{32}$/.test(key)),
    ),
    config: text,
    params,
    inputs: t.record(
      name,
      whole('a full name, several by record key, or null', t.union([t.null, t.string, t.record(name, t.string)])),
      'inputs by role',
    ),
    format: text,
    extension: whole('an extension or null', t.union([t.null, t.refinement(t.string, isSafeName)])),
    storage: t.keyof({ file: null, folder: null, checkpoint: null, memory: null }, 'file, folder, checkpoint, memory'),
  },
  { keyParams: params, version: whole('text or a number', t.union([t.string, t.number])), readableName: text },
)

/** Fields of each warning besides its place. */
const warningFields: {
  readonly [Tag in PlanWarning['_tag']]: {
    readonly [Field in Exclude<keyof (PlanWarning & { readonly _tag: Tag }), '_tag' | 'place'>]: t.Mixed
  }
} = {
  UnusedValue: { name: text, near: texts, elsewhere: texts },
  UnusedContextValue: { name: text, near: texts },
  UnknownNamespace: { namespace: text, near: texts },
  NearPlaceholder: { placeholder: text, near: texts },
  OldYaml: { text, readAs: text, formerly: text },
  YamlWarning: { reason: text },
  MissingVariable: { node: text, param: text, variable: text, empty: flag, near: texts },
  NoMatch: { node: text, role: text, pattern: text },
  PlainClass: { param: text, className: text, registered: flag },
  IgnoredBesideParts: { name: text },
  SpelledArgument: { className: text, written: text, expected: text },
}

const warnings: { readonly [tag: string]: t.Mixed } = Object.fromEntries(
  Object.entries(warningFields).map(([tag, fields]) => [tag, record(tag, { _tag: t.literal(tag), place, ...fields })]),
)

const warningOf = (value: unknown): t.Mixed | undefined => {
  const tag = tagOf(value)
  return typeof tag === 'string' ? own(warnings, tag) : undefined
}

const warning = new t.Type<PlanWarning>(
  'a warning',
  (value): value is PlanWarning => warningOf(value)?.is(value) === true,
  (value, context) => {
    const read: t.Validation<PlanWarning> = warningOf(value)?.validate(value, context) ?? t.failure(value, context)
    // fields in the order of plans
    return E.isRight(read) ? t.success(frozenData(read.right)) : read
  },
  t.identity,
)

const originOfParam = record('an origin', { place }, { overrides: place })

const plan = record('a plan', {
  schema: t.literal(1, '1, the only one that this version reads'),
  config: text,
  context: whole('text', t.union([t.null, t.string])),
  nodes: t.readonlyArray(node, 'a list'),
  warnings: t.readonlyArray(warning, 'a list'),
  origins: t.record(name, t.record(name, originOfParam, 'origins by param'), 'origins by node'),
})

/** Tags param values that JSON cannot represent. */
const taggedParams = (one: PlanNode): object => {
  const { params, keyParams } = one
  return isUntagged(params) && (keyParams === undefined || isUntagged(keyParams))
    ? one
    : { ...one, params: toTagged(params), ...(keyParams === undefined ? {} : { keyParams: toTagged(keyParams) }) }
}

const planCodec: t.Type<Plan, unknown> = new t.Type(
  plan.name,
  plan.is,
  (value, context) => plan.validate(value, context),
  (made) => ({ ...made, nodes: made.nodes.map(taggedParams) }),
)
