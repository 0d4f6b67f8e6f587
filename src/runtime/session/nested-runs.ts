import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'
import type { Task } from '../../declare/task.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { onAbort } from './on-abort.js'
import { releaseIdentity } from './identity-claims.js'
import type { Session } from './session.js'

/**
 * Runs that a running task has started itself, by requesting values of a chain that it knows from elsewhere. The
 * scheduler of the task's own run does not know them, so cycles of waiting over such runs are detected here, over all
 * sessions of the process.
 */

/** A running task, as seen by the runs that it starts. */
export interface Asker {
  readonly session: Session
  readonly node: NodeOutline
  /** Aborted when the task's own run stops: the runs that it has started must then end, too. */
  readonly signal: AbortSignal
  /** Waits while the task's slot is free for others. */
  readonly free: <A>(wait: () => Promise<A>) => Promise<A>
}

/** A run that something waits for. */
export interface AwaitedRun {
  readonly session: Session
  /** Keys of its targets. */
  readonly wanted: () => readonly string[]
  readonly finished: Promise<void>
  readonly stop: (reason: unknown) => void
  /** Ends it. `path`: full names, with the requesting one first and last. */
  readonly refuse: (path: readonly string[]) => void
}

interface NestedRun {
  readonly asker: Asker
  readonly run: AwaitedRun
  readonly refuse: (path: readonly string[]) => void
}

/** Shared by a task and everything that it calls. */
interface Asking {
  /** Undefined again after the end of the task: runs that it has started may continue for long. */
  asker: Asker | undefined
  /** The signal of its present attempt. */
  signal: AbortSignal | undefined
}

const askings = new AsyncLocalStorage<Asking>()
/** Set while a plain function is called: it needs no async storage, which would make every promise more expensive. */
let calling: Asking | undefined
const nested = new Set<NestedRun>()

type Call = (context: object) => unknown

/** A call of a task's function, under which a chain that it queries knows the asker. */
export interface AskingCall {
  readonly call: Call
  /** Computes with it. */
  readonly during: <A>(compute: () => Promise<A>) => Promise<A>
  /** To be called when the task has ended. */
  readonly end: () => void
}

/**
 * Lets a chain that a task queries while it runs know the asker. Requests that a function not declared `async` makes
 * after it has returned cannot be attributed.
 */
export const asAsker = (asker: Asker, { run }: Task, call: Call): AskingCall => {
  const asking: Asking = { asker, signal: undefined }
  const isPlain = !types.isAsyncFunction(run) && !types.isGeneratorFunction(run) && !types.isProxy(run)
  return {
    call: (context) => {
      if ('signal' in context && context.signal instanceof AbortSignal) asking.signal = context.signal
      if (!isPlain) return call(context)
      const before = calling
      calling = asking
      try {
        return call(context)
      } finally {
        calling = before
      }
    },
    during: (compute) => (isPlain ? compute() : askings.run(asking, compute)),
    end: () => (asking.asker = undefined),
  }
}

/** The running task that calls just now: to be called before the first await. */
export const askerNow = (): Asker | undefined => (calling ?? askings.getStore())?.asker

/** The signal of the task that calls just now: to be called before the first await. */
export const signalNow = (): AbortSignal | undefined => (calling ?? askings.getStore())?.signal

/**
 * Resolves when a run has ended, or can never end because it waits for the task that started it. `asker`: the task that
 * started it.
 */
export const endOf = (run: AwaitedRun, asker: Asker | undefined): Promise<void> =>
  asker === undefined ? run.finished : asker.free(() => nestedEnd(asker, run))

const nestedEnd = async (asker: Asker, run: AwaitedRun): Promise<void> => {
  let refuse: () => void = () => undefined
  const refused = new Promise<void>((resolve) => (refuse = resolve))
  const one: NestedRun = {
    asker,
    run,
    refuse: (path) => {
      nested.delete(one)
      run.refuse(path)
      refuse()
    },
  }
  const stop = (): void => run.stop(asker.signal.reason)
  const forget = onAbort(asker.signal, stop)
  if (asker.signal.aborted) stop()
  nested.add(one)
  releaseIdentity(asker.session, asker.node.key)
  refuseNestedCycles()
  await Promise.race([run.finished, refused])
  nested.delete(one)
  forget()
}

/** One computation of a key: sessions of one store share it through a lease, and nothing else. */
interface Making {
  readonly session: Session
  readonly key: string
}

/** Refuses nested runs that wait for the task that started them. */
export const refuseNestedCycles = (): void => {
  for (const one of nested) {
    const path = wayBack(one)
    if (path !== undefined) one.refuse(path)
  }
}

const wayBack = ({ asker, run }: NestedRun): readonly string[] | undefined => {
  const seen = new Map<Session['runs'], Set<string>>()
  const isNew = ({ session, key }: Making): boolean => {
    const keys = seen.get(session.runs) ?? new Set()
    seen.set(session.runs, keys)
    return keys.size < keys.add(key).size
  }
  const open = wantedBy(run).map((making) => ({ making, path: [asker.node.id] }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { making } = next
    if (!isNew(making)) continue
    const path = [...next.path, nameOf(making)]
    if (making.key === asker.node.key && making.session.runs === asker.session.runs) return shortened(path)
    for (const awaited of awaitedBy(making)) open.push({ making: awaited, path })
  }
  return undefined
}

/** Two sessions of one store wait for each other under one name. */
const shortened = (path: readonly string[]): readonly string[] => {
  const names = path.filter((name, at) => name !== path[at - 1])
  return names.length > 1 ? names : [...names, ...names]
}

const wantedBy = ({ session, wanted }: AwaitedRun): readonly Making[] => wanted().map((key) => ({ session, key }))

const awaitedBy = ({ session, key }: Making): readonly Making[] => [
  ...[...session.runs].flatMap((run) => run.waitsOf(key)).flatMap((awaited) => makingsOf(session, awaited)),
  ...[...nested].flatMap(({ asker, run }) =>
    asker.node.key === key && asker.session.runs === session.runs ? wantedBy(run) : [],
  ),
]

/** Computations of a key in its own session, and in any session of this process with the same store. */
const makingsOf = (session: Session, key: string): readonly Making[] => {
  const others = new Set([...nested].map(({ asker }) => asker.session))
  return [
    { session, key },
    ...[...others].flatMap((other) =>
      other.store.location === session.store.location && other.inFlight.has(key) ? [{ session: other, key }] : [],
    ),
  ]
}

const nameOf = ({ session, key }: Making): string => {
  for (const run of session.runs) {
    const name = run.nameOf(key)
    if (name !== undefined) return name
  }
  // a node may be computed without a run that knows it
  for (const { asker } of nested)
    if (asker.node.key === key && asker.session.runs === session.runs) return asker.node.id
  return key
}
