import type { DataSpec, Returned, Tools } from './format.js'
import type { Input, Inputs } from './input.js'
import type { JsonCheck } from './json-check.js'
import type { Params, ParamSpec } from './param.js'
import { declarationOf, makeTask, type Carried, type ContextOf, type Declaration, type NamedAs, type Naming, type RunArgs, type Task, type TaskSpec } from './task.js'
import { phantom, type Awaitable, type CompileError, type Yields } from './types.js'

/** What a template keeps of its spec. */
export interface TemplateShape {
  readonly inputs: Inputs
  readonly params: Params
  readonly data: DataSpec
  readonly meta: unknown
  readonly helpers: unknown
}

/** A computation to derive tasks from; never part of a chain (SPEC 2.4). The one type that keeps its spec. */
export interface Template<S extends TemplateShape> {
  readonly _tag: 'Template'
  readonly _shape: S
  readonly declaration: Declaration
  readonly run: unknown
}

/** A template that waits for its `run`. */
export interface TemplateBuilder<S extends TemplateShape> {
  run(
    fn: (args: RunArgs<S['inputs'], S['params']>, context: ContextOf<S['inputs'], S['params'], S['data'], S>) => Awaitable<Returned<S['data']>>,
  ): Template<S>
}

/**
 * Declares a template: what a base class is elsewhere.
 *
 * @example
 * const feature = defineTemplate({
 *   inputs: { movies }, data: t.array(t.string), helpers: { pick: (movie: Movie) => movie.title },
 * }).run(({ movies }, { helpers }) => movies.map(helpers.pick))
 * export const directors = derive(feature, { helpers: { pick: (movie) => movie.director } })
 */
export const defineTemplate = <F extends DataSpec, I extends Inputs = {}, P extends Params = {}, Meta = undefined, Helpers = undefined>(
  spec: TaskSpec<I, P, F> & Carried<Meta, Helpers>,
): TemplateBuilder<{ readonly inputs: I; readonly params: P; readonly data: F; readonly meta: Meta; readonly helpers: Helpers }> => ({
  run: (fn) => Object.freeze({ _tag: 'Template', _shape: phantom, declaration: declarationOf(spec), run: fn }),
})

type OtherInputs<I extends Inputs> = { readonly [K in keyof I]?: Input & Yields<I[K]['_A']> }
type OtherParams<P extends Params> = { readonly [K in keyof P]?: ParamSpec & Yields<P[K]['_A']> }

/** A format fits when it takes what `run` returns and gives the context what `run` uses. */
type Accepts<Old extends DataSpec, New extends DataSpec> = [Returned<Old>, Tools<New>] extends [Returned<New>, Tools<Old>]
  ? unknown
  : CompileError<'this data does not accept what the template returns or lacks the tools its run uses'>

/** What may differ in a task derived from a template. */
export interface TemplateChanges<S extends TemplateShape, F extends DataSpec> {
  readonly inputs?: OtherInputs<S['inputs']>
  readonly params?: OtherParams<S['params']>
  readonly data?: F & Accepts<S['data'], F> & JsonCheck<F>
  /** Laid over the template's meta, field by field. */
  readonly meta?: Partial<S['meta']>
  /** Laid over the template's helpers, one by one. */
  readonly helpers?: Partial<S['helpers']>
  readonly version?: string | number
}

type InputsByArgs<Args> = { readonly [K in keyof Args]?: Input & Yields<Args[K]> }

/** What may differ in a task derived from a task. */
export interface TaskChanges<Args> {
  /** Inputs of values that `run` can take in their place; a parameter cannot be replaced here. */
  readonly inputs?: InputsByArgs<Args>
  readonly meta?: unknown
  readonly version?: string | number
}

type Derive = {
  /** Gives a plain task with the task's computation under another name, meta or wiring. */
  <Value, Args, Name extends string | undefined = undefined, Group extends string | undefined = undefined>(
    base: Task<Value, Args>,
    changes: TaskChanges<Args> & Naming<Name, Group>,
  ): Task<Value, Args, NamedAs<Name, Group>>
  /** Gives a plain task from a template. */
  <S extends TemplateShape, F extends DataSpec = S['data'], Name extends string | undefined = undefined, Group extends string | undefined = undefined>(
    base: Template<S>,
    changes: TemplateChanges<S, F> & Naming<Name, Group>,
  ): Task<F['_A'], RunArgs<S['inputs'], S['params']>, NamedAs<Name, Group>>
}

/**
 * Derives a task from a template or a task: same computation, other wiring.
 *
 * @example
 * export const trainX = derive(selection, { inputs: { rows: features }, meta: { part: 'train' } })
 */
export const derive: Derive = (base: { readonly declaration: Declaration; readonly run: unknown }, changes: object): any => {
  const old = base.declaration
  const wanted = changes as Partial<Declaration> // the overloads above say what may be given
  return makeTask(
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
    }),
    base.run,
  )
}

const laidOver = (old: unknown, changes: unknown): unknown =>
  changes === undefined ? old : typeof old === 'object' && old !== null && typeof changes === 'object' && changes !== null ? { ...old, ...changes } : changes

/** True for a template of this or another copy of the library. */
export const isTemplate = (value: unknown): value is Template<TemplateShape> =>
  typeof value === 'object' && value !== null && (value as { readonly _tag?: unknown })._tag === 'Template'
