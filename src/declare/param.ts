import type * as t from 'io-ts'
import type * as O from 'fp-ts/lib/Option.js'
import { phantom, type CompileError, type Yields } from './types.js'

/** How one argument of `run` is read from a config. Created by `param`. */
export interface Param<out A> extends Yields<A> {
  readonly _tag: 'Param'
  readonly codec: t.Type<any, any>
  readonly fallback: O.Option<unknown>
  readonly nameInConfig: string | undefined
  readonly ignorePersistence: boolean
  readonly omitDefault: boolean
  readonly secret: boolean
  readonly formerly: readonly string[] | undefined
  readonly doc: string | undefined
}

/** Options of a param in addition to its codec. */
export interface ParamOptions<A, ConfigName extends string = string> {
  /**
   * Used if the config does not set the param; without a default the param is required. Part of the key like any value.
   */
  readonly default?: A
  /** The name used in configs. Default: the param's name in snake case (`minVotes` is read from `min_votes`). */
  readonly nameInConfig?: ConfigName extends ReservedName
    ? CompileError<`'${ConfigName}' is reserved in configs; use another name`>
    : ConfigName
  /** Left out of the key: for `verbose`, `debug` and anything else that does not affect the result. Default false. */
  readonly ignorePersistence?: boolean
  /** Left out of the key while equal to the default, so that adding the param recomputes nothing. Default false. */
  readonly omitDefault?: boolean
  /**
   * Never shown or stored: not in the key, the plan, run info, logs or messages. Configs refer to the environment,
   * `api_key: { env: API_KEY }`, or give the value directly. Default false.
   */
  readonly secret?: boolean
  /**
   * Earlier names of the param in its task, oldest first: `['min']`. Results stored under such a name are adopted.
   * Configs use the current name only.
   */
  readonly formerly?: readonly string[]
  /** Describes the param to authors of configs: editors show it (`taskchain schema`). */
  readonly doc?: string
}

/** A bare codec is a required parameter. */
export type ParamSpec = Param<any> | t.Type<any, any>
/** Params by the name under which `run` receives each. */
export type Params = Readonly<Record<string, ParamSpec>>

// not fp-ts's own, which load fifteen modules with them
const none: O.Option<never> = { _tag: 'None' }
const some = <A>(value: A): O.Option<A> => ({ _tag: 'Some', value })

/**
 * Declares a parameter.
 *
 * @example
 * const params = { minVotes: param(t.number, { default: 1000 }), sourceFile: t.string }
 */
export const param = <A, ConfigName extends string = string>(
  codec: t.Type<A, any>,
  options: ParamOptions<NoInfer<A>, ConfigName> = {},
): Param<A> =>
  Object.freeze({
    _tag: 'Param',
    _A: phantom,
    codec,
    fallback: 'default' in options ? some(options.default) : none,
    nameInConfig: options.nameInConfig,
    ignorePersistence: options.ignorePersistence ?? false,
    omitDefault: options.omitDefault ?? false,
    secret: options.secret ?? false,
    formerly: options.formerly,
    doc: options.doc,
  })

/** Words with a special meaning in configs; no parameter may use them. */
export const reservedNames = [
  'tasks',
  'excluded_tasks',
  'uses',
  'human_readable_data_name',
  'configs',
  'for_namespaces',
  'main_part',
] as const
const reserved: ReadonlySet<string> = new Set(reservedNames)

/** True for a name with a special meaning in configs. */
export const isReservedName = (name: string): boolean => reserved.has(name)

/** Names with a special meaning in configs. */
export type ReservedName = (typeof reservedNames)[number]

/** The same, plus the param names whose config name would be one of them. */
export type ReservedKey = ReservedName | 'excludedTasks' | 'humanReadableDataName' | 'forNamespaces' | 'mainPart'

/** The full form of a param, from either way of declaring it. */
export const toParam = (spec: ParamSpec): Param<unknown> => (isParam(spec) ? spec : param(spec))

/** True for a full param, false for a bare codec. */
export const isParam = (spec: ParamSpec): spec is Param<any> => 'codec' in spec && spec._tag === 'Param'
