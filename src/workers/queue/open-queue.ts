import { isQueueName } from '../../base/resource-amounts.js'
import { randomUUID } from 'node:crypto'
import { readEvents, type Hearing } from './events.js'
import type { JobQueue, RedisConnection } from './libraries.js'
import type { BullmqOptions } from './options.js'
import { asPermitted, openRedis, queuePackages } from './redis.js'
import { openSubmitting, type Submitting } from './submitting.js'
import { goodbye, within } from './within.js'

/** A queue as used by a run. */
export interface OpenQueue {
  readonly url: string
  readonly prefix: string
  readonly redis: RedisConnection
  readonly queue: JobQueue
  /** Id of the run. */
  readonly self: string
  readonly submitting: Submitting
}

/** The server of a run, and its queues. */
export interface OpenQueues {
  readonly redis: RedisConnection
  /** The queue of tasks that name none. */
  readonly standard: string
  /** Opens a queue at first use. */
  readonly named: (name: string) => Promise<OpenQueue>
  readonly close: () => Promise<void>
}

/** `hearing` receives the events of each opened queue. */
export const openQueues = async (
  { redis: url, queue: standard = 'default', prefix = 'taskchain' }: BullmqOptions,
  hearing: Hearing,
): Promise<OpenQueues> => {
  for (const one of [standard, prefix]) refuseBadName(one)
  const library = await queuePackages()
  const redis = await openRedis(url)
  const self = randomUUID()
  const open = async (name: string) => {
    refuseBadName(name)
    const [jobs, subscriber] = [redis.duplicate(), redis.duplicate()]
    try {
      const queue = library.queue(name, { connection: jobs, prefix })
      const ignored = (): void => undefined // the first connection reports errors
      for (const one of [queue, subscriber]) one.on('error', ignored)
      const [seconds] = await redis.time()
      const submitting = openSubmitting({ redis, queue, prefix, self })
      const [stream, from] = [queue.toKey('events'), Number(seconds) * 1000]
      await submitting.permitted()
      await subscriber.xread('COUNT', 1, 'STREAMS', stream, from) // whether that is permitted, too
      const events = readEvents(subscriber, stream, from, hearing)
      return { open: { url, prefix, redis, queue, self, submitting }, events, connection: jobs }
    } catch (cause) {
      for (const one of [jobs, subscriber]) one.disconnect() // they would keep the process from ending
      throw cause
    }
  }
  const opened = new Map<string, ReturnType<typeof open>>()
  const named = async (name: string): Promise<OpenQueue> => {
    const opening = opened.get(name) ?? asPermitted(url, open(name))
    opened.set(name, opening)
    return (await opening).open
  }
  const close = async (): Promise<void> => {
    const all = await Promise.all([...opened.values()].map((one) => one.catch(() => undefined)))
    for (const one of all) one?.events.close()
    const closing = all.flatMap((one) => (one === undefined ? [] : [one.open.queue.close(), one.open.submitting.end()]))
    await within(goodbye(redis), Promise.all(closing))
    for (const one of all) one?.connection.disconnect()
    redis.disconnect()
  }
  try {
    await named(standard)
  } catch (cause) {
    await close()
    throw cause
  }
  return { redis, standard, named, close }
}

const refuseBadName = (name: string): void => {
  if (!isQueueName(name)) throw new RangeError(`a queue's name has letters, digits, _ . and - only: ${name}`)
}
