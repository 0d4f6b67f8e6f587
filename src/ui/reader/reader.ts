import { fileSource } from '../../adapters/project/config-files.js'
import { openProjectStore, openStore } from '../../adapters/open-store.js'
import type { OpenedStore } from '../../adapters/opened-store.js'
import { loadProject, type LoadedProject } from '../../adapters/project/project-file.js'
import { nearest } from '../../base/suggest.js'
import { nameOf, splitPart } from '../../config/uses.js'
import { didYouMean } from '../../explain/words.js'
import { setValues } from '../../inspect/set-values.js'
import { openSession } from '../../open-chain.js'
import { orThrow } from '../../plan/plan-documents.js'
import type { Plan } from '../../plan/plan-types.js'
import { planConfig } from '../../planner/plan-config.js'
import type { Chain } from '../../runtime/chain/chain-types.js'
import { makeChain } from '../../runtime/chain/chain.js'
import type { Why } from '../../runtime/chain/why-node.js'
import { indexProject } from '../../plan/names/project-index.js'
import { byCodeUnit } from '../../base/code-unit-order.js'
import type { Forgotten } from './messages.js'
import { NoAnswer, refusal } from './trouble.js'

/** Options of a reader, from the command line. Plain data, so that they can be sent to a thread. */
export interface ReaderOptions {
  /** The folder from which the project is searched for, upward. */
  readonly folder: string
  readonly project?: string
  readonly store?: string
  readonly context: readonly string[]
  readonly set: readonly string[]
  readonly version: string
  /** Whether the page may start and force. */
  readonly actions: boolean
  /** Whether configs outside the project's folder of configs may be planned: for callers that name files themselves. */
  readonly anyConfig?: boolean
}

/** Rendering functions that the command line provides. */
export interface Words {
  readonly why: (why: Why) => readonly string[]
}

/** A project as the page's questions see it: configs are planned and compared with the current store. */
export interface Reader {
  readonly options: ReaderOptions
  readonly words: Words
  readonly loaded: LoadedProject
  readonly store: OpenedStore
  /** Names of all groups, sorted: their index is their colour. */
  readonly groups: readonly string[]
  /** Origins of all configs, sorted. */
  readonly configs: () => Promise<readonly string[]>
  /** Plans a config of the project; other files are refused. Rejects with the errors of the config. */
  readonly plan: (config: string) => Promise<Plan>
  /** A chain without state from earlier questions. Needs no closing, since it writes nothing. */
  readonly chain: (config: string) => Promise<Chain>
  /** A recent result, for the next page of it; computed again if it is gone. */
  readonly remembered: <Found>(name: string, find: () => Promise<Found>) => Promise<Found>
  readonly forget: (what: Forgotten) => void
}

/** Limit on plans kept. */
const maxPlans = 2000
/** Milliseconds for which a result is remembered unless it is reported as changed. */
const moment = 10_000

export const makeReader = async (options: ReaderOptions, words: Words): Promise<Reader> => {
  const loaded = await loadProject(options.folder, options.project)
  const { project, root } = loaded
  const store =
    options.store === undefined
      ? await openProjectStore(project, root, { warn: () => undefined })
      : await openStore(options.store, options.folder)
  const set = setValues(options.set)
  const plans = new Map<string, Promise<Plan>>()
  const found = new Map<string, { readonly at: number; readonly coming: Promise<unknown> }>()
  let listed: Promise<readonly string[]> | undefined
  const configs = (): Promise<readonly string[]> => (listed ??= fileSource(root).list(project.configs))
  const plan = async (config: string): Promise<Plan> => {
    if (options.anyConfig !== true && !(await configs()).includes(splitPart(config).path))
      throw new NoAnswer(
        refusal(
          404,
          'ConfigNotFound',
          `the project has no config '${config.slice(0, 200)}' in ${project.configs}`,
          didYouMean(nearConfigs(splitPart(config).path, await configs(), project.configs)),
        ),
      )
    const known = plans.get(config) ?? planned(config)
    plans.delete(config)
    plans.set(config, known) // moves it to the end, so that it is dropped last
    for (const [oldest] of plans) if (plans.size > maxPlans) plans.delete(oldest)
    return known
  }
  const planned = async (config: string): Promise<Plan> =>
    orThrow(await planConfig(project, { config: absolute(root, config), root, context: options.context, set, store }))
  return {
    options,
    words,
    loaded,
    store,
    groups: [...new Set(Array.from(indexProject(project).entries.values(), ({ group }) => group))].sort(byCodeUnit),
    configs,
    plan,
    chain: async (config) => {
      const made = await plan(config)
      const { session } = await openSession(project, { root, store, logLevel: 'silent', history: false })
      return makeChain(session, made)
    },
    remembered: async <Found>(name: string, find: () => Promise<Found>) => {
      for (const [other, { at }] of found) if (performance.now() - at > moment) found.delete(other)
      const coming = found.get(name)?.coming ?? find()
      if (!found.has(name)) found.set(name, { at: Infinity, coming })
      try {
        const value = (await coming) as Found // of this name
        if (found.get(name)?.coming === coming) found.set(name, { at: performance.now(), coming })
        return value
      } catch (cause) {
        found.delete(name)
        throw cause
      }
    },
    forget: (what) => {
      found.clear()
      if (what === 'results') return
      plans.clear()
      listed = undefined
    },
  }
}

/** Configs that were possibly meant: with the same name, or else with similar ones. */
const nearConfigs = (given: string, origins: readonly string[], folder: string): readonly string[] => {
  const named = (origin: string): string => nameOf(origin, '', folder)
  const same = origins.filter((origin) => named(origin) === named(given))
  const near = same.length > 0 ? [] : nearest(named(given), origins.map(named))
  return [...same, ...near.flatMap((name) => origins.find((origin) => named(origin) === name) ?? [])]
}

/** An absolute path, which cannot be confused with another config of that name. */
const absolute = (root: string, config: string): string => (config.startsWith('/') ? config : `${root}/${config}`)
