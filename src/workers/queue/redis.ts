import type { QueueOptions, WorkerOptions } from 'bullmq'
import { badOption } from '../../explain.js'
import { messageOf } from '../../base/thrown.js'
import type { QueueLibrary, RedisConnection } from './libraries.js'
import { shownUrl } from './names.js'

/** The connection to Redis or Valkey, which is checked before it is used. */

/** The packages for queues; both are installed by the user. */
export const queuePackages = async (): Promise<QueueLibrary> => {
  try {
    const [{ Queue, Worker }, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')])
    return {
      queue: (name, options) => new Queue(name, options as QueueOptions), // as its callers in this folder give them
      worker: (name, process, options) => new Worker(name, process, options as WorkerOptions), // likewise
      redis: (url, options) => new Redis(url, options),
    }
  } catch (cause) {
    // the remedy comes first: a long path in the cause is cut off
    throw badOption(
      'a queue',
      `needs packages that are not installed: npm install bullmq ioredis (${messageOf(cause)})`,
    )
  }
}

/**
 * Connects, or reports why that fails: no server, a wrong password, a version that is too old, or a server that evicts
 * data. Once connected it reconnects after failures.
 */
export const openRedis = async (url: string): Promise<RedisConnection> => {
  const { redis } = await queuePackages()
  if (!isRedisUrl(url))
    throw badOption(
      'the queue',
      `a URL such as redis://host:6379 is needed, not ${shownUrl(url)}; in a password # is %23, / is %2F and % is %25`,
    )
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
    const [, database] = /\/(\d+)(?:\?.*)?$/.exec(url) ?? []
    if (database !== undefined) await connection.select(Number(database)) // ioredis ignores a failure
    const problem = serverProblem(await connection.info())
    if (problem !== undefined) throw new Error(problem)
  } catch (cause) {
    connection.disconnect()
    throw badOption(at, redisProblem(last ?? cause))
  }
  isOpen = true
  return connection
}

const isRedisUrl = (url: string): boolean => {
  try {
    const { protocol, username, password, host } = new URL(url)
    decodeURIComponent(`${username}${password}`)
    return /^rediss?:$/.test(protocol) && host !== ''
  } catch {
    return false
  }
}

/** Runs work that a server may refuse for lack of permissions, and reports that clearly. */
export const asPermitted = async <A>(url: string, work: Promise<A>): Promise<A> => {
  try {
    return await work
  } catch (cause) {
    throw isReply(cause) ? badOption(shownUrl(url), redisProblem(cause)) : cause
  }
}

/** Whether a server has answered with a refusal. */
export const isReply = (cause: unknown): cause is Error => cause instanceof Error && cause.name === 'ReplyError'

/** Whether it refuses only for now: it is full, a replica, or still loading its data. */
export const isRefusalForNow = (cause: unknown): cause is Error =>
  isReply(cause) &&
  /^(OOM|MISCONF|READONLY|NOREPLICAS|LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|BUSY) /.test(refusalOf(cause))

/** What a server says, without the place in a script where it says so. */
export const refusalOf = ({ message }: Error): string =>
  message.replace(/^ERR Error running script .*-(?=[A-Z]+ )/, '').replace(/ script: [^,]*, on @user_script.*$/, '')

/** The remedy, followed by the message of a server or its connection. */
export const redisProblem = (cause: unknown): string => {
  const said = messageOf(cause)
  const todo = whatToDo.find(([pattern]) => pattern.test(said))?.[1]
  return todo === undefined ? said : `${todo} (${said})`
}

const whatToDo: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/, 'nobody answers there: start redis-server, or check host and port'],
  [/ENOTFOUND|EAI_AGAIN/, 'the host is not known: check it'],
  [
    /ETIMEDOUT|ECONNRESET/,
    'it does not answer: check the network, and whether it speaks TLS (rediss:) or not (redis:)',
  ],
  [
    /certificate|wrong version number|EPROTO/,
    'its TLS is not trusted: check rediss: or redis:, and NODE_EXTRA_CA_CERTS',
  ],
  [
    /NOAUTH|WRONGPASS|invalid password/,
    'it wants another password: redis://name:password@host:port in TASKCHAIN_REDIS',
  ],
  [/NOPERM/, 'its user may not do what a queue needs: allow +@all on ~* and &*'],
  [/DB index/, 'it has no such database: the number after the last / of the URL'],
  [/Protocol error/, 'the server there is not Redis: check the port'],
  [/Connection is closed/, 'it ended the connection while it was being opened: start again once it stays up'],
]

/** The problem of a server, judging by its own information. */
export const serverProblem = (info: string): string | undefined => {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const version = field('redis_version') ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (version !== '' && (major < 6 || (major === 6 && minor < 2)))
    return `it is version ${version}; 6.2 or newer is needed`
  if (field('role') === 'slave') return 'it is a replica, which takes nothing: name its primary'
  if (field('cluster_enabled') === '1')
    return 'it is part of a cluster, over which a queue would be spread: name a server without cluster mode'
  const policy = field('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction' && field('maxmemory') !== '0')
    return `its maxmemory-policy is ${policy}: it would throw away jobs; set it to noeviction`
  return undefined
}
