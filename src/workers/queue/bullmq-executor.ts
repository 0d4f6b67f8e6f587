import { hash } from 'node:crypto'
import { libraryVersion } from '../../runtime/run-info/run-info.js'
import { oncePer } from '../../base/once-per.js'
import { planToJson } from '../../plan/inspect/plan-json.js'
import { inputIds, nodesById } from '../../plan/plan-graph.js'
import type { Plan } from '../../plan/plan-types.js'
import type { Executor } from '../../runtime/ports/executor.js'
import type { NodeCalls, NodeJob, NodeOutcome } from '../../runtime/ports/node-job.js'
import { onKill } from '../../runtime/task-run/elsewhere/kill-switch.js'
import { onAbort } from '../../runtime/session/on-abort.js'
import { jobStanding } from './job-standing.js'
import { resultFromData, noticesFromData, type QueuedNode, type Notice } from './messages.js'
import { cancelledOn, jobIdOf, noGeneration, shownUrl, wantedAt, workersAt } from './names.js'
import { openQueues, type OpenQueue, type OpenQueues } from './open-queue.js'
import type { BullmqOptions } from './options.js'
import { isRefusalForNow, isReply, redisProblem, refusalOf } from './redis.js'
import type { PutJob } from './libraries.js'
import type { QueueEvent } from './events.js'
import { goodbye, within } from './within.js'

/** A node that a run of this process waits for. */
interface Flight {
  /** Of its job. */
  readonly id: string
  readonly open: OpenQueue
  readonly job: NodeJob
  readonly calls: NodeCalls
  readonly end: (outcome: NodeOutcome) => void
  readonly fail: (cause: unknown) => void
  refusals: number
  hasEnded: boolean
  /** Nobody waits for it any more. */
  isOver: boolean
  /** How often it is on its way to the server. */
  leaving: number
  /** When its job was submitted, by the server's clock. Earlier events are about a former job with the same id. */
  since: number
}

/** Other workers may accept a node that one refuses. */
const maxRefusals = 5

/**
 * An executor that puts each kept node into a queue in Redis or Valkey (the queue that its task names, or else
 * `queue`), from which workers on any machine take it (`taskchain worker`): they share the store with this process,
 * hold the leases themselves and report outcomes by name. Two runs that need the same node share it; a run that was
 * killed and restarted picks up the results that its workers have computed meanwhile. Needs the packages `bullmq` and
 * `ioredis`. `chain.close()` leaves the queue.
 *
 * @example
 * // not run: needs a server
 * const chain = await openChain(project, { config: 'model', executor: bullmq({ redis: 'redis://127.0.0.1:6379' }) })
 */
export const bullmq = (options: BullmqOptions): Executor & { readonly opened: () => Promise<void> } => {
  let coordinator: Promise<Coordinator> | undefined
  const open = (): Promise<Coordinator> => (coordinator ??= startCoordinator(options))
  return {
    execute: (job) => job.run(),
    takesLeases: true,
    concurrency: 1000, // limited by the number of workers: other ready nodes wait in the queue
    opened: async () => void (await open()),
    elsewhere: async (job, calls) => (await open()).compute(job, calls),
    close: async () => {
      await (await coordinator?.catch(() => undefined))?.close()
      coordinator = undefined
    },
  }
}

interface Coordinator {
  readonly compute: (job: NodeJob, calls: NodeCalls) => Promise<NodeOutcome>
  readonly close: () => Promise<void>
}

const startCoordinator = async (options: BullmqOptions): Promise<Coordinator> => {
  const flights: Flights = new Map()
  const queues = await openQueues(options, {
    isAwaited: (id) => flights.has(id),
    hear: (event) => {
      for (const flight of flights.get(event.id) ?? []) if (event.at > flight.since) hear(coordinating, flight, event)
    },
    pause: () => pauseAt(flights.size),
  })
  const coordinating: Coordinating = { queues, flights, unserved: new Set(), refusing: new Set() }
  const timer = setInterval(
    () => {
      for (const all of flights.values())
        for (const flight of all) void lookAt(coordinating, flight).catch(() => undefined)
    },
    Math.max(options.reconcile ?? 5000, 100),
  )
  return {
    compute: (job, calls) => compute(coordinating, job, calls),
    close: async () => {
      clearInterval(timer)
      await queues.close()
    },
  }
}

/**
 * Milliseconds for which events gather: the more nodes are under way, the more workers have to do meanwhile. Where all
 * of them are computed at once, the next layer starts that much later.
 */
const pauseAt = (flights: number): number => (flights > many ? 10 : flights > few ? 3 : 0)
const few = 4
const many = 24

const hear = (coordinating: Coordinating, flight: Flight, event: QueueEvent): void => {
  switch (event._tag) {
    case 'progress':
      return emit(flight, noticesFromData(event.data))
    case 'completed':
      return answer(coordinating, flight, event.value)
    case 'failed':
      return flight.fail(deathOf(event.reason))
  }
}

type Flights = Map<string, Set<Flight>>

interface Coordinating {
  readonly queues: OpenQueues
  readonly flights: Flights
  /** Queues that were reported to have no worker. */
  readonly unserved: Set<string>
  /** Messages of a server that refuses requests for now. */
  readonly refusing: Set<string>
}

const compute = async (coordinating: Coordinating, job: NodeJob, calls: NodeCalls): Promise<NodeOutcome> => {
  const { queues, flights } = coordinating
  refuseGivenSecrets(job)
  const open = await queues.named(job.queue ?? queues.standard)
  const id = jobIdOf(job.key, job.replaces ?? noGeneration)
  const { mine, ended } = takeOff({ id, open, job, calls })
  flights.set(id, (flights.get(id) ?? new Set()).add(mine))
  // before the connection is closed
  const cancelled = (): Promise<void> => within(goodbye(open.redis), cancel(open, id))
  const forget = [
    onAbort(calls.stop, () => void cancelled().then(() => mine.end({ _tag: 'stopped' }))),
    onKill(calls, () => void cancelled().then(() => mine.fail(calls.kill.reason))),
  ]
  try {
    if (calls.stop.aborted) return { _tag: 'stopped' }
    submit(coordinating, mine)
    return await ended
  } finally {
    mine.isOver = true
    forget.forEach((one) => one())
    flights.get(id)?.delete(mine)
    if (flights.get(id)?.size === 0) {
      flights.delete(id)
      open.submitting.leave(id)
    }
  }
}

const takeOff = (about: Pick<Flight, 'id' | 'open' | 'job' | 'calls'>) => {
  let [end, fail]: [Flight['end'], Flight['fail']] = [() => undefined, () => undefined]
  const ended = new Promise<NodeOutcome>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  const mine: Flight = { ...about, end, fail, refusals: 0, hasEnded: false, isOver: false, leaving: 0, since: Infinity }
  return { mine, ended }
}

/** Nodes that a server refuses for now are submitted again at the next check. */
const refusedBy = ({ refusing }: Coordinating, { open: { url }, job, calls, fail }: Flight, cause: unknown): void => {
  if (!isRefusalForNow(cause))
    return fail(isReply(cause) ? withoutStack(`${shownUrl(url)}: ${redisProblem(cause)}`) : cause)
  if (refusing.has(cause.message)) return
  refusing.add(cause.message)
  const holder = `${shownUrl(url)}, which takes nothing just now: ${refusalOf(cause)}`
  calls.emit({ _tag: 'waiting', node: job.node, key: job.key, holder, unserved: true })
}

/** An error without a stack: no line of code caused it. */
const withoutStack = (message: string): Error => Object.assign(new Error(message), { stack: `Error: ${message}` })

/** Puts a node into the queue; an existing job stays, one that has ended is replaced. */
const submit = (coordinating: Coordinating, flight: Flight, delay?: number): void => {
  const { id, job, calls, open } = flight
  flight.leaving++
  open.submitting.submit({
    id,
    plan: planText(job.plan),
    isOver: () => flight.isOver || calls.stop.aborted,
    job: () => jobOf(flight, delay),
    leaves: (since) => {
      flight.since = since
    },
    arrived: (problem) => {
      flight.leaving--
      if (problem !== undefined) refusedBy(coordinating, flight, problem.cause)
    },
  })
}

/** Names and keys only. */
const jobOf = ({ id, job }: Flight, delay: number | undefined): PutJob => {
  const data: QueuedNode = {
    schema: 1,
    version: libraryVersion(),
    plan: planText(job.plan).digest,
    node: job.node,
    task: nodesById(job.plan).get(job.node)?.task ?? '',
    key: job.key,
    code: job.code ?? null,
    replaces: job.replaces ?? noGeneration,
    checkMutation: job.checkMutation,
  }
  const priority = priorityOf(job.urgency ?? 0)
  const opts = { jobId: id, priority, attempts: 1, removeOnComplete: kept, removeOnFail: kept }
  return { name: data.task, data, opts: delay === undefined ? opts : { ...opts, delay } }
}

/** Jobs that have ended: for runs that start later, or miss the event. */
const kept = { age: 3600, count: 10_000 }

/** In a queue 1 has the highest priority, and 2 to the power of 21 is the maximum: 24 days of seconds. */
const priorityOf = (urgency: number): number => Math.max(1, leastUrgent - Math.ceil(urgency))
const leastUrgent = 2 ** 21 - 1

/** A plan is serialized once, however many of its nodes are sent. */
const planText = oncePer((plan: Plan) => {
  const text = planToJson(plan)
  return { text, digest: hash('sha256', text, 'hex') }
})

const emit = ({ calls }: Flight, all: readonly Notice[]): void => {
  for (const notice of all)
    if (notice._tag === 'Event') calls.emit(notice.event)
    else calls.log(notice.line)
}

/** Handles the answer of a worker. */
const answer = (coordinating: Coordinating, flight: Flight, data: unknown): void => {
  if (flight.hasEnded) return // both an event and a check may deliver it
  try {
    const answered = resultFromData(data)
    if (answered._tag === 'ended') {
      flight.hasEnded = true
      emit(flight, answered.notices)
      return flight.end(answered.outcome)
    }
    if (answered._tag === 'refused' && ++flight.refusals >= maxRefusals)
      return flight.fail(withoutStack(`no worker takes it: ${answered.because}`))
    // the worker that refused is idle, and would be the first to take it again
    submit(coordinating, flight, answered._tag === 'refused' ? 100 * 2 ** flight.refusals : undefined)
  } catch (cause) {
    flight.fail(cause)
  }
}

/** Events are only hints: the outcome or loss of a job is found by checking it. */
const lookAt = async (coordinating: Coordinating, flight: Flight): Promise<void> => {
  if (flight.leaving > 0) return
  const standing = await jobStanding(flight.open.queue, flight.id)
  if (flight.leaving > 0 || flight.isOver) return
  switch (standing._tag) {
    case 'gone':
      return submit(coordinating, flight) // the server has lost it; a worker finds committed results
    case 'completed':
      return answer(coordinating, flight, standing.value)
    case 'failed':
      return flight.fail(deathOf(standing.reason))
    case 'active':
      return
    case 'waiting':
      return emitUnserved(coordinating, flight)
  }
}

/** Reports once that a queue has no worker, until it is served again. */
const emitUnserved = async ({ unserved }: Coordinating, { open, job, calls }: Flight): Promise<void> => {
  const { name } = open.queue
  const [seconds] = await open.redis.time()
  const serving = await open.redis.zcount(workersAt(open.prefix, name), Number(seconds) - 30, '+inf')
  if (serving > 0) unserved.delete(name)
  if (serving > 0 || unserved.has(name)) return
  unserved.add(name)
  const holder = `a worker of queue '${name}' at ${shownUrl(open.url)}: there is none`
  calls.emit({ _tag: 'waiting', node: job.node, key: job.key, holder, unserved: true })
}

/** Removes a job that no other run waits for from the queue, or tells its worker to stop. */
const cancel = async ({ redis, queue, prefix, self }: OpenQueue, id: string): Promise<void> => {
  const wanted = wantedAt(prefix, id)
  await redis.srem(wanted, self)
  if ((await redis.scard(wanted)) > 0) return
  const job = await queue.getJob(id)
  await job?.remove().catch(() => redis.publish(cancelledOn(prefix), id))
}

const deathOf = (reason: string): Error =>
  withoutStack(/stalled/.test(reason) ? 'the workers that computed it died, again and again' : reason)

/** Secrets are in no plan, and must not be put into a queue. */
const refuseGivenSecrets = ({ plan, node, secrets }: NodeJob): void => {
  const above = [node]
  const seen = new Set<string>()
  for (let id = above.pop(); id !== undefined; id = above.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    const [name] = Object.keys(secrets.get(id) ?? {})
    if (name !== undefined)
      throw new Error(
        `param ${name} of ${id} is a secret that the config gives itself, which is not put into a queue; ` +
          'let it come from the environment of the workers',
      )
    for (const input of inMemoryInputs(plan, id)) above.push(input)
  }
}

const inMemoryInputs = (plan: Plan, id: string): readonly string[] => {
  const nodes = nodesById(plan)
  const node = nodes.get(id)
  return node === undefined ? [] : inputIds(node).filter((input) => nodes.get(input)?.storage === 'memory')
}
