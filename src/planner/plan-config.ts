import { isS3Address } from '../adapters/object-store/s3/s3-address.js'
import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { isAbsolute, resolve } from 'node:path'
import { digestCacheIn } from '../adapters/project/file-digests.js'
import { originOfConfig } from '../adapters/project/find-config.js'
import type { ContextSpec } from '../config/config-types.js'
import type { Modules, Project } from '../declare/project.js'
import { withWarnings, warningsBeside, type PlanError } from '../errors.js'
import { unreadIn, type Planned } from '../plan/plan-documents.js'
import type { ChainOptions } from '../runtime/chain/chain-types.js'
import type { ConfigSource } from '../runtime/ports/config-source.js'
import { checkChainOptions } from '../runtime/chain/options.js'
import { makePlanner, type ReadConfig } from './planner.js'
import { nonEmpty } from '../base/present.js'

/** The config to plan and its overrides. */
export interface PlanOptions {
  /**
   * A file (relative to the working folder, the project's root or its configs folder; `#part` allowed), or a config as
   * an object.
   */
  readonly config: string | Readonly<Record<string, unknown>>
  /** A context file, values, or a list of them; later ones win. */
  readonly context?: ContextSpec | readonly ContextSpec[]
  /** Values that override everything else; dotted names change one leaf. */
  readonly set?: Readonly<Record<string, unknown>>
  /** The base of relative paths. Default: the project's root, else the working folder. */
  readonly root?: string
  /** The source of configs and contexts. Default: files on disk; `gitSource` reads an earlier revision. */
  readonly source?: ConfigSource
}

/** Names of all options of `planConfig`. */
export const planOptions = { config: 1, context: 1, set: 1, root: 1, source: 1 } satisfies Record<keyof PlanOptions, 1>

/**
 * Plans a config of a project: reads the configs, runs nothing. Returns all errors together, as values.
 *
 * @example
 * const planned = await planConfig(project, { config: 'configs/movies.yaml' })
 * E.isRight(planned) && planned.right.nodes.map(({ name }) => name) // => ['all_movies', 'filtered', 'counted']
 */
export const planConfig = async <M extends Modules>(
  project: Project<M>,
  options: PlanOptions & Pick<ChainOptions, 'store'>,
): Promise<Planned> => {
  const read = await readConfig(project, options)
  return (await read.plan({ set: options.set, unread: unreadIn(project) })).planned
}

export interface ReadOptions extends Omit<PlanOptions, 'set'>, Pick<ChainOptions, 'store'> {
  /** Whether environment variables of secrets must be set. Default true; keys do not depend on them. */
  readonly variables?: boolean
}

/** Reads the requested config and all configs it uses, as far as they can be read. */
export const readConfig = async (project: Project, options: ReadOptions): Promise<ReadConfig> => {
  checkChainOptions(options)
  const root = rootOf(project, options)
  const originOf = <Given>(given: Given): Given | string =>
    typeof given === 'string' ? originOfConfig(given, { root, configs: project.configs }) : given
  const planner = makePlanner(project, {
    root,
    source: options.source,
    digestCache: digestCacheOf(project, options),
    variables: options.variables,
  })
  return planner.read(originOf(options.config), listOf(options.context).map(originOf))
}

/** The same, or all errors if the config cannot be planned whatever values `set` adds. */
export const readWholeConfig = async (
  project: Project,
  options: ReadOptions,
): Promise<E.Either<NonEmptyArray<PlanError>, ReadConfig>> => {
  const read = await readConfig(project, options)
  if (read.errors.length === 0) return E.right(read)
  const { planned } = await read.plan({})
  if (E.isRight(planned)) return E.right(read)
  const errors = planned.left.filter(({ _tag }) => _tag !== 'MissingParam') // `set` may supply it
  return E.left(withWarnings(nonEmpty(errors), warningsBeside(planned.left)))
}

/** The file that caches digests: below the store, if the store is a folder. */
export const digestCacheOf = (
  project: Project,
  options: Pick<PlanOptions, 'root'> & Pick<ChainOptions, 'store'>,
): string | undefined => {
  const { store = project.store } = options
  if (typeof store === 'object') return isAbsolute(store.location) ? digestCacheIn(store.location) : undefined
  return isS3Address(store) ? undefined : digestCacheIn(resolve(rootOf(project, options), store))
}

/** The base of relative paths. */
export const rootOf = (project: Project, options: Pick<PlanOptions, 'root'>): string =>
  resolve(options.root ?? project.root ?? process.cwd())

/** Contexts as a list. */
export const listOf = (context: PlanOptions['context']): readonly ContextSpec[] =>
  context === undefined ? [] : isList(context) ? context : [context]

const isList = (context: ContextSpec | readonly ContextSpec[]): context is readonly ContextSpec[] =>
  Array.isArray(context)
