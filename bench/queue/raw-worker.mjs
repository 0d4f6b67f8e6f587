// A worker of BullMQ alone: node raw-worker.mjs REDIS STORE CONCURRENCY
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'

const [redis, , concurrency] = process.argv.slice(2)
const connection = new Redis(redis, { maxRetriesPerRequest: null })
const worker = new Worker('raw', pathToFileURL(join(import.meta.dirname, 'raw-node.mjs')), {
  connection,
  concurrency: Number(concurrency),
})
await worker.waitUntilReady()
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)))
process.stdout.write('ready\n')
