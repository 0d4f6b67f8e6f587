import { makeFormat, type ArtifactSource, type Bytes, type FolderPlace, type Format } from '../declare/format.js'
import type { Awaitable } from '../declare/types.js'

/** A format stored in one file. */
export interface FileFormatSpec<Value, Returned = Value> {
  /** Name in plans and tables: a word in camel case. */
  readonly kind: string
  /** Without the dot: `cbor`, `csv.gz`. */
  readonly extension: string
  /**
   * Encodes what `run` returned: as one piece, in several, or as an async generator if it does not fit in memory.
   * Throws `FormatProblem` if the value cannot be stored.
   */
  readonly encode: (returned: Returned) => Awaitable<Bytes>
  /**
   * For values that may encode to different bytes each time (a library that writes the time, or generated names): a
   * string that is equal for equal values, and only for those. Content is then compared by it instead of by the bytes.
   */
  readonly digest?: (returned: Returned) => Awaitable<string>
  /** Reads the value from its verified bytes. Throws `FormatProblem` if they are not what the format expects. */
  readonly decode: (bytes: Uint8Array) => Awaitable<Value>
}

/** A format stored in one file that is read in parts, or lazily. */
export interface StreamFormatSpec<Value, Returned = Value> extends Omit<FileFormatSpec<Value, Returned>, 'decode'> {
  /** The value backed by its file: `source.stream()`, `source.slice(from, to)`, `source.bytes()`. */
  readonly open: (source: ArtifactSource) => Awaitable<Value>
}

/** A format stored in a folder, written from what `run` returned. */
export interface FolderFormatSpec<Value, Returned = Value> {
  readonly kind: string
  /** Writes the returned value into an empty folder. */
  readonly write: (returned: Returned, directory: string) => Awaitable<void>
  /** As for a file: a digest of the finished folder, if equal values may give different files. */
  readonly digest?: (directory: string) => Awaitable<string>
  /** Reads the value of a finished folder. */
  readonly read: (directory: string) => Awaitable<Value>
}

/** A folder that `run` fills itself, through tools added to its context. */
export interface ToolFormatSpec<Value, Returned, Tools extends object> extends FolderFormatSpec<Value, Returned> {
  /** What the folder adds to the context of `run`, created for the folder to fill. */
  readonly tools: (place: FolderPlace) => Tools
  /** The folder survives an interrupted run, as with `checkpoint()`. Default: false. */
  readonly resumes?: boolean
}

/**
 * Defines a custom format. It converts between values and bytes (or a folder); the library takes care of names,
 * commits, checksums and caching.
 * Annotate the argument of `encode` and the result of `decode`, and tasks are typed by them. Throws a TypeError for an
 * invalid kind or extension.
 *
 * @example
 * interface Model {
 *   readonly bias: number
 * }
 * export const model = defineFormat({
 *   kind: 'model',
 *   extension: 'txt',
 *   encode: (model: Model) => Buffer.from(String(model.bias)),
 *   decode: (bytes): Model => ({ bias: Number(Buffer.from(bytes).toString()) }),
 * })
 * const trained = defineTask({ inputs: { counted }, data: model }).run(({ counted }) => ({ bias: counted }))
 *
 * @example
 * // a folder, one file for each page
 * export const pages = defineFormat({
 *   kind: 'pages',
 *   write: async (texts: readonly string[], directory) => {
 *     for (const [index, text] of texts.entries()) await writeFile(join(directory, `${index}.txt`), text)
 *   },
 *   read: async (directory): Promise<readonly string[]> =>
 *     Promise.all((await readdir(directory)).sort().map((name) => readFile(join(directory, name), 'utf8'))),
 * })
 * await checkFormat(pages, { values: [['one', 'two'], []] })
 */
export function defineFormat<Value, Returned = Value>(spec: FileFormatSpec<Value, Returned>): Format<Value, Returned>
export function defineFormat<Value, Returned = Value>(spec: StreamFormatSpec<Value, Returned>): Format<Value, Returned>
export function defineFormat<Value, Returned, Tools extends object>(
  spec: ToolFormatSpec<Value, Returned, Tools>,
): Format<Value, Returned, Tools>
export function defineFormat<Value, Returned = Value>(spec: FolderFormatSpec<Value, Returned>): Format<Value, Returned>
export function defineFormat(
  spec:
    | FileFormatSpec<unknown, any>
    | StreamFormatSpec<unknown, any>
    | FolderFormatSpec<unknown, any>
    | ToolFormatSpec<unknown, any, object>,
): Format {
  if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(spec.kind))
    throw new TypeError(`defineFormat: kind ${JSON.stringify(spec.kind)} is not a word in camel case`)
  if ('write' in spec) {
    const tools = 'tools' in spec ? spec.tools : () => ({})
    return makeFormat(spec.kind, undefined, {
      storage: 'resumes' in spec && spec.resumes === true ? 'checkpoint' : 'folder',
      tools,
      write: spec.write,
      read: spec.read,
      ...(spec.digest === undefined ? {} : { digest: spec.digest }),
    })
  }
  const { kind, extension, encode, digest } = spec
  if (!/^[a-z0-9]{1,16}(\.[a-z0-9]{1,16}){0,2}$/.test(extension))
    throw new TypeError(
      `defineFormat: extension ${JSON.stringify(extension)} of ${kind} is not made of lower-case letters and digits`,
    )
  if (reserved.has(extension))
    throw new TypeError(
      `defineFormat: the store uses files of its own under .${extension}; give ${kind} another extension`,
    )
  const decode = 'open' in spec ? spec.open : async (source: ArtifactSource) => spec.decode(await source.bytes())
  return makeFormat(kind, extension, { storage: 'file', encode, decode, ...(digest === undefined ? {} : { digest }) })
}

/** File name endings that the store uses next to the data. */
const reserved = new Set(['log', 'failed.log', 'stale', 'unfinished', 'lease'])
