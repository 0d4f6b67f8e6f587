import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import { availableParallelism } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { fileSource, loadAsFar } from './adapters/project/config-files.js'
import { digestCacheIn, gatherDigests } from './adapters/project/file-digests.js'
import { fileStore } from './adapters/file-store/file-store.js'
import { originOfConfig } from './adapters/project/find-config.js'
import { winstonLog } from './adapters/log/winston-log.js'
import type { ContextSpec } from './config/config-types.js'
import type { Modules, Project } from './declare/project.js'
import { withWarnings, warningsBeside, type PlanError } from './errors.js'
import { taskchainError } from './explain.js'
import { filesWanted } from './plan/params/files-wanted.js'
import { maskOfDocuments } from './plan/params/given-secrets.js'
import { indexProject } from './plan/names/project-index.js'
import type { FileDigest } from './plan/params/param-files.js'
import { planAsFar } from './plan/plan.js'
import { resolveFor } from './plan/resolve-for.js'
import type { Plan } from './plan/plan-types.js'
import { refuseUnread, refuseUnreadByAll, type Unread } from './plan/params/unread-values.js'
import { makeChain } from './runtime/chain/chain.js'
import type { Chain, ChainOptions } from './runtime/chain/chain-types.js'
import { systemClock } from './runtime/session/system-clock.js'
import { makeChainSet, type ChainSet } from './runtime/chain/chain-set.js'
import type { ConfigSource } from './runtime/ports/config-source.js'
import type { Store } from './runtime/ports/store.js'
import { checkChainOptions } from './runtime/chain/options.js'
import { refuseUnknown } from './runtime/session/refuse-unknown.js'
import { makeSession, type Session } from './runtime/session/session.js'

/** Which configs to plan, and what to lay over them. */
export interface PlanOptions {
  /**
   * A file (from the working folder, the project's root or its configs folder; `#part` allowed), or a config as an
   * object.
   */
  readonly config: string | Readonly<Record<string, unknown>>
  /** A context file, values, or a list of them; later wins. */
  readonly context?: ContextSpec | readonly ContextSpec[]
  /** Values laid over everything; dotted names change one leaf. */
  readonly set?: Readonly<Record<string, unknown>>
  /** What relative paths start from. Default: the project's root, else the working folder. */
  readonly root?: string
  /** Where configs and contexts are read. Default: from disk, as they are now; `gitSource` reads them as they were. */
  readonly source?: ConfigSource
}

export type OpenOptions = PlanOptions & ChainOptions

/** One chain of a set: a config, and what is laid over it alone. */
export interface ChainRequest extends Pick<PlanOptions, 'config' | 'context' | 'set'> {
  /** What the chain is called in its set. Default: the config's name, with that of its own context. */
  readonly name?: string
}

const planOptions = { config: 1, context: 1, set: 1, root: 1, source: 1 } satisfies Record<keyof PlanOptions, 1>
const chainOptions = {
  store: 1,
  concurrency: 1,
  logLevel: 1,
  durability: 1,
  onEvent: 1,
  executor: 1,
  memoryLimit: 1,
  noRepair: 1,
  checkMutation: 1,
} satisfies Record<keyof ChainOptions, 1>
/** Names of all options of `openChain`. */
export const openOptions = { ...planOptions, ...chainOptions }

/**
 * Plans a config against a project: reads the configs, runs nothing. All errors at once, as values.
 *
 * @example
 * const planned = await planConfig(project, { config: 'configs/movies.yaml' })
 */
export const planConfig = async <M extends Modules>(
  project: Project<M>,
  options: PlanOptions & Pick<ChainOptions, 'store'>,
): Promise<E.Either<NonEmptyArray<PlanError>, Plan>> => {
  const { planWith } = await readConfigs(project, options)
  return refuseUnread(await planWith(options.set), unreadIn(project))
}

/** What nobody reads is an error where a person says it just now, or where the project is strict. */
const unreadIn = ({ strict }: Project<any>): Unread => ({ set: true, configs: strict, contexts: strict })

/** Plans a config that was read already, with other values laid over each time. */
export type PlanWith = (set: PlanOptions['set']) => Promise<E.Either<NonEmptyArray<PlanError>, Plan>>

export interface PlannerOptions extends Omit<PlanOptions, 'set'>, Pick<ChainOptions, 'store'> {
  /** Whether variables that secrets refer to must be set. Default true; keys do not depend on them. */
  readonly variables?: boolean
}

/** Reads a config and all that it uses once, for plans that differ in `set` alone. */
export const plannerOf = async (
  project: Project<any>,
  options: PlannerOptions,
): Promise<E.Either<NonEmptyArray<PlanError>, PlanWith>> => {
  const { planWith, whole } = await readConfigs(project, options)
  if (whole) return E.right(planWith)
  const planned = await planWith(undefined)
  if (E.isRight(planned)) return E.right(planWith)
  const errors = planned.left.filter(({ _tag }) => _tag !== 'MissingParam') // `set` may give it
  return E.left(withWarnings(errors as NonEmptyArray<PlanError>, warningsBeside(planned.left)))
}

/**
 * Reads configs as far as they can be read; where something is missing, `planWith` reports that with all that is wrong
 * besides.
 */
const readConfigs = async (
  project: Project<any>,
  options: PlannerOptions,
): Promise<{ readonly planWith: PlanWith; readonly whole: boolean }> => {
  checkChainOptions(options)
  const root = rootOf(project, options)
  const places = { root, configs: project.configs }
  const entry = typeof options.config === 'string' ? originOfConfig(options.config, places) : options.config
  const contexts = listOf(options.context).map((context) =>
    typeof context === 'string' ? originOfConfig(context, places) : context,
  )
  const { documents, errors: found } = await loadAsFar(options.source ?? fileSource(root), entry, {
    contexts,
    globals: project.globals,
    root,
  })
  const errors =
    typeof entry === 'string' ? found : maskOfDocuments(indexProject(project), [], [entry], process.env).value(found)
  const digests: Record<string, FileDigest | string> = {}
  const planWith: PlanWith = async (set) => {
    const resolution = resolveFor(
      project,
      documents,
      typeof entry === 'string' ? entry : 'config',
      {
        contexts,
        globals: project.globals,
        configsFolder: project.configs,
        root,
        ...(set === undefined ? {} : { set }),
      },
      process.env,
      errors,
    )
    const wanted =
      resolution.resolved === undefined
        ? []
        : filesWanted(project, resolution.resolved).filter((path) => !Object.hasOwn(digests, path))
    Object.assign(digests, await gatherDigests(wanted, { root, cache: digestCacheOf(project, options, root) }))
    return planAsFar(project, resolution, {
      digests,
      ...(options.variables === false ? {} : { environment: process.env }),
    })
  }
  return { planWith, whole: errors.length === 0 }
}

/** Below the store, where that is a folder. */
const digestCacheOf = (
  project: Project<any>,
  { store }: { readonly store?: ChainOptions['store'] },
  root: string,
): string | undefined => {
  if (typeof store === 'object') return isAbsolute(store.location) ? digestCacheIn(store.location) : undefined
  return digestCacheIn(resolve(root, store ?? project.store))
}

/**
 * Opens a chain: reads and plans its configs, binds the plan to a store. Computes nothing yet.
 * Rejects with `TaskchainError`, which holds every `PlanError`.
 *
 * @example
 * const chain = await openChain(project, { config: 'configs/model.yaml', context: { epochs: 3 } })
 * const metrics = await chain.value(testMetrics)
 */
export const openChain = async <M extends Modules>(project: Project<M>, options: OpenOptions): Promise<Chain<M>> => {
  refuseUnknown(options, openOptions, 'openChain')
  const plan = orThrow(await planConfig(project, options))
  const { session, close } = openSession(project, options)
  return makeChain(session, plan, '', close)
}

/**
 * Opens several chains that share a store, memory and running work: what is equal is computed once (the original's
 * MultiChain).
 * `configs` is a list, or a folder whose configs are all opened; one config may stand in a list several times, under
 * several contexts.
 * Rejects with the errors of all of them.
 *
 * @example
 * const chains = await openChains(project, 'configs/rating_model')
 * await chains.run()
 * const [few, many] = [{ min_votes: 100 }, { min_votes: 5_000 }]
 * const both = await openChains(project, [{ config: 'model', context: few, name: 'few' }, { config: 'model', context:
 * many, name: 'many' }])
 * await both.chain('few').value(testMetrics)
 */
export const openChains = async <M extends Modules>(
  project: Project<M>,
  configs: string | readonly (PlanOptions['config'] | ChainRequest)[],
  options: Omit<OpenOptions, 'config'> = {},
): Promise<ChainSet<M>> => {
  refuseUnknown(options, openOptions, 'openChains')
  const list = typeof configs === 'string' ? await configsIn(project, configs, options) : configs
  const requests = list.map((one): ChainRequest => (isRequest(one) ? one : { config: one }))
  refuseTwins(requests)
  const tried = await Promise.all(
    requests.map(async (request) =>
      (await readConfigs(project, laidOver(options, request))).planWith({ ...options.set, ...request.set }),
    ),
  )
  const planned = refuseUnreadByAll(tried, unreadIn(project), (index) => Object.keys(requests[index]?.set ?? {}))
  const errors = planned.flatMap((one) => (E.isLeft(one) ? one.left : []))
  const warnings = planned.flatMap((one) => (E.isLeft(one) ? warningsBeside(one.left) : []))
  if (errors.length > 0) throw taskchainError(withWarnings(errors as NonEmptyArray<PlanError>, warnings))
  const { session, close } = openSession(project, options)
  const chains = new Map<string, Chain>()
  const given = new Set(requests.map(({ name }) => name))
  for (const [index, one] of planned.entries()) {
    if (E.isLeft(one)) continue
    const name =
      requests[index]?.name ??
      freeName(nameOf(one.right, requests[index]), (taken) => chains.has(taken) || given.has(taken))
    chains.set(name, makeChain(session, one.right, '', close))
  }
  return makeChainSet(session, chains, close)
}

/** A config that is given as an object has other fields than these. */
const isRequest = (one: PlanOptions['config'] | ChainRequest): one is ChainRequest =>
  typeof one === 'object' &&
  (typeof one['config'] === 'string' || (typeof one['config'] === 'object' && one['config'] !== null)) &&
  Object.keys(one).every((name) => ['config', 'context', 'set', 'name'].includes(name))

const laidOver = (options: Omit<OpenOptions, 'config'>, request: ChainRequest): OpenOptions => ({
  ...options,
  config: request.config,
  context: [...listOf(options.context), ...listOf(request.context)],
  set: { ...options.set, ...request.set },
})

const refuseTwins = (requests: readonly ChainRequest[]): void => {
  const names = requests.flatMap(({ name }) => name ?? [])
  const twin = names.find((name, index) => names.indexOf(name) < index)
  if (twin !== undefined)
    throw taskchainError([
      { _tag: 'BadOption', option: `openChains with two chains '${twin}'`, problem: 'give each a name of its own' },
    ])
}

const nameOf = (plan: Plan, request: ChainRequest | undefined): string =>
  request?.context === undefined || plan.context === null ? plan.config : `${plan.config} (${plan.context})`

/** Two configs given as objects have one name. */
const freeName = (name: string, isTaken: (name: string) => boolean): string => {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} (${number})`
    if (!isTaken(candidate)) return candidate
  }
}

const configsIn = async (
  project: Project<any>,
  folder: string,
  options: { readonly root?: string },
): Promise<readonly string[]> => {
  const root = rootOf(project, options)
  const found = await fileSource(root).list(folder)
  const below = found.length > 0 ? found : await fileSource(root).list(`${project.configs}/${folder}`)
  return below.map((origin) => resolve(root, origin))
}

/** The default ports: a folder, the system's clock, winston, this process. */
export const openSession = (
  project: Project<any>,
  options: ChainOptions & { readonly root?: string },
): { readonly session: Session; readonly close: () => Promise<void> } => {
  checkChainOptions(options)
  const store = storeOf(project, options)
  const session = makeSession({
    project,
    index: indexProject(project),
    store,
    clock: systemClock,
    log: winstonLog({ consoleLevel: options.logLevel ?? 'warn' }),
    concurrency: options.concurrency ?? availableParallelism(),
    root: rootOf(project, options),
    digests: (paths) =>
      gatherDigests(paths, {
        root: rootOf(project, options),
        cache: digestCacheOf(project, options, rootOf(project, options)),
      }),
    ...(options.executor === undefined ? {} : { executor: options.executor }),
    ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
    ...(options.noRepair === undefined ? {} : { noRepair: options.noRepair }),
    ...(options.checkMutation === undefined ? {} : { checkMutation: options.checkMutation }),
    ...(options.onEvent === undefined ? {} : { listener: options.onEvent }),
  })
  const close = async (): Promise<void> => {
    session.memory.clear()
    try {
      await store.flush()
    } catch (cause) {
      throw taskchainError([
        { _tag: 'StoreUnusable', location: store.location, cause: session.secrets.mask().value(cause) },
      ])
    } finally {
      await options.executor?.close?.()
    }
  }
  return { session, close }
}

const storeOf = (project: Project<any>, options: ChainOptions & { readonly root?: string }): Store => {
  if (typeof options.store === 'object') return options.store
  return fileStore(resolve(rootOf(project, options), options.store ?? project.store), {
    durability: options.durability ?? 'group',
  })
}

const rootOf = (project: Project<any>, options: { readonly root?: string }): string =>
  resolve(options.root ?? project.root ?? process.cwd())

const listOf = (context: PlanOptions['context']): readonly ContextSpec[] =>
  context === undefined ? [] : Array.isArray(context) ? (context as readonly ContextSpec[]) : [context as ContextSpec]

const orThrow = (planned: E.Either<NonEmptyArray<PlanError>, Plan>): Plan => {
  if (E.isLeft(planned)) throw taskchainError(planned.left)
  return planned.right
}
