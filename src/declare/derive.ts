import type { DataSpec, Returned, Tools } from './format.js'
import type { InputOf, Inputs } from './input.js'
import type { JsonCheck } from './json/json-check.js'
import type { Params, ParamSpec } from './param.js'
import {
  declarationOf,
  makeTask,
  type Carried,
  type Declaration,
  type FormerName,
  type Given,
  type NamedAs,
  type Naming,
  type Task,
  type TaskCalled,
  type TaskSpec,
} from './task.js'
import { phantom, type Awaitable, type CompileError, type Yields } from './types.js'

/** What a template keeps of its spec. */
export interface TemplateShape {
  readonly inputs: Inputs
  readonly params: Params
  readonly data: DataSpec
  readonly meta: unknown
  readonly helpers: unknown
}

/** A computation to derive tasks from; never part of a chain. The only type that keeps its spec. */
export interface Template<S extends TemplateShape, in Args = never> extends Yields<S['data']['_A']> {
  readonly _tag: 'Template'
  readonly _name: undefined
  readonly _shape: S
  readonly declaration: Declaration
  readonly run: (args: Args, context: never) => unknown
}

/** A template that still needs its `run`. */
export interface TemplateBuilder<S extends TemplateShape, Run extends readonly [unknown, unknown]> {
  /** Sets the template's computation. */
  run(fn: (...given: Run) => Awaitable<Returned<S['data']>>): Template<S, Run[0]>
}

/**
 * Declares a template, the counterpart of an abstract base class.
 *
 * @example
 * const feature = defineTemplate({
 *   inputs: { allMovies },
 *   data: t.array(t.string),
 *   helpers: { pick: (movie: Movie) => movie.title },
 * }).run(({ allMovies }, { helpers }) => allMovies.map(helpers.pick))
 * export const directors = derive(feature, { helpers: { pick: (movie) => movie.director } })
 */
export const defineTemplate = <
  F extends DataSpec,
  I extends Inputs = {},
  P extends Params = {},
  Meta = undefined,
  Helpers = undefined,
>(
  spec: TaskSpec<I, P, F> & Carried<Meta, Helpers>,
): TemplateBuilder<
  { readonly inputs: I; readonly params: P; readonly data: F; readonly meta: Meta; readonly helpers: Helpers },
  Given<I, P, F, { readonly meta: Meta; readonly helpers: Helpers }>
> => ({
  run: (fn) =>
    Object.freeze({
      _tag: 'Template',
      _A: phantom,
      _name: undefined,
      _shape: phantom,
      declaration: declarationOf(spec),
      run: fn,
    }),
})

type OtherInputs<I extends Inputs> = { readonly [K in keyof I]?: InputOf<I[K]['_A']> }
type OtherParams<P extends Params> = { readonly [K in keyof P]?: ParamSpec & Yields<P[K]['_A']> }

/** What a task derived from a template may change, in addition to name and data. */
export interface TemplateChanges<S extends TemplateShape> {
  /** Inputs whose values `run` accepts in place of the template's. */
  readonly inputs?: OtherInputs<S['inputs']>
  readonly params?: OtherParams<S['params']>
  /** Merged into the template's meta, field by field. */
  readonly meta?: Partial<S['meta']>
  /** Merged into the template's helpers, one by one. */
  readonly helpers?: Partial<S['helpers']>
  readonly version?: string | number
  /** Earlier names of the derived task; those of its base do not carry over. */
  readonly formerly?: readonly FormerName[]
}

/** What a task derived from a task may change, in addition to the name. */
export interface TaskChanges<Args> {
  /** Inputs whose values `run` accepts in place of the task's; parameters cannot be replaced here. */
  readonly inputs?: { readonly [K in keyof Args]?: InputOf<Args[K]> }
  readonly meta?: unknown
  readonly version?: string | number
  /** Earlier names of the derived task; those of its base do not carry over. */
  readonly formerly?: readonly FormerName[]
}

type Base = Task<any, any> | Template<any, any>
type Changes<B extends Base> =
  B extends Template<infer S, any> ? TemplateChanges<S> : B extends Task<any, infer Args> ? TaskChanges<Args> : never

/** Data is taken separately from the other changes so that the compiler infers it here. */
export interface DataChange<B extends Base, F extends DataSpec> {
  readonly data?: F & Accepts<B, F> & JsonCheck<F>
}

/** A format fits if it accepts what `run` returns and adds to the context what `run` uses. */
type Accepts<B extends Base, New extends DataSpec> =
  B extends Template<infer S, any>
    ? [Returned<S['data']>, Tools<New>] extends [Returned<New>, Tools<S['data']>]
      ? unknown
      : CompileError<'this data does not take what the run of the template returns, or lacks the tools that it uses'>
    : CompileError<'only a task derived from a template may keep its value in another way'>

type Derived<B extends Base, F extends DataSpec, Name extends string | undefined> =
  B extends Template<infer S, infer Args>
    ? TaskCalled<DataSpec extends F ? S['data']['_A'] : F['_A'], Args, Name>
    : B extends Task<infer Value, infer Args>
      ? TaskCalled<Value, Args, Name>
      : never

/**
 * Derives a task from a template or a task: the same computation with different wiring.
 *
 * @example
 * const selection = defineTask({ inputs: { rows: allMovies }, data: t.array(Movie), meta: { part: 'all' } }).run(
 *   ({ rows }, { meta }) => (meta.part === 'all' ? rows : rows.slice(0, 1)),
 * )
 * export const trainX = derive(selection, { inputs: { rows: filtered }, meta: { part: 'train' } })
 */
export const derive = <
  B extends Base,
  F extends DataSpec = DataSpec,
  Name extends string | undefined = undefined,
  Group extends string | undefined = undefined,
>(
  base: B,
  changes: Changes<B> & DataChange<B, F> & Naming<Name, Group>,
): Derived<B, F, NamedAs<Name, Group>> => {
  const old: Declaration = base.declaration
  const wanted = changes as unknown as Partial<Declaration> // the types above restrict what may be given
  return makeTask<Derived<B, F, NamedAs<Name, Group>>>(
    Object.freeze({
      ...old,
      name: wanted.name,
      group: wanted.group,
      abstract: false,
      inputs: Object.freeze({ ...old.inputs, ...wanted.inputs }),
      params: Object.freeze({ ...old.params, ...wanted.params }),
      data: wanted.data ?? old.data,
      meta: laidOver(old.meta, wanted.meta),
      helpers: laidOver(old.helpers, wanted.helpers),
      version: wanted.version ?? old.version,
      formerly: wanted.formerly,
    }),
    base.run,
  )
}

const laidOver = (old: unknown, changes: unknown): unknown =>
  changes === undefined
    ? old
    : typeof old === 'object' && old !== null && typeof changes === 'object' && changes !== null
      ? { ...old, ...changes }
      : changes
