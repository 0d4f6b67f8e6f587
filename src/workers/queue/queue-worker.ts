import { hash, randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { digestCacheIn, gatherDigests } from '../../adapters/project/file-digests.js'
import { winstonLog } from '../../adapters/log/winston-log.js'
import { messageOf } from '../../base/thrown.js'
import { isQueueName } from '../../base/resource-amounts.js'
import type { Project } from '../../declare/project.js'
import { explainAll } from '../../explain.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { indexProject } from '../../plan/names/project-index.js'
import { planFromJson } from '../../plan/inspect/plan-json.js'
import { nodesById } from '../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { isOtherCode } from '../../runtime/code-drift/code-fingerprint.js'
import { taskFingerprint } from '../../runtime/code-drift/code-state.js'
import { performNode } from '../../runtime/engine/perform/perform-node.js'
import { tokenOf } from '../../runtime/task-run/node-log.js'
import type { Listener } from '../../runtime/ports/events.js'
import type { Log, LogLine } from '../../runtime/ports/log.js'
import type { Store } from '../../runtime/ports/store.js'
import { libraryVersion } from '../../runtime/run-info/run-info.js'
import { generationOf } from '../../runtime/session/generation.js'
import { makeSession, type Session } from '../../runtime/session/session.js'
import { systemClock } from '../../runtime/session/system-clock.js'
import { childProcesses } from '../child-processes.js'
import { errorToData } from '../error-data.js'
import type { QueueJob, RedisConnection } from './libraries.js'
import { givenToData, queuedNode, resultToData, type QueuedNode, type QueueResult, type Notice } from './messages.js'
import { cancelledOn, noGeneration, planAt, shownUrl, workersAt } from './names.js'
import { asPermitted, isReply, openRedis, queuePackages, redisProblem } from './redis.js'
import { goodbye, within } from './within.js'

/** Options of `queueWorker`. */
export interface QueueWorkerOptions {
  readonly project: Project
  /** The file that exports it: the computing processes import it. */
  readonly file: string
  /** The store, which the runs must share. */
  readonly store: Store
  /** Base of relative paths; absolute. */
  readonly root: string
  /** `redis://host:6379`, or `rediss://` for TLS; may contain name and password. */
  readonly redis: string
  /** Queues to take nodes from. Default `default`. */
  readonly queues?: readonly string[]
  /** Prefix of all names in Redis. Default `taskchain`. */
  readonly prefix?: string
  /** Maximum number of nodes at once. */
  readonly concurrency: number
  /** Megabytes of heap for the process of one task. */
  readonly memory?: number
  /** Milliseconds of silence after which a worker has lost its node. Default 10,000. */
  readonly patience?: number
  /**
   * Number of workers that may die while computing a node before it fails. Default 5: machines also die for other
   * reasons, and in a long run the same node may be affected several times.
   */
  readonly deaths?: number
  readonly logLevel?: LogLine['level'] | 'silent'
  readonly onEvent?: Listener
}

/** A running worker. */
export interface QueueWorker {
  /** Takes no more nodes, and resolves when the current ones have ended. `now` stops these. */
  close(now?: boolean): Promise<void>
}

/**
 * Takes nodes from queues, computes each in a separate process, and commits them to the store under leases that this
 * process holds and renews whatever a task does. Rejects if the server cannot be used.
 *
 * @example
 * // not run: needs a server
 * const [file, root, redis] = ['/app/taskchain.config.js', '/app', 'redis://127.0.0.1:6379']
 * const worker = await queueWorker({ project, file, root, redis, store: fileStore('/shared/tasks'), concurrency: 4 })
 * await worker.close()
 */
export const queueWorker = async (options: QueueWorkerOptions): Promise<QueueWorker> => {
  const { prefix = 'taskchain', queues = ['default'], patience = 10_000, concurrency } = options
  for (const name of [...queues, prefix])
    if (!isQueueName(name)) throw new RangeError(`a queue's name has letters, digits, _ . and - only: ${name}`)
  const library = await queuePackages()
  const redis = await openRedis(options.redis)
  const executor = childProcesses({
    project: options.file,
    ...(options.memory === undefined ? {} : { memory: options.memory }),
  })
  const followed = followedLog(winstonLog({ consoleLevel: options.logLevel ?? 'warn' }))
  const serving: Serving = {
    options,
    redis,
    prefix,
    followed,
    session: sessionOf(options, executor, followed.log),
    plans: new Map(),
  }
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<unknown> }>()
  const unused: AbortController[] = []
  const process = async (job: QueueJob): Promise<unknown> => {
    const stop = unused.pop() ?? new AbortController() // creating one costs as much as sending a small node
    const ended = answerTo(serving, job, stop.signal).then(resultToData)
    running.set(job.id ?? '', { stop, ended })
    try {
      return await ended
    } finally {
      running.delete(job.id ?? '')
      if (!stop.signal.aborted) unused.push(stop)
    }
  }
  const connections = queues.map(() => redis.duplicate())
  const workers = queues.map((name, at) =>
    library.worker(name, process, {
      connection: connections[at],
      prefix,
      concurrency,
      lockDuration: patience,
      stalledInterval: Math.ceil(patience / 2),
      maxStalledCount: (options.deaths ?? 5) - 1,
    }),
  )
  const subscriber = redis.duplicate()
  subscriber.on('error', () => undefined) // the connection itself reports errors
  for (const worker of workers) worker.on('error', reportRefusal(options.redis))
  await asPermitted(options.redis, subscriber.subscribe(cancelledOn(prefix)))
  subscriber.on('message', (_, id) => running.get(id)?.stop.abort(new Error('no run waits for it any more')))
  const presence = announce(serving, queues)
  return {
    close: async (now = false) => {
      if (now) for (const { stop } of running.values()) stop.abort(new Error('the worker was stopped'))
      const closing = Promise.all(workers.map((worker) => worker.close())) // takes no more nodes from here on
      await Promise.allSettled([...running.values()].map(({ ended }) => ended))
      await within(goodbye(redis), closing)
      await within(goodbye(redis), presence.end())
      await executor.close?.()
      await options.store.flush()
      for (const connection of [...connections, subscriber, redis]) connection.disconnect()
    },
  }
}

/** Reports a refusal of the server once; the connection itself reports failures. */
const reportRefusal = (url: string) => {
  let isReported = false
  return (problem: unknown): void => {
    if (isReported || !isReply(problem)) return
    isReported = true
    process.emitWarning(`${shownUrl(url)}: ${redisProblem(problem)}; it is asked again`, 'TaskchainWarning')
  }
}

interface Serving {
  readonly options: QueueWorkerOptions
  readonly redis: RedisConnection
  readonly prefix: string
  readonly followed: ReturnType<typeof followedLog>
  readonly session: Session
  readonly plans: Map<string, Plan>
}

const sessionOf = (options: QueueWorkerOptions, executor: ReturnType<typeof childProcesses>, log: Log): Session => {
  const { project, store, root, concurrency, onEvent } = options
  return makeSession({
    project,
    index: indexProject(project),
    store: { ...store, flush: () => store.flush(true) }, // other nodes follow
    clock: systemClock,
    log,
    executor,
    concurrency,
    root,
    digests: (paths) => gatherDigests(paths, { root, cache: digestCacheIn(store.location) }),
    ...(onEvent === undefined ? {} : { listener: onEvent }),
  })
}

/** A string says what is wrong with its data: a run that waits for it adds it anew. */
const wantedBy = ({ data }: QueueJob): QueuedNode | string => {
  try {
    return queuedNode(data)
  } catch (cause) {
    return messageOf(cause)
  }
}

/** Computes the node of a job, or answers why it cannot. */
const answerTo = async (serving: Serving, job: QueueJob, stop: AbortSignal): Promise<QueueResult> => {
  const wanted = wantedBy(job)
  if (typeof wanted === 'string') return { _tag: 'refused', because: wanted }
  const mismatch = mismatchOf(serving.session, wanted)
  if (mismatch !== undefined) return { _tag: 'refused', because: mismatch }
  const plan = await planOf(serving, wanted.plan)
  if (plan === undefined) return { _tag: 'plan wanted' }
  const node = nodesById(plan).get(wanted.node)
  if (node?.key !== wanted.key) return { _tag: 'refused', because: `${wanted.node} has another key in its plan` }
  const emitting = emitTo(job, serving.redis)
  const { session, followed } = serving
  const forget = followed.follow(node, emitting.emit)
  try {
    const own = withGenerations(session, node, wanted.replaces)
    const outcome = await performNode(
      own,
      { plan, node: node.id, key: node.key },
      { stop, emit: (event) => emitting.emit({ _tag: 'Event', event: errorToData(event) }) },
      wanted.replaces !== noGeneration,
    )
    return { _tag: 'ended', outcome, notices: emitting.rest() }
  } finally {
    forget()
    await emitting.end()
  }
}

/** The reason why this worker must not compute a node: it would commit a different result. */
const mismatchOf = (
  { index }: Pick<Session, 'index'>,
  { version, task: name, code }: QueuedNode,
): string | undefined => {
  if (version !== libraryVersion()) return `this worker has taskchain ${libraryVersion()}, the run has ${version}`
  const task = index.taskOf(name)
  if (task === undefined) return `this worker's project has no task ${name}`
  if (isOtherCode(code, taskFingerprint(task))) return `this worker has other code of ${name}`
  return undefined
}

const maxPlans = 16

/** A plan by its digest; undefined if the server does not have it. */
const planOf = async ({ plans, redis, prefix }: Serving, digest: string): Promise<Plan | undefined> => {
  const known = plans.get(digest)
  if (known !== undefined) return known
  const text = await redis.get(planAt(prefix, digest))
  if (text === null || hash('sha256', text, 'hex') !== digest) return undefined
  const read = planFromJson(text)
  if (E.isLeft(read)) throw new TypeError(`the plan that was sent cannot be read: ${explainAll(read.left)}`)
  plans.set(digest, read.right)
  for (const old of plans.keys()) if (plans.size > maxPlans) plans.delete(old)
  return read.right
}

/**
 * The session, with only this node forced: under the lease it checks whether another process has computed it meanwhile.
 */
const withGenerations = (session: Session, node: PlanNode, replaces: string): Session => {
  const forced = new Set<string>()
  const { store } = session
  if (replaces === noGeneration) return { ...session, forced }
  const own = addressOf(node)
  return {
    ...session,
    forced,
    store: {
      ...store,
      lease: async (address, options) => {
        const lease = await store.lease(address, options)
        const isOwn = address.folder === own.folder && address.key === own.key
        if (isOwn && (await generationOf(store, own).catch(() => undefined)) !== replaces) forced.delete(node.key)
        return lease
      },
    },
  }
}

/** The worker's own log, which also passes the lines of a node to its run. */
const followedLog = (base: Log) => {
  const followers = new Map<string, (notice: Notice) => void>()
  const log: Log = {
    ...base,
    write: (line) => {
      base.write(line)
      if (line.fileOnly !== true) followers.get(line.node)?.({ _tag: 'Log', line: givenToData(line) })
    },
  }
  return {
    log,
    follow: (node: PlanNode, emit: (notice: Notice) => void): (() => void) => {
      const token = tokenOf(node)
      followers.set(token, emit)
      return () => void followers.delete(token)
    },
  }
}

/** Sends notices in few messages, since the server keeps each for a while. */
const emitTo = (job: QueueJob, redis: RedisConnection) => {
  const waiting: Notice[] = []
  let sending: Promise<unknown> | undefined
  let timer: NodeJS.Timeout | undefined
  const send = (): void => {
    timer = undefined
    if (waiting.length === 0) return
    const batch = waiting.splice(0)
    sending = (sending ?? Promise.resolve())
      .then(() => job.updateProgress(JSON.parse(JSON.stringify(batch)) as object))
      .catch(() => undefined)
  }
  return {
    emit: (notice: Notice): void => {
      if (waiting.length >= maxWaiting && notice._tag === 'Log') return // the log itself has every line
      waiting.push(notice)
      timer ??= setTimeout(send, 100)
    },
    /** Notices that were not sent, if there are few: they are part of the answer, which is kept for a while. */
    rest: (): readonly Notice[] => (waiting.length <= maxInAnswer ? waiting.splice(0) : []),
    end: async (): Promise<void> => {
      clearTimeout(timer)
      send()
      if (sending !== undefined) await within(goodbye(redis), sending)
    },
  }
}

const maxWaiting = 1000
const maxInAnswer = 20

/** Announces every few seconds that queues are served. */
const announce = ({ redis, prefix }: Serving, queues: readonly string[]) => {
  const self = randomUUID()
  const say = async (): Promise<void> => {
    const [seconds] = await redis.time()
    for (const queue of queues) await redis.zadd(workersAt(prefix, queue), Number(seconds), self)
  }
  const quietly = (): void => void say().catch(() => undefined) // the next announcement covers it
  quietly()
  const timer = setInterval(quietly, 5000)
  return {
    end: async (): Promise<void> => {
      clearInterval(timer)
      for (const queue of queues) await redis.zrem(workersAt(prefix, queue), self).catch(() => undefined)
    },
  }
}
