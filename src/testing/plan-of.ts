import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { documentOf } from '../config/document.js'
import { resolveConfigs } from '../config/resolve.js'
import type { ConfigDocument, ContextSpec } from '../config/types.js'
import { defineProject, type Modules, type Project, type ProjectOptions } from '../declare/project.js'
import type { PlanError } from '../errors.js'
import { taskchainError } from '../explain.js'
import { planChain, type Surroundings } from '../plan/plan.js'
import type { Plan } from '../plan/types.js'

export interface PlanOfSpec {
  /** Pipelines, as in `defineProject`; or a whole project. */
  readonly tasks: Modules | Project
  /** Values of one config that brings every task. Not together with `configs`. */
  readonly params?: Readonly<Record<string, unknown>>
  /** Configs as objects, by the name that `uses` says. */
  readonly configs?: Readonly<Record<string, object>>
  /** The config to plan; default the first. */
  readonly entry?: string
  readonly context?: ContextSpec | readonly ContextSpec[]
  readonly set?: Readonly<Record<string, unknown>>
  readonly objects?: ProjectOptions['objects']
  readonly globals?: ProjectOptions['globals']
  /** What is in files that params name: SHA-256 by path, placeholders filled in. Nothing is read; without it contents count as unknown. */
  readonly digests?: Surroundings['digests']
  /** Variables that references to secrets are looked up in. Default: they are not looked up. */
  readonly environment?: Surroundings['environment']
}

/**
 * Plans without files. Throws `TaskchainError` with every error.
 *
 * @example
 * const plan = planOf({ tasks: { movies }, params: { source_file: 'a.json', min_votes: 5 } })
 * expect(printPlan(plan)).toContain('min_votes = 5')
 */
export const planOf = (spec: PlanOfSpec): Plan => {
  const project = projectOf(spec)
  const configs = spec.configs ?? { config: { tasks: '**', ...spec.params } }
  const entry = spec.entry ?? (Object.keys(configs)[0] as string)
  const contexts = spec.context === undefined ? [] : Array.isArray(spec.context) ? (spec.context as readonly ContextSpec[]) : [spec.context as ContextSpec]
  const documents = new Map<string, ConfigDocument>()
  const surroundings: Surroundings = { ...(spec.digests === undefined ? {} : { digests: spec.digests }), ...(spec.environment === undefined ? {} : { environment: spec.environment }) }
  for (const [origin, config] of Object.entries(configs)) documents.set(origin, orThrow(documentOf(origin, config)))
  return orThrow(
    pipe(
      resolveConfigs(documents, entry, { contexts, globals: project.globals, ...(spec.set === undefined ? {} : { set: spec.set }) }),
      E.flatMap((resolved) => planChain(project, resolved, surroundings)),
    ),
  )
}

const projectOf = (spec: PlanOfSpec): Project =>
  (spec.tasks as { readonly _tag?: unknown })._tag === 'Project'
    ? (spec.tasks as Project)
    : defineProject({
        pipelines: spec.tasks as Modules,
        ...(spec.objects === undefined ? {} : { objects: spec.objects }),
        ...(spec.globals === undefined ? {} : { globals: spec.globals }),
      })

/** The value, or all errors as one `TaskchainError`. */
export const orThrow = <A>(outcome: E.Either<NonEmptyArray<PlanError>, A>): A => {
  if (E.isLeft(outcome)) throw taskchainError(outcome.left)
  return outcome.right
}
