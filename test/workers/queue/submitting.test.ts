import { execFileSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bullmq } from '../../../src/workers/queue/bullmq-executor.js'
import { eventOf, readEvents, type QueueEvent } from '../../../src/workers/queue/events.js'
import { isRefusalForNow, openRedis, queuePackages, refusalOf } from '../../../src/workers/queue/redis.js'
import { openSubmitting, type Submission } from '../../../src/workers/queue/submitting.js'
import { hasRedis, startRedis, type RedisServer } from './redis-server.js'

const left = hasRedis ? '' : ' (left out: redis-server is not installed, apt-get install redis-server)'

let redis: RedisServer
beforeAll(async () => {
  if (hasRedis) redis = await startRedis()
}, 60_000)
afterAll(() => redis?.stop())

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  if (hasRedis) cli('FLUSHALL')
})

const cli = (...words: readonly string[]): string =>
  execFileSync('redis-cli', ['-u', redis.url, ...words], { encoding: 'utf8' }).trim()

/** The queue of a run, without workers. */
const opened = async (self = 'one') => {
  const connection = await openRedis(redis.url)
  const jobs = connection.duplicate()
  const queue = (await queuePackages()).queue('q', { connection: jobs, prefix: 'p' })
  for (const one of [queue, jobs]) one.on('error', () => undefined)
  const submitting = openSubmitting({ redis: connection, queue, prefix: 'p', self })
  closing.push(async () => {
    await queue.close()
    for (const one of [jobs, connection]) one.disconnect()
  })
  /** Resolves when it has arrived, with the problem if it has not. */
  const submit = (id: string, more: Partial<Submission> = {}): Promise<unknown> =>
    new Promise((resolve) => {
      submitting.submit({
        id,
        plan: { text: 'the plan', digest: 'd' },
        isOver: () => false,
        job: () => ({ name: 'task', data: { node: id }, opts: { jobId: id, priority: 1 } }),
        leaves: () => undefined,
        arrived: (problem) => resolve(problem?.cause),
        ...more,
      })
    })
  return { submitting, submit, queue, connection }
}

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `n-${at}`)
const none = (count: number): readonly unknown[] => Array.from({ length: count }, () => undefined)
const inQueue = (): number => Number(cli('ZCARD', 'p:q:prioritized'))

describe.skipIf(!hasRedis)(`nodes that become ready at once${left}`, () => {
  it('are all in the queue, wanted by their run, with their plan', async () => {
    const { submit } = await opened()
    expect(await Promise.all(ids(450).map((id) => submit(id)))).toEqual(none(450))
    expect([inQueue(), cli('GET', 'p:plan:d')]).toEqual([450, 'the plan'])
    expect([cli('SMEMBERS', 'p:wanted:n-0'), cli('SMEMBERS', 'p:wanted:n-449')]).toEqual(['one', 'one'])
  })

  it.each([
    ['has forgotten its scripts', async () => void cli('SCRIPT', 'FLUSH')],
    ['has lost everything', async () => void cli('FLUSHALL')],
    ['was killed and is back', () => redis.restart()],
    ['has closed the connections', async () => void cli('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')],
  ])(
    'arrive where the server %s, before or meanwhile',
    async (_, fault) => {
      const { submit } = await opened()
      await submit('n-first')
      await fault()
      expect(await Promise.all(ids(20).map((id) => submit(id)))).toEqual(none(20))
      const arriving = Promise.all(ids(60).map((id) => submit(`m-${id}`)))
      await fault()
      expect(await arriving).toEqual(none(60))
      await submit('n-last') // what was lost meanwhile is found missing by the next check of its run
      expect(cli('GET', 'p:plan:d')).toBe('the plan')
    },
    30_000,
  )

  it('are added once by two runs that need the same, and each waits for it', async () => {
    const [one, other] = [await opened('one'), await opened('other')]
    const all = ids(100).flatMap((id) => [one.submit(id), other.submit(id)])
    expect(await Promise.all(all)).toEqual(none(200))
    expect([inQueue(), cli('SCARD', 'p:wanted:n-99')]).toEqual([100, '2'])
    for (const id of ids(100)) one.submitting.leave(id)
    await one.submitting.end()
    expect([cli('SMEMBERS', 'p:wanted:n-0'), cli('SMEMBERS', 'p:wanted:n-99')]).toEqual(['other', 'other'])
  })

  it('are not added if nobody waits any more, and no wish for them stays', async () => {
    const { submitting, submit } = await opened()
    let isOver = false
    void submit('n-over', { isOver: () => true })
    void submit('n-stopped', { isOver: () => isOver, leaves: () => void (isOver = true) })
    expect(await submit('n-kept')).toBeUndefined()
    for (const id of ['n-over', 'n-stopped']) submitting.leave(id)
    await submitting.end()
    expect(cli('ZRANGE', 'p:q:prioritized', '0', '-1')).toBe('n-kept')
    expect(cli('KEYS', 'p:wanted:*')).toBe('p:wanted:n-kept')
  })

  it('do not suffer from one whose job cannot be read', async () => {
    const { submit } = await opened()
    cli('SET', 'p:q:n-odd', 'no job')
    const [odd, kept] = await Promise.all([submit('n-odd'), submit('n-kept')])
    expect([String(odd), kept, inQueue()]).toEqual([expect.stringContaining('WRONGTYPE'), undefined, 1])
  })

  it.each([
    ['NOREPLICAS', ['CONFIG', 'SET', 'min-replicas-to-write', '1'], ['CONFIG', 'SET', 'min-replicas-to-write', '0']],
    ['OOM', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['READONLY', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])('can wait where the server refuses them for now: %s', async (word, refuse, allow) => {
    const { submit } = await opened()
    await submit('n-first')
    cli(...refuse)
    const problems = await Promise.all(ids(3).map((id) => submit(id)))
    cli(...allow)
    for (const problem of problems) {
      expect(isRefusalForNow(problem)).toBe(true)
      expect(refusalOf(problem as Error)).toMatch(new RegExp(`^${word} [^:]*$`)) // isRefusalForNow
    }
    expect(await Promise.all(ids(3).map((id) => submit(id)))).toEqual(none(3))
    expect(inQueue()).toBe(4)
  })
})

it.skipIf(!hasRedis).each(['evalsha', 'xread'])(
  `a server that does not permit %s is refused before anything runs, and no connection to it is left open${left}`,
  async (request) => {
    const clients = (): number =>
      cli('CLIENT', 'LIST')
        .split('\n')
        .filter((line) => line.includes('user=limited')).length
    cli('ACL', 'SETUSER', 'limited', 'on', '>right', '~*', '&*', '+@all', `-${request}`)
    const executor = bullmq({ redis: redis.url.replace('//', '//limited:right@') })
    await expect(executor.opened()).rejects.toThrow(/may not do what a queue needs.*NOPERM/)
    await executor.close?.()
    while (clients() > 0) await new Promise((resolve) => void setTimeout(resolve, 5))
  },
)

it('what an older server says within a script is told as its own words', () => {
  const said =
    "ERR Error running script (call to f_0a): @user_script:8: @user_script: 8: -OOM command not allowed when used memory > 'maxmemory'."
  const refusal = Object.assign(new Error(said), { name: 'ReplyError' })
  expect([isRefusalForNow(refusal), refusalOf(refusal)]).toEqual([
    true,
    "OOM command not allowed when used memory > 'maxmemory'.",
  ])
})

describe('events of a queue', () => {
  const all = (id: string): boolean => id !== ''

  it('are read if they are about awaited jobs and have their form', () => {
    const of = (fields: readonly string[], isAwaited = all) => eventOf(5, fields, isAwaited)
    const completed = ['event', 'completed', 'jobId', 'n-1', 'returnvalue', '{"_tag":"ended"}', 'prev', 'active']
    expect(of(completed)).toEqual({ _tag: 'completed', id: 'n-1', at: 5, value: { _tag: 'ended' } })
    expect(of(['event', 'failed', 'jobId', 'n-1', 'failedReason', 'stalled'])).toMatchObject({ reason: 'stalled' })
    expect(of(['event', 'progress', 'jobId', 'n-1', 'data', '[1]'])).toMatchObject({ data: [1] })
    expect(of(completed, (id) => id === 'n-2')).toBeUndefined()
    for (const odd of [['event', 'added', 'jobId', 'n-1'], ['event', 'completed', 'jobId'], [], ['event']])
      expect(of(odd)).toBeUndefined()
    expect(of(['event', 'completed', 'jobId', 'n-1', 'returnvalue', '{'])).toBeUndefined()
  })

  it.skipIf(!hasRedis)(
    `go on after the server has restarted, closed the connection or lost everything${left}`,
    async () => {
      const connection = await openRedis(redis.url)
      const heard: QueueEvent[] = []
      const subscriber = connection.duplicate()
      subscriber.on('error', () => undefined)
      const [seconds] = await connection.time()
      const hearing = {
        isAwaited: (id: string) => id !== 'other',
        hear: (event: QueueEvent) => void heard.push(event),
        pause: () => 1,
      }
      const events = readEvents(subscriber, 'p:q:events', Number(seconds) * 1000, hearing)
      closing.push(
        () => events.close(),
        () => connection.disconnect(),
      )
      const told = async (id: string): Promise<void> => {
        cli('XADD', 'p:q:events', '*', 'event', 'completed', 'jobId', 'other', 'returnvalue', 'null')
        cli('XADD', 'p:q:events', '*', 'event', 'completed', 'jobId', id, 'returnvalue', 'null')
        while (heard.at(-1)?.id !== id) await new Promise((resolve) => void setTimeout(resolve, 5))
      }
      await told('n-1')
      await redis.restart()
      await told('n-2')
      cli('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await told('n-3')
      cli('FLUSHALL')
      await told('n-4')
      cli('DEL', 'p:q:events')
      await told('n-5')
      expect(heard.map(({ id }) => id)).toEqual(['n-1', 'n-2', 'n-3', 'n-4', 'n-5'])
    },
    30_000,
  )
})
