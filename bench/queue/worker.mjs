// A taskchain worker: node worker.mjs REDIS STORE CONCURRENCY
import { join } from 'node:path'
import { fileStore } from 'taskchain/store'
import { queueWorker } from 'taskchain/workers'
import project from './taskchain.config.mjs'

const [redis, store, concurrency] = process.argv.slice(2)
const root = import.meta.dirname
const worker = await queueWorker({
  project,
  file: join(root, 'taskchain.config.mjs'),
  root,
  store: fileStore(store),
  redis,
  concurrency: Number(concurrency),
  logLevel: 'silent',
})
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)))
process.stdout.write('ready\n')
