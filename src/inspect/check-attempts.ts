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

/** What is laid over the configs that are checked. */
export interface CheckOptions {
  readonly contexts: readonly ContextSpec[]
  readonly set: Readonly<Record<string, unknown>>
  /** Where configs are read. Default: from disk. */
  readonly source?: ConfigSource
  /** The folder whose digests of files are used. Default: the project's store. */
  readonly store?: string
  /** Told of each config that can be planned: its plan is not kept. */
  readonly planned?: (plan: Plan) => Promise<void>
}

/** One config as far as it could be planned. */
export interface Attempt {
  /** Origin, with `#part` where a part is planned by itself. */
  readonly config: string
  readonly documents: Documents | undefined
  /** Origins that were read or looked for: what it depends on. */
  readonly read: readonly string[]
  readonly resolved: ResolvedConfigs | undefined
  readonly outcome: E.Either<
    NonEmptyArray<PlanError>,
    { readonly nodes: number; readonly warnings: readonly PlanWarning[] }
  >
  /** Hides secrets in what documents and configs say; the outcome has none. */
  readonly mask: Mask
}

/**
 * Plans configs one after the other, parts of files each by itself; files are read ahead, and read and parsed once
 * however many configs use them.
 * Environment variables of secrets are not looked up: they need not be set where configs are checked.
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
      // plans of a thousand configs are not kept
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
    const whole = await load(origin)
    const document = whole.documents.get(origin)
    const parts = document === undefined || document.parts.size < 2 ? [] : [...document.parts.keys()]
    // several parts without a main one: each is asked for by name
    if (parts.length === 0 || document?.mainPart !== undefined) attempts.push(await attempt(origin, whole))
    for (const part of parts)
      if (part !== document?.mainPart)
        attempts.push(await attempt(`${origin}#${part}`, await load(`${origin}#${part}`)))
  }
  return attempts
}

/** Files that an error of reading is about. */
const placesOf = (error: PlanError): readonly string[] => [
  ...('origin' in error ? [error.origin] : []),
  ...('place' in error && error.place !== undefined ? [error.place.origin] : []),
]

const filesAtOnce = 16

/** Files are read while earlier ones are planned; the source remembers them. */
const readAhead = async (source: ConfigSource, origins: readonly string[]): Promise<void> => {
  const waiting = [...origins].reverse()
  const next = async (): Promise<void> => {
    for (let origin = waiting.pop(); origin !== undefined; origin = waiting.pop())
      await source.read(origin).catch(() => undefined) // reported by who uses it
  }
  await Promise.all(Array.from({ length: filesAtOnce }, next))
}
