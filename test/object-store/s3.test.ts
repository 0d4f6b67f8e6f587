// The store of objects on a real S3 server, and what goes wrong between the two.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe } from 'vitest'
import { objectStore } from '../../src/adapters/object-store/object-store.js'
import { factsContract, storeContract, upkeepContract } from '../store.contract.js'
import { hasS3Server, startS3Server, type S3Server } from './s3-server.js'

const has = hasS3Server('the store in S3')

describe.skipIf(!has)('in S3', () => {
  let server: S3Server
  let folder: string
  let count = 0
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'taskchain-s3-'))
    server = await startS3Server()
    Object.assign(process.env, server.environment)
    const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true })
    await client.send(new CreateBucketCommand({ Bucket: 'tasks' }))
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const make = () => {
    const name = String(count++)
    return {
      store: objectStore(`s3://tasks/contract/${name}`, { cache: join(folder, name) }),
      dispose: () => undefined,
    }
  }
  storeContract('a store in S3', make)
  factsContract('a store in S3', make)
  upkeepContract('a store in S3', make)
})
