import { loadProject, type LoadedProject } from '../adapters/project/project-file.js'
import { badOption, explainText } from '../explain.js'
import type { PlanWarning } from '../errors.js'
import type { PlanOptions } from '../planner/plan-config.js'
import type { Chain, ChainOptions, TaskHandle } from '../runtime/chain/chain-types.js'
import type { Executor } from '../runtime/ports/executor.js'
import type { Store } from '../runtime/ports/store.js'
import { hidingOf } from '../runtime/chain/chain.js'
import { printBeside, type Call } from './call.js'
import { setValues } from '../inspect/set-values.js'
import { storesFor } from './store-of-call.js'
import { lackingText } from './render/render-events.js'
import { watchedRound } from './watch/tell-watcher.js'
import { harmless } from './render/text-width.js'

/** The project that a call is about. */
export const projectOf = (call: Call): Promise<LoadedProject> => loadProject(call.host.folder, call.common.project)

/** The common options that concern planning, as `openChain` and `planConfig` take them. */
export const planOptions = (call: Call, { root }: LoadedProject) => ({
  root,
  context: call.common.context,
  set: setValues(call.common.set),
})

/** Opens the chain of a config, prints its warnings on standard error, and closes it when the work is done. */
export const withChain = async <A>(
  call: Call,
  config: string,
  options: ChainOptions & Pick<PlanOptions, 'source'>,
  work: (chain: Chain, store: Store, loaded: LoadedProject) => Promise<A>,
): Promise<A> => {
  const round = watchedRound()
  // before the project: Node 20 fails if a CommonJS project requires a module whose import is under way
  const { openChain } = await import('../open-chain.js')
  const loaded = await projectOf(call)
  const { logLevel } = call.common
  const store = await storesFor(call, loaded)
  const executor = await executorOf(call, loaded, store)
  const chain: Chain = await openChain(loaded.project, {
    config,
    ...planOptions(call, loaded),
    store,
    history: false, // `run` records it itself
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(executor === undefined ? {} : { executor }),
    onEvent: (event) => {
      if (event._tag === 'rebuilt') printBeside(call, [`catalog: ${lackingText(event)}`])
    },
    ...(round === undefined ? {} : { source: round.source(loaded.root) }),
    ...options,
  })
  call.host.hide?.(hidingOf(chain))
  printWarnings(call, chain.plan.warnings)
  try {
    return await work(chain, store, loaded)
  } finally {
    await chain.close()
  }
}

/** The executor that `--executor` names; undefined for the current process. */
export const executorOf = async (call: Call, { file }: LoadedProject, store: Store): Promise<Executor | undefined> => {
  if (call.options['executor'] !== undefined && store.opening === undefined) {
    const problem = 'others cannot read through to shared stores: pull first, then name one store with --store'
    throw badOption('--executor', problem)
  }
  switch (call.options['executor']) {
    case 'workers':
      return (await import('../workers/index.js')).workerPools({ project: file, standard: 'thread' })
    case 'processes':
      return (await import('../workers/index.js')).workerPools({ project: file, standard: 'process' })
    case 'bullmq':
      return queueOf(call)
    default:
      return undefined
  }
}

/** The URL from `--redis` or the environment; a password is safer in the environment. */
export const redisOf = (call: Call): string => {
  const { redis = process.env['TASKCHAIN_REDIS'] } = call.options
  if (typeof redis === 'string' && redis !== '') return redis
  const problem = 'where is the queue? --redis redis://host:6379, or TASKCHAIN_REDIS in the environment'
  throw badOption('--redis', problem)
}

/** Checked before planning: an unusable queue ends the command. */
const queueOf = async (call: Call): Promise<Executor> => {
  const { bullmq } = await import('../workers/index.js')
  const { queue } = call.options
  const executor = bullmq({ redis: redisOf(call), ...(typeof queue === 'string' ? { queue } : {}) })
  await executor.opened()
  return executor
}

/** Prints warnings to standard error, each one once. */
export const printWarnings = (call: Call, warnings: readonly PlanWarning[]): void =>
  printBeside(call, [
    ...new Set(warnings.map((warning) => `${call.paint.err.yellow('warning')}: ${harmless(explainText(warning))}`)),
  ])

/** A task by name, as text since any project may be meant. Throws `TaskchainError` (`NotInChain`, `AmbiguousName`). */
export const taskNamed = (chain: Chain, name: string): TaskHandle => chain.task(name as never)
