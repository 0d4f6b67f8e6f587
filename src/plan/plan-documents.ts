import type * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { Documents, ResolveOptions } from '../config/config-types.js'
import type { Resolution } from '../config/resolve.js'
import type { Environment } from '../declare/codec/codec-mode.js'
import type { Project } from '../declare/project.js'
import type { PlanError } from '../errors.js'
import { filesWanted } from './params/files-wanted.js'
import type { FileDigests } from './params/param-files.js'
import { refuseUnread, type Unread } from './params/unread-values.js'
import { planAsFar, type Surroundings } from './plan.js'
import type { Plan } from './plan-types.js'
import { resolveFor, type ReadDocuments } from './resolve-for.js'

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
    files: () => (resolved === undefined ? [] : filesWanted(project, resolved, globals)),
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
