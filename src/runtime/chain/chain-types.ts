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

/** One task of a chain. Asking it for a value loads or computes what is needed and nothing else. */
export interface TaskHandle<out A = unknown> {
  /** Full name. */
  readonly name: string
  readonly key: string
  readonly node: PlanNode
  /**
   * In memory → returned; in the store → loaded; else computed after its inputs, saved, returned. Rejects with
   * `TaskchainError`.
   */
  value(options?: ValueOptions): Promise<A>
  /** The same for fp-ts users: lazy, errors as values. */
  readonly effect: TaskEither<RunError, A>
  /** Whether the store has it. */
  hasData(): Promise<boolean>
  /** Where the data is or will be; undefined where it is kept in memory only or the store has no paths. */
  readonly dataPath: string | undefined
  /**
   * Where an interrupted checkpoint has left its files, in which the next run goes on; undefined where there are none.
   */
  unfinishedPath(): Promise<string | undefined>
  runInfo(): Promise<RunInfo | undefined>
  /** Text of the log of the last run that was kept, or of the last failed one. */
  log(which?: 'kept' | 'failed'): Promise<string | undefined>
  /** Why it is or is not recomputed: root causes, against the nearest stored results. Computes nothing. */
  why(): Promise<Why>
  /** Recomputes just this one at the next ask, whatever depends on it stays. `delete` removes its data at once. */
  force(options?: ForceOptions): Promise<TaskHandle<A>>
}

/** How a value is asked for. */
export interface ValueOptions {
  /**
   * With false no result that is kept is computed, replaced or marked: one that is missing or cannot be read is an
   * error. Default true.
   *
   * @example
   * await chain.run()
   * const metrics = await chain.task('test_metrics').value({ compute: false })
   */
  readonly compute?: boolean
}

/** Which results get readable links, and what these are called. */
export interface LinkOptions {
  /** Groups whose tasks get links, with the groups below them. Default: all. */
  readonly groups?: string | readonly string[]
  /** What links are called, before the extension. Default: what the config says, or its name. */
  readonly name?: string
}

/** What becomes of the stored results that are to be computed again. */
export interface ForceOptions {
  /** Delete data instead of marking it stale. Default false. */
  readonly delete?: boolean
  /** Also mark what is stored as stale, so that other processes recompute it too. Default false: this chain only. */
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
  /** Of tasks that say `refresh`, where a result is stored: whether and when it is due to be computed again. */
  readonly refresh: Pick<Refreshed, 'due' | 'next'> | undefined
  /** The former name under which it is stored, or from which it was taken over. */
  readonly formerly: string | undefined
  /** When the artifact was made; ISO 8601, undefined where there is none. */
  readonly when: string | undefined
  /** Seconds that `run` took. */
  readonly seconds: number | undefined
  /** Bytes. */
  readonly size: number | undefined
  readonly path: string | undefined
  readonly params: PlanNode['params']
  readonly inputs: readonly string[]
}

/** How one run differs from what the chain was opened with. */
export interface RunOptions {
  /** Called for every event of this run, besides the chain's own listener. A listener that throws fails nothing. */
  readonly onEvent?: Listener
  readonly signal?: AbortSignal
  /** Stop at the first failure instead of finishing what is independent of it. */
  readonly failFast?: boolean
  readonly concurrency?: number
  /**
   * Whether a result that was made from equal contents is taken over instead of computing it. Default true.
   *
   * @example
   * const { adopted } = await chain.run(undefined, { adopt: false })
   * adopted // => []
   */
  readonly adopt?: boolean
}

/**
 * A plan bound to a runtime: what users ask for values. `Chain` alone is any chain: it takes any name.
 * The default is `any`, since names are typed by `M` and a chain of more names is no chain of fewer.
 */
export interface Chain<M extends Modules = any> {
  readonly plan: Plan
  /** Value of a task, by declaration (preferred) or by name; short names while they are unambiguous. */
  value<What extends Task | string>(task: Asked<M, What>): Promise<ValueAsked<M, What>>
  /** The handle of a task, asked for in the same way. */
  task<What extends Task | string>(task: Asked<M, What>): TaskHandle<ValueAsked<M, What>>
  /** The same chain, names looked up in a namespace; relative to this one, from the top with a leading `::`. */
  in(namespace: string): Chain<M>
  /**
   * Computes tasks (by default every node that is kept) and what they need; never rejects for a failing task: the
   * report says.
   */
  run<What extends Task | string>(tasks?: readonly Asked<M, What>[], options?: RunOptions): Promise<RunReport>
  /** What each node is against the store just now, by full name. */
  states<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<ReadonlyMap<string, NodeState>>
  /**
   * How many results that are kept a run of everything would compute: between the two, since what comes to a content
   * that is known already is taken over. Computes nothing.
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
  /** Marks a task, or several, and all that depends on them for recomputation. Resolves with their full names. */
  force<What extends Task | string>(
    tasks: Asked<M, What> | readonly Asked<M, What>[],
    options?: ForceOptions,
  ): Promise<readonly string[]>
  /**
   * Results of other configs, or of this one under other values, that the store holds and that were made from these
   * tasks' results or from what depends on them: they are stale once these come to other contents. Reads the catalog,
   * not results.
   *
   * @example
   * for (const { task, config } of await chain.storedDependents('filtered')) console.log(task, config)
   */
  storedDependents<What extends Task | string>(
    tasks: Asked<M, What> | readonly Asked<M, What>[],
  ): Promise<readonly StoredDependent[]>
  /**
   * Stored results that were made from other contents than those that their inputs have by now, with these inputs. Asks
   * the store's catalog.
   */
  stale<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<readonly Stale[]>
  /**
   * Stored results of tasks that say `refresh` (by default of all), with when they are due to be computed again.
   *
   * @example
   * const due = (await chain.refreshes()).filter(({ due }) => due).map(({ node }) => node)
   */
  refreshes<What extends Task | string>(tasks?: readonly Asked<M, What>[]): Promise<readonly Refreshed[]>
  /**
   * Results (by default of all tasks) that are stored under former names, see `formerly`, or were taken over from
   * there.
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
   * Accepts such results for the code as it is now, until it changes again; with tasks named also what has changed only
   * with them. Resolves with what was accepted.
   */
  bless<What extends Task | string>(
    tasks?: readonly Asked<M, What>[],
    options?: BlessOptions,
  ): Promise<readonly Drifted[]>
  /**
   * A drawing of the chain: colour by group, the same in all chains of the project, border by state. A part of it where
   * groups are named.
   *
   * @example
   * await chain.draw('dot', { groups: ['rating_model'], neighbours: true })
   */
  draw(language?: 'dot' | 'mermaid', part?: DrawnPart): Promise<string>
  /**
   * Makes readable links for all that is stored, or for the tasks of some groups. Resolves with their paths.
   *
   * @example
   * await chain.linkReadable({ groups: 'rating_model', name: 'baseline' })   // baseline.json, beside what it leads to
   */
  linkReadable(options?: LinkOptions): Promise<readonly string[]>
  /** What the console shows from now on of the tasks' logs. Chains of one set share it. */
  setLogLevel(level: LogLevel): void
  /** Drops values from memory: of these tasks, or all. They are loaded or made again when asked for. */
  release<What extends Task | string>(tasks?: Asked<M, What> | readonly Asked<M, What>[]): void
  /**
   * How much is kept in memory: values that were asked for, and those that are kept nowhere else (`inMemory`). They
   * stay until `release`, `close` or the limit; those that were read least recently go first, each with an event
   * `evicted`. Chains of one set share it.
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
/** The same, by the names of a project. */
export type WantedOf<M> = Task | AskableAnywhere<M>

/** From what level on the console shows what tasks log; `silent` shows nothing. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** How a chain runs; everything has a default. */
export interface ChainOptions {
  /** A folder (relative to the project's root) or a store. Default: the project's. */
  readonly store?: string | Store
  /** Tasks at once. Default: number of processors. */
  readonly concurrency?: number
  /** What the console shows of the tasks' logs. Default `warn`. */
  readonly logLevel?: LogLevel
  /** When data is forced to disk. Default `group`: before a run says that it is done. */
  readonly durability?: 'group' | 'each' | 'none'
  readonly onEvent?: Listener
  readonly executor?: Executor
  /**
   * Bytes of values that are kept in memory while the chain is open, estimated. Default: a quarter of the machine's
   * memory.
   */
  readonly memoryLimit?: number
  /** An artifact that cannot be read is an error instead of a miss. Default false. */
  readonly noRepair?: boolean
  /** Fails a task that changes a value it was given. For tests; costs a copy. Default false. */
  readonly checkMutation?: boolean
  /**
   * Whether what is run here leaves a record in the store's history (`taskchain runs`). Default true; where nothing is
   * computed that is kept, there is none in any case.
   *
   * @example
   * const chain = await openChain(project, { config: 'model', history: false })
   */
  readonly history?: boolean
}
