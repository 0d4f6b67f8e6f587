import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ObjectStoreFailed } from './bucket.js'
import type { LeaseTimes } from './object-lease.js'
import { s3AddressIn } from './s3/s3-address.js'
import { s3Bucket } from './s3/s3-bucket.js'
import type { SigningKeys } from './contents/signature.js'
import { storeOfObjects, type ObjectStore } from './store-of-objects.js'

/** Local settings of a store in S3. */
export interface ObjectStoreOptions {
  /**
   * Folder of the local cache. Default: `TASKCHAIN_CACHE`, or else `taskchain` in `XDG_CACHE_HOME` or in `~/.cache`.
   */
  readonly cache?: string
  /** Maximum size of the cache in bytes: the least recently used entries are removed. Default 10 GB. */
  readonly cacheBytes?: number
  /** Keys for signing commits, and of trusted writers. */
  readonly keys?: SigningKeys
  /** Leases: milliseconds between heartbeats (10,000), and without one until a holder counts as dead (60,000). */
  readonly leases?: Partial<LeaseTimes>
}

/**
 * Artifacts in S3, or a compatible service: `s3://bucket/prefix`. Needs the package `@aws-sdk/client-s3`, loaded at the
 * first call. Credentials, region and endpoint come from the environment, a profile or the machine's role.
 *
 * @example
 * const store = objectStore('s3://team/tasks')
 * store.location // => 's3://team/tasks'
 */
export const objectStore = (address: string, options: ObjectStoreOptions = {}): ObjectStore => {
  const read = s3AddressIn(address)
  if (typeof read === 'string') throw new ObjectStoreFailed(address, read)
  const bucket = s3Bucket(read)
  const place = createHash('sha256')
    .update(`${read.endpoint ?? ''} ${bucket.location}`)
    .digest('hex')
    .slice(0, 16)
  const { cache = cacheFolder(), cacheBytes = 10_000_000_000, keys, leases } = options
  return storeOfObjects({
    bucket,
    cache: { folder: join(cache, place), maxBytes: cacheBytes },
    ...(keys === undefined ? {} : { keys }),
    ...(leases === undefined ? {} : { times: leases }),
  })
}

const cacheFolder = (): string =>
  process.env['TASKCHAIN_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'taskchain')
