import type { ObjectDefinition } from './object.js'
import type { Task } from './task.js'

/** Pipelines by group: usually `import * as` namespaces. What is not a task is skipped; a record of pipelines nests with `:`. */
export type Modules = Readonly<Record<string, object>>

/** A global variable for placeholders: `{NAME}` in configs. `inKey`: its value, not its name, enters the key. */
export type Global = string | { readonly value: string; readonly inKey: boolean }

export interface ProjectOptions {
  /** Classes that configs may name; what is not made by `defineObject` is skipped. */
  readonly objects?: Readonly<Record<string, unknown>>
  /** Values of `{NAME}` placeholders. */
  readonly globals?: Readonly<Record<string, Global>>
  /** Folder of configs, for commands and for names of configs. Default `configs`. */
  readonly configs?: string
  /** Folder of the store. Default `data/tasks`. */
  readonly store?: string
  /** What relative paths start from. Default: the folder of `taskchain.config.*` under the command line, else the working folder. */
  readonly root?: string
}

/** Pipelines, classes, globals, and where configs and data live (SPEC 1). */
export interface Project<out M extends Modules = Modules> {
  readonly _tag: 'Project'
  readonly pipelines: M
  readonly objects: readonly ObjectDefinition[]
  readonly globals: Readonly<Record<string, Global>>
  readonly configs: string
  readonly store: string
  readonly root: string | undefined
}

/**
 * Declares a project. The keys of `pipelines` are the groups of their tasks, in snake case.
 *
 * @example
 * export default defineProject({ pipelines: { movies, ratingModel }, objects: { RidgeModel }, globals: { DATA_DIR: './data' } })
 */
export const defineProject = <M extends Modules>(spec: { readonly pipelines: M } & ProjectOptions): Project<M> =>
  Object.freeze({
    _tag: 'Project',
    pipelines: spec.pipelines,
    objects: Object.freeze(Object.values(spec.objects ?? {}).filter(isObjectDefinition)),
    globals: Object.freeze({ ...spec.globals }),
    configs: spec.configs ?? 'configs',
    store: spec.store ?? 'data/tasks',
    root: spec.root,
  })

const isObjectDefinition = (value: unknown): value is ObjectDefinition =>
  typeof value === 'object' && value !== null && (value as { readonly _tag?: unknown })._tag === 'ObjectDefinition'

type Upper = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'N' | 'O' | 'P' | 'Q' | 'R' | 'S' | 'T' | 'U' | 'V' | 'W' | 'X' | 'Y' | 'Z'
type Tail<S extends string> = S extends `${infer C}${infer R}` ? `${C extends Upper ? `_${Lowercase<C>}` : C}${Tail<R>}` : ''
/** `minVotes` → `min_votes` */
export type Snake<S extends string> = S extends `${infer C}${infer R}` ? `${Lowercase<C>}${Tail<R>}` : S
type StripTask<S extends string> = S extends `${infer H}_task` ? H : S

/** Full name of a task exported as `K` from group `G`. */
type FullName<G extends string, K extends string, Name> = Name extends string
  ? Name extends `${infer Own}:`
    ? `${Own}:${StripTask<Snake<K>>}`
    : Name extends `${string}:${string}`
      ? Name
      : `${G}:${Name}`
  : `${G}:${StripTask<Snake<K>>}`

interface Entry<Name extends string, Value> {
  readonly name: Name
  readonly value: Value
}
type Skipped = { readonly _A: unknown } | ((...args: never) => unknown) | string | number | boolean | null | undefined | readonly unknown[]

/** Every task of a group as an entry; records inside are groups inside, two levels deep. */
type Entries<G extends string, M> = {
  [K in keyof M & string]: M[K] extends Task<infer A, never, infer Name> ? Entry<FullName<G, K, Name>, A> : M[K] extends Skipped ? never : Inner<`${G}:${Snake<K>}`, M[K]>
}[keyof M & string]
type Inner<G extends string, M> = {
  [K in keyof M & string]: M[K] extends Task<infer A, never, infer Name> ? Entry<FullName<G, K, Name>, A> : M[K] extends Skipped ? never : Innermost<`${G}:${Snake<K>}`, M[K]>
}[keyof M & string]
type Innermost<G extends string, M> = {
  [K in keyof M & string]: M[K] extends Task<infer A, never, infer Name> ? Entry<FullName<G, K, Name>, A> : never
}[keyof M & string]
type ProjectEntries<M> = { [G in keyof M & string]: Entries<Snake<G>, M[G]> }[keyof M & string]

/** Values of a project's tasks by full name (without namespace); computed only when a name is asked for. */
export type ValuesOf<M> = { [E in ProjectEntries<M> as E['name']]: E['value'] }

/** Every full name of a project. */
export type NamesOf<M> = keyof ValuesOf<M> & string

/** Last segments: what may be asked for while it is unambiguous. */
type Short<Name extends string> = Name extends `${string}:${infer R}` ? Short<R> : Name
type ShortValues<M> = { [E in ProjectEntries<M> as Short<E['name']>]: E['value'] }

/** What a chain can be asked for by name: `name`, `group:name`, and either under a namespace. */
export type Askable<M> = NamesOf<M> | (keyof ShortValues<M> & string)
export type AskableAnywhere<M> = Askable<M> | `${string}::${Askable<M>}`

type AfterNamespace<Name extends string> = Name extends `${string}::${infer R}` ? AfterNamespace<R> : Name
/** Type of the value that a name stands for. */
export type ValueNamed<M, Name extends string> =
  AfterNamespace<Name> extends infer N ? (N extends keyof ValuesOf<M> ? ValuesOf<M>[N] : N extends keyof ShortValues<M> ? ShortValues<M>[N] : unknown) : never
