import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { fileSource, loadDocuments } from '../adapters/config-files.js'
import type { LoadedProject } from '../adapters/project-file.js'
import { resolveConfigs } from '../config/resolve.js'
import type { ConfigDocument, ContextSpec, ResolvedConfigs } from '../config/types.js'
import type { PlanError, PlanWarning } from '../errors.js'
import { planChain } from '../plan/plan.js'

/** What came of planning one config. */
export interface Checked {
  /** Origin, with `#part` where a part was planned by itself. */
  readonly config: string
  /**
   * `partial`: lacks what the configs that use it bring, which is no fault; `values`: brings no tasks, like a context.
   */
  readonly outcome: 'fine' | 'wrong' | 'partial' | 'values'
  readonly nodes: number
  readonly errors: readonly PlanError[]
  readonly warnings: readonly PlanWarning[]
  /** Partial ones: a config that uses it. */
  readonly usedBy: string | undefined
}

export interface CheckOptions {
  readonly contexts: readonly ContextSpec[]
  readonly set: Readonly<Record<string, unknown>>
}

/** Plans every config of a list of origins, parts of files each by itself. Reads configs, runs nothing. */
export const checkConfigs = async ({ project, root }: LoadedProject, origins: readonly string[], options: CheckOptions): Promise<readonly Checked[]> => {
  const source = fileSource(root)
  const common = { contexts: options.contexts, globals: project.globals, root }
  const attempts: Attempt[] = []
  const plan = async (config: string): Promise<ConfigDocument | undefined> => {
    const loaded = await loadDocuments(source, config, common)
    if (E.isLeft(loaded)) {
      attempts.push({ config, documents: undefined, resolved: undefined, outcome: loaded })
      return undefined
    }
    const resolved = resolveConfigs(loaded.right, config, { ...common, configsFolder: project.configs, set: options.set })
    const outcome = E.isLeft(resolved) ? resolved : planChain(project, resolved.right)
    attempts.push({ config, documents: loaded.right, resolved: E.isRight(resolved) ? resolved.right : undefined, outcome: E.isLeft(outcome) ? outcome : E.right({ nodes: outcome.right.nodes.length, warnings: outcome.right.warnings }) })
    return loaded.right.get(config)
  }
  for (const origin of origins) {
    const document = await plan(origin)
    if (document === undefined || document.parts.size < 2) continue
    for (const part of document.parts.keys()) if (part !== document.mainPart) await plan(`${origin}#${part}`)
  }
  return attempts.map((attempt) => judged(attempt, attempts))
}

interface Attempt {
  readonly config: string
  readonly documents: ReadonlyMap<string, ConfigDocument> | undefined
  readonly resolved: ResolvedConfigs | undefined
  readonly outcome: E.Either<NonEmptyArray<PlanError>, { readonly nodes: number; readonly warnings: readonly PlanWarning[] }>
}

const judged = (attempt: Attempt, all: readonly Attempt[]): Checked => {
  const { config, outcome } = attempt
  if (E.isRight(outcome)) return { config, outcome: 'fine', nodes: outcome.right.nodes, errors: [], warnings: outcome.right.warnings, usedBy: undefined }
  const judge = (verdict: Checked['outcome'], usedBy?: string): Checked => ({ config, outcome: verdict, nodes: 0, errors: outcome.left, warnings: [], usedBy })
  if (attempt.documents !== undefined && partsOf(attempt).every(bringsNothing)) return judge('values')
  const user = all.find((other) => other.config !== config && uses(other, attempt))
  return user !== undefined && outcome.left.every(othersCouldHelp) ? judge('partial', user.config) : judge('wrong')
}

/** What the configs that use this one may bring: values from contexts, tasks to read. */
const othersCouldHelp = (error: PlanError): boolean => ['MissingParam', 'MissingInput', 'NothingToPlan', 'NoMainPart'].includes(error._tag)

const uses = (user: Attempt, used: Attempt): boolean => {
  const id = used.resolved?.entry ?? used.config
  return user.resolved?.configs.some((config) => config.id === id || config.id === used.config || (used.resolved === undefined && config.origin === used.config)) ?? false
}

const partsOf = ({ config, documents }: Attempt) => {
  const [origin = '', part] = config.split('#')
  const parts = documents?.get(origin)?.parts ?? new Map<never, never>()
  return part === undefined ? [...parts.values()] : [parts.get(part)].flatMap((found) => (found === undefined ? [] : [found]))
}

const bringsNothing = (part: { readonly values: ReadonlyMap<string, unknown> }): boolean => part.values.has('for_namespaces') || (!part.values.has('tasks') && !part.values.has('uses'))
