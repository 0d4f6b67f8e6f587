import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { resolve } from 'node:path'
import { fileSource, loadDocuments } from '../adapters/config-files.js'
import { configMemory } from '../adapters/config-memory.js'
import { digestCacheIn, gatherDigests } from '../adapters/file-digests.js'
import type { LoadedProject } from '../adapters/project-file.js'
import { resolveConfigs } from '../config/resolve.js'
import type { ContextSpec, Documents, ResolvedConfigs } from '../config/types.js'
import type { PlanError, PlanWarning } from '../errors.js'
import { filesWanted } from '../plan/files-wanted.js'
import { maskOfDocuments } from '../plan/given-secrets.js'
import { indexProject } from '../plan/index-project.js'
import type { Mask } from '../plan/mask.js'
import type { FileDigest } from '../plan/param-files.js'
import { planChain } from '../plan/plan.js'
import type { ConfigSource } from '../runtime/ports.js'

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
  readonly outcome: E.Either<NonEmptyArray<PlanError>, { readonly nodes: number; readonly warnings: readonly PlanWarning[] }>
  /** Hides secrets in what documents and configs say; the outcome has none. */
  readonly mask: Mask
}

/**
 * Plans configs one after the other, parts of files each by itself; files are read ahead, and read and parsed once however many configs use them.
 * Environment variables of secrets are not looked up: they need not be set where configs are checked.
 */
export const attemptsOf = async ({ project, root }: LoadedProject, origins: readonly string[], options: CheckOptions): Promise<readonly Attempt[]> => {
  const { contexts, set } = options
  const { source, parse } = configMemory(options.source ?? fileSource(root))
  const common = { contexts, globals: project.globals, root }
  const index = indexProject(project)
  const cache = digestCacheIn(resolve(root, options.store ?? project.store))
  const digests: Record<string, FileDigest | string> = {}
  const attempts: Attempt[] = []
  void readAhead(source, origins)

  const planned = async (resolved: ResolvedConfigs): Promise<Attempt['outcome']> => {
    const wanted = filesWanted(project, resolved).filter((path) => !Object.hasOwn(digests, path))
    Object.assign(digests, await gatherDigests(wanted, { root, cache }))
    const outcome = planChain(project, resolved, { digests })
    return E.isLeft(outcome) ? outcome : E.right({ nodes: outcome.right.nodes.length, warnings: outcome.right.warnings }) // plans of a thousand configs are not kept
  }
  const attempt = async (config: string, loaded: E.Either<NonEmptyArray<PlanError>, Documents>): Promise<Attempt> => {
    const given = [...contexts, set].filter((one) => typeof one === 'object')
    const mask = maskOfDocuments(index, E.isRight(loaded) ? loaded.right.values() : [], given, undefined)
    if (E.isLeft(loaded)) return { config, documents: undefined, resolved: undefined, outcome: E.left(mask.value(loaded.left)), mask }
    const resolved = resolveConfigs(loaded.right, config, { ...common, configsFolder: project.configs, set })
    if (E.isLeft(resolved)) return { config, documents: loaded.right, resolved: undefined, outcome: E.left(mask.value(resolved.left)), mask }
    return { config, documents: loaded.right, resolved: resolved.right, outcome: await planned(resolved.right), mask }
  }
  for (const origin of origins) {
    const load = (config: string) => loadDocuments(source, config, { ...common, parse })
    const whole = await load(origin)
    const document = E.isRight(whole) ? whole.right.get(origin) : undefined
    const parts = document === undefined || document.parts.size < 2 ? [] : [...document.parts.keys()]
    if (parts.length === 0 || document?.mainPart !== undefined) attempts.push(await attempt(origin, whole)) // several parts without a main one: each is asked for by name
    for (const part of parts) if (part !== document?.mainPart) attempts.push(await attempt(`${origin}#${part}`, await load(`${origin}#${part}`)))
  }
  return attempts
}

const filesAtOnce = 16

/** Files are read while earlier ones are planned; the source remembers them. */
const readAhead = async (source: ConfigSource, origins: readonly string[]): Promise<void> => {
  const waiting = [...origins].reverse()
  const next = async (): Promise<void> => {
    for (let origin = waiting.pop(); origin !== undefined; origin = waiting.pop()) await source.read(origin).catch(() => undefined) // told by who uses it
  }
  await Promise.all(Array.from({ length: filesAtOnce }, next))
}
