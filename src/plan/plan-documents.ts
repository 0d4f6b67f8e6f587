import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Documents, ResolvedConfigs, ResolveOptions } from '../config/config-types.js'
import type { DocumentReader } from '../config/uses.js'
import { resolveAsFar, resolveConfigs as resolve, wholeOrErrors, type Resolution } from '../config/resolve.js'
import type { Environment } from '../declare/codec/codec-mode.js'
import type { Project } from '../declare/project.js'
import type { PlanError } from '../errors.js'
import { taskchainError } from '../explain.js'
import { indexProject } from './names/project-index.js'
import { filesWanted, namesFiles } from './params/files-wanted.js'
import { maskOfDocuments } from './params/given-secrets.js'
import type { FileDigests } from './params/param-files.js'
import { leavesOf, maskOf } from './params/secret-mask.js'
import { refuseUnread, type Unread } from './params/unread-values.js'
import { planAsFar, type Surroundings } from './plan.js'
import type { Plan } from './plan-types.js'

/**
 * The road from documents to a plan: `resolve → digests → plan → mask`. It is written here alone; whoever plans, with
 * files or without, goes this way.
 */

/** A plan, or all that is wrong. */
export type Planned = E.Either<NonEmptyArray<PlanError>, Plan>

export interface StageOptions extends ResolveOptions, Pick<Surroundings, 'environment'> {
  /** Variables whose values errors hide. Default: `environment`. */
  readonly hidden?: Environment
  /** Which values that nobody reads are errors. Default: none. */
  readonly unread?: Unread
}

/** Resolved configs, between the two halves of planning: the digests of the files are gathered meanwhile. */
export interface Staged {
  readonly resolution: Resolution
  /** Files whose digests planning wants to know. */
  readonly files: () => readonly string[]
  /** Without digests contents count as unknown. No secret is in what comes of it. */
  readonly planned: (digests?: FileDigests) => Planned
}

/**
 * Resolves the documents of a config, up to where digests are needed. Without `globals`, those of the project count.
 *
 * @example
 * const { files, planned } = stagedPlan(project, { documents, entry: 'configs/movies.yaml' }, { environment })
 * return planned(await gatherDigests(files(), { root }))
 */
export const stagedPlan = (
  project: Project,
  read: ReadDocuments,
  { environment, hidden = environment, unread = {}, ...options }: StageOptions,
): Staged => {
  const globals = options.globals ?? project.globals
  const resolution = resolveFor(project, read, { ...options, globals }, hidden)
  const { resolved } = resolution
  return {
    resolution,
    files: () => (resolved === undefined || !namesFiles(project) ? [] : filesWanted(project, resolved, globals)),
    planned: (digests) =>
      refuseUnread(
        planAsFar(project, resolution, {
          globals,
          ...(digests === undefined ? {} : { digests }),
          ...(environment === undefined ? {} : { environment }),
        }),
        unread,
      ),
  }
}

/** What there is, or all errors as one `TaskchainError`. */
export const orThrow = <A>(outcome: E.Either<NonEmptyArray<PlanError>, A>): A => {
  if (E.isLeft(outcome)) throw taskchainError(outcome.left)
  return outcome.right
}

/** What planning is asked for besides documents. */
export interface PlanRequest extends ResolveOptions, Surroundings {
  /** Origin of the config to plan, with `#part` for a part of it. */
  readonly entry: string
}

/**
 * Plans a chain from parsed documents: `resolveConfigs`, then `planChain`; where configs are wrong, the rest is looked
 * at all the same. Globals and the folder of configs default to the project's.
 *
 * @example
 * const result = plan(project, documents, { entry: 'configs/movies.yaml', set: { min_votes: 5 } })
 * E.isRight(result) && printPlan(result.right).includes('minVotes = 5') // => true
 */
export const plan = (project: Project, documents: Documents, { entry, digests, ...options }: PlanRequest): Planned =>
  stagedPlan(
    project,
    { documents, entry },
    {
      configsFolder: project.configs,
      ...(project.root === undefined ? {} : { root: project.root }),
      ...options,
      unread: unreadIn(project),
    },
  ).planned(digests)

/** What nobody reads is an error where a person says it just now, or where the project is strict. */
export const unreadIn = ({ strict }: Project): Unread => ({ set: true, configs: strict, contexts: strict })

/** Documents as they were read for a config. */
export interface ReadDocuments {
  readonly documents: Documents
  /** Origin of the config that is asked for, with `#part` where one is meant. */
  readonly entry: string
  /** What was wrong with reading: then documents may be missing. */
  readonly errors?: readonly PlanError[]
  /** What the documents' uses were read with; undefined: they were not read yet. */
  readonly reader?: DocumentReader
  /** The config where it was given as an object: it is no document where it could not be read. */
  readonly object?: object | undefined
}

/**
 * Resolves configs for a project as far as they can be: what is wrong is reported without what the project calls
 * secret.
 */
export const resolveFor = (
  project: Project,
  { documents, entry, errors = [], object, reader }: ReadDocuments,
  options: ResolveOptions,
  environment?: Environment,
): Resolution => {
  const resolution = resolveAsFar(documents, entry, options, errors, reader)
  if (resolution.errors.length === 0) return resolution
  const mask = maskOfDocuments(indexProject(project), documents.values(), [object, ...objectsIn(options)], environment)
  return { ...resolution, errors: mask.value(resolution.errors), warnings: mask.value(resolution.warnings) }
}

/**
 * Turns documents into everything that planning needs: each config once in each of its namespaces, contexts laid over,
 * placeholders in both forms. Tells all errors at once. `entry` is an origin, with `#part` where one is meant.
 * `project` says what is secret, so that errors hide it; without one they quote no value.
 *
 * @example
 * const resolved = resolveConfigs(documents, 'configs/movies.yaml', { project, set: { min_votes: 10 } })
 * E.isRight(resolved) // => true
 */
export const resolveConfigs = (
  documents: Documents,
  entry: string,
  { project, ...options }: ResolveOptions & { readonly project?: Project } = {},
): E.Either<NonEmptyArray<PlanError>, ResolvedConfigs> => {
  if (project !== undefined) return wholeOrErrors(resolveFor(project, { documents, entry }, options))
  const resolved = resolve(documents, entry, options)
  if (E.isRight(resolved)) return resolved
  const values = [...documents.values()].flatMap(({ parts }) =>
    [...parts.values()].flatMap((part) => [...part.values.values()].map(({ value }): unknown => value)),
  )
  const mask = maskOf([...values, ...objectsIn(options)].flatMap((value) => leavesOf(value)))
  const hidden = (error: PlanError): PlanError =>
    error._tag === 'BadStructure'
      ? { ...error, actual: mask.text(error.actual) }
      : error._tag === 'UnknownPath'
        ? { ...error, reason: mask.text(error.reason) }
        : error
  const [first, ...others] = resolved.left
  return E.left([hidden(first), ...others.map(hidden)])
}

/** Contexts and `set`, where they are given as values. */
const objectsIn = ({ contexts, set }: ResolveOptions): readonly unknown[] =>
  [...(contexts ?? []), set].filter((given) => typeof given === 'object')
