import type { Resources } from '../base/resource-amounts.js'
import type { SharedStore } from './shared-store.js'
import type { ObjectDefinition } from './object.js'
import type { Task } from './task.js'
import { tagOf } from '../base/records.js'

/**
 * Pipelines by group: usually `import * as` namespaces. Exports other than tasks are skipped; records of pipelines nest
 * with `:`.
 */
export type Modules = Readonly<Record<string, object>>

/**
 * A global variable for placeholders, written `{NAME}` in configs; numbers and URLs are used as text. With `inKey`, its
 * value enters the key instead of its name.
 */
export type Global = GlobalValue | { readonly value: GlobalValue; readonly inKey: boolean }
type GlobalValue = string | number | URL

/** Options of a project in addition to its pipelines. */
export interface ProjectOptions {
  /** Classes that configs may name; anything not made by `defineObject` is skipped. */
  readonly objects?: Readonly<Record<string, unknown>>
  /** Values of `{NAME}` placeholders. */
  readonly globals?: Readonly<Record<string, Global>>
  /** Folder of configs, used by commands and to resolve config names. Default `configs`. */
  readonly configs?: string
  /**
   * Where results are stored: a folder, or `s3://bucket/prefix`. Default `data/tasks`. A list adds shared stores behind
   * the first: results missing in the first are read from them, and new results are written to them if their `mode`
   * allows it.
   */
  readonly store?: string | readonly [string, ...(string | SharedStore)[]]
  /**
   * Makes config and context values that no task reads errors instead of warnings. Names that start with `x-` are
   * always allowed. Default false.
   */
  readonly strict?: boolean
  /**
   * What happens to stored results whose inputs have changed in content since: they are recomputed (default), or used
   * and only reported (`warn`).
   */
  readonly onStale?: 'recompute' | 'warn'
  /**
   * How much of each resource a process has for the `resources` of its tasks: `{ gpu: 2, memory: '48 GB' }`. `memory`
   * defaults to that of the machine.
   */
  readonly resources?: Resources
  /**
   * Base of relative paths. Default: the folder of `taskchain.config.*` on the command line, otherwise the working
   * folder.
   */
  readonly root?: string
}

/** Pipelines, classes, globals, and where configs and data live. */
export interface Project<out M extends Modules = Modules> {
  readonly _tag: 'Project'
  readonly pipelines: M
  readonly objects: readonly ObjectDefinition[]
  readonly globals: Readonly<Record<string, Global>>
  readonly configs: string
  readonly store: string
  /** Stores shared with others, in lookup order. */
  readonly shared: readonly SharedStore[]
  readonly strict: boolean
  readonly onStale: 'recompute' | 'warn'
  readonly resources: Resources
  readonly root: string | undefined
}

/**
 * Declares a project. The keys of `pipelines` are the groups of their tasks, in snake case.
 *
 * @example
 * export default defineProject({
 *   pipelines: { movies: { allMovies, filtered } }, // movies:all_movies, movies:filtered
 *   globals: { DATA_DIR: './data' },
 * })
 */
export const defineProject = <M extends Modules>(spec: { readonly pipelines: M } & ProjectOptions): Project<M> =>
  Object.freeze({
    _tag: 'Project',
    pipelines: spec.pipelines,
    objects: Object.freeze(Object.values(spec.objects ?? {}).filter(isObjectDefinition)),
    globals: Object.freeze({ ...spec.globals }),
    configs: spec.configs ?? 'configs',
    ...storesOf(spec.store),
    strict: spec.strict ?? false,
    onStale: spec.onStale ?? 'recompute',
    resources: Object.freeze({ ...spec.resources }),
    root: spec.root,
  })

const storesOf = (given: ProjectOptions['store'] = 'data/tasks'): Pick<Project, 'store' | 'shared'> => {
  const [store, ...others] = typeof given === 'string' ? [given] : given
  return { store, shared: Object.freeze(others.map((one) => (typeof one === 'string' ? { at: one } : one))) }
}

/** True for a project created by this or another copy of the library. */
export const isProject = (value: unknown): value is Project => tagOf(value) === 'Project'

const isObjectDefinition = (value: unknown): value is ObjectDefinition => tagOf(value) === 'ObjectDefinition'

/** Capital letters and their snake-case form; a table is cheaper for the compiler than a conditional per letter. */
export interface Lowered {
  A: '_a'
  B: '_b'
  C: '_c'
  D: '_d'
  E: '_e'
  F: '_f'
  G: '_g'
  H: '_h'
  I: '_i'
  J: '_j'
  K: '_k'
  L: '_l'
  M: '_m'
  N: '_n'
  O: '_o'
  P: '_p'
  Q: '_q'
  R: '_r'
  S: '_s'
  T: '_t'
  U: '_u'
  V: '_v'
  W: '_w'
  X: '_x'
  Y: '_y'
  Z: '_z'
}
type Tail<S extends string, Done extends string> = S extends `${infer C}${infer R}`
  ? Tail<R, `${Done}${C extends keyof Lowered ? Lowered[C] : C}`>
  : Done
/** `minVotes` → `min_votes`; the type of the function `snake`. */
export type Snake<S extends string> =
  S extends Lowercase<S> ? S : S extends `${infer C}${infer R}` ? Tail<R, Lowercase<C>> : S
type StripTask<S extends string> = S extends `${infer H}_task` ? H : S
type LastSegment<Name extends string> = Name extends `${string}:${infer R}` ? LastSegment<R> : Name

/** A task of a project, with the names that configs and callers use for it. */
export interface ProjectTask<Name extends string, Short extends string, Value> {
  readonly name: Name
  readonly short: Short
  readonly value: Value
}

/** The entry of a task exported as `K` from group `G`, given the name and group in its spec. */
type ProjectTaskOf<G extends string, K extends string, T extends Task> = T['_name'] extends infer Own extends string
  ? Own extends `${infer OwnGroup}:`
    ? ExportedAs<OwnGroup, StripTask<Snake<K>>, T['_A']>
    : Own extends `${string}:${string}`
      ? ProjectTask<Own, LastSegment<Own>, T['_A']>
      : ExportedAs<G, Own, T['_A']>
  : ExportedAs<G, StripTask<Snake<K>>, T['_A']>
type ExportedAs<G extends string, Name extends string, Value> = ProjectTask<`${G}:${Name}`, Name, Value>

type Skipped =
  | { readonly _A: unknown }
  | ((...args: never) => unknown)
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly unknown[]

/**
 * Every task of a group as an entry; nested records are nested groups, two levels deep (a self-referencing export must
 * end somewhere).
 */
type Entries<G extends string, M> = {
  [K in keyof M & string]: M[K] extends Task
    ? ProjectTaskOf<G, K, M[K]>
    : M[K] extends Skipped
      ? never
      : Inner<`${G}:${Snake<K>}`, M[K]>
}[keyof M & string]
type Inner<G extends string, M> = {
  [K in keyof M & string]: M[K] extends Task
    ? ProjectTaskOf<G, K, M[K]>
    : M[K] extends Skipped
      ? never
      : Innermost<`${G}:${Snake<K>}`, M[K]>
}[keyof M & string]
type Innermost<G extends string, M> = {
  [K in keyof M & string]: M[K] extends Task ? ProjectTaskOf<G, K, M[K]> : never
}[keyof M & string]
type ProjectEntries<M> = { [G in keyof M & string]: Entries<Snake<G>, M[G]> }[keyof M & string]

/** Every full name of a project, without namespaces; any string if the project's type is unknown. */
export type NamesOf<M> = string extends keyof M ? string : ProjectEntries<M>['name']

/** Values of a project's tasks by full name; computed only when a name is looked up. */
export type ValuesOf<M> = { [E in ProjectEntries<M> as E['name']]: E['value'] }

/** Values by every name a chain accepts: `group:name`, and `name` alone. */
type Askables<M> = { [E in ProjectEntries<M> as E['name'] | E['short']]: E['value'] }

/** A name that a chain accepts: `group:name`, or `name` if it is unambiguous. */
export type Askable<M> = string extends keyof M ? string : ProjectEntries<M>['name' | 'short']

type AfterNamespace<Name extends string> = Name extends `${string}::${infer R}` ? AfterNamespace<R> : Name

/** Any name if the project is unknown; otherwise those above, and any name with a namespace. */
export type AskableAnywhere<M> = Askable<M> | `${string}::${string}`

/**
 * The requested name if there is such a task; otherwise all existing names, so that the compiler lists them and the
 * editor completes them.
 * A name known only at run time is looked up then.
 */
export type Asked<M, What> = What extends string ? (string extends What ? What : AskedName<M, What>) : What
type AskedName<M, Name extends string> = AfterNamespace<Name> extends Askable<M> ? Name : Askable<M> & string

/** Type of the requested value, by task or name; unknown if the name or the project is only known at run time. */
export type ValueAsked<M, What> =
  What extends Task<infer Value>
    ? Value
    : What extends string
      ? string extends What | keyof M
        ? unknown
        : ValueNamed<M, AfterNamespace<What>>
      : unknown
type ValueNamed<M, Name extends string> = Askables<M> extends { readonly [N in Name]: infer Value } ? Value : unknown
