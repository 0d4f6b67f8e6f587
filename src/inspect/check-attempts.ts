import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { fileSource } from '../adapters/project/config-files.js'
import { configMemory } from '../adapters/project/config-memory.js'
import { digestCacheOf } from '../planner/plan-config.js'
import type { LoadedProject } from '../adapters/project/project-file.js'
import type { ContextSpec, Documents, ResolvedConfigs } from '../config/config-types.js'
import type { PlanError, PlanWarning } from '../errors.js'
import { maskOfDocuments } from '../plan/params/given-secrets.js'
import { indexProject } from '../plan/names/project-index.js'
import type { Mask } from '../plan/params/secret-mask.js'
import type { Plan } from '../plan/plan-types.js'
import { makePlanner, type ReadConfig } from '../planner/planner.js'
import type { ConfigSource } from '../runtime/ports/config-source.js'

/** What overrides the configs that are checked, and where they are read. */
export interface CheckOptions {
  readonly contexts: readonly ContextSpec[]
  readonly set: Readonly<Record<string, unknown>>
  /** Where configs are read from. Default: disk. */
  readonly source?: ConfigSource
  /** The store whose digests of files are used. Default: the project's store. */
  readonly store?: string
  /** Called with the plan of each config that can be planned; plans are not kept. */
  readonly planned?: (plan: Plan) => Promise<void>
}

/** One config, and how far it could be planned. */
export interface Attempt {
  /** Origin, with `#part` if a part is planned on its own. */
  readonly config: string
  readonly documents: Documents | undefined
  /** Origins that were read or searched for: what the outcome depends on. */
  readonly read: readonly string[]
  readonly resolved: ResolvedConfigs | undefined
  readonly outcome: E.Either<
    NonEmptyArray<PlanError>,
    { readonly nodes: number; readonly warnings: readonly PlanWarning[] }
  >
  /** Hides secrets in documents and resolved configs; the outcome contains none. */
  readonly mask: Mask
}

/**
 * Plans configs one after the other, and parts of files one by one. Files are read ahead, and each is read and parsed
 * only once, however many configs use it. Environment variables of secrets are not looked up, since they need not be
 * set where configs are checked.
 */
export const attemptsOf = async (
  { project, root }: LoadedProject,
  origins: readonly string[],
  options: CheckOptions,
): Promise<readonly Attempt[]> => {
  const { contexts, set } = options
  const { source, parse } = configMemory(options.source ?? fileSource(root))
  const index = indexProject(project)
  const digestCache = digestCacheOf(project, { ...options, root })
  const planner = makePlanner(project, { root, source, parse, digestCache, variables: false })
  const attempts: Attempt[] = []
  void readAhead(source, origins)

  const attempt = async (config: string, read: ReadConfig): Promise<Attempt> => {
    const { resolution, planned } = await read.plan({ set, unread: { configs: project.strict } })
    if (E.isRight(planned)) await options.planned?.(planned.right)
    return {
      config,
      documents: read.errors.length === 0 ? read.documents : undefined,
      read: [...read.documents.keys(), ...read.errors.flatMap((error) => placesOf(error))],
      resolved: resolution.errors.length === 0 ? resolution.resolved : undefined,
      // do not keep plans: there may be thousands of configs
      outcome: E.map(({ nodes, warnings }: Plan) => ({ nodes: nodes.length, warnings }))(planned),
      mask: maskOfDocuments(
        index,
        read.documents.values(),
        [...contexts, set].filter((one) => typeof one === 'object'),
        undefined,
      ),
    }
  }
  for (const origin of origins) {
    const load = (config: string) => planner.read(config, contexts)
    const entry = origin.includes('#') ? `${origin}#` : origin // the name of the file has one
    const whole = await load(entry)
    const document = whole.documents.get(origin)
    const parts = document === undefined || document.parts.size < 2 ? [] : [...document.parts.keys()]
    // several parts without a main one: each is requested by name
    if (parts.length === 0 || document?.mainPart !== undefined) attempts.push(await attempt(entry, whole))
    for (const part of parts)
      if (part !== document?.mainPart)
        attempts.push(await attempt(`${origin}#${part}`, await load(`${origin}#${part}`)))
  }
  return attempts
}

/** Files that a read error is about. */
const placesOf = (error: PlanError): readonly string[] => [
  ...('origin' in error ? [error.origin] : []),
  ...('place' in error && error.place !== undefined ? [error.place.origin] : []),
]

const filesAtOnce = 16

/** Reads files while earlier ones are being planned; the source caches them. */
const readAhead = async (source: ConfigSource, origins: readonly string[]): Promise<void> => {
  const waiting = [...origins].reverse()
  const next = async (): Promise<void> => {
    for (let origin = waiting.pop(); origin !== undefined; origin = waiting.pop())
      await source.read(origin).catch(() => undefined) // reported by the config that uses it
  }
  await Promise.all(Array.from({ length: filesAtOnce }, next))
}
