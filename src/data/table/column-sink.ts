import { DamagedArtifact } from '../../declare/format.js'
import type { PageValues } from '../parquet/parquet-chunk.js'
import type { Stored, StoredColumn } from './stored-column.js'
import { copyElements } from '../elements.js'

/** A column assembled from pages, each at its row. */
export interface ColumnSink {
  /** `at`: row of the page's first value. */
  take(at: number, page: PageValues): void
  /** All values taken so far. */
  column(): StoredColumn
}

/** An empty column of `rows` rows. */
export const columnSink = (stored: Stored, rows: number): ColumnSink => {
  switch (stored) {
    case 'number':
    case 'integer':
    case 'date':
      return numberSink(rows, Float64Array, (all) => ({ stored, ...all }))
    case 'bigint':
      return numberSink(rows, BigInt64Array, (all) => ({ stored, ...all }))
    case 'boolean':
      return numberSink(rows, Uint8Array, (all) => ({ stored, ...all }))
    case 'text':
    case 'json':
      return textSink(stored)
  }
}

type Numbers = Float64Array | BigInt64Array | Uint8Array

const numberSink = <A extends Numbers>(
  rows: number,
  kind: new (length: number) => A,
  made: (all: { readonly values: A; readonly valid: Uint8Array | undefined }) => StoredColumn,
): ColumnSink => {
  let target: A | undefined
  let valid: Uint8Array | undefined
  return {
    take: (at, { count, definitions, values: given }) => {
      const all = (target ??= new kind(rows))
      if (at + count > all.length) throw new DamagedArtifact('a column has too many values')
      const values = given instanceof BigInt64Array && all instanceof Float64Array ? doublesOf(given) : given
      if (definitions !== undefined) {
        valid ??= new Uint8Array(all.length).fill(1)
        valid.set(definitions, at) // one level: 1 is a value, 0 a gap
        scattered(values as A, definitions, all, at)
      } else if (values.length === all.length)
        target = values as A // the only page
      else copyElements(all, values, at)
    },
    column: () => made({ values: target ?? new kind(rows), valid }),
  }
}

const scattered = <A extends Numbers>(values: A, definitions: Uint8Array, target: A, at: number): void => {
  let next = 0
  for (let index = 0; index < definitions.length; index++)
    if (definitions[index] === 1) target[at + index] = values[next++] as number & bigint // arrays of one kind
}

/** 64-bit integers that fit into doubles, without creating a BigInt for each. */
const doublesOf = (values: BigInt64Array): Float64Array => {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const doubles = new Float64Array(values.length)
  for (let index = 0; index < values.length; index++)
    doubles[index] = halves[2 * index + 1]! * 0x1_0000_0000 + (halves[2 * index]! >>> 0)
  return doubles
}

const textSink = (stored: 'text' | 'json'): ColumnSink => {
  let all: (string | null)[] = []
  return {
    take: (_, { definitions, values }) => {
      const texts = values as string[] // created for this page
      if (definitions !== undefined) putWithGaps(texts, definitions, all)
      else if (all.length === 0) all = texts
      else for (let index = 0; index < texts.length; index++) all.push(texts[index]!)
    },
    column: () => ({ stored, values: all, valid: undefined }),
  }
}

const putWithGaps = (texts: readonly string[], definitions: Uint8Array, all: (string | null)[]): void => {
  let next = 0
  for (let index = 0; index < definitions.length; index++) all.push(definitions[index] === 1 ? texts[next++]! : null)
}
