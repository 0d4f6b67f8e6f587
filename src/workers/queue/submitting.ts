import { hash } from 'node:crypto'
import type { JobQueue, PutJob, RedisConnection } from './libraries.js'
import { planAt, wantedAt } from './names.js'
import { isReply } from './redis.js'

/** A node that a run wants to have in a queue. */
export interface Submission {
  /** Of its job. */
  readonly id: string
  readonly plan: { readonly text: string; readonly digest: string }
  /** Whether nobody waits for it any more: it is not submitted then. */
  isOver(): boolean
  job(): PutJob
  /**
   * Called just before it is put into the queue, with the time by the server's clock in milliseconds: earlier events
   * are about a former job of its id.
   */
  leaves(since: number): void
  /** Called once it is in the queue, or when it cannot be put there. */
  arrived(problem?: { readonly cause: unknown }): void
}

/** Puts the nodes of a run into a queue. */
export interface Submitting {
  /** Puts a node into the queue; an existing job stays, one that has ended is replaced. */
  readonly submit: (one: Submission) => void
  /** The run waits for a job no more. */
  readonly leave: (id: string) => void
  /** Rejects if the server does not permit what is needed. */
  readonly permitted: () => Promise<void>
  /** Sends what has not been sent. */
  readonly end: () => Promise<void>
}

export interface SubmittingTo {
  readonly redis: RedisConnection
  readonly queue: JobQueue
  readonly prefix: string
  /** Id of the run. */
  readonly self: string
}

const day = 24 * 3600
/** A server does nothing else while it handles a batch. */
const maxBatch = 200
/** Milliseconds after which a job that is not waited for is left at the latest: usually another node is sent sooner. */
const restful = 50

/**
 * Nodes that become ready in one turn of the event loop are submitted together, by one script and one addition to the
 * queue: for short tasks, requests cost a run more than everything else that it does.
 */
export const openSubmitting = (to: SubmittingTo): Submitting => {
  let ready: Submission[] = []
  let left: string[] = []
  let timer: NodeJS.Timeout | undefined
  const leaving = (): readonly string[] => {
    const all = left
    left = []
    clearTimeout(timer)
    timer = undefined
    return all
  }
  const sendLeft = async (): Promise<void> => {
    const all = leaving()
    if (all.length > 0) await announced(to, all, []).catch(() => undefined) // the server forgets them after a day
  }
  const sendReady = (): void => {
    const all = ready
    ready = []
    for (let at = 0; at < all.length; at += maxBatch) void sendBatch(to, leaving(), all.slice(at, at + maxBatch))
  }
  return {
    submit: (one) => {
      if (ready.length === 0) setImmediate(sendReady)
      ready.push(one)
    },
    leave: (id) => {
      left.push(id)
      timer ??= setTimeout(() => void sendLeft(), restful)
    },
    permitted: async () => void (await announced(to, [], [])),
    end: sendLeft,
  }
}

/** Never rejects: each node learns what became of it. */
const sendBatch = async (to: SubmittingTo, left: readonly string[], all: readonly Submission[]): Promise<void> => {
  const some = all.filter((one) => !one.isOver())
  if (some.length + left.length === 0) return
  let open: readonly Submission[] = some
  try {
    const { time, missing, isThere } = await announced(to, left, some)
    for (const one of some) one.leaves(time)
    for (const [digest, text] of missing) await to.redis.set(planAt(to.prefix, digest), text, 'EX', 7 * day)
    const before = some.filter((_, at) => isThere[at] === true)
    if (before.length > 0) open = await withoutEnded(to.queue, some, before)
    open = open.filter((one) => !one.isOver()) // a node that is cancelled meanwhile is taken out by its run only once
    if (open.length > 0) await to.queue.addBulk(open.map((one) => one.job()))
    for (const one of open) one.arrived()
  } catch (cause) {
    for (const one of open) one.arrived({ cause })
  }
}

/** Removes jobs that have ended, so that they can be added anew; those that cannot be read are no more submitted. */
const withoutEnded = async (
  queue: JobQueue,
  all: readonly Submission[],
  before: readonly Submission[],
): Promise<readonly Submission[]> => {
  const unread = new Set<Submission>()
  const remove = async (one: Submission): Promise<void> => {
    try {
      const job = await queue.getJob(one.id)
      const state = await job?.getState()
      if (state === 'completed' || state === 'failed') await job?.remove().catch(() => undefined)
    } catch (cause) {
      unread.add(one)
      one.arrived({ cause })
    }
  }
  await Promise.all(before.map(remove))
  return all.filter((one) => !unread.has(one))
}

/** Tells the server what a run waits for, and what no more. */
const announced = async (
  { redis, queue, prefix, self }: SubmittingTo,
  left: readonly string[],
  all: readonly Submission[],
) => {
  const texts = new Map(all.map(({ plan: { digest, text } }) => [digest, text]))
  const plans = [...texts]
  const keys = [
    ...left.map((id) => wantedAt(prefix, id)),
    ...plans.map(([digest]) => planAt(prefix, digest)),
    ...all.flatMap(({ id }) => [wantedAt(prefix, id), queue.toKey(id)]),
  ]
  const answers = await evaluated(redis, keys, [self, day, 7 * day, left.length, plans.length])
  const [time = 0, ...flags] = Array.isArray(answers) ? answers.map(Number) : []
  return {
    /** Milliseconds. */
    time,
    missing: plans.filter((_, at) => flags[at] === 0),
    /** For each node, whether it has a job. */
    isThere: flags.slice(plans.length).map((flag) => flag === 1),
  }
}

/** Announces with one request whatever the number of nodes. Its keys are given to it, as servers demand. */
const script = `
local self, day, week, left, plans = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local answers = { 0 }
for at = 1, left do
  redis.call('srem', KEYS[at], self)
end
for at = left + 1, left + plans do
  table.insert(answers, redis.call('expire', KEYS[at], week))
end
for at = left + plans + 1, #KEYS, 2 do
  redis.call('sadd', KEYS[at], self)
  redis.call('expire', KEYS[at], day)
  table.insert(answers, redis.call('exists', KEYS[at + 1]))
end
local time = redis.call('time')
answers[1] = time[1] * 1000 + math.floor(time[2] / 1000)
return answers
`
const digestOfScript = hash('sha1', script, 'hex')

/** A server that has started anew, or whose scripts were removed, is sent the text again. */
const evaluated = async (
  redis: RedisConnection,
  keys: readonly string[],
  words: readonly (string | number)[],
): Promise<unknown> => {
  try {
    return await redis.evalsha(digestOfScript, keys.length, ...keys, ...words)
  } catch (cause) {
    if (!isReply(cause) || !cause.message.startsWith('NOSCRIPT')) throw cause
    return redis.eval(script, keys.length, ...keys, ...words)
  }
}
