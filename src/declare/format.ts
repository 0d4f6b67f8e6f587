import type * as t from 'io-ts'
import { phantom, type Awaitable, type Yields } from './types.js'

/**
 * How a value becomes an artifact and is read back.
 *
 * `Value` is what downstream tasks read, `Returned` what `run` returns, `Tools` what the format adds to the run
 * context.
 * A format converts between values and bytes; where bytes are stored and how they are committed is up to the store.
 */
export interface Format<out Value = unknown, in out Returned = Value, out Tools = unknown> extends Yields<Value> {
  readonly _tag: 'Format'
  readonly _returned: Returned
  readonly _tools: Tools
  /** Name shown in plans and tables: `json`, `table`, … */
  readonly kind: string
  /** File extension without the dot; undefined for folders and for values kept in memory only. */
  readonly extension: string | undefined
  /** How the runtime stores it. */
  readonly persistence: Persistence
  /**
   * Options and codec as a string that is the same in every process; absent if only the format's functions define it.
   */
  readonly signature?: string
}

/** Any format, whatever value it stores. */
export type AnyFormat = Format<unknown, any>

/** The `data` of a task: a format, or a bare io-ts codec as shorthand for `json(codec)`. */
export type DataSpec = AnyFormat | t.Type<any, any>

/** What `run` must return for this data. */
export type Returned<F extends DataSpec> = F extends { readonly _returned: infer R } ? R : F['_A']

/** What the data adds to the context of `run`. */
export type Tools<F extends DataSpec> = F extends { readonly _tools: infer T } ? T : unknown

/** One of the four ways to store a value. Values are untyped here; `Format` carries their types. */
export type Persistence = FilePersistence | FolderPersistence | MemoryPersistence

/**
 * Bytes of one artifact: in one piece, in several, or as a stream if they do not fit in memory.
 * They may be views of the value's own memory: a store writes or copies them before `write` resolves, and keeps no
 * reference.
 */
export type Bytes = Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>

/** Where the bytes of an artifact are read from; each way of reading verifies as much as it can. */
export interface ArtifactSource {
  /** Size of the data in bytes. */
  readonly size: number
  /**
   * The whole content, its checksum verified, in memory owned by the caller. Rejects with `DamagedArtifact` if the
   * checksum does not match.
   */
  bytes(): Promise<Uint8Array>
  /** The content as a stream, verified at the end. May be called repeatedly. */
  stream(): AsyncIterable<Uint8Array>
  /** Bytes `from` (inclusive) to `to` (exclusive); verifies the size but not the content. */
  slice(from: number, to: number): Promise<Uint8Array>
  /**
   * For values that read lazily: reports that the bytes are not what the format expects (`FormatProblem`,
   * `DamagedArtifact`) before the error is thrown.
   */
  refused?(cause: unknown): void
}

/** One file. */
export interface FilePersistence {
  readonly storage: 'file'
  /** Checks what `run` returned and turns it into bytes. Throws `FormatProblem` if the value cannot be stored. */
  encode(returned: unknown): Awaitable<Bytes>
  /** Reads the value from its bytes. Throws `FormatProblem` if they are not what the format expects. */
  decode(source: ArtifactSource): Awaitable<unknown>
  /**
   * For formats that may write equal values as different bytes: a string that is equal for equal values and only for
   * those. It is compared in place of the bytes to decide whether a dependent was made from the same content.
   */
  digest?(returned: unknown): Awaitable<string>
  /**
   * The value that loading would give, without loading it: the format guarantees that no round trip is needed.
   * Called once, right after `encode` and writing its bytes; undefined means "decode what was saved".
   * `value` is read at once, or never if nothing reads a large value: a getter saves copying it for nobody.
   */
  settle?(returned: unknown): { readonly value: unknown } | undefined
  /**
   * Rejects with `FormatProblem` if something required to store values is missing; called before a run computes
   * anything, and before `run`.
   */
  prepare?(): Awaitable<void>
  /**
   * Views of the value for people, by extension, such as a rendered figure (`svg`, `png`). Stored next to the data as
   * `<key>.<extension>`, named in the run info, and never read back: an artifact without its views is still complete.
   * Called once, before the bytes are written.
   */
  beside?(returned: unknown): Awaitable<Readonly<Record<string, Uint8Array>>>
  /**
   * How the views are made, in one line, recorded in the run info. An artifact that recorded a different line is a miss
   * when opened; one that recorded none is older and still a hit.
   */
  readonly views?: string
}

/** A folder that `run` fills through the context, or that `write` fills from the returned value. */
export interface FolderPersistence {
  /** `checkpoint`: the folder's content survives an interrupted run, and the next run resumes in it. */
  readonly storage: 'folder' | 'checkpoint'
  /**
   * Set if the reader is a library that may hang or crash on damaged bytes: contents are then verified against the
   * checksum of their commit before it reads them. This reads the folder one extra time.
   */
  readonly fragile?: true
  /** As for a file: called before `run`. */
  prepare?(): Awaitable<void>
  /** What the folder adds to the context of `run`. */
  tools(place: FolderPlace): object
  /** Called after `run`: writes the returned value into the folder. Does nothing if `run` filled it. */
  write(returned: unknown, directory: string): Awaitable<void>
  /** As for a file: a digest of the finished folder, if equal values may give different files. */
  digest?(directory: string): Awaitable<string>
  /** Reads the value of a finished folder. `isWhole`: its contents were just written or verified. */
  read(directory: string, isWhole?: boolean): Awaitable<unknown>
}

/** The folder a running task writes to. */
export interface FolderPlace {
  readonly directory: string
  /** True if an interrupted run left files. */
  readonly resumed: boolean
}

/** Never on disk. */
export interface MemoryPersistence {
  readonly storage: 'memory'
}

/**
 * Why a value cannot be stored or bytes cannot be read: thrown by formats, reported by the runtime as `WrongResult` or
 * `ArtifactUnreadable`.
 * `path` points to the first wrong field, `hint` says what to do.
 *
 * @example
 * const positive = defineFormat({
 *   kind: 'positive',
 *   extension: 'txt',
 *   encode: (n: number) => {
 *     if (n <= 0) throw new FormatProblem(`${n} is not positive`, { path: '/n', hint: 'keep its absolute value' })
 *     return Buffer.from(String(n))
 *   },
 *   decode: (bytes) => Number(Buffer.from(bytes).toString()),
 * })
 */
export class FormatProblem extends Error {
  override readonly name = 'FormatProblem'
  readonly path: string
  readonly hint: string | undefined
  constructor(
    message: string,
    options: { readonly path?: string; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.path = options.path ?? ''
    this.hint = options.hint
  }
}

/**
 * Bytes whose size or checksum differs from the recorded one. Thrown by sources; the runtime treats it as a miss.
 *
 * @example
 * const damaged = (cause: unknown): boolean => cause instanceof DamagedArtifact
 * damaged(new DamagedArtifact('the checksum is another one')) // => true
 */
export class DamagedArtifact extends Error {
  override readonly name = 'DamagedArtifact'
}

/** Builds a format; `taskchain/data` has the built-in ones, and `defineFormat` for custom ones. */
export const makeFormat = <Value, Result = Value, Added = unknown>(
  kind: string,
  extension: string | undefined,
  persistence: Persistence,
  signature?: string,
): Format<Value, Result, Added> =>
  Object.freeze({
    _tag: 'Format',
    _A: phantom,
    _returned: phantom,
    _tools: phantom,
    kind,
    extension,
    persistence,
    ...(signature === undefined ? {} : { signature }),
  })

/** Returned by the `run` of a checkpoint that stops on purpose before it is done: no value yet, files are kept. */
export interface Unfinished {
  readonly _tag: 'Unfinished'
  readonly reason: string
}

/**
 * Keeps a value in this process only: for instances of custom classes and for values that are cheap to recompute.
 *
 * @example
 * const byTitle = defineTask({ inputs: { allMovies }, data: inMemory<Map<string, Movie>>() }).run(
 *   ({ allMovies }) => new Map(allMovies.map((movie) => [movie.title, movie])),
 * )
 */
export const inMemory = <A>(): Format<A> => makeFormat('inMemory', undefined, { storage: 'memory' }, '')
