import { documentOf } from '../config/document.js'
import type { ConfigDocument, ContextSpec } from '../config/config-types.js'
import { defineProject, isProject, type Modules, type Project, type ProjectOptions } from '../declare/project.js'
import { readyObjects } from '../declare/ready-objects.js'
import { orThrow, stagedPlan, unreadIn } from '../plan/plan-documents.js'
import type { Surroundings } from '../plan/plan.js'
import type { Plan } from '../plan/plan-types.js'
import { listOf } from '../planner/plan-config.js'
import { enoughFor } from './enough-resources.js'
import { inConfigForms, withReady } from './ready-params.js'
import { isObject, type Fields } from '../base/records.js'

/** What to plan: tasks, and values or configs for them. */
export interface PlanOfSpec {
  /** Pipelines, as in `defineProject`; or a whole project. */
  readonly tasks: Modules | Project
  /**
   * Values of a single config that contains every task; may include ready objects, real or fake. Excludes `configs`.
   */
  readonly params?: Readonly<Record<string, unknown>>
  /** Configs as objects, by the name used in `uses`. */
  readonly configs?: Readonly<Record<string, object>>
  /** The config to plan; default: the first. */
  readonly entry?: string
  readonly context?: ContextSpec | readonly ContextSpec[]
  readonly set?: Readonly<Record<string, unknown>>
  readonly objects?: ProjectOptions['objects']
  readonly globals?: ProjectOptions['globals']
  /**
   * SHA-256 of files that params name, by path with placeholders filled in. No file is read; without this, contents
   * count as unknown.
   */
  readonly digests?: Surroundings['digests']
  /** Environment variables for references to secrets. Default: they are not looked up. */
  readonly environment?: Surroundings['environment']
}

/**
 * Plans without files. Throws `TaskchainError` with all errors.
 *
 * @example
 * const plan = planOf({ tasks: { movies: { allMovies, filtered } }, params: { min_votes: 5 } })
 * printPlan(plan).includes('minVotes = 5') // => true
 */
export const planOf = (spec: PlanOfSpec): Plan => {
  const declared = projectOf(spec)
  const ready = readyObjects()
  const plain = (given: Fields): Fields => inConfigForms(declared, given, ready)
  const given: Fields = spec.configs ?? { config: { tasks: '**', ...spec.params } }
  const configs = Object.entries(given).map(([origin, one]) => [origin, isObject(one) ? plain(one) : one] as const)
  const entry = spec.entry ?? Object.keys(given)[0] ?? ''
  const contexts = listOf(spec.context).map((context) => (typeof context === 'string' ? context : plain(context)))
  const set = spec.set === undefined ? undefined : plain(spec.set)
  const project = withReady(declared, ready)
  const documents = new Map<string, ConfigDocument>()
  for (const [origin, config] of configs) documents.set(origin, orThrow(documentOf(origin, config)))
  const { environment, digests } = spec
  const staged = stagedPlan(
    project,
    { documents, entry },
    {
      contexts,
      unread: unreadIn(project),
      ...(set === undefined ? {} : { set }),
      ...(environment === undefined ? {} : { environment }),
    },
  )
  return orThrow(staged.planned(digests))
}

const projectOf = (spec: PlanOfSpec): Project =>
  isProject(spec.tasks)
    ? spec.tasks
    : enoughFor(
        defineProject({
          pipelines: spec.tasks,
          ...(spec.objects === undefined ? {} : { objects: spec.objects }),
          ...(spec.globals === undefined ? {} : { globals: spec.globals }),
        }),
      )
