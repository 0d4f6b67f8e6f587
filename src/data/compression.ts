import { Readable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import { DamagedArtifact, FormatProblem } from '../declare/format.js'
import { fieldOf } from '../base/records.js'

/** How a file of lines is compressed. */
export type Compression = 'gzip' | 'zstd'

/** `jsonl` → `jsonl.gz` */
export const extensionOf = (extension: string, compression: Compression | undefined): string =>
  compression === undefined ? extension : `${extension}.${compression === 'gzip' ? 'gz' : 'zst'}`

/**
 * Chunks, compressed on their way. An error of the source comes through as it is; who stops reading stops the source.
 */
export const compressed = (
  chunks: AsyncGenerator<Uint8Array>,
  compression: Compression | undefined,
): AsyncIterable<Uint8Array> => (compression === undefined ? chunks : through(chunks, () => compressor(compression)))

/** Chunks, unpacked on their way; a stream that ends too early is `DamagedArtifact`. */
export const decompressed = (
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression | undefined,
): AsyncIterable<Uint8Array> =>
  compression === undefined ? chunks : unpacked(through(chunks, () => decompressor(compression)))

async function* through(chunks: AsyncIterable<Uint8Array>, make: () => Duplex): AsyncGenerator<Uint8Array> {
  const filter = make()
  const pumped = pipeline(Readable.from(chunks, { objectMode: false }), filter)
  pumped.catch(() => undefined) // the same error comes out of the filter
  for await (const chunk of filter) yield chunk as Uint8Array
  await pumped
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (cause) {
    const code = fieldOf(cause, 'code')
    if (typeof code === 'string' && /^(Z_|ZSTD_|ERR_.*ZLIB)/.test(code))
      throw new DamagedArtifact('the compressed data is damaged or cut off', { cause })
    throw cause
  }
}

const compressor = (compression: Compression): Duplex =>
  compression === 'gzip' ? zlib.createGzip() : zstd('createZstdCompress')
const decompressor = (compression: Compression): Duplex =>
  compression === 'gzip' ? zlib.createGunzip() : zstd('createZstdDecompress')

const zstd = (name: 'createZstdCompress' | 'createZstdDecompress'): Duplex => {
  const make = (zlib as unknown as Partial<Record<string, () => Duplex>>)[name]
  if (make === undefined)
    throw new FormatProblem(`Node ${process.versions.node} has no zstd`, {
      hint: "use compression: 'gzip', or Node 22.15 or newer",
    })
  return make()
}
