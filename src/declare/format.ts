import type * as t from 'io-ts'
import { phantom, type Awaitable, type Yields } from './types.js'

/**
 * How a value becomes an artifact and comes back.
 *
 * `Value` is what downstream tasks read, `Returned` what `run` hands over, `Tools` what the run context gains.
 * A format knows bytes and values; where bytes live and how they are committed is the store's affair.
 */
export interface Format<out Value = unknown, in out Returned = Value, out Tools = unknown> extends Yields<Value> {
  readonly _tag: 'Format'
  readonly _returned: Returned
  readonly _tools: Tools
  /** What it is called in plans and tables: `json`, `table`, … */
  readonly kind: string
  /** File extension without the dot; undefined for folders and for values kept in memory only. */
  readonly extension: string | undefined
  /** What the runtime does with it. */
  readonly persistence: Persistence
  /** Options and codec, as a text that is the same in every process; left out where only its functions tell. */
  readonly said?: string
}

/** Any format, whatever it keeps. */
export type AnyFormat = Format<unknown, any>

/** What a task says under `data`: a format, or an io-ts codec alone, which means `json(codec)`. */
export type DataSpec = AnyFormat | t.Type<any, any>

/** What `run` must return for this data. */
export type Returned<F extends DataSpec> = F extends { readonly _returned: infer R } ? R : F['_A']

/** What the data adds to the context of `run`. */
export type Tools<F extends DataSpec> = F extends { readonly _tools: infer T } ? T : unknown

/** One of the four ways to be kept. The values are untyped here; `Format` carries their types. */
export type Persistence = FilePersistence | FolderPersistence | MemoryPersistence

/**
 * Bytes of one artifact: all at once, in pieces, or as a stream for what does not fit in memory.
 * They may be views of the value's own memory: a store writes or copies them before `write` resolves, and keeps no
 * reference.
 */
export type Bytes = Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>

/** Where the bytes of an artifact are read from; every way of reading verifies what it can. */
export interface ArtifactSource {
  /** Size of the data in bytes. */
  readonly size: number
  /**
   * The whole content, its checksum verified, in memory that is the caller's own. Rejects with `DamagedArtifact` where
   * it does not match.
   */
  bytes(): Promise<Uint8Array>
  /** The content as it is read, verified at its end. May be called many times. */
  stream(): AsyncIterable<Uint8Array>
  /** Bytes `from` (inclusive) to `to` (exclusive); the size is verified, the content is not. */
  slice(from: number, to: number): Promise<Uint8Array>
  /**
   * For values that read later: tells that what was read is not what the format expects (`FormatProblem`,
   * `DamagedArtifact`), before it is thrown.
   */
  refused?(cause: unknown): void
}

/** One file. */
export interface FilePersistence {
  readonly storage: 'file'
  /** Checks what `run` returned and turns it into bytes. Throws `FormatProblem` where the value cannot be kept. */
  encode(returned: unknown): Awaitable<Bytes>
  /** The value from its bytes. Throws `FormatProblem` where they are not what the format expects. */
  decode(source: ArtifactSource): Awaitable<unknown>
  /**
   * Where equal values may give other bytes: a text that is equal for equal values, and for those alone. What reads the
   * artifact counts as made from other content where this is another; by default, where the bytes are.
   */
  digest?(returned: unknown): Awaitable<string>
  /**
   * The value that loading would give, without loading: a format's proof that it needs no round trip.
   * Called once, right after `encode` and its bytes were written; undefined means "decode what was saved".
   */
  settle?(returned: unknown): { readonly value: unknown } | undefined
  /**
   * Rejects with `FormatProblem` where something is missing without which no value can be kept; called before a run
   * computes anything, and before `run`.
   */
  prepare?(): Awaitable<void>
  /**
   * Views of the value for people, by extension: what a figure looks like (`svg`, `png`). Kept beside the data as
   * `<key>.<extension>`, named in the run info, and never read back: an artifact whose views are gone is whole. Called
   * once, before the bytes are written.
   */
  beside?(returned: unknown): Awaitable<Readonly<Record<string, Uint8Array>>>
  /**
   * How those views are made, in a line: kept in the run info. An artifact that says another line is no hit when it is
   * opened; one that says none is, since it is older.
   */
  readonly views?: string
}

/** A folder that `run` fills through the context, or that `write` fills from the returned value. */
export interface FolderPersistence {
  /** `checkpoint`: what is in the folder survives an interrupted run, and the next run goes on in it. */
  readonly storage: 'folder' | 'checkpoint'
  /**
   * Its reader is a library that may not come back from damaged bytes: contents are compared with the checksum of their
   * commit before it sees them. Costs reading the folder once more.
   */
  readonly fragile?: true
  /** As for a file: called before `run`. */
  prepare?(): Awaitable<void>
  /** What the context of `run` gains. */
  tools(place: FolderPlace): object
  /** After `run`: puts the returned value into the folder. Nothing to do where `run` has filled it. */
  write(returned: unknown, directory: string): Awaitable<void>
  /** As for a file: of the finished folder, where equal values may give other files. */
  digest?(directory: string): Awaitable<string>
  /** The value of a finished folder. `isWhole`: its contents were just written, or compared with their checksum. */
  read(directory: string, isWhole?: boolean): Awaitable<unknown>
}

/** The folder a running task writes to. */
export interface FolderPlace {
  readonly directory: string
  /** True where an interrupted run left files. */
  readonly resumed: boolean
}

/** Never on disk. */
export interface MemoryPersistence {
  readonly storage: 'memory'
}

/**
 * Why a value cannot be kept or bytes cannot be read: thrown by formats, told by the runtime as `WrongResult` or
 * `ArtifactUnreadable`.
 * `path` leads to the first wrong field, `hint` says what to do.
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
 * Bytes whose size or checksum is not the recorded one. Thrown by sources; the runtime treats it as a miss.
 *
 * @example
 * const damaged = (cause: unknown): boolean => cause instanceof DamagedArtifact
 * damaged(new DamagedArtifact('the checksum is another one')) // => true
 */
export class DamagedArtifact extends Error {
  override readonly name = 'DamagedArtifact'
}

/** Builds a format; `taskchain/data` has the ready ones and `defineFormat` for your own. */
export const makeFormat = <Value, Result = Value, Added = unknown>(
  kind: string,
  extension: string | undefined,
  persistence: Persistence,
  said?: string,
): Format<Value, Result, Added> =>
  Object.freeze({
    _tag: 'Format',
    _A: phantom,
    _returned: phantom,
    _tools: phantom,
    kind,
    extension,
    persistence,
    ...(said === undefined ? {} : { said }),
  })

/** Returned by a checkpoint's `run` that stops on purpose before it is done: no value yet, files kept. */
export interface Unfinished {
  readonly _tag: 'Unfinished'
  readonly reason: string
}

/**
 * Keeps a value in this process only: for objects of one's own class and for what is cheap to make again.
 *
 * @example
 * const byTitle = defineTask({ inputs: { allMovies }, data: inMemory<Map<string, Movie>>() }).run(
 *   ({ allMovies }) => new Map(allMovies.map((movie) => [movie.title, movie])),
 * )
 */
export const inMemory = <A>(): Format<A> => makeFormat('inMemory', undefined, { storage: 'memory' }, '')
