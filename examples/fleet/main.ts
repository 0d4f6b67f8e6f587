import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startFleet } from './fleet.js'
import { startServers } from './servers.js'

/**
 * The movies sweep on two workers: a queue in Redis, results in S3, all on this machine, started and stopped here.
 * `--store` names an existing store; `--set` what to sweep (repeatable).
 */
const { values } = parseArgs({ options: { store: { type: 'string' }, set: { type: 'string', multiple: true } } })
const sets = values.set ?? ['min_votes=1000,5000', 'model.kwargs.l2=1,10,100']
const config = 'rating_model/all_features/linear_regression'
const sweep = ['sweep', config, ...sets.flatMap((one) => ['--set', one]), '--metrics', 'test_metrics']

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort())
process.stdout.on('error', () => interrupted.abort()) // its reader has exited

const folder = mkdtempSync(join(tmpdir(), 'taskchain-fleet-'))
const servers = await startServers(folder, values.store)
try {
  console.log(`queue: ${servers.redis}\nstore: ${servers.about}`)
  const fleet = await startFleet(servers, folder, ['one', 'two'], console.log)
  interrupted.signal.addEventListener('abort', () => fleet.interrupt())
  try {
    console.log(`\n$ taskchain ${sweep.join(' ')} --executor bullmq`)
    const first = interrupted.signal.aborted ? 130 : await fleet.taskchain(...sweep)
    if (first === 0) console.log('\nonce more:')
    process.exitCode = first === 0 ? await fleet.taskchain(...sweep) : first
    console.log(`\ncomputed by ${Array.from(fleet.tally, ([name, count]) => `${name}: ${count}`).join(', ')}`)
  } finally {
    await fleet.stop()
  }
} finally {
  await servers.stop()
  rmSync(folder, { recursive: true, force: true })
}
