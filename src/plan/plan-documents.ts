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
 * The only path from documents to a plan: `resolve → digests → plan → mask`. All planning uses it, with or without
 * files.
 */

/** A plan, or all errors. */
export type Planned = E.Either<NonEmptyArray<PlanError>, Plan>

export interface StageOptions extends ResolveOptions, Pick<Surroundings, 'environment'> {
  /** Variables whose values are masked in errors. Default: `environment`. */
  readonly hidden?: Environment
  /** Which unread values are errors. Default: none. */
  readonly unread?: Unread
}

/** Resolved configs between the two stages of planning; the caller gathers file digests in between. */
export interface Staged {
  readonly resolution: Resolution
  /** Files whose digests planning needs. */
  readonly files: () => readonly string[]
  /** Without digests, file contents count as unknown. Secrets are masked in the result. */
  readonly planned: (digests?: FileDigests) => Planned
}

/**
 * Resolves the documents of a config, up to the point where digests are needed. `globals` default to the project's.
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

/** Returns the right value, or throws all errors as one `TaskchainError`. */
export const orThrow = <A>(outcome: E.Either<NonEmptyArray<PlanError>, A>): A => {
  if (E.isLeft(outcome)) throw taskchainError(outcome.left)
  return outcome.right
}

/** Options of planning in addition to documents. */
export interface PlanRequest extends ResolveOptions, Surroundings {
  /** Origin of the config to plan, optionally with `#part`. */
  readonly entry: string
}

/**
 * Plans a chain from parsed documents: `resolveConfigs`, then `planChain`. If configs have errors, the rest is still
 * checked. Globals and the configs folder default to the project's.
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

/** Unread values are errors if they are passed by `set`, or if the project is strict. */
export const unreadIn = ({ strict }: Project): Unread => ({ set: true, configs: strict, contexts: strict })

/** The documents that were read for a config. */
export interface ReadDocuments {
  readonly documents: Documents
  /** Origin of the requested config, optionally with `#part`. */
  readonly entry: string
  /** Errors of reading; if there are any, documents may be missing. */
  readonly errors?: readonly PlanError[]
  /** The reader that followed the documents' `uses`; undefined if they were not followed yet. */
  readonly reader?: DocumentReader
  /** The config if it was given as an object; it is not among the documents if it could not be read. */
  readonly object?: object | undefined
}

/** Resolves configs for a project as far as possible; values that the project declares secret are masked in errors. */
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
 * Turns documents into everything that planning needs: each config once per namespace, contexts applied, placeholders
 * in both forms. Reports all errors together. `entry` is an origin, optionally with `#part`. `project` declares which
 * values are secret, so that errors mask them; without a project, errors quote no values.
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

/** Contexts and `set` that are given as values. */
const objectsIn = ({ contexts, set }: ResolveOptions): readonly unknown[] =>
  [...(contexts ?? []), set].filter((given) => typeof given === 'object')
