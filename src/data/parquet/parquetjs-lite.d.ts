// parquetjs-lite has no types; these are the parts in use. None of them appears in exported types.

declare module 'parquetjs-lite' {
  export type ParquetType = 'BOOLEAN' | 'INT64' | 'DOUBLE' | 'UTF8' | 'TIMESTAMP_MILLIS'
  export interface FieldDefinition {
    readonly type: ParquetType
    readonly optional: boolean
    readonly compression: 'UNCOMPRESSED' | 'SNAPPY'
    readonly statistics: false
  }
  export interface Field {
    readonly name: string
    readonly path: readonly string[]
    readonly primitiveType: string
    readonly compression: string
  }
  class ParquetSchema {
    constructor(fields: Readonly<Record<string, FieldDefinition>>)
    readonly fieldList: readonly Field[]
  }
  class ParquetEnvelopeWriter {
    constructor(
      schema: ParquetSchema,
      write: (bytes: Uint8Array) => unknown,
      close: () => unknown,
      offset: number,
      options: { readonly pageIndex: false },
    )
    schema: ParquetSchema
    offset: number
    rowCount: number
    rowGroups: object[]
    writeHeader(): unknown
    writeSection(bytes: Uint8Array): unknown
    writeFooter(metadata: Readonly<Record<string, string>>): unknown
  }
  const parquet: {
    readonly ParquetSchema: typeof ParquetSchema
    readonly ParquetEnvelopeWriter: typeof ParquetEnvelopeWriter
  }
  export default parquet
}

declare module 'parquetjs-lite/gen-nodejs/parquet_types.js' {
  type Fields = Record<string, unknown>
  const types: {
    readonly PageHeader: new (fields?: Fields) => object
    readonly DataPageHeaderV2: new (fields?: Fields) => object
    readonly DictionaryPageHeader: new (fields?: Fields) => object
    readonly ColumnMetaData: new (fields?: Fields) => { type: number | undefined }
    readonly ColumnChunk: new (fields?: Fields) => object
    readonly RowGroup: new (fields?: Fields) => object
    readonly Type: Readonly<Record<string, number>>
    readonly Encoding: Readonly<Record<string, number>>
    readonly PageType: Readonly<Record<string, number>>
    readonly CompressionCodec: Readonly<Record<string, number>>
  }
  export default types
}

declare module 'parquetjs-lite/lib/util.js' {
  const util: { readonly serializeThrift: (value: object) => Buffer }
  export default util
}
