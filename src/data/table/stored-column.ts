/** The type of a column in a file: its kind, with `encoded` resolved. */
export type Stored = 'number' | 'integer' | 'bigint' | 'boolean' | 'text' | 'date' | 'json'

export type StoredColumn =
  | {
      readonly stored: 'number' | 'integer' | 'date'
      readonly values: Float64Array
      readonly valid: Uint8Array | undefined
    }
  | { readonly stored: 'bigint'; readonly values: BigInt64Array; readonly valid: Uint8Array | undefined }
  | { readonly stored: 'boolean'; readonly values: Uint8Array; readonly valid: Uint8Array | undefined }
  | { readonly stored: 'text'; readonly values: readonly (string | null)[]; readonly valid: undefined }
  | { readonly stored: 'json'; readonly values: readonly (string | null)[]; readonly valid: undefined }

/** Values accessed by position. */
export type Values = ArrayLike<unknown>
