// A worker of a project, with less patience than people want: node worker-process.mjs FOLDER REDIS OPTIONS
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fileStore } from '../../../dist/store/index.js'
import { queueWorker } from '../../../dist/workers/index.js'

const [folder, redis, more] = process.argv.slice(2)
const { elsewhere, ...options } = JSON.parse(more)
const file = join(folder, 'taskchain.config.js')
const { default: project } = await import(pathToFileURL(file).href)
const worker = await queueWorker({
  project,
  file,
  root: folder,
  // `elsewhere`: another host, where only its heartbeat tells that it lives
  store: fileStore(join(folder, 'data/tasks'), {
    heartbeat: { every: 250, limit: 1600 },
    ...(elsewhere ? { host: 'far' } : {}),
  }),
  redis,
  concurrency: 2,
  patience: 2000,
  logLevel: 'silent',
  ...options,
})
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)))
process.stdout.write('ready\n')
