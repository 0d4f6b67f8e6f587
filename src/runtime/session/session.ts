import type { Ending, InWords } from '../ports/node-words.js'
import type { RunError } from '../../errors.js'
import { resolve } from 'node:path'
import type { Project } from '../../declare/project.js'
import type { ProjectIndex } from '../../plan/names/project-index.js'
import type { FileDigests } from '../../plan/params/param-files.js'
import type { Listener, RunEvent, RunEventBody } from '../ports/events.js'
import { inProcess, type Executor } from '../ports/executor.js'
import type { Clock } from '../ports/clock.js'
import type { Log } from '../ports/log.js'
import type { RunRecorder } from '../ports/run-history.js'
import type { Store } from '../ports/store.js'
import type { Content } from './content.js'
import { makeKeptValues, type KeptValues } from './kept-values.js'
import type { Damaged, Reading } from './reading-types.js'
import { makeSecrets, type Secrets } from './secrets.js'
import type { ActiveRun } from './active-run.js'
import { makeSlots, makeTokens, type Slots, type Tokens } from './slots.js'
import { oncePer } from '../../base/once-per.js'
import { machineMemory } from './kept-values.js'
import { amountsOf } from '../../base/resource-amounts.js'

/**
 * State that chains of one project share while a process lives: ports, the concurrency limit, values in memory, work in
 * flight.
 */
export interface Session {
  readonly project: Project
  readonly index: ProjectIndex
  readonly store: Store
  readonly clock: Clock
  /** When it was opened, in milliseconds since 1970. */
  readonly opened: number
  readonly log: Log
  readonly executor: Executor
  /** How many nodes may run at the same time, over all runs of the session. */
  readonly concurrency: number
  readonly slots: Slots
  /** Amounts of the resources that tasks need. */
  readonly resources: Readonly<Record<string, number>>
  /** Shared by all runs of the session. */
  readonly tokens: Tokens
  /** Runs in progress. */
  readonly runs: Set<ActiveRun>
  /** Values that users requested, and those that are stored nowhere else; they stay until `release` or the limit. */
  readonly memory: KeptValues
  /** Keys that are being computed or loaded. */
  readonly inFlight: Map<string, Promise<Produced>>
  /** Keys to compute again even if they are stored. */
  readonly forced: Set<string>
  /** Keys whose artifact was found damaged while it was read; until they are computed again. */
  readonly damaged: Map<string, Damaged>
  readonly noRepair: boolean
  readonly checkMutation: boolean
  readonly listener: Listener | undefined
  /** Records the history of runs; undefined: nothing does. */
  readonly recorder: RunRecorder | undefined
  /** How long a stopped run may take to end, in milliseconds. */
  readonly grace: number
  /** The base of relative paths in params; absolute. */
  readonly root: string
  /** Files that match a pattern, absolute and sorted; undefined: `run` gets the patterns. */
  readonly filesOf: ((pattern: string) => readonly string[]) | undefined
  /** Digests of files by request, to check that they are still the planned ones; undefined: not checked. */
  readonly digests: ((paths: readonly string[]) => Promise<FileDigests>) | undefined
  /** Hides the secrets known so far in everything that is shown or stored. */
  readonly secrets: Secrets
  /** Earlier attempts by key, if this session continues for another one that had them made elsewhere. */
  readonly attempted: ReadonlyMap<string, number>
}

/** The outcome of producing a key once. */
export type Produced = InWords<
  Ending,
  | { readonly _tag: 'computed'; readonly value: unknown; readonly content: Content; readonly reading?: Reading }
  | { readonly _tag: 'loaded'; readonly value: unknown; readonly content: Content; readonly reading?: Reading }
  /** Adopted from an artifact of equal content: only the store has the value. */
  | { readonly _tag: 'adopted' }
  /** Computed and committed elsewhere: only the store has the value. */
  | { readonly _tag: 'kept'; readonly digest?: string | undefined }
  /** Inputs turned out to be damaged while they were read: nothing was committed. */
  | { readonly _tag: 'damaged'; readonly readings: readonly Reading[] }
  | { readonly _tag: 'missed'; readonly reason: string }
  | { readonly _tag: 'failed'; readonly error: RunError }
  | { readonly _tag: 'unfinished'; readonly reason: string }
  | { readonly _tag: 'stopped' }
>

/** The parts of a session that have no default here. */
export interface SessionParts {
  readonly project: Project
  readonly index: ProjectIndex
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly executor?: Executor
  readonly concurrency: number
  readonly noRepair?: boolean
  readonly checkMutation?: boolean
  readonly listener?: Listener
  /** Creates the recorder of the history; its argument hides secrets. */
  readonly recorder?: (hide: (text: string) => string) => RunRecorder | undefined
  readonly grace?: number
  /** Default: the project's root, else the working folder. */
  readonly root?: string
  readonly filesOf?: Session['filesOf']
  readonly digests?: Session['digests']
  readonly attempted?: Session['attempted']
  /** Limit of the values that are kept in memory, in bytes. Default: a quarter of the machine's memory. */
  readonly memoryLimit?: number
}

/**
 * Opens a session over its ports. Throws if its executor computes elsewhere, but only this process can open its store.
 */
export const makeSession = (parts: SessionParts): Session => {
  if (parts.executor?.elsewhere !== undefined && parts.store.opening === undefined)
    throw new TypeError(
      'an executor that computes elsewhere needs a store that others can open, ' +
        `as fileStore(folder) is; this one is: ${parts.store.location}`,
    )
  return sessionOf(parts)
}

const sessionOf = (parts: SessionParts): Session => {
  const secrets = makeSecrets()
  parts.log.hide?.(secrets.hide)
  return sessionWith(parts, secrets)
}

const sessionWith = (parts: SessionParts, secrets: Secrets): Session => {
  const resources = resourcesOf(parts.project)
  return {
    project: parts.project,
    index: parts.index,
    store: parts.store,
    clock: parts.clock,
    opened: parts.clock.now(),
    log: parts.log,
    executor: parts.executor ?? inProcess,
    concurrency: parts.concurrency,
    slots: makeSlots(parts.concurrency),
    resources,
    tokens: makeTokens(resources),
    runs: new Set(),
    memory: makeKeptValues(parts.memoryLimit),
    inFlight: new Map(),
    forced: new Set(),
    damaged: new Map(),
    noRepair: parts.noRepair ?? false,
    checkMutation: parts.checkMutation ?? false,
    listener: parts.listener,
    recorder: parts.recorder?.(secrets.hide),
    grace: parts.grace ?? 2000,
    root: resolve(parts.root ?? parts.project.root ?? process.cwd()),
    filesOf: parts.filesOf,
    digests: parts.digests,
    secrets,
    attempted: parts.attempted ?? new Map(),
  }
}

const resourcesOf = oncePer((project: Project): Session['resources'] => ({
  memory: machineMemory(),
  ...amountsOf(project.resources ?? {}),
}))

/** Notifies listeners; errors of a listener are ignored. */
export const emitter = (
  session: Pick<Session, 'clock' | 'listener'>,
  extra: Listener | undefined,
): ((body: RunEventBody) => void) => {
  const listeners = [session.listener, extra].filter((listener) => listener !== undefined)
  if (listeners.length === 0) return () => undefined
  return (body) => {
    const event: RunEvent = { ...body, at: session.clock.now() }
    for (const listener of listeners) {
      try {
        listener(event)
      } catch {
        // a listener's failure is its own
      }
    }
  }
}

export type Emit = ReturnType<typeof emitter>
