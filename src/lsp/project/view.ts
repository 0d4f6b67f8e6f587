import * as E from 'fp-ts/lib/Either.js'
import type { LoadedProject } from '../../adapters/project/project-file.js'
import { oneOfEach } from '../../base/one-of-each.js'
import type { ResolvedConfig } from '../../config/config-types.js'
import { placeText } from '../../explain/words.js'
import { openChain } from '../../open-chain.js'
import { indexProject } from '../../plan/names/project-index.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { digestCacheOf } from '../../planner/plan-config.js'
import { makePlanner } from '../../planner/planner.js'
import type { ConfigSource } from '../../runtime/ports/config-source.js'
import type { ConfigView, ValueRead } from '../facts.js'
import type { LaidOver } from './laid-over.js'

/** A config's chain: the readers of its values, and how many tasks are to run. Undefined if it cannot be planned. */
export const viewOf = async (
  loaded: LoadedProject,
  config: string,
  source: ConfigSource,
  laid: LaidOver,
): Promise<ConfigView | undefined> => {
  const { project, root } = loaded
  const digestCache = digestCacheOf(project, { root, ...(laid.store === undefined ? {} : { store: laid.store }) })
  const planner = makePlanner(project, { root, source, digestCache, variables: false })
  const read = await planner.read(config, laid.contexts)
  const { resolution, planned } = await read.plan({ set: laid.set })
  if (E.isLeft(planned) || resolution.resolved === undefined) return undefined
  const { configs } = resolution.resolved
  return {
    config,
    nodes: planned.right.nodes.length,
    toRun: await toRun(loaded, config, source, laid).catch(() => undefined),
    reads: readsIn(loaded, configs, planned.right),
  }
}

/** Number of nodes that a full run would compute; nodes that share a result count once. */
const toRun = async (
  { project, root }: LoadedProject,
  config: string,
  source: ConfigSource,
  { contexts, set, store }: LaidOver,
): Promise<number> => {
  const chain = await openChain(project, {
    config,
    context: contexts,
    set,
    root,
    source,
    logLevel: 'silent',
    ...(store === undefined ? {} : { store }),
  })
  try {
    const states = await chain.states()
    const waiting = chain.plan.nodes.filter(({ id }) => ahead.has(states.get(id) ?? 'to_run'))
    return oneOfEach(waiting, ({ key }) => key).length
  } finally {
    await chain.close()
  }
}

const ahead: ReadonlySet<string> = new Set(['to_run', 'stale', 'unfinished'])

const readsIn = ({ project }: LoadedProject, configs: readonly ResolvedConfig[], plan: Plan): readonly ValueRead[] => {
  const { entries } = indexProject(project)
  const readBy = (node: PlanNode, name: string): boolean =>
    entries.get(node.task)?.params.some(({ nameInConfig }) => nameInConfig === name) === true
  return configs.flatMap((config) => {
    const nodes = plan.nodes.filter((node) => node.config === config.name && node.namespace === config.namespace)
    return [...config.values].flatMap(([name, { located, own, overrides, fromContext }]): readonly ValueRead[] => {
      const readers = nodes.filter((node) => readBy(node, name)).map(({ id }) => id)
      const place = own ?? (fromContext ? undefined : located.place)
      if (place === undefined || readers.length === 0) return []
      const { origin, line, column } = place
      return [{ origin, line, column, nodes: readers, overriddenAt: overrides && placeText(overrides) }]
    })
  })
}
