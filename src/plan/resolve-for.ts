import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { resolveAsFar, resolveConfigs as resolve, wholeOrErrors, type Resolution } from '../config/resolve.js'
import type { DocumentReader } from '../config/document-reader.js'
import type { Documents, ResolvedConfigs, ResolveOptions } from '../config/config-types.js'
import type { Environment } from '../declare/codec/codec-mode.js'
import type { Project } from '../declare/project.js'
import type { PlanError } from '../errors.js'
import { maskOfDocuments } from './params/given-secrets.js'
import { indexProject } from './names/project-index.js'
import { leavesOf, maskOf } from './params/secret-mask.js'

type Resolved = E.Either<NonEmptyArray<PlanError>, ResolvedConfigs>

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
): Resolved => {
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
