import * as t from 'io-ts'
import { readJsonText } from '../../declare/codec/guarded.js'
import { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import type { Stored, StoredColumn } from './stored-column.js'
import type { FileColumn } from '../parquet/parquet-write.js'
import type { RowSchema } from './row-schema.js'

/**
 * What a file says about its columns beyond Parquet's own types: which texts are JSON, what gaps mean. Checked on
 * loading.
 */

export const markerName = 'taskchain.table'

const kinds = { number: null, integer: null, bigint: null, boolean: null, text: null, date: null, json: null }

const Marker = t.type({
  columns: t.array(t.type({ name: t.string, kind: t.string, stored: t.keyof(kinds), gap: t.string })),
})
type Marker = t.TypeOf<typeof Marker> & { readonly version: 1 }

export const markerOf = (schema: RowSchema, stored: readonly Stored[]): string => {
  const marker: Marker = {
    version: 1,
    columns: schema.map(({ name, kind, gap }, position) => ({ name, kind, stored: stored[position]!, gap })),
  }
  return JSON.stringify(marker)
}

export const fileColumns = (schema: RowSchema, columns: readonly StoredColumn[]): readonly FileColumn[] =>
  schema.map(({ name, gap }, position) => ({ name, stored: columns[position]!.stored, optional: gap !== 'none' }))

/** How the columns of a file are stored. Throws `FormatProblem` if its columns differ from the row's codec. */
export const storedKinds = (
  schema: RowSchema,
  metadata: ReadonlyMap<string, string>,
): readonly { readonly name: string; readonly stored: Stored }[] => {
  const text = metadata.get(markerName)
  if (text === undefined) throw new FormatProblem('a Parquet file that this library did not write')
  const { columns } = parsedMarker(text)
  const known = new Map(columns.map((column) => [column.name, column]))
  const wanted = new Set(schema.map(({ name }) => name))
  const extra = columns.find(({ name }) => !wanted.has(name))
  if (extra !== undefined)
    throw new FormatProblem(
      `the stored table has a column ${JSON.stringify(extra.name)}, but the codec of a row has not`,
      { path: `/${extra.name}` },
    )
  return schema.map(({ name, kind, gap }) => {
    const column = known.get(name)
    if (column === undefined)
      throw new FormatProblem(`the stored table has no column ${JSON.stringify(name)}`, { path: `/${name}` })
    if (column.kind !== kind || column.gap !== gap)
      throw new FormatProblem(
        `column ${JSON.stringify(name)} is stored as ${described(column)}, ` +
          `the codec of a row now says ${described({ kind, gap })}`,
        { path: `/${name}` },
      )
    return { name, stored: column.stored }
  })
}

const parsedMarker = (text: string): t.TypeOf<typeof Marker> => {
  const marker = readJsonText(Marker, text)
  if (marker === undefined) throw new DamagedArtifact('the description of its columns is not supported')
  return marker
}

const described = ({ kind, gap }: { readonly kind: string; readonly gap: string }): string =>
  gap === 'none' ? kind : `${kind} or ${gap}`
