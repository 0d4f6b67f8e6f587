import * as fs from 'node:fs'
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { DamagedArtifact, type ArtifactSource } from '../../declare/format.js'
import type { Address } from '../../runtime/ports/artifact.js'
import { artifactSource } from '../file-store/artifact-source.js'
import { writeBytes } from '../file-store/staging/write-bytes.js'
import { orFull } from './local-cache.js'
import { bytesSource } from '../store-kit.js'
import type { Part } from './contents/manifest.js'
import { blobPrefix } from './contents/object-names.js'
import type { ObjectParts } from './object-parts.js'

/** Reads data of a bucket: from the commit itself, from the cache, or by way of the cache. */
export const objectSource = (
  parts: ObjectParts,
  address: Address,
  part: Part,
  checksum: string,
  size: number,
): ArtifactSource => {
  if (part.inline !== undefined) return bytesSource(Buffer.from(part.inline, 'base64'), checksum)
  const local = async (): Promise<ArtifactSource> => {
    const path = await fetchPart(parts, address, part)
    return artifactSource(fs, () => path, size, checksum)
  }
  return {
    size,
    bytes: async () => (await local()).bytes(),
    stream: async function* () {
      yield* (await local()).stream()
    },
    slice: async (from, to) => (await local()).slice(from, to),
  }
}

/** Streams the bytes of a part. */
export const streamPart = (parts: ObjectParts, address: Address, part: Part): AsyncIterable<Uint8Array> =>
  part.inline === undefined
    ? checked(parts.bucket.stream(blobPrefix(address) + part.digest, part.size), part)
    : once(Buffer.from(part.inline, 'base64'))

/** A local file with the bytes of a part, fetched if the cache lacks it. */
const fetchPart = async (parts: ObjectParts, address: Address, part: Part): Promise<string> => {
  const { cache } = parts
  const known = await cache.file(part.digest)
  if (known !== undefined) return known
  const path = await cache.temporary()
  try {
    await writeBytes(fs, path, streamPart(parts, address, part))
    return await cache.keep(path, part.digest)
  } catch (error) {
    await rm(path, { force: true })
    throw orFull(cache.folder, error)
  }
}

/** The last piece is yielded only after the whole was verified against the commit. */
async function* checked(bytes: AsyncIterable<Uint8Array>, { digest, size }: Part): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let seen = 0
  let last: Uint8Array | undefined
  for await (const piece of bytes) {
    if (last !== undefined) yield last
    hash.update(piece)
    seen += piece.length
    last = piece
  }
  if (seen !== size || hash.digest('hex') !== digest)
    throw new DamagedArtifact(`the object has ${seen} bytes that are not those that were committed, ${size}`)
  if (last !== undefined) yield last
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
