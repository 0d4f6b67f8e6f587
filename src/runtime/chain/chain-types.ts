import type { DrawnPart } from '../../plan/inspect/draw/drawn-nodes.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AskableAnywhere, Asked, Modules, ValueAsked } from '../../declare/project.js'
import type { Task } from '../../declare/task.js'
import type { RunError } from '../../errors.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { BlessOptions } from '../code-drift/bless.js'
import type { Computations } from '../engine/adoption/computations.js'
import type { Drifted } from '../ports/drifted.js'
import type { FormerResult } from '../engine/adoption/former-results.js'
import type { Refreshed } from '../ports/refreshed.js'
import type { Stale } from '../ports/stale.js'
import type { Listener, RunReport } from '../ports/events.js'
import type { Executor } from '../ports/executor.js'
import type { MemoryUse } from '../session/kept-values.js'
import type { Store } from '../ports/store.js'
import type { NodeState } from '../ports/node-words.js'
import type { RunInfo } from '../run-info/run-info-types.js'
import type { StoredDependent } from './stored-dependents.js'
import type { Why } from './why-node.js'

export type { NodeState } from '../ports/node-words.js'

/** One task of a chain. Requesting its value loads or computes only what is needed. */
export interface TaskHandle<out A = unknown> {
  /** Full name. */
  readonly name: string
  readonly key: string
  readonly node: PlanNode
  /**
   * Returned from memory, else loaded from the store, else computed after its inputs, saved and returned. Rejects with
   * `TaskchainError`.
   */
  value(options?: ValueOptions): Promise<A>
  /** The same for fp-ts users: lazy, errors as values. */
  readonly effect: TaskEither<RunError, A>
  /** Whether the store has its data. */
  hasData(): Promise<boolean>
  /** Path of the data, present or future; undefined if it is kept in memory only or the store has no paths. */
  readonly dataPath: string | undefined
  /** The files of an interrupted checkpoint, which the next run resumes; undefined if there are none. */
  unfinishedPath(): Promise<string | undefined>
  runInfo(): Promise<RunInfo | undefined>
  /** Text of the log of the last successful run, or of the last failed one. */
  log(which?: 'kept' | 'failed'): Promise<string | undefined>
  /** Why it is or is not recomputed: root causes, compared with the nearest stored results. Computes nothing. */
  why(): Promise<Why>
  /** Recomputes only this task at the next request; its dependents stay. `delete` removes its data at once. */
  force(options?: ForceOptions): Promise<TaskHandle<A>>
}

/** Options of a request for a value. */
export interface ValueOptions {
  /**
   * If false, no stored result is computed, replaced or marked: one that is missing or unreadable is an error. Default
   * true.
   *
   * @example
   * await chain.run()
   * const metrics = await chain.task('test_metrics').value({ compute: false })
   */
  readonly compute?: boolean
}

/** Which results get readable links, and the names of these links. */
export interface LinkOptions {
  /** Groups whose tasks get links, including groups below them. Default: all. */
  readonly groups?: string | readonly string[]
  /** The name of links, before the extension. Default: the one set in the config, or the config's name. */
  readonly name?: string
}

/** What happens to the stored results that will be computed again. */
export interface ForceOptions {
  /** Delete data instead of marking it stale. Default false. */
  readonly delete?: boolean
  /** Also mark stored results as stale, so that other processes recompute them too. Default false: this chain only. */
  readonly mark?: boolean
}

/** A row of `chain.tasks()`. */
export interface TaskRow {
  readonly fullName: string
  readonly namespace: string
  readonly group: string
  readonly name: string
  readonly key: string
  /** Name of the config that brings the task. */
  readonly config: string
  readonly state: NodeState
  readonly computed: boolean
  /** For stored results of tasks that declare `refresh`: whether and when they are due to be computed again. */
  readonly refresh: Pick<Refreshed, 'due' | 'next'> | undefined
  /** The former name under which it is stored, or from which it was adopted. */
  readonly formerly: string | undefined
  /** When the artifact was computed; ISO 8601, undefined if there is none. */
  readonly when: string | undefined
  /** Seconds that `run` took. */
  readonly seconds: number | undefined
  /** Bytes. */
  readonly size: number | undefined
  readonly path: string | undefined
  readonly params: PlanNode['params']
  readonly inputs: readonly string[]
}

/** Options of one run that override those of the chain. */
export interface RunOptions {
  /** Called for every event of this run, in addition to the chain's own listener. Errors of a listener are ignored. */
  readonly onEvent?: Listener
  readonly signal?: AbortSignal
  /** Stop at the first failure instead of finishing independent tasks. */
  readonly failFast?: boolean
  readonly concurrency?: number
  /**
   * Whether a result that was computed from equal contents is adopted instead of computing it. Default true.
   *
   * @example
   * const { adopted } = await chain.run(undefined, { adopt: false })
   * adopted // => []
   */
  readonly adopt?: boolean
}

/**
 * A plan bound to a runtime, from which users request values. `Chain` without a type argument accepts any name. The
 * default is `any`, since names are typed by `M` and a chain with more names is not assignable to one with fewer.
 */
export interface Chain<M extends Modules = any> {
  readonly plan: Plan
  /** Value of a task, by declaration (preferred) or by name; short names work while they are unambiguous. */
  value<What extends Task | string>(task: Asked<M, What>): Promise<ValueAsked<M, What>>
  /** The handle of a task, which is given in the same way. */
  task<What extends Task | string>(task: Asked<M, What>): TaskHandle<ValueAsked<M, What>>
  /** The same chain with names looked up in a namespace: relative to this one, or from the top with a leading `::`. */
  in(namespace: string): Chain<M>
  /**
   * Computes tasks (by default every kept node) and what they need. Never rejects for a failing task: failures are in
   * the report.
   */
  run<What extends Task | string>(tasks?: readonly Asked<M, What>[], options?: RunOptions): Promise<RunReport>
  /** The current state of each node in the store, by full name. */
  states<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<ReadonlyMap<string, NodeState>>
  /**
   * How many stored results a run of all tasks would compute. The number lies between the two, since a result whose
   * contents are known already is adopted. Computes nothing.
   *
   * @example
   * const { atLeast, atMost } = await chain.computations()
   * atLeast <= atMost // => true
   */
  computations(): Promise<Computations>
  /** A table of all tasks. */
  tasks(): Promise<readonly TaskRow[]>
  /** Full names of what reads a task, directly or not. */
  dependents<What extends Task | string>(task: Asked<M, What>): readonly string[]
  /** Full names of what a task reads, directly or not. */
  requirements<What extends Task | string>(task: Asked<M, What>): readonly string[]
  /** Marks one or more tasks and all their dependents for recomputation. Resolves with their full names. */
  force<What extends Task | string>(
    tasks: Asked<M, What> | readonly Asked<M, What>[],
    options?: ForceOptions,
  ): Promise<readonly string[]>
  /**
   * Stored results of other configs, or of this one with other values, that were computed from the results of these
   * tasks or of their dependents: they become stale when these results change. Reads the catalog, not results.
   *
   * @example
   * for (const { task, config } of await chain.storedDependents('filtered')) console.log(task, config)
   */
  storedDependents<What extends Task | string>(
    tasks: Asked<M, What> | readonly Asked<M, What>[],
  ): Promise<readonly StoredDependent[]>
  /**
   * Stored results that were computed from other contents than the current ones of their inputs, with these inputs.
   * Reads the store's catalog.
   */
  stale<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<readonly Stale[]>
  /**
   * Stored results of tasks that declare `refresh` (by default of all), with the time when they are due to be computed
   * again.
   *
   * @example
   * const due = (await chain.refreshes()).filter(({ due }) => due).map(({ node }) => node)
   */
  refreshes<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<readonly Refreshed[]>
  /**
   * Results (by default of all tasks) that are stored under former names, see `formerly`, or were adopted from there.
   *
   * @example
   * const waiting = (await chain.formers()).filter(({ adopted }) => !adopted).map(({ node }) => node)
   */
  formers<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<readonly FormerResult[]>
  /**
   * Stored results (by default of all tasks) that were computed by other code than the present. Reads the catalog, not
   * results.
   */
  drifted<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<readonly Drifted[]>
  /**
   * Accepts such results for the present code, until it changes again; if tasks are named, also those of their
   * dependents that have drifted only because of them. Resolves with the accepted results.
   */
  bless<What extends Task | string>(
    tasks?: readonly Asked<M, What>[],
    options?: BlessOptions,
  ): Promise<readonly Drifted[]>
  /**
   * A drawing of the chain: colour by group, the same in all chains of the project, border by state. If groups are
   * named, only a part of it.
   *
   * @example
   * await chain.draw('dot', { groups: ['rating_model'], neighbours: true })
   */
  draw(language?: 'dot' | 'mermaid', part?: DrawnPart): Promise<string>
  /**
   * Creates readable links for all stored results, or for those of some groups. Resolves with their paths.
   *
   * @example
   * await chain.linkReadable({ groups: 'rating_model', name: 'baseline' })   // baseline.json, beside what it leads to
   */
  linkReadable(options?: LinkOptions): Promise<readonly string[]>
  /** Sets the level from which the console shows the tasks' logs. Chains of one set share it. */
  setLogLevel(level: LogLevel): void
  /** Drops values from memory: of these tasks, or all. They are loaded or computed again on request. */
  release<What extends Task | string>(tasks?: Asked<M, What> | readonly Asked<M, What>[]): void
  /**
   * How much is kept in memory: requested values, and those that are stored nowhere else (`inMemory`). They stay until
   * `release`, `close` or the limit; the least recently used are dropped first, each with an event `evicted`. Chains of
   * one set share it.
   *
   * @example
   * const { values, bytes, limit } = chain.memory()
   */
  memory(): MemoryUse
  /** Waits for logs and syncs. */
  close(): Promise<void>
}

/** A task by declaration or by name. */
export type Wanted = Task | string
/** The same, restricted to the names of a project. */
export type WantedOf<M> = Task | AskableAnywhere<M>

/** The level from which the console shows what tasks log; `silent` shows nothing. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Options of a chain; all have a default. */
export interface ChainOptions {
  /** A folder (relative to the project's root) or a store. Default: the project's. */
  readonly store?: string | Store
  /** How many tasks run at the same time. Default: number of processors. */
  readonly concurrency?: number
  /** The level from which the console shows the tasks' logs. Default `warn`. */
  readonly logLevel?: LogLevel
  /** When data is forced to disk. Default `group`: before a run reports its end. */
  readonly durability?: 'group' | 'each' | 'none'
  readonly onEvent?: Listener
  readonly executor?: Executor
  /**
   * Limit of the values that are kept in memory while the chain is open, in estimated bytes. Default: a quarter of the
   * machine's memory.
   */
  readonly memoryLimit?: number
  /** An artifact that cannot be read is an error instead of a miss. Default false. */
  readonly noRepair?: boolean
  /** Fails a task that changes one of its input values. For tests; costs a copy. Default false. */
  readonly checkMutation?: boolean
  /**
   * Whether runs of this chain are recorded in the store's history (`taskchain runs`). Default true; a run that
   * computes nothing to store is never recorded.
   *
   * @example
   * const chain = await openChain(project, { config: 'model', history: false })
   */
  readonly history?: boolean
}
