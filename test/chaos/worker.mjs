// One process on a store. Tells `ready` when all modules are there, then what became of its run; it is killed at any moment.
import * as fs from 'node:fs'
import { openChain } from '../../dist/index.js'
import { fileStore } from '../../dist/store/index.js'
import { collectGarbage, surveyGarbage } from '../../dist/runtime/upkeep/gc.js'
import { verifyStore } from '../../dist/runtime/upkeep/verify.js'
import { workerThreads } from '../../dist/workers/index.js'

const { root, version, action = 'run', tasks = 'every.*', wanted = 'every:summary', ...rest } = JSON.parse(process.argv[2])
const { faults, shift = 0, host, heartbeat, threads = false, code, stays = 0 } = rest
if (code !== undefined) process.env.CHAOS_CODE = code // threads get it as well
const { project } = await import('./chain.mjs')

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
const store = fileStore(root, {
  ...(faults === undefined ? {} : { fileSystem: failing(faults) }),
  ...(host === undefined ? {} : { host }),
  ...(heartbeat === undefined ? {} : { heartbeat }),
})
const label = `${Date.now()}-${process.pid}-${Math.random()}`
const nameOf = ({ folder, key, problem }) => `${folder}/${key}: ${problem}`
/** Moves to the trash whatever nobody holds, or reads. */
const collect = async () => {
  const { unreachable } = await surveyGarbage(store, { has: () => false })
  const { moved, busy, failed } = await collectGarbage(store, unreachable, label)
  return { moved: moved.length, busy: busy.length, refused: failed.map(({ cause }) => String(cause?.stack ?? cause)) }
}
const verify = async () => {
  const { checked, damage, unsure } = await verifyStore(store, { label })
  return { checked, damage: damage.map(nameOf), unsure: unsure.map(nameOf) }
}
process.on('disconnect', () => process.exit(7)) // the driver is gone
process.send('ready')
/** As a run that comes by does. */
const sweep = async () => {
  for await (const { folder } of store.upkeep.walk()) await store.list([folder])
  await store.flush()
}
const outcome = await (async () => {
  if (action === 'gc') {
    const collected = await collect()
    await store.flush()
    return collected
  }
  if (action === 'verify') {
    const verified = await verify()
    await store.flush()
    if (stays === 0) return verified
    // two looks, since of processes elsewhere only silence tells that they are dead
    await sweep()
    await new Promise((resolve) => setTimeout(resolve, stays))
    await sweep()
    return verified
  }
  const chain = await openChain(project, { config: { tasks, version }, store, concurrency: 3, logLevel: 'silent', ...(threads ? { executor: workerThreads({ project: new URL('taskchain.config.mjs', import.meta.url) }) } : {}) })
  if (action !== 'run') await chain.force([wanted, ...chain.requirements(wanted)], { mark: action === 'mark', delete: action === 'delete' })
  const { computed, failed, skipped, stopped } = await chain.run()
  const value = failed.length > 0 || stopped ? undefined : await chain.value(wanted)
  await chain.close()
  return { computed, failed: failed.map(({ _tag, node, cause }) => ({ _tag, node, name: cause?.name, code: cause?.code, message: cause?.message })), skipped: skipped.length, value }
})().catch((error) => ({ thrown: error.errors?.map(({ _tag }) => _tag) ?? String(error?.stack ?? error) }))
process.send(outcome, () => process.exit(0))
