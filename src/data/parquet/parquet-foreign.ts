import { isUtf8 } from 'node:buffer'
import type { SchemaElement } from 'hyparquet'
import { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import { exact, type Unit } from './exact-value.js'
import type { PageValues } from './parquet-chunk.js'
import { pagesOfGroup, readFooter, type Bytes, type RowGroup } from './parquet-file.js'
import { assembledRows, type LeafEntries } from './parquet-nested.js'
import { leavesOf, type SchemaNode } from './parquet-schema.js'
import type { ValueMaker } from './parquet-values.js'
import { copyElements } from '../elements.js'

/**
 * Reads Parquet files from other writers: every value exactly as stored, of any type. Imported only when such a file is
 * read.
 */

/** Columns by name; missing names are left out. */
export const readForeign = async (
  bytes: Bytes,
  names: readonly string[],
): Promise<{ readonly columns: ReadonlyMap<string, ArrayLike<unknown>>; readonly rows: number }> => {
  const { rows, groups, columns } = await readFooter(bytes)
  return { rows, columns: await readGroups(bytes, columns, names, groups) }
}

/** The same for some row groups only. */
export const readGroups = async (
  bytes: Bytes,
  columns: readonly SchemaNode[],
  names: readonly string[],
  groups: readonly RowGroup[],
): Promise<ReadonlyMap<string, ArrayLike<unknown>>> => {
  const wanted = columns.filter(({ element }) => names.includes(element.name))
  const parts = new Map(wanted.map((node) => [node, [] as ArrayLike<unknown>[]]))
  for (const group of groups) {
    const leaves = wanted.flatMap((node) => leavesOf(node).map((leaf) => ({ node, leaf, make: makerOf(leaf) })))
    const entries = leaves.map((): readonly PageValues[] => [])
    for await (const { index, pages } of pagesOfGroup(bytes, group, leaves)) entries[index] = [...pages]
    for (const [node, chunks] of parts) {
      const own = entries.filter((_, index) => leaves[index]?.node === node)
      chunks.push(
        node.position !== -1 && !node.isRepeated
          ? flatValues(own[0] ?? [])
          : assembledRows(
              node,
              group.rows,
              leavesOf(node).map((leaf, index) => entriesOf(leaf, own[index] ?? [])),
            ),
      )
    }
  }
  return new Map([...parts].map(([node, chunks]) => [node.element.name, concatenated(chunks)]))
}

/** Values of a column without lists, gaps as null. */
const flatValues = (pages: readonly PageValues[]): ArrayLike<unknown> =>
  concatenated(
    pages.map(({ definitions, values }) => (definitions === undefined ? values : withGaps(values, definitions))),
  )

const withGaps = (values: ArrayLike<unknown>, definitions: Uint8Array): readonly unknown[] => {
  let next = 0
  return Array.from(definitions, (level) => (level === 1 ? values[next++] : null))
}

/** Concatenates parts; a typed array if all are of one kind. */
const concatenated = (parts: readonly ArrayLike<unknown>[]): ArrayLike<unknown> => {
  const [first] = parts
  if (first !== undefined && parts.length === 1) return first
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  for (const kind of [Float64Array, BigInt64Array] as const) {
    if (parts.length === 0 || !parts.every((part) => part instanceof kind)) continue
    const all = new kind(length)
    let at = 0
    for (const part of parts) {
      copyElements(all, part, at)
      at += part.length
    }
    return all
  }
  const all: unknown[] = []
  for (const part of parts) for (let index = 0; index < part.length; index++) all.push(part[index])
  return all
}

const entriesOf = ({ definition }: SchemaNode, pages: readonly PageValues[]): LeafEntries => {
  const count = pages.reduce((sum, page) => sum + page.count, 0)
  const [definitions, repetitions] = [new Uint8Array(count).fill(definition), new Uint8Array(count)]
  let at = 0
  for (const page of pages) {
    if (page.definitions !== undefined) definitions.set(page.definitions, at)
    if (page.repetitions !== undefined) repetitions.set(page.repetitions, at)
    at += page.count
  }
  return { count, definitions, repetitions, values: concatenated(pages.map(({ values }) => values)) }
}

const each = (values: ArrayLike<unknown>, make: (value: never) => unknown): readonly unknown[] =>
  Array.from(values, (value) => make(value as never)) // of the column's type

const asIs: ValueMaker['numbers'] = (values) => values

/** How a column's values are converted, from the type its writer declared. */
const makerOf = ({ element, path }: SchemaNode): ValueMaker => {
  const bytes = bytesMaker(element, path)
  return { bytes, numbers: numbersMaker(element) }
}

const numbersMaker = (element: SchemaElement): ValueMaker['numbers'] => {
  const { type, converted_type: converted, logical_type: logical } = element
  if (type === 'BOOLEAN') return (values) => each(values, (value: number) => value === 1)
  if (type === 'FLOAT') return (values) => Float64Array.from(values as ArrayLike<number>)
  const decimal = decimalOf(element)
  if (decimal !== undefined) return (values) => each(values, (value: number | bigint) => decimal(BigInt(value)))
  if (converted === 'DATE' || logical?.type === 'DATE')
    return (values) => each(values, (days: number) => exact({ _tag: 'Day', days }))
  const instant = unitOf(element, 'TIMESTAMP')
  if (instant !== undefined)
    return (values) => each(values, (units: bigint) => exact({ _tag: 'Instant', units: BigInt(units), ...instant }))
  const time = unitOf(element, 'TIME')
  if (time !== undefined)
    return (values) => each(values, (units: bigint | number) => exact({ _tag: 'TimeOfDay', units, unit: time.unit }))
  const isUnsigned = converted?.startsWith('UINT_') === true || (logical?.type === 'INTEGER' && !logical.isSigned)
  if (!isUnsigned) return asIs
  return (values) =>
    each(values, (value: number | bigint) => (typeof value === 'bigint' ? BigInt.asUintN(64, value) : value >>> 0))
}

const decimalOf = ({
  converted_type: converted,
  logical_type: logical,
  scale,
  precision,
}: SchemaElement): ((unscaled: bigint) => unknown) | undefined => {
  const type =
    logical?.type === 'DECIMAL'
      ? logical
      : converted === 'DECIMAL'
        ? { scale: scale ?? 0, precision: precision ?? 0 }
        : undefined
  if (type === undefined) return undefined
  if (!(Math.abs(type.scale) <= maxDigits)) throw new DamagedArtifact(`a decimal of scale ${type.scale}`)
  return (unscaled) =>
    exact({
      _tag: 'Decimal',
      unscaled,
      scale: type.scale,
      precision: type.precision === 0 ? maxDigits : type.precision,
    })
}

/** Digits of a decimal, more than any writer uses. */
const maxDigits = 1000

const units: Readonly<Record<'MILLIS' | 'MICROS' | 'NANOS', Unit>> = {
  MILLIS: 'milliseconds',
  MICROS: 'microseconds',
  NANOS: 'nanoseconds',
}

const unitOf = (
  { converted_type: converted, logical_type: logical }: SchemaElement,
  kind: 'TIMESTAMP' | 'TIME',
): { readonly unit: Unit; readonly isUtc: boolean } | undefined => {
  if (logical?.type === kind) return { unit: units[logical.unit], isUtc: logical.isAdjustedToUTC }
  if (converted === `${kind}_MILLIS`) return { unit: 'milliseconds', isUtc: true }
  return converted === `${kind}_MICROS` ? { unit: 'microseconds', isUtc: true } : undefined
}

const texts = new Set(['UTF8', 'ENUM'])

const sizes: Readonly<Record<string, number>> = { UUID: 16, FLOAT16: 2, INTERVAL: 12 }

const bytesMaker = (element: SchemaElement, path: readonly string[]): ValueMaker['bytes'] => {
  const { type, converted_type: converted, logical_type: logical } = element
  const kind = logical?.type ?? converted ?? ''
  const size = sizes[kind]
  if (size !== undefined && element.type_length !== size)
    throw new DamagedArtifact(`a ${kind} of ${element.type_length} bytes`)
  if (type === 'INT96')
    return (page, from) =>
      exact({ _tag: 'Instant', units: nanosecondsOf(page, from), unit: 'nanoseconds', isUtc: true })
  const decimal = decimalOf(element)
  if (decimal !== undefined) return (page, from, to) => decimal(signedOf(page, from, to))
  if (kind === 'STRING' || kind === 'ENUM' || texts.has(converted ?? ''))
    return (page, from, to) => textOf(page, from, to, path)
  if (kind === 'JSON' || converted === 'JSON')
    return (page, from, to) => exact({ _tag: 'JsonText', text: textOf(page, from, to, path) })
  if (kind === 'UUID')
    return (page, from) =>
      page.toString('hex', from, from + 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  if (kind === 'INTERVAL')
    return (page, from) =>
      `P${page.readUInt32LE(from)}M${page.readUInt32LE(from + 4)}DT${page.readUInt32LE(from + 8) / 1000}S`
  if (kind === 'FLOAT16') return (page, from) => halfOf(page.readUInt16LE(from))
  return (page, from, to) => Uint8Array.from(page.subarray(from, to))
}

/** UTF-8 text; invalid text is refused rather than repaired. */
const textOf = (page: Buffer, from: number, to: number, path: readonly string[]): string => {
  const text = page.toString('utf8', from, to)
  if (!text.includes('\uFFFD') || isUtf8(page.subarray(from, to))) return text
  throw new FormatProblem(
    `column ${JSON.stringify(path.join('.'))} has a text that is not UTF-8: ${shownBytes(page.subarray(from, to))}`,
    { path: `/${path.join('/')}`, hint: 'write it as bytes (BLOB), and give the column a codec of your own' },
  )
}

/** The first bytes of a value, for display. */
export const shownBytes = (bytes: Uint8Array): string =>
  `0x${Buffer.from(bytes.subarray(0, 16)).toString('hex')}${bytes.length > 16 ? '…' : ''}`

/** A Julian day number, and nanoseconds within the day. */
const nanosecondsOf = (page: Buffer, from: number): bigint =>
  BigInt(page.readInt32LE(from + 8) - 2_440_588) * 86_400_000_000_000n + page.readBigInt64LE(from)

/** An integer of any length, most significant byte first. */
const signedOf = (page: Buffer, from: number, to: number): bigint =>
  from === to ? 0n : BigInt.asIntN((to - from) * 8, BigInt(`0x${page.toString('hex', from, to)}`))

const halfOf = (bits: number): number => {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023] as const
  const size = halfSize(exponent, fraction)
  return bits >= 0x8000 ? -size : size
}

const halfSize = (exponent: number, fraction: number): number => {
  if (exponent === 0) return fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? Infinity : NaN
  return (1024 + fraction) * 2 ** (exponent - 25)
}
