import { isQueueName } from '../../base/resource-amounts.js'
import { randomUUID } from 'node:crypto'
import type { JobEvents, JobQueue, RedisConnection } from './libraries.js'
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

/** `hear` receives the events of each opened queue. */
export const openQueues = async (
  { redis: url, queue: standard = 'default', prefix = 'taskchain' }: BullmqOptions,
  hear: (events: JobEvents) => void,
): Promise<OpenQueues> => {
  for (const one of [standard, prefix]) refuseBadName(one)
  const library = await queuePackages()
  const redis = await openRedis(url)
  const self = randomUUID()
  const open = async (name: string) => {
    refuseBadName(name)
    const [seconds] = await redis.time()
    const [jobs, subscriber] = [redis.duplicate(), redis.duplicate()]
    const queue = library.queue(name, { connection: jobs, prefix })
    // the default would lose events that occur before the first read
    const lastEventId = `${Number(seconds) * 1000}-0`
    const events = library.events(name, { connection: subscriber, prefix, lastEventId })
    const ignored = (): void => undefined // the connection itself reports errors
    queue.on('error', ignored)
    events.on('error', ignored)
    await events.waitUntilReady()
    hear(events)
    const submitting = openSubmitting({ redis, queue, prefix, self })
    return { open: { url, prefix, redis, queue, self, submitting }, events, connections: [jobs, subscriber] }
  }
  const opened = new Map<string, ReturnType<typeof open>>()
  const named = async (name: string): Promise<OpenQueue> => {
    const opening = opened.get(name) ?? asPermitted(url, open(name))
    opened.set(name, opening)
    return (await opening).open
  }
  await named(standard)
  return {
    redis,
    standard,
    named,
    close: async () => {
      const all = await Promise.all([...opened.values()].map((one) => one.catch(() => undefined)))
      const closing = all.flatMap((one) =>
        one === undefined ? [] : [one.events.close(), one.open.queue.close(), one.open.submitting.end()],
      )
      await within(goodbye(redis), Promise.all(closing))
      for (const connection of all.flatMap((one) => one?.connections ?? [])) connection.disconnect()
      redis.disconnect()
    },
  }
}

const refuseBadName = (name: string): void => {
  if (!isQueueName(name)) throw new RangeError(`a queue's name has letters, digits, _ . and - only: ${name}`)
}
