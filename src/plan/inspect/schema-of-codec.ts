import type * as t from 'io-ts'
import { isList, isObject, own } from '../../base/records.js'
import { encodeForPlan, type ObjectDefinition, type ObjectRegistry } from '../../declare/object.js'
import { nameInConfig } from '../../declare/object-arguments.js'
import { toParam, type Param, type ParamSpec } from '../../declare/param.js'
import { toEncoded } from '../params/encoded.js'

/** JSON Schemas (draft-07) of the config values that codecs accept. */

export type JsonSchema = { readonly [keyword: string]: unknown }

export interface CodecSchemas {
  /** The schema of a codec; `{}` for a custom codec, which may accept anything. */
  readonly of: (codec: t.Type<any, any>) => JsonSchema
  /** The same for a param or an argument, with its default and docs. */
  readonly ofParam: (spec: ParamSpec) => JsonSchema
  /** The definitions that `$ref`s point to, so far. */
  readonly definitions: () => Readonly<Record<string, JsonSchema>>
  /** The schema of a text with a placeholder of the project; undefined if it has no placeholders. */
  readonly placeholder: JsonSchema | undefined
}

/** The parts of io-ts codecs that are used here. */
interface Inside {
  readonly _tag?: string
  readonly name: string
  readonly type: t.Type<any, any>
  readonly types: readonly t.Type<any, any>[]
  readonly props: Readonly<Record<string, t.Type<any, any>>>
  readonly keys: Readonly<Record<string, unknown>>
  readonly value: unknown
  readonly domain: t.Type<any, any>
  readonly codomain: t.Type<any, any>
  readonly only?: ObjectRegistry | undefined
}

/**
 * Schemas for the codecs of one project. `globals` are names of placeholders: a text with a placeholder is also
 * accepted where only certain texts are allowed.
 *
 * @example codecSchemas(index.objects, ['DATA']).of(t.array(t.number))   // { type: 'array', items: { type: 'number' }
 * }
 */
export const codecSchemas = (objects: ObjectRegistry, globals: readonly string[]): CodecSchemas => {
  const placeholder =
    globals.length === 0 ? undefined : { type: 'string', pattern: `\\{(?:${globals.map(inPattern).join('|')})\\}` }
  const making: Making = { objects, placeholder, definitions: new Map(), names: new Map() }
  return {
    of: (codec) => schemaOf(making, codec),
    ofParam: (spec) => schemaOfParam(making, spec),
    definitions: () => Object.fromEntries([...making.definitions].sort(([left], [right]) => (left < right ? -1 : 1))),
    placeholder,
  }
}

/** State shared by the schemas of one project. */
interface Making {
  readonly objects: ObjectRegistry
  readonly placeholder: JsonSchema | undefined
  readonly definitions: Map<string, JsonSchema>
  /** Names of definitions, by the codec or class they define. */
  readonly names: Map<unknown, string>
}

/** A schema as a separate definition, so that recursive codecs terminate. */
const defined = ({ names, definitions }: Making, of: unknown, wanted: string, make: () => JsonSchema): JsonSchema => {
  const known = names.get(of)
  const name = known ?? freeName(wanted, definitions)
  if (known === undefined) {
    names.set(of, name)
    definitions.set(name, {})
    definitions.set(name, make())
  }
  return { $ref: `#/definitions/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}` }
}

const texts = ({ placeholder }: Making, values: readonly unknown[]): JsonSchema => {
  const schema = values.length === 1 ? { const: values[0] } : { enum: values }
  return placeholder !== undefined && values.some((value) => typeof value === 'string')
    ? { anyOf: [schema, placeholder] }
    : schema
}

/** Codecs without inner codecs. */
const simple: Readonly<Record<string, JsonSchema>> = {
  StringType: { type: 'string' },
  NumberType: { type: 'number' },
  BooleanType: { type: 'boolean' },
  NullType: { type: 'null' },
  AnyArrayType: { type: 'array' },
  AnyDictionaryType: { type: 'object' },
  FileType: { type: 'string', minLength: 1 },
  GlobType: {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
    ],
  },
}

const schemaOf = (making: Making, codec: t.Type<any, any>): JsonSchema => {
  const inside = insideOf(codec)
  const of = (type: t.Type<any, any>): JsonSchema => schemaOf(making, type)
  const known = own(simple, inside._tag ?? '')
  if (known !== undefined) return known
  switch (inside._tag) {
    case 'LiteralType':
      return texts(making, [inside.value])
    case 'KeyofType':
      return texts(making, Object.keys(inside.keys))
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return { type: 'array', items: of(inside.type) }
    case 'TupleType':
      return tuple(making, inside.types)
    case 'UnionType':
      return union(making, inside.types)
    case 'IntersectionType':
      return intersection(inside.types.map(of))
    case 'InterfaceType':
      return record(
        making,
        inside.props,
        Object.keys(inside.props).filter((name) => !takes(inside.props[name], undefined)),
      )
    case 'PartialType':
      return record(making, inside.props, [])
    case 'DictionaryType':
      return dictionary(making, inside)
    case 'ExactType':
      return closed(of(inside.type)) // other fields would be dropped silently
    case 'ReadonlyType':
      return of(inside.type)
    case 'RefinementType':
      return (inside.name === 'Int' || inside.name === 'Integer') && tagOf(inside.type) === 'NumberType'
        ? { type: 'integer' }
        : of(inside.type)
    case 'RecursiveType':
      return defined(making, codec, inside.name, () => of(inside.type))
    case 'ObjectType':
      return 'only' in inside ? object(making, inside.only) : { type: 'object' }
    default:
      return {}
  }
}

const tuple = (making: Making, types: readonly t.Type<any, any>[]): JsonSchema => {
  const least = types.findLastIndex((type) => !takes(type, undefined)) + 1
  return types.length === 0
    ? { type: 'array', maxItems: 0 }
    : {
        type: 'array',
        items: types.map((type) => schemaOf(making, type)),
        minItems: least,
        additionalItems: false,
        maxItems: types.length,
      }
}

/** A union. Its literal values share one schema, which also accepts a placeholder if one of them is a text. */
const union = (making: Making, types: readonly t.Type<any, any>[]): JsonSchema => {
  const flat = types.flatMap(members).filter((type) => tagOf(type) !== 'UndefinedType' && tagOf(type) !== 'VoidType')
  const isValue = (type: t.Type<any, any>): boolean =>
    ['LiteralType', 'KeyofType', 'NullType'].includes(tagOf(type) ?? '')
  const values = [...new Set(flat.filter(isValue).flatMap(valuesOf))]
  const others = flat.filter((type) => !isValue(type)).map((type) => schemaOf(making, type))
  const [only, ...more] = others
  if (
    only !== undefined &&
    more.length === 0 &&
    values.length === 1 &&
    values[0] === null &&
    typeof only['type'] === 'string' &&
    Object.keys(only).length === 1
  )
    return { type: [only['type'], 'null'] }
  const choices = [
    ...(values.length === 0
      ? []
      : [values.length === 1 && values[0] === null ? { type: 'null' } : texts(making, values)]),
    ...others,
  ]
  return choices.some((choice) => Object.keys(choice).length === 0) ? {} : oneOrAll(choices, 'anyOf')
}

/** A single schema unchanged, several combined under a keyword. */
const oneOrAll = (schemas: readonly JsonSchema[], keyword: 'allOf' | 'anyOf' | 'oneOf'): JsonSchema => {
  const [first, ...others] = schemas
  return first !== undefined && others.length === 0 ? first : { [keyword]: schemas }
}

const record = (
  making: Making,
  props: Readonly<Record<string, t.Type<any, any>>>,
  required: readonly string[],
): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(props).map(([name, type]) => [name, schemaOf(making, type)])),
  ...(required.length === 0 ? {} : { required }),
})

const dictionary = (making: Making, { domain, codomain }: Inside): JsonSchema => {
  const values = [domain].flatMap(members)
  if (!values.every((type) => tagOf(type) === 'LiteralType' || tagOf(type) === 'KeyofType'))
    return { type: 'object', additionalProperties: schemaOf(making, codomain) }
  const keys = values.flatMap(valuesOf).map(String)
  return record(making, Object.fromEntries(keys.map((key) => [key, codomain])), takes(codomain, undefined) ? [] : keys)
}

const object = (making: Making, only: ObjectRegistry | undefined): JsonSchema => {
  const classes = [...(only ?? making.objects).values()].map((definition) =>
    defined(making, definition, `class ${definition.className}`, () => classSchema(making, definition)),
  )
  return classes.length === 0 ? { type: 'object', required: ['class'] } : oneOrAll(classes, 'oneOf')
}

const classSchema = (making: Making, { className, args, rest }: ObjectDefinition): JsonSchema => {
  const declared = Object.entries(args).map(([name, spec]) => {
    const inConfig = nameInConfig(name, spec)
    return { name, inConfig, schema: schemaOfParam(making, spec), required: toParam(spec).fallback._tag === 'None' }
  })
  const schemas = declared.map(({ schema }) => schema)
  const named = declared.flatMap(({ name, inConfig, schema }): readonly (readonly [string, JsonSchema])[] =>
    inConfig === name
      ? [[name, schema]]
      : [
          [inConfig, schema],
          [name, { ...withNotes(schema, {}), description: `write '${inConfig}'` }],
        ],
  )
  const required = declared.flatMap(({ name, inConfig, required }, position) =>
    required ? [givenAs([...new Set([inConfig, name])], position)] : [],
  )
  return {
    type: 'object',
    properties: {
      class: { const: className },
      args: {
        type: ['array', 'null'],
        ...(schemas.length === 0 ? {} : { items: schemas, additionalItems: false }),
        maxItems: schemas.length,
      },
      kwargs: {
        type: ['object', 'null'],
        properties: Object.fromEntries(named),
        additionalProperties: rest === undefined ? false : schemaOf(making, rest),
      },
    },
    required: ['class'],
    additionalProperties: false,
    ...(required.length === 0 ? {} : { allOf: required }),
  }
}

const schemaOfParam = (making: Making, spec: ParamSpec): JsonSchema => {
  const declared = toParam(spec)
  const own = schemaOf(making, declared.codec)
  const schema = declared.secret ? { anyOf: [reference, own] } : own
  const fallback = defaultOf(declared, making.objects)
  const notes = {
    ...(declared.doc === undefined ? {} : { description: declared.doc }),
    ...(fallback === undefined ? {} : { default: fallback.value }),
  }
  return Object.keys(notes).length === 0 ? schema : withNotes(schema, notes)
}

/** Adds notes to a schema. Draft-07 ignores keywords next to a `$ref`. */
export const withNotes = (schema: JsonSchema, notes: JsonSchema): JsonSchema =>
  '$ref' in schema ? { ...notes, allOf: [schema] } : { ...notes, ...schema }

/** A reference to a secret by its environment variable. */
const reference: JsonSchema = {
  type: 'object',
  properties: { env: { type: 'string', minLength: 1, description: 'the environment variable that holds it' } },
  required: ['env'],
  additionalProperties: false,
}

/** A required argument is in `args` at its position or in `kwargs` under its name. */
const givenAs = (names: readonly string[], position: number): JsonSchema => ({
  anyOf: [
    ...names.map((name) => ({ required: ['kwargs'], properties: { kwargs: { type: 'object', required: [name] } } })),
    { required: ['args'], properties: { args: { type: 'array', minItems: position + 1 } } },
  ],
})

/** A default as written in a config; undefined if there is none, if it is secret, or if JSON cannot represent it. */
export const defaultOf = (
  { codec, fallback, secret }: Param<unknown>,
  objects: ObjectRegistry,
): { readonly value: unknown } | undefined => {
  if (fallback._tag === 'None' || secret) return undefined
  try {
    const outcome = toEncoded(encodeForPlan(codec, fallback.value, objects, false))
    return outcome._tag === 'Encoded' && isJson(outcome.value) ? { value: outcome.value } : undefined
  } catch {
    return undefined
  }
}

/** Whether a value contains no bigints and no secrets of objects. */
const isJson = (value: unknown): boolean =>
  isObject(value) ? value['secret'] !== true && Object.values(value).every(isJson) : typeof value !== 'bigint'

/** An intersection of records is one record if no name occurs in two of them. */
const intersection = (schemas: readonly JsonSchema[]): JsonSchema => {
  const stated = schemas.filter((schema) => Object.keys(schema).length > 0)
  const isRecord = (schema: JsonSchema): boolean =>
    schema['type'] === 'object' &&
    Object.keys(schema).every((keyword) => ['type', 'properties', 'required'].includes(keyword))
  const fields = stated.flatMap((schema) =>
    isObject(schema['properties']) ? Object.entries(schema['properties']) : [],
  )
  if (stated.length > 0 && stated.every(isRecord) && new Set(fields.map(([name]) => name)).size === fields.length) {
    const required = stated.flatMap((schema) => (isList(schema['required']) ? schema['required'] : []))
    return { type: 'object', properties: Object.fromEntries(fields), ...(required.length === 0 ? {} : { required }) }
  }
  return stated.length === 0 ? {} : oneOrAll(stated, 'allOf')
}

const closed = (schema: JsonSchema): JsonSchema =>
  schema['type'] === 'object' && 'properties' in schema ? { ...schema, additionalProperties: false } : schema

/**
 * Every io-ts codec has a tag and matching parts, which its base type does not declare: here a codec may be any of
 * them, and its tag determines the parts.
 */
const insideOf = (codec: t.Type<any, any>): Inside => codec as unknown as Inside

const tagOf = (codec: t.Type<any, any>): string | undefined => insideOf(codec)._tag

/** The members of a union, with nested unions flattened. */
const members = (codec: t.Type<any, any>): readonly t.Type<any, any>[] =>
  tagOf(codec) === 'UnionType' ? insideOf(codec).types.flatMap(members) : [codec]

const valuesOf = (codec: t.Type<any, any>): readonly unknown[] => {
  const inside = insideOf(codec)
  return inside._tag === 'NullType' ? [null] : inside._tag === 'LiteralType' ? [inside.value] : Object.keys(inside.keys)
}

const takes = (codec: t.Type<any, any> | undefined, value: unknown): boolean => {
  try {
    return codec?.decode(value)._tag === 'Right'
  } catch {
    return false
  }
}

const freeName = (wanted: string, taken: ReadonlyMap<string, unknown>): string => {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted} (${number})`
    if (!taken.has(name)) return name
  }
}

/** Escapes a text for use in a pattern. */
export const inPattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
