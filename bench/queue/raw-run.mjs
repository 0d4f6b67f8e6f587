// A run on BullMQ alone, with its own ready set: node raw-run.mjs REDIS STORE; a round for each line of standard input.
import { createInterface } from 'node:readline'
import { Queue, QueueEvents } from 'bullmq'
import { Redis } from 'ioredis'
import { inputsOf, nodes } from './layers.mjs'

const [redis, folder] = process.argv.slice(2)
const connection = new Redis(redis, { maxRetriesPerRequest: null })
const queue = new Queue('raw', { connection })
const events = new QueueEvents('raw', { connection: connection.duplicate(), lastEventId: `${Date.now() - 10_000}-0` })
await events.waitUntilReady()
process.stdout.write('ready\n')

const runRound = (round) =>
  new Promise((resolve) => {
    const pending = Array.from({ length: nodes }, (_, node) => inputsOf(node).length)
    const readers = Array.from({ length: nodes }, () => [])
    for (let node = 0; node < nodes; node++) for (const input of inputsOf(node)) readers[input].push(node)
    let done = 0
    const submit = (ready) =>
      queue.addBulk(
        ready.map((node) => ({
          name: 'node',
          data: { folder, round, node, inputs: inputsOf(node) },
          opts: { jobId: `${round}-n${node}`, removeOnComplete: true, removeOnFail: true },
        })),
      )
    const heard = ({ jobId }) => {
      const [of, name] = jobId.split('-n')
      if (of !== String(round)) return
      const ready = readers[Number(name)].filter((reader) => --pending[reader] === 0)
      if (ready.length > 0) void submit(ready)
      if (++done < nodes) return
      events.off('completed', heard)
      resolve()
    }
    events.on('completed', heard)
    void submit(pending.flatMap((count, node) => (count === 0 ? [node] : [])))
  })

for await (const round of createInterface({ input: process.stdin })) {
  await runRound(Number(round))
  process.stdout.write(`${nodes} done, 0 failed\n`)
}
await events.close()
await queue.close()
process.exit(0)
