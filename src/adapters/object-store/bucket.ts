/** The operations that an object store needs from its service; S3 and compatible services have them. */

/** An object in a listing. */
export interface Listed {
  readonly name: string
  readonly size: number
  /** Differs for other bytes under the same name. */
  readonly tag: string
  /** Milliseconds since 1970, by the service's clock. */
  readonly modified: number
}

/** A range of bytes of an object. */
export interface Range {
  readonly from: number
  readonly size: number
}

/** Names after the first and before the second of these, in the order of listings. */
export interface NameRange {
  readonly after: string
  readonly before: string
}

/** Objects under names with one prefix. Each is complete or absent, and a listing includes all earlier puts. */
export interface Bucket {
  /** Shown to users: `s3://bucket/prefix`. */
  readonly location: string
  /** All objects with this prefix in their names, sorted; undefined if there are more than `most`. */
  list(prefix: string, most?: number, between?: NameRange): Promise<readonly Listed[] | undefined>
  /** Bytes of an object, or a range of them; undefined if it does not exist. */
  get(name: string, range?: Range): Promise<Uint8Array | undefined>
  /** Streams an object; an interrupted stream is resumed. Empty if there is no object. */
  stream(name: string, size: number): AsyncIterable<Uint8Array>
  /** Resolves with its tag. */
  put(name: string, bytes: Uint8Array): Promise<string>
  /** Resolves with its tag; undefined if there is one already, which stays. */
  putNew(name: string, bytes: Uint8Array): Promise<string | undefined>
  /** Puts a file, in parts if it is large. */
  putFile(name: string, path: string, size: number): Promise<void>
  copy(from: string, to: string): Promise<void>
  /** Removes objects in this order; missing ones are not an error. */
  remove(names: readonly string[]): Promise<void>
}

/** A failure of an object service, not of a task. */
export class ObjectStoreFailed extends Error {
  override readonly name = 'ObjectStoreFailed'
  readonly location: string
  /** How to fix it. */
  readonly hint: string | undefined
  /** The original error of the service or its client is not kept: it may contain secrets. */
  constructor(location: string, message: string, hint?: string) {
    super(message)
    this.location = location
    this.hint = hint
  }
}
