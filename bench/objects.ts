// Results in a bucket against raw calls of the SDK, in the same run, on a local Ceph gateway: a small commit against a
// PUT, reading a small result against a GET, and a push of many small results and a folder of many small files, each
// against one PUT per object, eight at once. OBJECTS=100000 sets how many results are pushed, FILES=600000 how many
// files are in the folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { fileStore } from '../src/adapters/file-store/file-store.js'
import { objectStore } from '../src/adapters/object-store/object-store.js'
import { openArtifact } from '../src/runtime/run-info/hit-or-miss.js'
import type { Address, Saved } from '../src/runtime/ports/artifact.js'
import type { Store } from '../src/runtime/ports/store.js'
import { hasS3Server, startS3Server } from '../test/object-store/s3-server.js'
import { runInfoFor } from '../test/adapters/artifacts.js'
import { everythingIn, transfer } from '../src/runtime/upkeep/transfer/transfer.js'
import type { Row } from './table.js'

const Bucket = 'bench'
const bytes = 3000

/** Text that does not compress, different for each number. */
const textOf = (number: number): string => {
  let text = ''
  for (let part = 0; text.length < bytes; part++) text += createHash('sha256').update(`${number} ${part}`).digest('hex')
  return text.slice(0, bytes)
}
const at = (number: number): Address => ({
  folder: 'films/all',
  key: number.toString(16).padStart(32, '0'),
  extension: 'json',
})

/** Milliseconds per operation for `count` operations, some concurrent. */
const each = async (count: number, atOnce: number, work: (number: number) => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  let next = 0
  const one = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return (performance.now() - begun) / count
}

const put = async (store: Store, address: Address, text: string): Promise<void> => {
  const staging = await store.stage(address, 'file')
  const saved: Saved = await staging.write(Buffer.from(text))
  await staging.commit(runInfoFor(address, saved))
}

const read = async (store: Store, address: Address): Promise<void> => {
  const found = await openArtifact(store, address)
  if ('reason' in found) throw new Error(found.reason)
  await found.source?.bytes()
}

export const objectRows = async (quick: boolean): Promise<readonly Row[]> => {
  if (!hasS3Server('the benchmark of objects')) return []
  const folder = mkdtempSync(join(tmpdir(), 'taskchain-objects-'))
  const server = await startS3Server()
  Object.assign(process.env, server.environment)
  try {
    const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket }))
    const rawPut = (Key: string, Body: string): Promise<unknown> =>
      client.send(new PutObjectCommand({ Bucket, Key, Body }))
    const rawGet = async (Key: string): Promise<unknown> =>
      (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray()
    const open = (prefix: string, cache: string): Store =>
      objectStore(`s3://${Bucket}/${prefix}?endpoint=${server.endpoint}`, { cache: join(folder, cache) })
    const rows: Row[] = []
    const compare = (what: string, raw: number, ours: number, limit?: number): void => {
      rows.push({ what: `${what}, raw`, value: raw, unit: 'ms', limit: undefined })
      rows.push({ what, value: ours, unit: 'ms', limit: undefined })
      rows.push({ what: `${what}, to raw`, value: ours / raw, unit: '×', limit })
    }

    const few = quick ? 200 : 1000
    await each(100, 1, (number) => rawPut(`warm/${number}`, textOf(number)))
    const single = await each(few, 1, (number) => rawPut(`one/${number}`, textOf(number)))
    const writer = open('commits', 'writer')
    const commit = await each(few, 1, (number) => put(writer, at(number), textOf(number)))
    compare('a small commit against a PUT', single, commit, 4)
    const get = await each(few, 1, (number) => rawGet(`one/${number}`))
    const reader = open('commits', 'reader')
    compare(
      'a small result opened and read, new here, against a GET',
      get,
      await each(few, 1, (n) => read(reader, at(n))),
      4,
    )
    compare(
      'a small result opened and read again against a GET',
      get,
      await each(few, 1, (n) => read(reader, at(n))),
      3,
    )

    const many = Number(process.env['OBJECTS'] ?? (quick ? 2000 : 20_000))
    const source = fileStore(join(folder, 'source'), { durability: 'none' })
    for (let number = 0; number < many; number++) {
      await put(source, at(number), textOf(number))
      const log = source.log(at(number))
      log.write('a line')
      await log.close('kept')
    }
    await source.flush()
    const wanted = await everythingIn(source)
    const parallel = await each(many, 8, (number) => rawPut(`many/${number}`, textOf(number)))
    const begun = performance.now()
    const report = await transfer(source, open('pushed', 'pusher'), wanted)
    const pushed = (performance.now() - begun) / many
    if (report.outcomes.filter(({ outcome }) => outcome._tag === 'copied').length !== many)
      throw new Error('push failed')
    compare(`a push of ${many} results of 3 kB with their logs, each, against PUTs`, parallel, pushed, 2)
    const pulling = performance.now()
    const back = fileStore(join(folder, 'back'), { durability: 'none' })
    await transfer(open('pushed', 'puller'), back, wanted)
    const pulled = (performance.now() - pulling) / many
    compare('a pull of them, each, against GETs', await each(many, 8, (number) => rawGet(`many/${number}`)), pulled)

    const files = Number(process.env['FILES'] ?? many)
    const store = open('folder', 'folders')
    const address = { ...at(0), extension: null }
    const staging = await store.stage(address, 'folder')
    for (let number = 0; number < files; number++) {
      const path = join(staging.directory ?? '', String(number % 100))
      if (number < 100) mkdirSync(path)
      writeFileSync(join(path, String(number)), textOf(number))
    }
    const committing = performance.now()
    await staging.commit(runInfoFor(address, await staging.measure()))
    compare(
      `a folder of ${files} files of 3 kB, each, against PUTs`,
      parallel,
      (performance.now() - committing) / files,
      2,
    )
    return rows
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
