// node run.mjs here|threads|processes small|busy ROUNDS STORE: for each round a line, when it is over.
import { fileURLToPath } from 'node:url'
import { openChain } from 'taskchain'
import { fileStore } from 'taskchain/store'
import { childProcesses, workerThreads } from 'taskchain/workers'
import project from './taskchain.config.mjs'

const [where, what, rounds, store] = process.argv.slice(2)
const file = fileURLToPath(new URL('./taskchain.config.mjs', import.meta.url))
const started = { threads: workerThreads, processes: childProcesses }[where]?.({ project: file })
const executor = started === undefined ? undefined : { ...started, close: async () => undefined } // for the next round
process.stdout.write('ready\n')
for (let round = 1; round <= Number(rounds); round++) {
  const begun = performance.now()
  const chain = await openChain(project, {
    config: { tasks: `${what}:*`, round },
    store: fileStore(store),
    executor,
    concurrency: 2,
    logLevel: 'silent',
  })
  const { computed, failed } = await chain.run()
  await chain.close()
  process.stdout.write(`${computed.length} done, ${failed.length} failed in ${performance.now() - begun} ms\n`)
}
process.stdin.on('data', () => undefined) // it is looked at, then ended
