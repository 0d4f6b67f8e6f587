import type * as t from 'io-ts'
import type { AnyFormat } from './format.js'
import type { Task } from './task.js'
import { phantom, type CompileError, type Yields } from './types.js'
import { tagOf } from '../base/records.js'

/** An input with a fallback for chains that have no such task. */
export interface Optional<out A> extends Yields<A> {
  readonly _tag: 'Optional'
  readonly input: Input
  readonly fallback: unknown
}

/** All tasks whose name matches, as a record. */
export interface Matching<out A> extends Yields<Readonly<Record<string, A>>> {
  readonly _tag: 'Matching'
  readonly pattern: RegExp
  readonly anyNamespace: boolean
  readonly stated: t.Type<any, any> | AnyFormat | undefined
}

/** An input taken from another namespace, relative to the task's own; a leading `::` makes it absolute. */
export interface InNamespace<out A> extends Yields<A> {
  readonly _tag: 'InNamespace'
  readonly namespace: string
  readonly input: Input
}

/** A task found by name: `data`, `group:data`, `ns::group:data`. */
export interface Ref<out A> extends Yields<A> {
  readonly _tag: 'Ref'
  readonly name: string
  readonly stated: t.Type<any, any> | AnyFormat | undefined
}

/** An input that `run` requests itself: it is only loaded or computed when the thunk is called. */
export interface Lazy<out A> extends Yields<() => Promise<A>> {
  readonly _tag: 'Lazy'
  readonly input: Input
}

/** An input passed to `run` as the path of its artifact: the value is never loaded. */
export interface AsPath<out A> extends Yields<A> {
  readonly _tag: 'AsPath'
  readonly input: Input
}

/** Where an argument of `run` comes from. */
export type Input =
  | Task
  | Optional<unknown>
  | Matching<unknown>
  | InNamespace<unknown>
  | Ref<unknown>
  | Lazy<unknown>
  | AsPath<unknown>
/** An input of a given value type. */
export interface InputOf<out A> extends Yields<A> {
  readonly _tag: Input['_tag']
}
/** Inputs by role: the name under which `run` receives each. */
export type Inputs = Readonly<Record<string, Input>>

/** A codec or a format is kept because values can be checked with it; a task only provides the type. */
const statedBy = (of: Yields<unknown>): t.Type<any, any> | AnyFormat | undefined => {
  const isStated = (one: Yields<unknown>): one is t.Type<any, any> | AnyFormat =>
    tagOf(one) === 'Format' || ('decode' in one && typeof one.decode === 'function')
  return isStated(of) ? of : undefined
}

/**
 * An input that may be missing from the chain, in which case `run` receives the fallback.
 *
 * @example
 * const summed = defineTask({ inputs: { personal: optional(counted, null) }, data: t.number }).run(
 *   ({ personal }) => personal ?? 0,
 * )
 * await testTask(summed) // => 0
 */
export const optional = <I extends Input, D extends Fallback>(input: I, fallback: D): Optional<OrElse<I['_A'], D>> =>
  Object.freeze({ _tag: 'Optional', _A: phantom, input, fallback })

/** Any value; spelled out so that literals stay literal (`'none'`) while lists and records do not become readonly. */
type Fallback = string | number | bigint | boolean | null | undefined | object

/** A fallback of the input's own type adds nothing to it. */
type OrElse<A, D> = [D] extends [A] ? A : A | D

/**
 * Every task whose whole name matches, as a record keyed by `group:name`, or by full name with `anyNamespace`.
 * The pattern is matched against the bare name, or against `group:name` if it contains a `:`.
 * No match gives an empty record and a warning. The planner refuses the flags `g` and `y`.
 * Patterns run as automata, in time linear in the name; a lookaround or backreference combined with repetitions that
 * could take exponential time is refused.
 *
 * @example
 * const columns = defineTask({ inputs: { features: matching(/feature_.+/, t.array(t.number)) }, data: t.number }).run(
 *   ({ features }) => Object.keys(features).length,
 * )
 */
export const matching = <A>(
  pattern: RegExp,
  of: Yields<A>,
  options: { readonly anyNamespace?: boolean } = {},
): Matching<A> =>
  Object.freeze({
    _tag: 'Matching',
    _A: phantom,
    pattern,
    anyNamespace: options.anyNamespace ?? false,
    stated: statedBy(of),
  })

/**
 * An input from another namespace.
 *
 * @example
 * const compared = defineTask({
 *   inputs: { train: from('train', counted), valid: from('valid', counted) },
 *   data: t.number,
 * }).run(({ train, valid }) => train - valid)
 * await testTask(compared, { inputs: { train: 5, valid: 3 } }) // => 2
 */
export const from = <I extends Input>(namespace: string, input: I): InNamespace<I['_A']> =>
  Object.freeze({ _tag: 'InNamespace', _A: phantom, namespace, input })

/**
 * An input by name, for modules that would otherwise import each other. `~pattern` and `~~pattern` are the short forms
 * of `matching`.
 *
 * @example
 * const Summary = t.type({ mean: t.number })
 * const report = defineTask({ inputs: { summary: ref('reports:summary', Summary) }, data: t.number }).run(
 *   ({ summary }) => summary.mean,
 * )
 */
export const ref = <const Name extends string, A>(
  name: Name,
  of: Yields<A>,
): Name extends `~${string}` ? Matching<A> : Ref<A> => {
  const found = /^(~~?)([^]*)$/.exec(name)
  const input =
    found === null
      ? { _tag: 'Ref', _A: phantom, name, stated: statedBy(of) }
      : matching(patternOf(found[2] ?? ''), of, { anyNamespace: found[1] === '~~' })
  return Object.freeze(input) as never // the tag was just chosen by the name
}

/** A broken pattern in a name matches nothing here; the planner reports its source. */
const patternOf = (source: string): RegExp => {
  try {
    return new RegExp(source)
  } catch {
    return Object.assign(/(?!)/, { brokenSource: source })
  }
}

/**
 * An input as a thunk: it is loaded only if `run` calls it.
 *
 * @example
 * const report = defineTask({ inputs: { counted, details: lazy(allMovies) }, data: t.array(Movie) }).run(
 *   async ({ counted, details }) => (counted > 0 ? await details() : []),
 * )
 * await testTask(report, { inputs: { counted: 0, details: async () => [] } }) // => []
 */
export const lazy = <I extends Input>(input: I): Lazy<I['_A']> => Object.freeze({ _tag: 'Lazy', _A: phantom, input })

/**
 * An input as the path of its artifact, a file or a folder in the format of its task, for programs that read it
 * themselves. The value is not loaded; the artifact is verified against its checksum first, stays in place while `run`
 * runs, and counts as an input by its content. It must not be written to.
 *
 * @example
 * const lines = defineTask({ inputs: { movies: asPath(allMovies) }, data: t.number }).run(
 *   ({ movies }) => readFileSync(movies).length,
 * )
 */
export const asPath = <I extends Input>(input: I & Pathless<I>): AsPath<PathOf<I>> =>
  Object.freeze({ _tag: 'AsPath', _A: phantom, input })

type Pathless<I> = I extends Task | Ref<unknown> | Matching<unknown>
  ? unknown
  : CompileError<'asPath goes inside: from(…, asPath(task)), optional(asPath(task), …), lazy(asPath(task))'>

type PathOf<I> = I extends Matching<unknown> ? Readonly<Record<string, string>> : string
