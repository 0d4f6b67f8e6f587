import type { QueueEventsOptions, QueueOptions, WorkerOptions } from 'bullmq'
import { taskchainError } from '../../explain.js'
import { messageOf } from '../../base/thrown.js'
import type { QueueLibrary, RedisConnection } from './libraries.js'
import { shownUrl } from './names.js'

/** The connection to Redis or Valkey, looked at before anything is given to it. */

/** The packages that talk to a queue; both are the user's to install. */
export const queuePackages = async (): Promise<QueueLibrary> => {
  try {
    const [{ Queue, QueueEvents, Worker }, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')])
    return {
      queue: (name, options) => new Queue(name, options as QueueOptions), // as its callers in this folder give them
      events: (name, options) => new QueueEvents(name, options as QueueEventsOptions), // likewise
      worker: (name, process, options) => new Worker(name, process, options as WorkerOptions), // likewise
      redis: (url, options) => new Redis(url, options),
    }
  } catch (cause) {
    // what to do comes first: a long path in the cause is cut
    throw refused('a queue', `needs packages that are not installed: npm install bullmq ioredis (${messageOf(cause)})`)
  }
}

const refused = (option: string, problem: string): Error => taskchainError([{ _tag: 'BadOption', option, problem }])

/**
 * Connects, or says why it cannot: no server, a wrong password, too old a version, one that throws away what it is
 * given. Once connected it comes back by itself after a failure.
 */
export const openRedis = async (url: string): Promise<RedisConnection> => {
  const { redis } = await queuePackages()
  if (!/^rediss?:\/\//.test(url))
    throw refused('the queue', `a URL as redis://host:6379 is wanted, not ${shownUrl(url)}`)
  const at = shownUrl(url)
  let isOpen = false
  const connection = redis(url, {
    maxRetriesPerRequest: null,
    lazyConnect: true,
    connectTimeout: 5000,
    retryStrategy: (times: number) => (isOpen ? Math.min(times * 200, 2000) : null),
  })
  let last: unknown
  connection.on('error', (problem: unknown) => {
    if (isOpen && last === undefined) process.emitWarning(`${at} does not answer; it is waited for`, 'TaskchainWarning')
    last = problem
  })
  connection.on('ready', () => {
    last = undefined
  })
  try {
    await connection.connect()
    const info = await connection.info()
    const problem = serverProblem(info)
    if (problem !== undefined) throw new Error(problem)
  } catch (cause) {
    connection.disconnect()
    throw refused(at, messageOf(last ?? cause))
  }
  isOpen = true
  return connection
}

/** Answers to several commands, asked for at once. */
export const asked = async (
  redis: RedisConnection,
  commands: Parameters<RedisConnection['pipeline']>[0],
): Promise<readonly unknown[]> =>
  ((await redis.pipeline(commands).exec()) ?? []).map(([problem, answer]) => {
    if (problem !== null) throw problem
    return answer
  })

/** What is wrong with a server, by what it says of itself. */
export const serverProblem = (info: string): string | undefined => {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const version = field('redis_version') ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (version !== '' && (major < 6 || (major === 6 && minor < 2)))
    return `it is version ${version}; 6.2 or newer is needed`
  const policy = field('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction' && field('maxmemory') !== '0')
    return `its maxmemory-policy is ${policy}: it would throw away jobs; set it to noeviction`
  return undefined
}
