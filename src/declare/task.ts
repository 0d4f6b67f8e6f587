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
import { oncePerOne } from '../base/once-per.js'
import { isObject, tagOf } from '../base/records.js'

/**
 * A declared computation: its inputs and params, the format that stores its value, and the function that computes it.
 * Frozen; declaring a task runs nothing.
 */
export interface Task<out Value = unknown, in Args = never> extends Yields<Value> {
  readonly _tag: 'Task'
  readonly _name: string | undefined
  readonly declaration: Declaration
  readonly run: (args: Args, context: never) => unknown
}

/** Like `oncePer`, for tasks. */
export const oncePerTask = oncePerOne<Task>()

/** A task whose spec sets a name or a group, so that its type carries it (`NamedAs`). */
export interface NamedTask<out Value, in Args, out Name extends string> extends Task<Value, Args> {
  readonly _name: Name
}

/** The plain type where no name is declared: what most tasks are, and what editors show. */
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
 * What happens to a stored result whose code has changed since: it is used (`ignore`), used and reported (`warn`), or
 * computed again (`recompute`).
 */
export type OnCodeChange = 'ignore' | 'warn' | 'recompute'

/**
 * What `run` receives: every input and every parameter under its own name.
 * One evaluated record, not an intersection: a task's type mentions its inputs' values, not its inputs. The keys come
 * from an intersection so that an editor can jump from an argument of `run` to its declaration.
 */
export type RunArgs<I extends Inputs, P extends Params> = {
  [K in keyof (I & P)]: K extends keyof I ? I[K]['_A'] : K extends keyof P ? P[K]['_A'] : never
} & {}

/**
 * The logger of `run`. Everything goes to the artifact's log file; by default the console shows only warnings and
 * errors.
 */
export interface TaskLog {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

type Write = (message: string, details?: object) => void

/** An input as seen from inside `run`: its value is loaded only when `value()` is called. */
export interface InputHandle<out A = unknown> {
  /** Full name of the task bound to the input; the pattern for matching inputs; empty for an absent optional input. */
  readonly name: string
  value(): Promise<A>
}

/** Inputs by name, and by position in declaration order. */
export type InputHandles<I extends Inputs> = { readonly [K in keyof I]: InputHandle<HandleValue<I[K]>> } & {
  readonly [position: number]: InputHandle<HandleValue<I[keyof I]>>
}

/** The handle of a lazy input yields what its thunk would return. */
type HandleValue<One extends Input> = One extends Task ? One['_A'] : Called<One['_A']>
type Called<A> = A extends () => Promise<infer V> ? V : A

/** Values of the parameters by name. */
export type ParamValues<P extends Params> = { readonly [K in keyof P]: P[K]['_A'] }

/** What a template or task carries in addition to its data: attributes and replaceable functions, typed as declared. */
export interface Extras {
  readonly meta: unknown
  readonly helpers: unknown
}

/** The second argument of `run`, without what the data format adds. */
export interface RunContextBase<I extends Inputs = Inputs, P extends Params = Params, E extends Extras = Extras> {
  readonly log: TaskLog
  /** Records a string or a JSON-like value in the run info, under `log`. */
  readonly note: (record: unknown) => void
  /** Reports progress, shown live. `total` is optional. */
  readonly progress: (done: number, total?: number) => void
  /** Aborted when the run has to stop: on Ctrl-C, on a timeout, with `--fail-fast`. */
  readonly signal: AbortSignal
  /**
   * Calls a function for each item and stores each result separately, so that an interrupted run loses none of them.
   */
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

/** Checks first whether anything clashes at all, so that messages are only built when needed. */
type Clashes<I, P> = [keyof P & (keyof I | ReservedKey)] extends [never]
  ? unknown
  : {
      readonly [K in keyof P & string as K extends keyof I | ReservedKey ? K : never]: K extends ReservedKey
        ? CompileError<`'${K}' is reserved in configs; give this param another name`>
        : CompileError<`'${K}' is both an input and a param; run cannot tell them apart, rename one`>
    }

/** A task's name with its group: `films:total`. */
export type FormerName = `${string}:${string}`

/** What `defineTask` takes, apart from name and extras. Everything but `data` is optional. */
export interface TaskSpec<I extends Inputs, P extends Params, F extends DataSpec> {
  readonly inputs?: I
  readonly params?: P & Clashes<I, P>
  /** How the value is stored: a format, or a bare io-ts codec as shorthand for `json(codec)`. */
  readonly data: F & JsonCheck<F>
  /** Never part of a chain; exists only to be derived from. Default false. */
  readonly abstract?: boolean
  /** Part of the key: change it when the code starts computing something else. */
  readonly version?: string | number
  readonly retry?: Retry
  /** Milliseconds after which an attempt is aborted. */
  readonly timeout?: number
  /**
   * What happens to a stored result when the code of `run`, its `helpers` or `codeOf` has changed since it was
   * computed: `warn` (default) uses the result and reports it, `recompute` computes it and everything downstream again,
   * `ignore` uses it silently. Comments and formatting never count.
   */
  readonly onCodeChange?: OnCodeChange
  /**
   * For tasks that read from outside, such as a download or a query: the stored result is recomputed each time a chain
   * is opened (`'always'`) or once it is old enough (`{ after: '1 day' }`). If the new content is the same, nothing
   * downstream is recomputed. Not part of the key.
   */
  readonly refresh?: Refresh
  /**
   * Set to false if the value is not fully determined by params, inputs and code, for example when it depends on random
   * numbers, the time or outside data. Such a result is never adopted from an artifact made from equal contents.
   * Default true. Not part of the key.
   */
  readonly deterministic?: boolean
  /**
   * Earlier names of the task, oldest first: `['films:old_name']`. Results stored under such a name are adopted. Params
   * have their own `formerly`.
   */
  readonly formerly?: readonly FormerName[]
  /** Earlier names of inputs, oldest first, by current name: `{ votes: ['ratings'] }`. */
  readonly inputsFormerly?: { readonly [K in keyof I]?: readonly string[] }
  /**
   * Resources held while the task runs, `{ memory: '4 GB', gpu: 1 }`: a process runs only as many tasks at once as its
   * resources allow. The project declares the capacity; `memory` defaults to that of the machine.
   * `{ queue: 'gpu' }` names the queue when workers compute the task, `{ pool: 'process' }` the pool that a run hands
   * it to. Not part of the key.
   */
  readonly resources?: TaskResources
  /**
   * Functions, classes and modules (`import * as metrics`) that `run` calls and whose code counts as part of the
   * task's.
   */
  readonly codeOf?: readonly object[]
}

/** Sets the name of a task when the export key or the pipeline should not determine it. */
export interface Naming<Name, Group> {
  /** Overrides the name derived from the export key. */
  readonly name?: Name
  /** Overrides the group, which defaults to the pipeline's name; `:` separates levels. */
  readonly group?: Group
}

/** What `run` finds in its context in addition to its arguments. */
export interface Carried<Meta, Helpers> {
  /** Custom attributes, typed in `context.meta`. */
  readonly meta?: Meta
  /** Functions that `run` calls through `context.helpers`; a derived task may replace them. */
  readonly helpers?: { readonly [K in keyof Helpers]: Helpers[K] | AnyFunction }
}
/** In a union with the inferred type, widens `() => 'a'` to `() => string`, so that a derived task can replace it. */
type AnyFunction = (...args: never) => unknown

/** Takes the place of a task's tag, so that compiler and planner both report a spec used as a task. */
export const unrun = 'a task without its run: call .run(fn) on it'

/** A spec that still needs its `run`. */
export interface TaskBuilder<
  Run extends readonly [unknown, unknown],
  F extends DataSpec,
  Name extends string | undefined,
> {
  readonly _tag: typeof unrun
  /** For the compiler only: with every other field of a task present, it reports the tag as wrong. */
  readonly _A: unknown
  readonly _name: undefined
  readonly declaration: Declaration
  /** Sets the task's computation. */
  run(fn: (...given: Run) => Awaitable<Returned<F>>): TaskCalled<F['_A'], Run[0], Name>
}

/** How a spec's name and group appear in its type: `group:` awaits the export key, `group:name` is complete. */
export type NamedAs<Name, Group> = Group extends string
  ? `${Group}:${Name extends string ? Name : ''}`
  : Name extends string
    ? Name
    : undefined

/** The second argument of `run`: the base context plus the tools of the data format. */
export type ContextOf<I extends Inputs, P extends Params, F extends DataSpec, E extends Extras> = RunContextBase<
  I,
  P,
  E
> &
  Tools<F>

/**
 * The arguments of `run`. Declared in this file because the compiler shows `RunArgs` evaluated only when it is used
 * next to its declaration.
 */
export type Given<I extends Inputs, P extends Params, F extends DataSpec, E extends Extras> = [
  args: RunArgs<I, P>,
  context: ContextOf<I, P, F, E>,
]

/**
 * Declares a task; nothing runs until a chain requests its value.
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

/** Builds a task from its parts. The builder has fixed the types; here they are only passed through. */
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
    codeOf: spec.codeOf ?? noCode,
  })

/** The list of a task that names no further code. */
export const noCode: readonly object[] = Object.freeze([])

/** True for a task created by this or another copy of the library. */
export const isTask = (value: unknown): value is Task =>
  isObject(value) && value['_tag'] === 'Task' && 'declaration' in value

const inputTags: ReadonlySet<string> = new Set(['Optional', 'Matching', 'InNamespace', 'Ref', 'Lazy', 'AsPath'])

/** True for anything allowed under `inputs`. */
export const isInput = (value: unknown): value is Input => {
  const tag = tagOf(value)
  return isTask(value) || (typeof tag === 'string' && inputTags.has(tag))
}
