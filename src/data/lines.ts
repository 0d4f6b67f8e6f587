import type * as t from 'io-ts'
import { DamagedArtifact, FormatProblem, makeFormat, type ArtifactSource, type Format } from '../declare/format.js'
import { problemUnder } from '../declare/codec/codec.js'
import { fromJson, toJson } from '../declare/json/json.js'
import { plainGuard, type GuardOf } from '../declare/codec/plain-guard.js'
import type { KeptAsJson } from '../declare/json/json-check.js'
import { compressed, decompression, extensionOf, refuseUnwritable, type Compression } from './compression.js'
import { lineBatches } from './line-reader.js'
import { itemsOf } from './iterable.js'

/** Items stored as lines, read anew on each iteration; never all in memory at once. */
export interface Lines<out A> {
  /** `for await (const item of lines) …`; leaving the loop early closes the file. */
  [Symbol.asyncIterator](): AsyncIterator<A, void>
  /** The items in groups as they are read, for tight loops: one `await` per group. */
  batches(): AsyncIterable<readonly A[]>
  /** All items. */
  toArray(): Promise<A[]>
  /** The first `count` items, without reading the rest. */
  take(count: number): Promise<A[]>
}

/** What `run` may return: a generator, sync or async, an array, or the lines of another task. */
export type LineItems<A> = Iterable<A> | AsyncIterable<A>

/** How lines are stored. */
export interface JsonLinesOptions {
  /**
   * `gzip` (`.jsonl.gz`) or `zstd` (`.jsonl.zst`). Node writes zstd from 22.15 on; older versions can read it with
   * `npm install fzstd@0.1`. Default: none.
   */
  readonly compression?: Compression
}

/**
 * Stores items as JSON lines (`.jsonl`), one line each, through an io-ts codec. `run` should be a generator, sync or
 * async: items are written as they are produced, at the speed of the disk, without being held in memory. Readers
 * receive `Lines`. Errors name the line, counted from 1: `/3/votes`.
 *
 * @example
 * const words = defineTask({ inputs: { allMovies }, data: jsonLines(t.string) }).run(function* ({ allMovies }) {
 *   for (const { title } of allMovies) yield* title.split(' ')
 * })
 * const count = defineTask({ inputs: { words }, data: t.number }).run(async ({ words }) => {
 *   let count = 0
 *   for await (const _ of words) count++
 *   return count
 * })
 */
export const jsonLines = <A, O>(
  codec: t.Type<A, O> & KeptAsJson<O>,
  options: JsonLinesOptions = {},
): Format<Lines<A>, LineItems<A>> => {
  const plain = codec as t.Type<A, O>
  return makeFormat(
    'jsonLines',
    extensionOf('jsonl', options.compression),
    {
      storage: 'file',
      encode: (returned) => compressed(encodedLines(plain, itemsOf(returned, 'something')), options.compression),
      decode: async (source) => {
        if (options.compression === undefined) await refuseCutOff(source)
        const unpacked = await decompression(options.compression)
        return linesOf(() =>
          reportingRefusal(
            source,
            decodedLines(
              plain,
              unpacked(() => source.stream()),
            ),
          ),
        )
      },
      prepare: () => refuseUnwritable(options.compression),
    },
    codec.name,
  )
}

/** Number of characters gathered into one chunk. */
const batch = 1 << 16

async function* encodedLines<A>(codec: t.Type<A, any>, items: LineItems<unknown>): AsyncGenerator<Uint8Array> {
  const guard = plainGuard(codec)
  let text = ''
  let line = 0
  if (Symbol.asyncIterator in items) {
    for await (const item of items) {
      text += lineOf(codec, item, ++line, guard)
      if (text.length < batch) continue
      yield Buffer.from(text, 'utf8')
      text = ''
    }
  } else {
    for (const item of items) {
      text += lineOf(codec, item, ++line, guard)
      if (text.length < batch) continue
      yield Buffer.from(text, 'utf8')
      text = ''
    }
  }
  if (text !== '') yield Buffer.from(text, 'utf8')
}

const lineOf = <A>(codec: t.Type<A, any>, item: unknown, line: number, guard: GuardOf<A> | undefined): string => {
  try {
    return `${JSON.stringify(toJson(codec, item, guard))}\n`
  } catch (cause) {
    throw cause instanceof FormatProblem ? problemUnder(`/${line}`, cause) : cause
  }
}

async function* decodedLines<A>(
  codec: t.Type<A, any>,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly A[], void> {
  const guard = plainGuard(codec)
  for await (const { lines, first } of lineBatches(stream))
    yield lines.map((line, index) => itemOf(codec, line, first + index, guard))
}

/** A wrong line is only found when it is read; the source is notified before the error is thrown. */
async function* reportingRefusal<A>(source: ArtifactSource, batches: AsyncGenerator<A, void>): AsyncGenerator<A, void> {
  try {
    yield* batches
  } catch (cause) {
    source.refused?.(cause)
    throw cause
  }
}

const itemOf = <A>(codec: t.Type<A, any>, text: string, line: number, guard: GuardOf<A> | undefined): A => {
  try {
    return fromJson(codec, JSON.parse(text), guard)
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new DamagedArtifact(`line ${line} is not JSON`, { cause })
    throw cause instanceof FormatProblem ? problemUnder(`/${line}`, cause) : cause
  }
}

/** Every complete file ends with a newline; checked without reading the rest. */
const refuseCutOff = async (source: ArtifactSource): Promise<void> => {
  if (source.size === 0) return
  const [last] = await source.slice(source.size - 1, source.size)
  if (last !== 0x0a) throw new DamagedArtifact('the last line is cut off')
}

/** Lines over a source that starts from the beginning each time. */
export const linesOf = <A>(open: () => AsyncGenerator<readonly A[], void>): Lines<A> =>
  Object.freeze({
    [Symbol.asyncIterator]: () => oneByOne(open()),
    batches: () => ({ [Symbol.asyncIterator]: open }),
    toArray: async () => {
      const all: A[] = []
      for await (const items of open()) for (const item of items) all.push(item)
      return all
    },
    take: async (count: number) => {
      const some: A[] = []
      if (count <= 0) return some
      for await (const items of open()) {
        for (const item of items) if (some.push(item) >= count) return some
      }
      return some
    },
  })

/** Items of batches, cheaper than an async generator: items already read are returned without waiting. */
const oneByOne = <A>(batches: AsyncGenerator<readonly A[], void>): AsyncIterator<A, void> => {
  let items: readonly A[] = []
  let at = 0
  let reading: Promise<unknown> | undefined
  const next = (): Promise<IteratorResult<A, void>> => {
    if (reading !== undefined) return reading.then(next, next) // called again before the last answer: keep the order
    if (at < items.length) return Promise.resolve({ done: false, value: items[at++]! })
    const read = batches.next().then((result): IteratorResult<A, void> | Promise<IteratorResult<A, void>> => {
      reading = undefined
      if (result.done === true) return { done: true, value: undefined }
      items = result.value
      at = 0
      return next()
    })
    reading = read.catch(() => (reading = undefined))
    return read
  }
  return {
    next,
    return: async () => {
      items = []
      await batches.return()
      return { done: true, value: undefined }
    },
  }
}
