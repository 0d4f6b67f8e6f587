import { Readable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import { DamagedArtifact, FormatProblem } from '../declare/format.js'
import { fieldOf } from '../base/records.js'
import { optional } from './optional-package.js'

/** Compression of a file of lines. */
export type Compression = 'gzip' | 'zstd'

/** `jsonl` → `jsonl.gz` */
export const extensionOf = (extension: string, compression: Compression | undefined): string =>
  compression === undefined ? extension : `${extension}.${compression === 'gzip' ? 'gz' : 'zst'}`

/** Compresses chunks as a stream. An error of the source is passed through; stopping early stops the source. */
export const compressed = (
  chunks: AsyncGenerator<Uint8Array>,
  compression: Compression | undefined,
): AsyncIterable<Uint8Array> => (compression === undefined ? chunks : through(chunks, () => compressor(compression)))

/** Rejects with `FormatProblem` if this version of Node cannot write the compression; no package can, either. */
export const refuseUnwritable = (compression: Compression | undefined): void => {
  if (compression !== 'zstd' || hasZstd) return
  throw new FormatProblem(`Node ${process.versions.node} cannot write zstd`, {
    hint: `use compression: 'gzip', or Node 22.15 or newer; reading needs npm install ${fzstd}`,
  })
}

/**
 * Prepares decompression: returns a function from a way to read chunks to the decompressed chunks; a stream that ends
 * too early is `DamagedArtifact`. Rejects with `FormatProblem` if a package is missing.
 */
export const decompression = async (compression: Compression | undefined): Promise<Unpacked> => {
  if (compression === undefined) return (open) => open()
  if (compression === 'gzip') return (open) => unpacked(through(open(), () => zlib.createGunzip()))
  if (hasZstd) return (open) => unpacked(through(open(), () => zstd('createZstdDecompress')))
  const feature = `reading zstd under Node ${process.versions.node}`
  const { Decompress } = await optional(feature, [fzstd], () => import('fzstd'))
  return (open) => verifiedThenUnpacked(open, Decompress)
}

/** Decompresses what `open` reads; opens it anew each time. */
export type Unpacked = (open: () => AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

const fzstd = 'fzstd@0.1'

/** The package does not check its input, so the bytes are read once beforehand to verify their checksum. */
async function* verifiedThenUnpacked(
  open: () => AsyncIterable<Uint8Array>,
  Decompress: typeof import('fzstd').Decompress,
): AsyncGenerator<Uint8Array> {
  for await (const _ of open());
  const ready: Uint8Array[] = []
  const unpacking = new Decompress((chunk) => void (chunk.length > 0 && ready.push(chunk)))
  try {
    for await (const chunk of open()) {
      unpacking.push(Uint8Array.from(chunk)) // a copy: the stream may reuse its buffer
      yield* ready.splice(0)
    }
    unpacking.push(new Uint8Array(0), true)
  } catch (cause) {
    if (typeof fieldOf(cause, 'code') === 'number') throw cutOff(cause)
    throw cause
  }
  yield* ready
}

async function* through(chunks: AsyncIterable<Uint8Array>, make: () => Duplex): AsyncGenerator<Uint8Array> {
  const filter = make()
  const pumped = pipeline(Readable.from(chunks, { objectMode: false }), filter)
  pumped.catch(() => undefined) // the filter reports the same error
  for await (const chunk of filter) yield chunk as Uint8Array
  await pumped
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (cause) {
    const code = fieldOf(cause, 'code')
    if (typeof code === 'string' && /^(Z_|ZSTD_|ERR_.*ZLIB)/.test(code)) throw cutOff(cause)
    throw cause
  }
}

const cutOff = (cause: unknown): DamagedArtifact =>
  new DamagedArtifact('the compressed data is damaged or cut off', { cause })

const compressor = (compression: Compression): Duplex => {
  refuseUnwritable(compression)
  return compression === 'gzip' ? zlib.createGzip() : zstd('createZstdCompress')
}

/** Added in Node 22.15; not in the types of Node 20. */
const withZstd = zlib as unknown as Partial<Record<string, () => Duplex>>
const hasZstd = withZstd['createZstdCompress'] !== undefined
const zstd = (name: 'createZstdCompress' | 'createZstdDecompress'): Duplex => (withZstd[name] as () => Duplex)()
