import type * as t from 'io-ts'
import type * as O from 'fp-ts/lib/Option.js'
import { phantom, type CompileError, type Yields } from './types.js'

/** How one argument of `run` is read from a config. Made by `param`. */
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

/** What a param may say besides its codec. */
export interface ParamOptions<A, ConfigName extends string = string> {
  /** Used where the config is silent; without one the param is required. Part of the key like any value. */
  readonly default?: A
  /** Name looked for in configs. Default: the param's name in snake case (`minVotes` is read from `min_votes`). */
  readonly nameInConfig?: ConfigName extends ReservedName
    ? CompileError<`'${ConfigName}' is reserved in configs; look for another name`>
    : ConfigName
  /** Not in the key: for `verbose`, `debug` and what else has no influence on the result. Default false. */
  readonly ignorePersistence?: boolean
  /** Not in the key while equal to the default, so that adding a param recomputes nothing. Default false. */
  readonly omitDefault?: boolean
  /**
   * Never shown and never kept: not in the key, the plan, run info, logs or messages. Configs refer to the environment,
   * `api_key: { env: API_KEY }`, or give it directly. Default false.
   */
  readonly secret?: boolean
  /**
   * What the param was called before in its task, `['min']`, the oldest name first: results that are stored under such
   * a name are taken over. Configs are read by the present name.
   */
  readonly formerly?: readonly string[]
  /** What it means, for those who write configs: editors show it (`taskchain schema`). */
  readonly doc?: string
}

/** A codec alone is a required parameter. */
export type ParamSpec = Param<any> | t.Type<any, any>
/** Params by the name under which `run` gets each. */
export type Params = Readonly<Record<string, ParamSpec>>

// not those of fp-ts, which load fifteen modules with them
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

/** Words with a meaning of their own in configs; no parameter may be called so. */
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

/** True for a name that means something of its own in configs. */
export const isReservedName = (name: string): boolean => reserved.has(name)

/** Names that mean something of their own in configs. */
export type ReservedName = (typeof reservedNames)[number]

/** The same, and the names that would be looked for under one of them. */
export type ReservedKey = ReservedName | 'excludedTasks' | 'humanReadableDataName' | 'forNamespaces' | 'mainPart'

/** A param in full, from either way of declaring it. */
export const toParam = (spec: ParamSpec): Param<unknown> => (isParam(spec) ? spec : param(spec))

/** True for a param in full, false for a codec alone. */
export const isParam = (spec: ParamSpec): spec is Param<any> => 'codec' in spec && spec._tag === 'Param'
