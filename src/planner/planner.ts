import { fileSource, loadAsFar, objectOrigin } from '../adapters/project/config-files.js'
import { gatherDigests } from '../adapters/project/file-digests.js'
import type { ContextSpec, Documents } from '../config/config-types.js'
import { documentReader } from '../config/uses.js'
import type { parseDocument } from '../config/document.js'
import type { Resolution } from '../config/resolve.js'
import type { Project } from '../declare/project.js'
import type { PlanError } from '../errors.js'
import type { FileDigest } from '../plan/params/param-files.js'
import type { Unread } from '../plan/params/unread-values.js'
import { stagedPlan, type Planned } from '../plan/plan-documents.js'
import type { ConfigSource } from '../runtime/ports/config-source.js'

/** Where a planner reads its inputs. */
export interface PlannerPlaces {
  /** The project's root, as an absolute path. */
  readonly root: string
  /** The source of configs and contexts. Default: files on disk. */
  readonly source?: ConfigSource | undefined
  /** Parses a file's text. */
  readonly parse?: typeof parseDocument | undefined
  /** A file that caches digests of files; undefined: no cache. */
  readonly digestCache: string | undefined
  /** Whether environment variables of secrets are looked up; keys do not depend on them. Default true. */
  readonly variables?: boolean | undefined
}

/** Plans configs of a project from their files: `load → resolve → digests → plan → mask`. */
export interface Planner {
  /** Reads a config, by origin or given as an object, and everything that it and the contexts use. Never rejects. */
  readonly read: (entry: string | object, contexts?: readonly ContextSpec[]) => Promise<ReadConfig>
}

/** A config that was read, for plans that differ only in `set`. */
export interface ReadConfig {
  readonly documents: Documents
  /** Errors of reading; planning reports them together with its own. */
  readonly errors: readonly PlanError[]
  readonly plan: (options: { readonly set?: Values | undefined; readonly unread?: Unread }) => Promise<PlannedConfig>
}

type Values = Readonly<Record<string, unknown>>

/** A plan or all errors, with secrets masked, and the resolved configs it was made from. */
export interface PlannedConfig {
  readonly resolution: Resolution
  readonly planned: Planned
}

/** Creates a planner that computes the digest of each file once. */
export const makePlanner = (project: Project, places: PlannerPlaces): Planner => {
  const { root, source = fileSource(root), parse, digestCache, variables = true } = places
  const { globals, configs: configsFolder } = project
  const reader = documentReader({ root, ...(globals === undefined ? {} : { globals }) })
  const known: Record<string, FileDigest | string> = {}
  const digestsOf = async (files: readonly string[]): Promise<typeof known> => {
    source.digested?.(files)
    const unknown = files.filter((path) => !Object.hasOwn(known, path))
    return Object.assign(known, await gatherDigests(unknown, { root, cache: digestCache }))
  }
  return {
    read: async (config, contexts = []) => {
      const { documents, errors } = await loadAsFar(source, config, { contexts, globals, root, parse, reader })
      const [entry, object] = typeof config === 'string' ? [config, undefined] : [objectOrigin, config]
      const read = { documents, entry, errors, object, reader }
      return {
        documents,
        errors,
        plan: async ({ set, unread = {} }) => {
          const { resolution, files, planned } = stagedPlan(project, read, {
            contexts,
            globals,
            configsFolder,
            root,
            unread,
            ...(set === undefined ? {} : { set }),
            hidden: process.env,
            ...(variables ? { environment: process.env } : {}),
          })
          return { resolution, planned: planned(await digestsOf(files())) }
        },
      }
    },
  }
}
