import { open } from 'node:fs/promises'
import type { S3Client } from '@aws-sdk/client-s3'
import { fieldOf } from '../../../base/records.js'
import { allOf } from '../all-of.js'
import { ObjectStoreFailed, type Bucket, type Listed, type NameRange, type Range } from '../bucket.js'
import type { S3Address } from './s3-address.js'
import { isPassing, refusalOf } from './s3-errors.js'

type Sdk = typeof import('@aws-sdk/client-s3')

interface Connection {
  readonly sdk: Sdk
  readonly client: S3Client
}

/** Objects in S3, or a compatible service. The client is loaded at the first call. */
export const s3Bucket = (address: S3Address): Bucket => {
  const { bucket: Bucket, prefix } = address
  const location = `s3://${Bucket}/${prefix}`.replace(/\/$/, '')
  let connection: Promise<Connection> | undefined
  let isReported = false
  const reportSlow = (): void => {
    if (!isReported)
      process.emitWarning(`${location} answers slowly, or not at all; it is waited for`, 'TaskchainWarning')
    isReported = true
  }
  const call = async <A>(work: (connection: Connection) => Promise<A>): Promise<A> => {
    const timer = setTimeout(reportSlow, patience).unref()
    try {
      return await work(await (connection ??= connect(address, location)))
    } catch (error) {
      if (error instanceof ObjectStoreFailed) throw error
      const { problem, hint } = refusalOf(error, Bucket)
      throw new ObjectStoreFailed(location, problem, hint)
    } finally {
      clearTimeout(timer)
    }
  }
  const at = (name: string): { readonly Bucket: string; readonly Key: string } => ({ Bucket, Key: prefix + name })
  return {
    location,
    list: (start, most = Infinity, between) => call((one) => listAll(one, { Bucket, prefix, start, most, between })),
    get: (name, range) =>
      range?.size === 0
        ? Promise.resolve(new Uint8Array())
        : call((one) => orNone(getBytes(one, { ...at(name), ...rangeOf(range) }))),
    stream: (name, size) =>
      resuming(size, (from) => call(async (one) => (await orNone(bodyFrom(one, at(name), from))) ?? nothing())),
    put: (name, Body) =>
      call(async ({ sdk, client }) => {
        return tagIn(await client.send(new sdk.PutObjectCommand({ ...at(name), Body })))
      }),
    putNew: (name, Body) => call((one) => putNew(one, { ...at(name), Body })),
    putFile: (name, path, size) => call((one) => putFile(one, at(name), path, size)),
    copy: (from, to) =>
      call(async ({ sdk, client }) => {
        const CopySource = encodeURI(`${Bucket}/${prefix}${from}`).replaceAll('!', '%21')
        await client.send(new sdk.CopyObjectCommand({ ...at(to), CopySource }))
      }),
    remove: (names) =>
      call((one) =>
        removeAll(
          one,
          Bucket,
          names.map((name) => prefix + name),
        ),
      ),
  }
}

/** Milliseconds after which a slow service is reported. */
const patience = 20_000

const connect = async ({ endpoint, region }: S3Address, location: string): Promise<Connection> => {
  const before = process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED']
  // supported versions of Node are declared by this package
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = before ?? 'true'
  const sdk = await import('@aws-sdk/client-s3').catch(() => {
    throw new ObjectStoreFailed(
      location,
      'stores in S3 need the package @aws-sdk/client-s3@3, which is not installed or does not load',
      'npm install @aws-sdk/client-s3@3',
    )
  })
  const elsewhere = endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']
  const client = new sdk.S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(elsewhere === undefined
      ? {}
      : { forcePathStyle: true, ...(regionIsSet(region) ? {} : { region: 'us-east-1' }) }),
    // other services may not know the newer checksums; data is verified by digest
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryMode: 'standard', // exponential, with jitter
    ...(process.env['AWS_MAX_ATTEMPTS'] === undefined ? { maxAttempts: 6 } : {}),
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  })
  return { sdk, client }
}

const regionIsSet = (region: string | undefined): boolean =>
  (region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION']) !== undefined

interface Listing {
  readonly Bucket: string
  readonly prefix: string
  readonly start: string
  readonly most: number
  readonly between: NameRange | undefined
}

const listAll = async (
  { sdk, client }: Connection,
  { Bucket, prefix, start, most, between }: Listing,
): Promise<readonly Listed[] | undefined> => {
  const found: Listed[] = []
  let ContinuationToken: string | undefined
  do {
    const page = await client.send(
      new sdk.ListObjectsV2Command({
        Bucket,
        Prefix: prefix + start,
        ...(between && { StartAfter: prefix + between.after }),
        ...(ContinuationToken && { ContinuationToken }),
      }),
    )
    // a login page is not a listing, whatever its status
    if (page.Name === undefined && page.IsTruncated === undefined) throw notS3()
    for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
      if (between !== undefined && Key >= prefix + between.before) return found
      found.push({ name: Key.slice(prefix.length), size: Size, tag: ETag, modified: LastModified?.getTime() ?? 0 })
    }
    ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined
    if (found.length > most || (found.length === most && ContinuationToken !== undefined)) return undefined
  } while (ContinuationToken !== undefined)
  return found
}

/** The tag of an object that was put; an answer without one is that of a login page, and nothing was put. */
const tagIn = ({ ETag }: { readonly ETag?: string | undefined }): string => {
  if (ETag === undefined) throw notS3()
  return ETag
}

/** Named like an error of the service. */
const notS3 = (): Error => Object.assign(new Error('no listing'), { name: 'NotFound' })

interface Wanted {
  readonly Bucket: string
  readonly Key: string
  readonly Range?: string
}

const rangeOf = (range: Range | undefined): { readonly Range?: string } =>
  range === undefined ? {} : { Range: `bytes=${range.from}-${range.from + range.size - 1}` }

/** Retries if the body is interrupted. */
const getBytes = async ({ sdk, client }: Connection, wanted: Wanted): Promise<Uint8Array> =>
  again(async () => {
    const { Body } = await client.send(new sdk.GetObjectCommand(wanted))
    return (await Body?.transformToByteArray()) ?? new Uint8Array()
  })

const bodyFrom = async (
  { sdk, client }: Connection,
  wanted: Wanted,
  from: number,
): Promise<AsyncIterable<Uint8Array>> => {
  const { Body } = await client.send(
    new sdk.GetObjectCommand(from === 0 ? wanted : { ...wanted, Range: `bytes=${from}-` }),
  )
  // in Node it is a stream that can be iterated
  return Body as unknown as AsyncIterable<Uint8Array>
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const orNone = <A>(asked: Promise<A>): Promise<A | undefined> =>
  asked.catch((error: unknown) => {
    const name = fieldOf(error, 'name')
    if (name === 'NoSuchKey' || name === 'InvalidRange') return undefined
    throw error
  })

const tries = 5

const again = async <A>(work: () => Promise<A>): Promise<A> => {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried >= tries || !isPassing(error)) throw error
      await pauseBefore(tried)
    }
  }
}

const pauseBefore = (tried: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, Math.random() * Math.min(10_000, 200 * 2 ** tried)))

/** A stream that resumes if it is interrupted. */
async function* resuming(
  size: number,
  open: (from: number) => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let tried = 1; ; tried++) {
    try {
      for await (const part of await open(at)) {
        at += part.length
        tried = 1
        yield part
      }
      return
    } catch (error) {
      if (tried >= tries || error instanceof ObjectStoreFailed || !isPassing(error) || at >= size) throw error
      await pauseBefore(tried)
    }
  }
}

/** 412: it exists. 409: another process is putting it at this moment, so that one will exist. */
const putNew = async (
  { sdk, client }: Connection,
  object: Wanted & { readonly Body: Uint8Array },
): Promise<string | undefined> => {
  for (let tried = 1; ; tried++) {
    try {
      return tagIn(await client.send(new sdk.PutObjectCommand({ ...object, IfNoneMatch: '*' })))
    } catch (error) {
      const status = fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode')
      if (status === 412) return undefined
      if (status !== 409 || tried >= tries) throw error
      await pauseBefore(tried)
    }
  }
}

const partSize = 16 * 1024 * 1024

/** Large files are put in parts, four at a time: 64 MB of memory whatever their size. */
const putFile = async (
  { sdk, client }: Connection,
  at: { readonly Bucket: string; readonly Key: string },
  path: string,
  size: number,
): Promise<void> => {
  const handle = await open(path, 'r')
  const read = async (from: number, to: number): Promise<Uint8Array> => {
    const bytes = Buffer.allocUnsafeSlow(to - from)
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done)
      if (bytesRead === 0) throw new Error(`${path} ends early`)
      done += bytesRead
    }
    return bytes
  }
  try {
    if (size <= partSize) {
      return void tagIn(await client.send(new sdk.PutObjectCommand({ ...at, Body: await read(0, size) })))
    }
    const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(at))
    // an object has at most 10,000 parts
    const length = Math.max(partSize, Math.ceil(size / 10_000))
    const Parts = Array.from({ length: Math.ceil(size / length) }, (_, index) => ({ PartNumber: index + 1, ETag: '' }))
    try {
      await allOf(Parts, 4, async (part) => {
        const from = (part.PartNumber - 1) * length
        const Body = await read(from, Math.min(size, from + length))
        const { PartNumber } = part
        part.ETag = tagIn(await client.send(new sdk.UploadPartCommand({ ...at, UploadId, PartNumber, Body })))
      })
      const given = { ...at, UploadId, MultipartUpload: { Parts } }
      tagIn(await client.send(new sdk.CompleteMultipartUploadCommand(given)))
    } catch (error) {
      if (fieldOf(error, 'name') === 'NoSuchUpload' && (await isThere({ sdk, client }, at, size))) return
      await client.send(new sdk.AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => undefined)
      throw error
    }
  } finally {
    await handle.close()
  }
}

/** Whether an upload was completed: a lost answer is asked for again, and the service knows the upload no more then. */
const isThere = async (
  { sdk, client }: Connection,
  at: { readonly Bucket: string; readonly Key: string },
  size: number,
): Promise<boolean> => {
  const found = await client.send(new sdk.HeadObjectCommand(at)).catch(() => undefined)
  return found?.ContentLength === size
}

/** In order, a thousand per request; the order within a request is undefined. */
const removeAll = async ({ sdk, client }: Connection, Bucket: string, names: readonly string[]): Promise<void> => {
  for (const Key of names.length <= few ? names : []) await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }))
  for (let at = 0; at < (names.length <= few ? 0 : names.length); at += 1000) {
    const Objects = names.slice(at, at + 1000).map((Key) => ({ Key }))
    const { Errors = [] } = await client.send(
      new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    )
    const [first] = Errors
    if (first !== undefined) throw Object.assign(new Error(first.Code), { name: first.Code })
  }
}

/** Names of one key, whose order matters. */
const few = 20
