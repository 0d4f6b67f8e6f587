import { oncePer } from '../../base/once-per.js'
import * as t from 'io-ts'
import type { CodecParts } from '../../declare/codec/codec-parts.js'
import { FormatProblem } from '../../declare/format.js'

/**
 * How the values of a column are stored:
 * `number` DOUBLE · `integer` INT64, numbers up to ±(2^53 − 1) · `bigint` INT64 · `boolean` BOOLEAN · `text` UTF8 ·
 * `date` TIMESTAMP_MILLIS · `json` UTF8 with JSON in it · `encoded` whatever the column's custom codec encodes to:
 * text, a number, a boolean, a bigint, otherwise JSON.
 */
export type ColumnKind = 'number' | 'integer' | 'bigint' | 'boolean' | 'text' | 'date' | 'json' | 'encoded'

/** What a gap in a column means: no gaps allowed, null, undefined, or an absent field. */
export type Gap = 'none' | 'null' | 'undefined' | 'missing'

export interface ColumnSpec {
  readonly name: string
  readonly kind: ColumnKind
  readonly gap: Gap
  readonly codec: t.Type<any, any>
  /**
   * The codec is stricter than the kind (literals, refinements, custom codecs): each value is checked with it when it
   * is stored.
   */
  readonly checked: boolean
}

export type RowSchema = readonly ColumnSpec[]

/**
 * The columns of a row's codec, in declaration order. Throws `FormatProblem` if the codec is not a record of known
 * fields.
 */
export const schemaOf = oncePer((codec: t.Type<any, any>): RowSchema => {
  const columns = fieldsOf(codec).map(([name, field, optional]) => columnOf(name, field, optional))
  if (columns.length === 0) throw notARow(codec, 'it has no fields')
  const wrong = columns.find(({ name }) => name === '' || name === '__proto__')
  if (wrong !== undefined) throw new FormatProblem(`a column cannot be called ${JSON.stringify(wrong.name)}`)
  const schema = Object.freeze(columns)
  return schema
})

type Field = readonly [name: string, codec: CodecParts, optional: boolean]

/** Fields of a record's codec, merged for an intersection. Throws `FormatProblem` if there are none. */
export const fieldsOf = (codec: CodecParts): readonly Field[] => {
  switch (codec._tag) {
    case 'InterfaceType':
      return Object.entries(codec.props ?? {}).map(([name, field]): Field => [name, field, false])
    case 'PartialType':
      return Object.entries(codec.props ?? {}).map(([name, field]): Field => [name, field, true])
    case 'ExactType':
    case 'StrictType':
    case 'ReadonlyType':
    case 'RefinementType':
    case 'RecursiveType':
      if (codec.type === undefined) throw notARow(codec, 'its fields are not known')
      return fieldsOf(codec.type)
    case 'IntersectionType': {
      const fields = new Map<string, Field>()
      for (const field of (codec.types ?? []).flatMap(fieldsOf)) {
        const [name, type, optional] = field
        const before = fields.get(name)
        // the same field in two parts of an intersection: both apply
        fields.set(
          name,
          before === undefined ? field : [name, t.intersection([before[1], type]), before[2] && optional],
        )
      }
      return [...fields.values()]
    }
    default:
      throw notARow(codec, `it is ${codec._tag === undefined ? 'a codec of its own kind' : `a ${codec._tag}`}`)
  }
}

const notARow = (codec: t.Type<any, any>, why: string): FormatProblem =>
  new FormatProblem(
    `rows of ${codec.name.length > 80 ? `${codec.name.slice(0, 77)}…` : codec.name} cannot be a table: ${why}`,
    {
      hint:
        'describe a row by t.type, t.partial, t.strict or an intersection of these, ' +
        'or keep the rows with json(t.array(row)) or jsonLines(row)',
    },
  )

const columnOf = (name: string, codec: CodecParts, optional: boolean): ColumnSpec => {
  const isNullable = accepts(codec, null)
  const isUndefinable = optional || accepts(codec, undefined)
  const { kind, checked } = kindOf(codec)
  const gapOfValues = isNullable ? 'null' : 'none'
  const gap = optional ? 'missing' : isUndefinable ? 'undefined' : gapOfValues
  // both null and undefined: only JSON can tell them apart
  return Object.freeze({ name, kind: isNullable && isUndefinable ? 'json' : kind, gap, codec, checked })
}

const accepts = (codec: t.Type<any, any>, value: unknown): boolean => {
  try {
    return codec.is(value)
  } catch {
    return false // a guard that inspects the value without checking its type
  }
}

interface Described {
  readonly kind: ColumnKind
  readonly checked: boolean
}

const asJson: Described = { kind: 'json', checked: true }

/** How values of a codec are stored. */
export const kindOf = (codec: CodecParts): Described => {
  switch (codec._tag) {
    case 'NumberType':
      return { kind: 'number', checked: false }
    case 'BigIntType':
      return { kind: 'bigint', checked: false }
    case 'BooleanType':
      return { kind: 'boolean', checked: false }
    case 'StringType':
      return { kind: 'text', checked: false }
    case 'KeyofType':
      return { kind: 'text', checked: true }
    case 'LiteralType':
      return kindOfLiteral(codec.value)
    case 'ReadonlyType':
      return codec.type === undefined ? asJson : kindOf(codec.type)
    case 'RefinementType': {
      // the column type itself only holds integers
      if ((codec as unknown) === t.Int) return { kind: 'integer', checked: false }
      const inner = codec.type === undefined ? asJson : kindOf(codec.type)
      return {
        kind: (codec.name === 'Int' || codec.name === 'Integer') && inner.kind === 'number' ? 'integer' : inner.kind,
        checked: true,
      }
    }
    case 'UnionType':
      return common(
        (codec.types ?? [])
          .flatMap(branches)
          .filter(({ _tag }) => _tag !== 'NullType' && _tag !== 'UndefinedType' && _tag !== 'VoidType'),
      )
    case 'IntersectionType':
      return common(codec.types ?? [])
    case undefined:
      return accepts(codec, new Date(0)) && !accepts(codec, '') && !accepts(codec, {})
        ? { kind: 'date', checked: true }
        : { kind: 'encoded', checked: true }
    default:
      return asJson
  }
}

const kindOfLiteral = (value: unknown): Described => {
  if (typeof value === 'string') return { kind: 'text', checked: true }
  if (typeof value === 'number') return { kind: 'number', checked: true }
  return typeof value === 'boolean' ? { kind: 'boolean', checked: true } : asJson
}

const branches = (codec: CodecParts): readonly CodecParts[] =>
  codec._tag === 'UnionType' ? (codec.types ?? []).flatMap(branches) : [codec]

/** The kind shared by all branches, otherwise JSON. */
const common = (codecs: readonly CodecParts[]): Described => {
  const kinds = codecs.map(kindOf)
  const [first] = kinds
  if (first === undefined) return asJson
  if (kinds.length === 1) return first
  if (first.kind === 'encoded' || first.kind === 'json') return asJson
  const isNumber = kinds.every(({ kind }) => kind === 'number' || kind === 'integer')
  if (isNumber) return { kind: kinds.every(({ kind }) => kind === 'integer') ? 'integer' : 'number', checked: true }
  return kinds.every(({ kind }) => kind === first.kind) ? { kind: first.kind, checked: true } : asJson
}
