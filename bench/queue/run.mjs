// A taskchain run: node run.mjs REDIS STORE; a round for each line of standard input, reported when it is done.
import { createInterface } from 'node:readline'
import { openChain } from 'taskchain'
import { fileStore } from 'taskchain/store'
import { bullmq } from 'taskchain/workers'
import project from './taskchain.config.mjs'

const [redis, store] = process.argv.slice(2)
process.stdout.write('ready\n')
for await (const round of createInterface({ input: process.stdin })) {
  const chain = await openChain(project, {
    config: { tasks: 'p:*', round: Number(round) },
    store: fileStore(store),
    executor: bullmq({ redis }),
    logLevel: 'silent',
  })
  const { computed, failed } = await chain.run()
  await chain.close()
  process.stdout.write(
    `${computed.length} done, ${failed.length} failed${failed.length > 0 ? ` ${failed[0].error?.cause ?? ''}` : ''}\n`,
  )
}
