import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { resolve } from 'node:path'
import { fileSource, loadAsFar, type Loaded } from '../adapters/project/config-files.js'
import { configMemory } from '../adapters/project/config-memory.js'
import { digestCacheIn, gatherDigests } from '../adapters/project/file-digests.js'
import type { LoadedProject } from '../adapters/project/project-file.js'
import { resolveAsFar, type Resolution } from '../config/resolve.js'
import type { ContextSpec, Documents, ResolvedConfigs } from '../config/config-types.js'
import { bothChanged, type PlanError, type PlanWarning } from '../errors.js'
import { filesWanted } from '../plan/params/files-wanted.js'
import { maskOfDocuments } from '../plan/params/given-secrets.js'
import { indexProject } from '../plan/names/project-index.js'
import type { Mask } from '../plan/params/secret-mask.js'
import type { FileDigest } from '../plan/params/param-files.js'
import { planAsFar } from '../plan/plan.js'
import { refuseUnread } from '../plan/params/unread-values.js'
import type { ConfigSource } from '../runtime/ports/config-source.js'

export interface CheckOptions {
  readonly contexts: readonly ContextSpec[]
  readonly set: Readonly<Record<string, unknown>>
  /** Where configs are read. Default: from disk. */
  readonly source?: ConfigSource
  /** The folder whose digests of files are used. Default: the project's store. */
  readonly store?: string
}

/** One config as far as it could be planned. */
export interface Attempt {
  /** Origin, with `#part` where a part is planned by itself. */
  readonly config: string
  readonly documents: Documents | undefined
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
  const common = { contexts, globals: project.globals, root }
  const index = indexProject(project)
  const cache = digestCacheIn(resolve(root, options.store ?? project.store))
  const digests: Record<string, FileDigest | string> = {}
  const attempts: Attempt[] = []
  void readAhead(source, origins)

  const planned = async (resolution: Resolution): Promise<Attempt['outcome']> => {
    const wanted = (resolution.resolved === undefined ? [] : filesWanted(project, resolution.resolved)).filter(
      (path) => !Object.hasOwn(digests, path),
    )
    Object.assign(digests, await gatherDigests(wanted, { root, cache }))
    const outcome = refuseUnread(planAsFar(project, resolution, { digests }), { configs: project.strict })
    return E.isLeft(outcome)
      ? outcome
      : // plans of a thousand configs are not kept
        E.right({ nodes: outcome.right.nodes.length, warnings: outcome.right.warnings })
  }
  const attempt = async (config: string, loaded: Loaded): Promise<Attempt> => {
    const given = [...contexts, set].filter((one) => typeof one === 'object')
    const mask = maskOfDocuments(index, loaded.documents.values(), given, undefined)
    const resolution = resolveAsFar(
      loaded.documents,
      config,
      { ...common, configsFolder: project.configs, set },
      loaded.errors,
    )
    const { resolved } = resolution
    const outcome = await planned(resolution)
    const whole = resolution.errors.length === 0
    return {
      config,
      documents: loaded.errors.length === 0 ? loaded.documents : undefined,
      resolved: whole ? resolved : undefined,
      outcome: E.isLeft(outcome) ? E.left(bothChanged(outcome.left, mask.value)) : outcome,
      mask,
    }
  }
  for (const origin of origins) {
    const load = (config: string) => loadAsFar(source, config, { ...common, parse })
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

const filesAtOnce = 16

/** Files are read while earlier ones are planned; the source remembers them. */
const readAhead = async (source: ConfigSource, origins: readonly string[]): Promise<void> => {
  const waiting = [...origins].reverse()
  const next = async (): Promise<void> => {
    for (let origin = waiting.pop(); origin !== undefined; origin = waiting.pop())
      await source.read(origin).catch(() => undefined) // told by who uses it
  }
  await Promise.all(Array.from({ length: filesAtOnce }, next))
}
