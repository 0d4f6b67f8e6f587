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
import { machineMemory } from './kept-values.js'
import { amountsOf } from '../../base/resource-amounts.js'

/**
 * What chains of one project share while a process lives: ports, the limit of concurrency, values in memory, work in
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
  /** Nodes at once, over all runs of the session. */
  readonly concurrency: number
  readonly slots: Slots
  /** How much there is of what tasks ask for. */
  readonly resources: Readonly<Record<string, number>>
  /** Shared by all runs of the session. */
  readonly tokens: Tokens
  /** Runs that go on. */
  readonly runs: Set<ActiveRun>
  /** Values that users asked for, and those that are kept nowhere else; they stay until `release` or the limit. */
  readonly memory: KeptValues
  /** What is being computed or loaded just now, by key. */
  readonly inFlight: Map<string, Promise<Produced>>
  /** Keys to compute again whatever is stored. */
  readonly forced: Set<string>
  /** Keys whose artifact was found damaged while it was read; until they are computed again. */
  readonly damaged: Map<string, Damaged>
  readonly noRepair: boolean
  readonly checkMutation: boolean
  readonly listener: Listener | undefined
  /** Keeps the history of what is run here; undefined: nobody does. */
  readonly recorder: RunRecorder | undefined
  /** How long a run that was told to stop may take to do so, in milliseconds. */
  readonly grace: number
  /** What relative paths of params start from; absolute. */
  readonly root: string
  /** Files that a pattern fits, absolute and sorted; undefined: `run` gets the patterns. */
  readonly filesOf: ((pattern: string) => readonly string[]) | undefined
  /** Digests of files by request, to see that they are still what was planned with; undefined: not looked at. */
  readonly digests: ((paths: readonly string[]) => Promise<FileDigests>) | undefined
  /** Hides the secrets that were met so far in all that is shown or kept. */
  readonly secrets: Secrets
  /**
   * Attempts that were made before, by key, where this session goes on for another one that had them made elsewhere.
   */
  readonly attempted: ReadonlyMap<string, number>
}

/** What one making of a key came to. */
export type Produced = InWords<
  Ending,
  | { readonly _tag: 'computed'; readonly value: unknown; readonly content: Content; readonly reading?: Reading }
  | { readonly _tag: 'loaded'; readonly value: unknown; readonly content: Content; readonly reading?: Reading }
  /** Taken over from an artifact of equal content: the value is in the store only. */
  | { readonly _tag: 'adopted' }
  /** Computed and committed elsewhere: the value is in the store only. */
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
  /** Makes what keeps the history; it is given what hides secrets. */
  readonly recorder?: (hide: (text: string) => string) => RunRecorder | undefined
  readonly grace?: number
  /** Default: the project's root, else the working folder. */
  readonly root?: string
  readonly filesOf?: Session['filesOf']
  readonly digests?: Session['digests']
  readonly attempted?: Session['attempted']
  /** Bytes of values that are kept in memory. Default: a quarter of what the machine has. */
  readonly memoryLimit?: number
}

/** Opens a session over its ports. Throws where its executor computes elsewhere, but nobody else can open its store. */
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
  const resources = { memory: machineMemory(), ...amountsOf(parts.project.resources ?? {}) }
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

/** Tells listeners; one that throws fails nothing. */
export const teller = (
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

export type Tell = ReturnType<typeof teller>
