// A worker thread that takes a lease as a process of another host and commits, and falls asleep before the call of the file system whose number it is
// given, in the middle of whatever it does. In plain JavaScript over the built library.
import * as fs from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { fileStore } from '../../dist/adapters/file-store/file-store.js'
import { emitRunInfo } from '../../dist/runtime/run-info/run-info.js'

const calls = ['openSync', 'writeSync', 'closeSync', 'renameSync', 'unlinkSync', 'rmSync', 'mkdirSync', 'lstatSync', 'readdirSync', 'statSync', 'linkSync', 'readFileSync', 'readSync']

/** What a task does with its folder; it may be gone. */
const fillFolder = (folder, version) => {
  try {
    fs.writeFileSync(join(folder, 'data'), version)
  } catch (cause) {
    throw Object.assign(new Error('the folder is gone', { cause }), { name: 'TaskFailed' })
  }
}

/** One commit; tells `asleep` when it sleeps, and how it ended. `bell` wakes it. */
const commit = async ({ root, address, kind, version, sleepsAt, bell }) => {
  let count = 0
  let counting = false
  const sleepy = Object.fromEntries(
    calls.map((name) => [
      name,
      (...args) => {
        if (counting && count++ === sleepsAt) {
          parentPort.postMessage({ asleep: true })
          Atomics.wait(new Int32Array(bell), 0, 0)
        }
        return fs[name](...args)
      },
    ]),
  )
  const store = fileStore(root, { durability: 'none', host: 'far', heartbeat: { every: 1e6 }, fileSystem: { ...fs, ...sleepy } })
  const lease = await store.lease(address, { signal: new AbortController().signal, waiting: () => undefined })
  counting = true
  const log = store.log(address)
  let outcome
  let staging
  try {
    if (kind === 'plain') await store.open(address) // as a run does, which knows from then on that nothing is there
    staging = await store.stage(address, kind === 'plain' ? 'file' : kind)
    log.write(version)
    if (staging.directory !== undefined) fillFolder(staging.directory, version)
    const saved = staging.directory === undefined ? await staging.write(Buffer.from(version), kind === 'plain' ? {} : { svg: Buffer.from(version) }) : await staging.measure()
    await staging.commit(`version: ${version}\n${emitRunInfo({ task: { name: 'one' }, key: address.key, data: { format: 'x', extension: address.extension, ...saved }, attempts: 1 })}`)
    outcome = 'committed'
  } catch (error) {
    outcome = error.name
    await staging?.discard()
  }
  await log.close(outcome === 'committed' ? 'kept' : 'failed').catch(() => undefined)
  await lease.release()
  await store.flush()
  parentPort.postMessage({ outcome, asleep: false, slept: count > sleepsAt })
}

parentPort.on('message', (task) => void commit(task))
