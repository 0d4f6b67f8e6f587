// One process on a store. Tells `ready` when all modules are there, then what became of its run; it is killed at any moment.
import * as fs from 'node:fs'
import { openChain } from '../../dist/index.js'
import { fileStore } from '../../dist/store/index.js'
import { workerThreads } from '../../dist/workers/index.js'
import { project } from './chain.mjs'

const { root, version, action = 'run', tasks = 'every.*', wanted = 'every:summary', faults, shift = 0, host, threads = false } = JSON.parse(process.argv[2])

/** This process believes that it is earlier, or later; disk and other processes do not. */
const shiftClock = (milliseconds) => {
  const RealDate = Date
  const now = () => RealDate.now() + milliseconds
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now()] : given))
    }
    static now() {
      return now()
    }
  }
}

/** node:fs on a disk that fails now and then, the same calls for one seed. */
const failing = ({ seed, rate, code, calls }) => {
  let state = seed
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647
  const strike = (name) => {
    if (random() < rate) throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name.replace('Sync', '') })
  }
  const changed = Object.fromEntries(calls.map((name) => [name, (...given) => (strike(name), fs[name](...given))]))
  const promises = { ...fs.promises, open: async (...given) => (calls.includes('open') && strike('open'), fs.promises.open(...given)) }
  return { ...fs, ...changed, promises }
}

if (shift !== 0) shiftClock(shift)
const store = fileStore(root, { ...(faults === undefined ? {} : { fileSystem: failing(faults) }), ...(host === undefined ? {} : { host }) })
process.on('disconnect', () => process.exit(7)) // the driver is gone
process.send('ready')
const outcome = await (async () => {
  const chain = await openChain(project, { config: { tasks, version }, store, concurrency: 3, logLevel: 'silent', ...(threads ? { executor: workerThreads({ project: new URL('taskchain.config.mjs', import.meta.url) }) } : {}) })
  if (action !== 'run') await chain.force([wanted, ...chain.requirements(wanted)], { mark: action === 'mark', delete: action === 'delete' })
  const { computed, failed, skipped, stopped } = await chain.run()
  const value = failed.length > 0 || stopped ? undefined : await chain.value(wanted)
  await chain.close()
  return { computed, failed: failed.map(({ _tag, node, cause }) => ({ _tag, node, code: cause?.code, message: cause?.message })), skipped: skipped.length, value }
})().catch((error) => ({ thrown: error.errors?.map(({ _tag }) => _tag) ?? String(error?.stack ?? error) }))
process.send(outcome, () => process.exit(0))
