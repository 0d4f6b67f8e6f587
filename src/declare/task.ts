import { madeHere } from './codec/codec-mode.js'
import type { DataSpec, Returned, Tools } from './format.js'
import type { Input, Inputs } from './input.js'
import type { MapItems } from './items.js'
import type { JsonCheck } from './json/json-check.js'
import type { Params, ReservedKey } from './param.js'
import type { Refresh } from './refresh.js'
import type { Retry } from './retry.js'
import type { TaskResources } from '../base/resource-amounts.js'
import { phantom, type Awaitable, type CompileError, type Yields } from './types.js'
import { isObject, tagOf } from '../base/records.js'

/**
 * A declared computation: where its arguments come from, how its value is kept, what computes it. Frozen; declaring one
 * does nothing.
 */
export interface Task<out Value = unknown, in Args = never> extends Yields<Value> {
  readonly _tag: 'Task'
  readonly _name: string | undefined
  readonly declaration: Declaration
  readonly run: (args: Args, context: never) => unknown
}

/** A task whose spec says a name or a group, so that the type knows it (`NamedAs`). */
export interface NamedTask<out Value, in Args, out Name extends string> extends Task<Value, Args> {
  readonly _name: Name
}

/** The plain type where there is nothing to know: what most tasks are, and what editors show. */
export type TaskCalled<Value, Args, Name extends string | undefined> = Name extends string
  ? NamedTask<Value, Args, Name>
  : Task<Value, Args>

/** What a task or template was declared with, as the planner and the runtime read it. */
export interface Declaration {
  readonly inputs: Inputs
  readonly params: Params
  readonly data: DataSpec
  readonly name: string | undefined
  readonly group: string | undefined
  readonly abstract: boolean
  readonly version: string | number | undefined
  readonly meta: unknown
  readonly helpers: unknown
  readonly retry: Retry | undefined
  readonly timeout: number | undefined
  readonly onCodeChange: OnCodeChange
  readonly refresh: Refresh | undefined
  readonly deterministic: boolean
  readonly formerly: readonly string[] | undefined
  readonly inputsFormerly: { readonly [role: string]: readonly string[] | undefined } | undefined
  readonly resources: TaskResources | undefined
  readonly codeOf: readonly object[]
}

/**
 * What becomes of a stored result whose code has changed since: nothing, it is used and reported, or it is computed
 * again.
 */
export type OnCodeChange = 'ignore' | 'warn' | 'recompute'

/**
 * What `run` receives: every input and every parameter under its own name.
 * One evaluated record, never an intersection: a task's type mentions its inputs' values, not its inputs. The keys are
 * those of an intersection, so that an editor goes from an argument of `run` to its declaration.
 */
export type RunArgs<I extends Inputs, P extends Params> = {
  [K in keyof (I & P)]: K extends keyof I ? I[K]['_A'] : K extends keyof P ? P[K]['_A'] : never
} & {}

/**
 * Where `run` writes its log. Everything goes to the artifact's log file; the console shows warnings and worse unless
 * told otherwise.
 */
export interface TaskLog {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

type Write = (message: string, details?: object) => void

/** An input seen from inside `run`: its value is loaded only when asked for. */
export interface InputHandle<out A = unknown> {
  /**
   * Full name of the task that the input was bound to; for matching inputs the pattern; empty for an absent optional
   * one.
   */
  readonly name: string
  value(): Promise<A>
}

/** Inputs by name, and by position in order of declaration. */
export type InputHandles<I extends Inputs> = { readonly [K in keyof I]: InputHandle<HandleValue<I[K]>> } & {
  readonly [position: number]: InputHandle<HandleValue<I[keyof I]>>
}

/** A handle of a lazy input gives what its thunk would. */
type HandleValue<One extends Input> = One extends Task ? One['_A'] : Called<One['_A']>
type Called<A> = A extends () => Promise<infer V> ? V : A

/** Values of the parameters by name. */
export type ParamValues<P extends Params> = { readonly [K in keyof P]: P[K]['_A'] }

/** What a template or a task carries besides its data: attributes and replaceable functions, typed as declared. */
export interface Extras {
  readonly meta: unknown
  readonly helpers: unknown
}

/** The second argument of `run`, without what the data format adds. */
export interface RunContextBase<I extends Inputs = Inputs, P extends Params = Params, E extends Extras = Extras> {
  readonly log: TaskLog
  /** Keeps a text or a JSON-like record in the run info, under `log`. */
  readonly note: (record: unknown) => void
  /** Says how far the work is; shown live. `total` is optional. */
  readonly progress: (done: number, total?: number) => void
  /** Aborted when the run is to stop: on Ctrl-C, on a timeout, with `--fail-fast`. */
  readonly signal: AbortSignal
  /** Calls a function for each item and keeps each result by itself: a run that is interrupted loses none. */
  readonly mapItems: MapItems
  readonly params: ParamValues<P>
  readonly inputs: InputHandles<I>
  readonly meta: E['meta']
  readonly helpers: E['helpers']
  /** Full name of the node: `namespace::group:name`. */
  readonly fullName: string
  readonly namespace: string
  readonly group: string
  readonly name: string
  readonly key: string
}

/** Asked first whether anything clashes at all: the sentences are only made where something does. */
type Clashes<I, P> = [keyof P & (keyof I | ReservedKey)] extends [never]
  ? unknown
  : {
      readonly [K in keyof P & string as K extends keyof I | ReservedKey ? K : never]: K extends ReservedKey
        ? CompileError<`'${K}' is reserved in configs; give this param another name`>
        : CompileError<`'${K}' is both an input and a param; run cannot tell them apart, rename one`>
    }

/** A task's name with its group: `films:total`. */
export type FormerName = `${string}:${string}`

/** What `defineTask` takes besides a name and extras. Everything but `data` may be left out. */
export interface TaskSpec<I extends Inputs, P extends Params, F extends DataSpec> {
  readonly inputs?: I
  readonly params?: P & Clashes<I, P>
  /** How the value is kept: a format, or an io-ts codec alone for `json(codec)`. */
  readonly data: F & JsonCheck<F>
  /** Never part of a chain; something to derive from. Default false. */
  readonly abstract?: boolean
  /** Part of the key: change it when the code changes what it computes. */
  readonly version?: string | number
  readonly retry?: Retry
  /** Milliseconds after which one attempt is aborted. */
  readonly timeout?: number
  /**
   * What becomes of a stored result that was computed by other code than `run`, its `helpers` and `codeOf` now are:
   * `warn` (default) uses and reports it, `recompute` computes it and all that depends on it again, `ignore` says
   * nothing. Comments and layout never count.
   */
  readonly onCodeChange?: OnCodeChange
  /**
   * For tasks that read the world, a download or a query: the stored result is computed again with each chain that is
   * opened (`'always'`), or so long after it was computed (`{ after: '1 day' }`). Where that comes to the same content,
   * everything that reads it stays as it is. Not part of the key.
   */
  readonly refresh?: Refresh
  /**
   * False for a task whose value is not told by its params, inputs and code alone: random numbers, the time, the world.
   * Its result is then never taken over from an artifact that was made from equal contents. Default true. Not part of
   * the key.
   */
  readonly deterministic?: boolean
  /**
   * What the task was called before, `['films:old_name']`, the oldest name first: results that are stored under such a
   * name are taken over. Params have their own `formerly`.
   */
  readonly formerly?: readonly FormerName[]
  /** What inputs were called before, by what they are called now: `{ votes: ['ratings'] }`, the oldest name first. */
  readonly inputsFormerly?: { readonly [K in keyof I]?: readonly string[] }
  /**
   * What it takes while it runs, `{ memory: '4 GB', gpu: 1 }`: no more runs at once in a process than there is. The
   * project says how much that is; of memory it is what the machine has. `{ queue: 'gpu' }`: the queue that it goes to,
   * where workers compute it;
   * `{ pool: 'process' }`: where a run hands it to. Not part of the key.
   */
  readonly resources?: TaskResources
  /** Functions, classes and modules (`import * as metrics`) that `run` calls and whose code counts as its own. */
  readonly codeOf?: readonly object[]
}

/** How a task is called, where the export key and the pipeline are not to say it. */
export interface Naming<Name, Group> {
  /** Overrides the name made from the export key. */
  readonly name?: Name
  /** Overrides the group, which is the pipeline's name; `:` separates levels. */
  readonly group?: Group
}

/** What `run` finds in its context besides its arguments. */
export interface Carried<Meta, Helpers> {
  /** Attributes of one's own, typed in `context.meta`. */
  readonly meta?: Meta
  /** Functions that `run` calls through `context.helpers` and that a derived task may replace. */
  readonly helpers?: { readonly [K in keyof Helpers]: Helpers[K] | AnyFunction }
}
/** Beside the type that is inferred it widens `() => 'a'` to `() => string`, which a derived task can replace. */
type AnyFunction = (...args: never) => unknown

/** Stands where a task has its tag, so that both compiler and planner say it of a spec that is used as a task. */
export const unrun = 'a task without its run: call .run(fn) on it'

/** A spec that waits for its `run`. */
export interface TaskBuilder<
  Run extends readonly [unknown, unknown],
  F extends DataSpec,
  Name extends string | undefined,
> {
  readonly _tag: typeof unrun
  /** For the compiler alone: with all that a task has, it is the tag that it finds wrong. */
  readonly _A: unknown
  readonly _name: undefined
  readonly declaration: Declaration
  /** Gives the task its computation. */
  run(fn: (...given: Run) => Awaitable<Returned<F>>): TaskCalled<F['_A'], Run[0], Name>
}

/** How name and group of a spec show in the type: `group:` waits for the export key, `group:name` is complete. */
export type NamedAs<Name, Group> = Group extends string
  ? `${Group}:${Name extends string ? Name : ''}`
  : Name extends string
    ? Name
    : undefined

/** The second argument of `run`: the base, and the tools of the data format. */
export type ContextOf<I extends Inputs, P extends Params, F extends DataSpec, E extends Extras> = RunContextBase<
  I,
  P,
  E
> &
  Tools<F>

/**
 * What `run` is called with. In this file, since the compiler shows `RunArgs` evaluated only where it is used beside
 * its declaration.
 */
export type Given<I extends Inputs, P extends Params, F extends DataSpec, E extends Extras> = [
  args: RunArgs<I, P>,
  context: ContextOf<I, P, F, E>,
]

/**
 * Declares a task; nothing runs until a chain asks for its value.
 *
 * @example
 * export const popular = defineTask({
 *   inputs: { allMovies },
 *   params: { minVotes: param(t.number, { default: 1000 }) },
 *   data: t.array(Movie),
 * }).run(({ allMovies, minVotes }) => allMovies.filter((movie) => movie.votes >= minVotes))
 * await testTask(popular, { inputs: { allMovies: [movie(3), movie(2000)] } }) // => [movie(2000)]
 */
export const defineTask = <
  F extends DataSpec,
  I extends Inputs = {},
  P extends Params = {},
  Name extends string | undefined = undefined,
  Group extends string | undefined = undefined,
  Meta = undefined,
  Helpers = undefined,
>(
  spec: TaskSpec<I, P, F> & Naming<Name, Group> & Carried<Meta, Helpers>,
): TaskBuilder<Given<I, P, F, { readonly meta: Meta; readonly helpers: Helpers }>, F, NamedAs<Name, Group>> => {
  const declaration = declarationOf(spec)
  return { _tag: unrun, _A: phantom, _name: undefined, declaration, run: (fn) => makeTask(declaration, fn) }
}

/** A task from its parts. The types were fixed by the builder; here they are only carried along. */
export const makeTask = <T extends Task>(declaration: Declaration, run: unknown): T =>
  // built from untyped parts, typed by the caller
  Object.freeze({ _tag: 'Task', _A: phantom, _name: phantom, declaration, run, ...madeHere }) as never

/** The untyped form of a spec. */
export const declarationOf = (spec: Partial<Declaration> & Pick<Declaration, 'data'>): Declaration =>
  Object.freeze({
    inputs: Object.freeze({ ...spec.inputs }),
    params: Object.freeze({ ...spec.params }),
    data: spec.data,
    name: spec.name,
    group: spec.group,
    abstract: spec.abstract ?? false,
    version: spec.version,
    meta: spec.meta,
    helpers: spec.helpers,
    retry: spec.retry,
    timeout: spec.timeout,
    onCodeChange: spec.onCodeChange ?? 'warn',
    refresh: spec.refresh,
    deterministic: spec.deterministic ?? true,
    formerly: spec.formerly,
    inputsFormerly: spec.inputsFormerly,
    resources: spec.resources,
    codeOf: spec.codeOf ?? [],
  })

/** True for a task of this or another copy of the library. */
export const isTask = (value: unknown): value is Task =>
  isObject(value) && value['_tag'] === 'Task' && 'declaration' in value

const inputTags: ReadonlySet<string> = new Set(['Optional', 'Matching', 'InNamespace', 'Ref', 'Lazy', 'AsPath'])

/** True for anything that may stand under `inputs`. */
export const isInput = (value: unknown): value is Input => {
  const tag = tagOf(value)
  return isTask(value) || (typeof tag === 'string' && inputTags.has(tag))
}
