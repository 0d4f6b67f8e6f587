import type { JobEvents, JobQueue, RedisConnection } from './libraries.js'
import type { BullmqOptions } from './options.js'
import { isQueueName } from './names.js'
import { openRedis, queuePackages } from './redis.js'
import { goodbye, within } from './within.js'

/** A queue as a run sees it. */
export interface OpenQueue {
  readonly url: string
  readonly prefix: string
  readonly redis: RedisConnection
  readonly queue: JobQueue
  readonly events: JobEvents
  readonly close: () => Promise<void>
}

/** The margin covers clocks that differ, and what happens while the connection is made. */
const margin = 10_000

export const openQueue = async ({
  redis: url,
  queue: name = 'default',
  prefix = 'taskchain',
}: BullmqOptions): Promise<OpenQueue> => {
  for (const one of [name, prefix])
    if (!isQueueName(one)) throw new RangeError(`a queue's name has letters, digits, _ . and - only: ${one}`)
  const library = await queuePackages()
  const redis = await openRedis(url)
  const [seconds] = await redis.time()
  const queue = library.queue(name, { connection: redis, prefix })
  const ears = redis.duplicate()
  const events = library.events(name, {
    connection: ears,
    prefix,
    // by default events are lost that come before the first reading has begun
    lastEventId: `${Number(seconds) * 1000 - margin}-0`,
  })
  const ignored = (): void => undefined // the connection itself tells
  queue.on('error', ignored)
  events.on('error', ignored)
  await events.waitUntilReady()
  return {
    url,
    prefix,
    redis,
    queue,
    events,
    close: async () => {
      await within(goodbye(redis), Promise.all([events.close(), queue.close()]))
      ears.disconnect()
      redis.disconnect()
    },
  }
}
