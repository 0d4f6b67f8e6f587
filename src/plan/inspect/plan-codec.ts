import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isRecord, own } from '../../base/records.js'
import { isSafeName } from '../../declare/names.js'
import type { Encoded } from '../../declare/types.js'
import type { PlanWarning } from '../../errors.js'
import { frozenData, toEncoded } from '../params/encoded.js'
import type { Plan, PlanNode } from '../plan-types.js'
import { fromTagged, toTagged } from './tagged-json.js'

/**
 * The codec of plans as JSON. Messages use the names of its parts to say what is expected. Fields that other versions
 * add are dropped.
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

const warningOf = (value: unknown): t.Mixed | undefined =>
  isRecord(value) ? own(warnings, String(value['_tag'])) : undefined

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

const origin = record('an origin', { place }, { overrides: place })

const plan = record('a plan', {
  schema: t.literal(1, '1, the only one that this version reads'),
  config: text,
  context: whole('text', t.union([t.null, t.string])),
  nodes: t.readonlyArray(node, 'a list'),
  warnings: t.readonlyArray(warning, 'a list'),
  origins: t.record(name, t.record(name, origin, 'origins by param'), 'origins by node'),
})

/** Tags param values that JSON cannot represent. */
const taggedParams = (one: PlanNode): object => ({
  ...one,
  params: toTagged(one.params),
  ...(one.keyParams === undefined ? {} : { keyParams: toTagged(one.keyParams) }),
})

export const planCodec: t.Type<Plan, unknown> = new t.Type(
  plan.name,
  plan.is,
  (value, context) => plan.validate(value, context),
  (made) => ({ ...made, nodes: made.nodes.map(taggedParams) }),
)
