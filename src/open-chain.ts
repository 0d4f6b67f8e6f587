import { isNonEmpty } from './base/non-empty.js'
import { messageOf } from './base/thrown.js'
import * as E from 'fp-ts/lib/Either.js'
import { availableParallelism } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { openProjectStore, openStore } from './adapters/open-store.js'
import { winstonLog } from './adapters/log/winston-log.js'
import type { ProgramRecorder } from './adapters/history/program-recorder.js'
import { recorderOnDemand } from './adapters/history/recorder-on-demand.js'
import { fileSource } from './adapters/project/config-files.js'
import { matchingFiles } from './adapters/project/find-files.js'
import { gatherDigests } from './adapters/project/file-digests.js'
import type { Modules, Project } from './declare/project.js'
import { withWarnings, warningsBeside } from './errors.js'
import { badOption, taskchainError } from './explain.js'
import { indexProject } from './plan/names/project-index.js'
import { refuseUnreadByAll } from './plan/params/unread-values.js'
import { orThrow, unreadIn, type Planned } from './plan/plan-documents.js'
import { outlineOf } from './plan/plan-graph.js'
import type { Plan, RunPlan } from './plan/plan-types.js'
import {
  digestCacheOf,
  listOf,
  planConfig,
  planOptions,
  readConfig,
  rootOf,
  type PlanOptions,
} from './planner/plan-config.js'
import { makeChainSet, type ChainSet } from './runtime/chain/chain-set.js'
import type { Chain, ChainOptions } from './runtime/chain/chain-types.js'
import { makeChain } from './runtime/chain/chain.js'
import type { Store } from './runtime/ports/store.js'
import { checkChainOptions } from './runtime/chain/options.js'
import { settingText } from './runtime/chain/recorded-run.js'
import { refuseUnknown } from './runtime/session/refuse-unknown.js'
import { makeSession, type Session } from './runtime/session/session.js'
import { systemClock } from './runtime/session/system-clock.js'

/** Which configs to plan, and how the chain runs. */
export type OpenOptions = PlanOptions & ChainOptions

/** One chain of a set: a config, and what overrides only this one. */
export interface ChainRequest extends Pick<PlanOptions, 'config' | 'context' | 'set'> {
  /** The name of the chain in its set. Default: the config's name, with that of its own context. */
  readonly name?: string
}

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
  history: 1,
} satisfies Record<keyof ChainOptions, 1>
/** Names of all options of `openChain`. */
export const openOptions = { ...planOptions, ...chainOptions }

/**
 * Opens a chain: reads and plans its configs, and binds the plan to a store. Computes nothing yet. Rejects with
 * `TaskchainError`, which holds every `PlanError`.
 *
 * @example
 * const chain = await openChain(project, { config: 'configs/model.yaml', context: { min_votes: 5 } })
 * const metrics = await chain.value(testMetrics)
 * await chain.close()
 * metrics // => { rmse: 1 }
 */
export const openChain = async <M extends Modules>(project: Project<M>, options: OpenOptions): Promise<Chain<M>> => {
  refuseUnknown(options, openOptions, 'openChain')
  const plan = orThrow(await planConfig(project, options))
  const { session, close } = await openSession(project, options, () => options)
  return makeChain(session, plan, '', close)
}

/**
 * Opens several chains that share a store, memory and running work: equal nodes are computed once (the original's
 * MultiChain). `configs` is a list, or a folder whose configs are all opened; a config may appear in a list several
 * times, under different contexts. Rejects with the errors of all chains.
 *
 * @example
 * const chains = await openChains(project, [
 *   { config: 'model', context: { min_votes: 100 }, name: 'few' },
 *   { config: 'model', context: { min_votes: 5_000 }, name: 'many' },
 * ])
 * await chains.run()
 * await chains.chain('few').value(counted) // => 1
 * await chains.chain('many').value(counted) // => 0
 * await chains.close()
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
  const tried = await Promise.all(requests.map(async (request) => planOfRequest(project, laidOver(options, request))))
  const planned = refuseUnreadByAll(tried, unreadIn(project), (index) => Object.keys(requests[index]?.set ?? {}))
  const errors = planned.flatMap((one) => (E.isLeft(one) ? one.left : []))
  const warnings = planned.flatMap((one) => (E.isLeft(one) ? warningsBeside(one.left) : []))
  if (isNonEmpty(errors)) throw taskchainError(withWarnings(errors, warnings))
  const asked = new Map(
    planned.flatMap((one, index) => {
      const request = requests[index]
      return E.isLeft(one) || request === undefined ? [] : [[outlineOf(one.right), laidOver(options, request)] as const]
    }),
  )
  const { session, close } = await openSession(project, options, (plan) => (plan && asked.get(plan)) ?? options)
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

/** Values that no chain of a set reads are checked once all chains are planned. */
const planOfRequest = async (project: Project, options: OpenOptions): Promise<Planned> =>
  (await (await readConfig(project, options)).plan({ set: options.set })).planned

/** Tells a request from a config given as an object, which has other fields. */
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
  if (twin !== undefined) throw badOption(`openChains with two chains '${twin}'`, 'give each a name of its own')
}

const nameOf = (plan: Plan, request: ChainRequest | undefined): string =>
  request?.context === undefined || plan.context === null ? plan.config : `${plan.config} (${plan.context})`

/** Configs given as objects all have the same default name. */
const freeName = (name: string, isTaken: (name: string) => boolean): string => {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} (${number})`
    if (!isTaken(candidate)) return candidate
  }
}

const configsIn = async (
  project: Project,
  folder: string,
  options: { readonly root?: string },
): Promise<readonly string[]> => {
  const root = rootOf(project, options)
  const found = await fileSource(root).list(folder)
  const below = found.length > 0 ? found : await fileSource(root).list(`${project.configs}/${folder}`)
  return below.map((origin) => resolve(root, origin))
}

/** What a plan was requested with. */
type Asked = Pick<PlanOptions, 'context' | 'set'>

/** A session with the default ports: a folder, the system clock, winston, this process. `asked`: for run records. */
export const openSession = async (
  project: Project,
  options: ChainOptions & { readonly root?: string },
  asked: (plan: RunPlan | undefined) => Asked = () => ({}),
): Promise<{ readonly session: Session; readonly close: () => Promise<void> }> => {
  checkChainOptions(options)
  const store = await storeOf(project, options)
  const recorder = recorderOf(project, options, store, asked)
  const session = makeSession({
    project,
    index: indexProject(project),
    store,
    clock: systemClock,
    log: winstonLog({ consoleLevel: options.logLevel ?? 'warn' }),
    concurrency: options.concurrency ?? options.executor?.concurrency ?? availableParallelism(),
    root: rootOf(project, options),
    filesOf: (pattern) => matchingFiles(rootOf(project, options), pattern),
    digests: (paths) =>
      gatherDigests(paths, { root: rootOf(project, options), cache: digestCacheOf(project, options) }),
    ...(options.executor === undefined ? {} : { executor: options.executor }),
    ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
    ...(options.noRepair === undefined ? {} : { noRepair: options.noRepair }),
    ...(options.checkMutation === undefined ? {} : { checkMutation: options.checkMutation }),
    ...(options.onEvent === undefined ? {} : { listener: options.onEvent }),
    ...(recorder === undefined ? {} : { recorder: recorder.with }),
  })
  const close = async (): Promise<void> => {
    session.memory.clear()
    await recorder?.close()
    try {
      await options.executor?.close?.()
    } finally {
      // after the workers: what they leave in the store when they are ended is removed here
      await store.flush().catch((cause: unknown) => {
        throw taskchainError([
          { _tag: 'StoreUnusable', location: store.location, cause: session.secrets.mask().value(cause) },
        ])
      })
    }
  }
  return { session, close }
}

/** Records the runs of chains, if they are to be recorded. */
const recorderOf = (
  project: Project,
  options: ChainOptions & { readonly root?: string },
  store: Store,
  asked: (plan: RunPlan | undefined) => Asked,
) => {
  if (options.history === false || (store.runs === undefined && !isAbsolute(store.opening?.root ?? store.location)))
    return undefined
  let made: Promise<ProgramRecorder | undefined> | undefined
  const load = async (hide: (text: string) => string): Promise<ProgramRecorder | undefined> => {
    try {
      const { historyOf } = await import('./adapters/history/open-history.js')
      const { programRecorder } = await import('./adapters/history/program-recorder.js')
      const history = historyOf(store)
      return (
        history &&
        programRecorder({
          history,
          root: rootOf(project, options),
          location: store.location,
          askedFor: (plan) => askedFor(asked(plan)),
          hide,
          warn,
        })
      )
    } catch (cause) {
      warn(`the history has no record of this run: ${hide(messageOf(cause))}`)
      return undefined
    }
  }
  return {
    with: (hide: (text: string) => string) => recorderOnDemand(() => (made ??= load(hide))),
    close: async () => (await made)?.close(),
  }
}

/** Contexts given as objects have no name. */
const askedFor = ({ context, set = {} }: Asked) => ({
  context: listOf(context).map((one) => (typeof one === 'string' ? one : '(values)')),
  set: Object.entries(set).map(([name, value]) => settingText(name, [value])),
})

const warn = (problem: string): void => process.emitWarning(problem, 'TaskchainWarning')

const storeOf = async (project: Project, options: ChainOptions & { readonly root?: string }): Promise<Store> => {
  const { store, durability = 'group' } = options
  if (typeof store === 'object') return store
  const root = rootOf(project, options)
  if (store !== undefined) return openStore(store, root, { durability })
  return openProjectStore(project, root, { durability, warn })
}
