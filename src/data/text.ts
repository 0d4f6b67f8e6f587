import { isUtf8 } from 'node:buffer'
import { show } from '../declare/codec/codec.js'
import { FormatProblem, makeFormat, type Format } from '../declare/format.js'

/**
 * Stores a string as a text file (`.txt`, UTF-8), unchanged: no newline is added, a byte order mark is kept.
 * A lone surrogate, which UTF-8 cannot represent, is refused with its position.
 *
 * @example
 * const page = defineTask({ data: text() }).run(() => '# Title')
 */
export const text = (): Format<string> => keptText

const keptText: Format<string> = makeFormat(
  'text',
  'txt',
  {
    storage: 'file',
    encode: (value) => Buffer.from(wellFormed(value), 'utf8'),
    decode: async (source) => {
      const bytes = await source.bytes()
      if (!isUtf8(bytes)) throw new FormatProblem('not UTF-8 text')
      if (bytes.byteLength > longestText)
        throw new FormatProblem('longer than one string can be (512 MB)', {
          hint: 'keep it with bytes() or jsonLines(t.string)',
        })
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    },
    settle: (value) => ({ value }),
  },
  '',
)

const longestText = 0x1fffffe8

const wellFormed = (value: unknown): string => {
  if (typeof value !== 'string') throw new FormatProblem(`expected a string, got ${show(value)}`)
  if (value.isWellFormed()) return value
  const position = value.search(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/)
  throw new FormatProblem(`a lone surrogate at character ${position}; UTF-8 cannot hold it`, {
    hint: 'repair it with value.toWellFormed(), or keep it with json(t.string)',
  })
}

/**
 * Stores bytes unchanged (`.bin`). `run` may return a Buffer or any other view of bytes; readers receive a plain
 * `Uint8Array`.
 *
 * @example
 * const picture = defineTask({ data: bytes() }).run(() => Uint8Array.of(1, 2, 3))
 */
export const bytes = (): Format<Uint8Array> => keptBytes

const keptBytes: Format<Uint8Array> = makeFormat(
  'bytes',
  'bin',
  {
    storage: 'file',
    encode: asBytes,
    decode: async (source) => plainBytes(await source.bytes()),
    settle: (value) => ({
      get value() {
        return new Uint8Array(asBytes(value)) // a copy: `run` may reuse its buffer
      },
    }),
  },
  '',
)

function asBytes(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]')
    return value as Uint8Array
  throw new FormatProblem(`expected a Uint8Array, got ${Object.prototype.toString.call(value).slice(8, -1)}`, {
    hint:
      value instanceof ArrayBuffer
        ? 'return new Uint8Array(buffer)'
        : 'keep typed arrays of other kinds with ndarray()',
  })
}

/** Node's Buffer overrides `slice`; a plain view of the same bytes behaves as the type says. */
const plainBytes = (read: Uint8Array): Uint8Array =>
  Buffer.isBuffer(read) ? new Uint8Array(read.buffer, read.byteOffset, read.byteLength) : read
