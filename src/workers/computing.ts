import { digestCacheIn, gatherDigests } from '../adapters/project/file-digests.js'
import { matchingFiles } from '../adapters/project/find-files.js'
import { isS3Address } from '../adapters/object-store/s3/s3-address.js'
import { openAgain } from '../adapters/open-store.js'
import { formatLine } from '../adapters/log/log-line.js'
import { loadProject } from '../adapters/project/project-file.js'
import type { Project } from '../declare/project.js'
import { addressOf } from '../plan/names/artifact-address.js'
import { rememberGiven } from '../plan/params/given-secrets.js'
import { nodesById } from '../plan/plan-graph.js'
import { deepFrozen } from '../plan/inspect/plan-json.js'
import { indexProject, type ProjectIndex } from '../plan/names/project-index.js'
import type { Plan } from '../plan/plan-types.js'
import { systemClock } from '../runtime/session/system-clock.js'
import type { NodeOutcome } from '../runtime/ports/node-job.js'
import { performNode } from '../runtime/engine/perform/perform-node.js'
import type { Executor } from '../runtime/ports/executor.js'
import type { Address } from '../runtime/ports/artifact.js'
import type { ArtifactLog, Log, LogSink } from '../runtime/ports/log.js'
import type { Store } from '../runtime/ports/store.js'
import { makeSession } from '../runtime/session/session.js'
import type { Task } from '../declare/task.js'
import { takesContext } from '../runtime/task-run/arguments/roles.js'
import type { Channel } from './channel.js'
import { errorFromData, errorToData, eventToData } from './error-data.js'
import { messageToThread, taskIn } from './message-codecs.js'
import type { Dying, FromThread, NodeTask, ToThread } from './messages.js'

/** The part of a pool in its threads and processes: loads the project once, then computes one node after the other. */

interface Loaded {
  readonly project: Project
  readonly index: ProjectIndex
}

const projects = new Map<string, Promise<Loaded>>()
const plans = new Map<number, Promise<Plan>>()
const stores = new Map<string, Store>()
/** Number of cached plans; a session has one, a sweep may have thousands. */
const maxPlans = 4

const load = async (file: string): Promise<Loaded> => {
  const { project } = await loadProject('/', file)
  return { project, index: indexProject(project) }
}

/** The computing end of a channel: sends requests, and receives answers. */
const connect = (channel: Pick<Channel, 'post' | 'onMessage'>) => {
  let stop: AbortController | undefined
  let stopped: { readonly reason: unknown } | undefined
  const waiting = new Map<number, { readonly resolve: () => void; readonly reject: (problem: unknown) => void }>()
  let givePlan: (message: Extract<ToThread, { _tag: 'Plan' }>) => void = () => undefined
  let count = 0
  let isOver = false
  let unsaid: FromThread[] = []
  const say = (message: FromThread): void => {
    if (isOver) return // work that a task left running must not send messages on behalf of the next node
    isOver = message._tag === 'Ended'
    unsaid.push(message)
    if (isFollowed(message)) return
    channel.post(unsaid)
    unsaid = []
  }
  channel.onMessage((said) => {
    const message = messageToThread(said)
    if (message._tag === 'Plan') givePlan(message)
    else if (message._tag === 'Stop') {
      stopped = { reason: errorFromData(message.reason) }
      stop?.abort(stopped.reason)
    } else if (message.problem === undefined) waiting.get(message.id)?.resolve()
    else waiting.get(message.id)?.reject(errorFromData(message.problem))
  })
  return {
    stopOf: (task: Task | undefined): AbortSignal => {
      stop = task === undefined || takesContext(task) ? new AbortController() : unseenStop()
      if (stopped !== undefined) stop.abort(stopped.reason)
      return stop.signal
    },
    say,
    plan: () =>
      new Promise<Extract<ToThread, { _tag: 'Plan' }>>((resolve) => {
        givePlan = resolve
        say({ _tag: 'PlanWanted' })
      }),
    lease: async (address: Address) => {
      const id = count++
      await new Promise<void>((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        say({ _tag: 'LeaseWanted', id, address })
      })
      return { release: async () => say({ _tag: 'LeaseReleased', id }) }
    },
  }
}

let unseen = new AbortController()

/** Until one is aborted, tasks that do not see their signal share it: creating one costs as much as a small task. */
const unseenStop = (): AbortController => (unseen.signal.aborted ? (unseen = new AbortController()) : unseen)

/** Whether another message follows soon: sending each one separately is expensive for small nodes. */
const isFollowed = (message: FromThread): boolean =>
  message._tag === 'Event' && (message.event._tag === 'loaded' || message.event._tag === 'computed')

type Connection = ReturnType<typeof connect>

/** The plan of a number, requested once. */
const planOf = (number: number, connection: Connection): Promise<Plan> => {
  const known = plans.get(number)
  if (known !== undefined) return known
  const asked = connection.plan().then(({ plan, secrets }) => {
    deepFrozen(plan)
    for (const [id, values] of secrets) {
      const node = nodesById(plan).get(id)
      if (node !== undefined) rememberGiven(node, values)
    }
    return plan
  })
  plans.set(number, asked)
  for (const old of plans.keys()) if (plans.size > maxPlans) plans.delete(old)
  return asked
}

/** The store, except that leases, and the log of the requested node, belong to the parent: both outlive this thread. */
const storeFor = async ({ job }: NodeTask, own: Address, connection: Connection): Promise<Store> => {
  const { root, options } = job.store
  const id = JSON.stringify([root, options])
  const store = stores.get(id) ?? (await openAgain(job.store))
  stores.set(id, store)
  const isOwn = ({ folder, key }: Address): boolean => folder === own.folder && key === own.key
  return {
    ...store,
    lease: async (address) => (isOwn(address) ? { release: async () => undefined } : connection.lease(address)),
    stage: (address, storage) => store.stage(address, storage, isOwn(address)),
    log: (address) => (isOwn(address) ? nowhere : store.log(address)),
    flush: () => store.flush(true), // other nodes follow
  }
}

const nowhere: ArtifactLog = { write: () => undefined, close: async () => undefined, read: async () => undefined }

/** Lines go to the parent; those of other nodes than the requested one also to their own files. */
const logTo = ({ say }: Connection): Log => {
  const sinks = new Map<string, LogSink>()
  let hide = (text: string): string => text
  return {
    attach: (node, sink) => void sinks.set(node, sink),
    write: (line) => {
      try {
        sinks.get(line.node)?.write(hide(formatLine(line, Date.now())))
      } catch {
        // a sink reports its failure when it is closed
      }
      say({ _tag: 'Log', line: errorToData(line) })
    },
    detach: async (node) => void sinks.delete(node),
    hide: (given) => {
      hide = given
    },
  }
}

/** Lets errors that the task did not handle end this thread before its result is committed. */
const strict: Executor = {
  execute: async (job) => {
    const value = await job.run()
    await new Promise((resolve) => void setImmediate(resolve))
    return value
  },
}

/** Grace period of a stopped run: the parent measures the time, and ends the thread. */
const forEver = 2 ** 31 - 1

/** Digests of files are not kept in a bucket. */
const cacheOf = ({ location }: Store): string | undefined =>
  isS3Address(location) ? undefined : digestCacheIn(location)

const perform = async (task: NodeTask, connection: Connection): Promise<NodeOutcome> => {
  const { job, project: file } = task
  let loading = projects.get(file)
  if (loading === undefined) projects.set(file, (loading = load(file)))
  const [{ project, index }, plan] = await Promise.all([loading, planOf(task.planNumber, connection)])
  const node = nodesById(plan).get(job.node)
  if (node === undefined) throw new Error(`${job.node} is not in its plan`)
  const store = await storeFor(task, addressOf(node), connection)
  const session = makeSession({
    project,
    index,
    store,
    clock: systemClock,
    log: logTo(connection),
    executor: strict,
    concurrency: 4,
    noRepair: job.noRepair,
    checkMutation: job.checkMutation,
    grace: forEver,
    root: job.root,
    filesOf: (pattern) => matchingFiles(job.root, pattern),
    digests: (paths) => gatherDigests(paths, { root: job.root, cache: cacheOf(store) }),
    attempted: new Map([[job.key, job.attempted]]),
  })
  return performNode(
    session,
    { plan, node: job.node, key: job.key },
    {
      stop: connection.stopOf(index.taskOf(node.task)),
      emit: (event) => connection.say({ _tag: 'Event', event: eventToData(event) }),
    },
  )
}

let sayLast: ((how: Dying) => void) | undefined

/** Reports what ends this thread or process before it does: from outside the cause could not be found. */
export const watchDeath = (): void => {
  const last = (how: Dying): void => {
    sayLast?.(how)
    sayLast = undefined // Node itself exits after an error
  }
  const exit = process.exit.bind(process)
  process.exit = (code) => {
    last({ _tag: 'exit', code: String(code ?? process.exitCode ?? 0), stack: new Error('process.exit').stack })
    return exit(code)
  }
  process.on('uncaughtExceptionMonitor', (problem, origin) =>
    last({ _tag: origin === 'unhandledRejection' ? 'rejection' : 'exception', problem: errorToData(problem) }),
  )
}

/** The parent: source and target of a thread's or a process's messages. */
interface Asker {
  post(messages: readonly FromThread[]): void
  on(event: 'message', take: (message: unknown) => void): unknown
}

/** Computes one node after the other; a message that is not a task is an answer for the current node. */
export const computeAll = (asker: Asker): void => {
  let answer: (message: unknown) => void = () => undefined
  const channel = { post: asker.post, onMessage: (take: typeof answer) => void (answer = take) }
  asker.on('message', (message) => {
    const task = taskIn(message)
    if (task === undefined) answer(message)
    else void computeFor(channel, task)
  })
}

/** The outcome is sent over the channel. */
const computeFor = async (channel: Pick<Channel, 'post' | 'onMessage'>, task: NodeTask): Promise<void> => {
  const connection = connect(channel)
  sayLast = (how) => connection.say({ _tag: 'Dying', how })
  let outcome: NodeOutcome
  try {
    outcome = await perform(task, connection)
  } catch (cause) {
    outcome = { _tag: 'failed', error: { _tag: 'TaskFailed', node: task.job.node, attempts: 1, cause, log: undefined } }
  }
  sayLast = undefined
  connection.say({ _tag: 'Ended', outcome: errorToData(outcome) })
}
