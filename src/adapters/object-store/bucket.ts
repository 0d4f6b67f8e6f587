/** What a store of objects asks of the service that keeps them: this much S3 has, and what speaks its language. */

/** An object as a listing has it. */
export interface Listed {
  readonly name: string
  readonly size: number
  /** Another one for other bytes under the same name. */
  readonly tag: string
  /** Milliseconds since 1970, by the service's clock. */
  readonly modified: number
}

/** So many bytes of an object. */
export interface Range {
  readonly from: number
  readonly size: number
}

/** Objects under names that start with one prefix. Each is whole or absent, and a listing knows what was put before. */
export interface Bucket {
  /** For people: `s3://bucket/prefix`. */
  readonly location: string
  /** All objects whose names start so, sorted; `most`: undefined where there are more than so many. */
  list(prefix: string, most?: number): Promise<readonly Listed[] | undefined>
  /** Bytes of an object, or some of them; undefined where there is none. */
  get(name: string, range?: Range): Promise<Uint8Array | undefined>
  /** Bytes of an object as they come; what broke off goes on where it was. None where there is no object. */
  stream(name: string, size: number): AsyncIterable<Uint8Array>
  /** Resolves with its tag. */
  put(name: string, bytes: Uint8Array): Promise<string>
  /** Resolves with its tag; undefined where there is one already, which stays. */
  putNew(name: string, bytes: Uint8Array): Promise<string | undefined>
  /** Puts a file, in parts where it is large. */
  putFile(name: string, path: string, size: number): Promise<void>
  copy(from: string, to: string): Promise<void>
  /** In this order; those that are not there are no error. */
  remove(names: readonly string[]): Promise<void>
}

/** Why a service that keeps objects did not do what it was asked: nothing that a task has done. */
export class ObjectStoreFailed extends Error {
  override readonly name = 'ObjectStoreFailed'
  readonly location: string
  /** What to do about it. */
  readonly hint: string | undefined
  /** What the service or its client said is not kept: it may repeat what is secret. */
  constructor(location: string, message: string, hint?: string) {
    super(message)
    this.location = location
    this.hint = hint
  }
}
