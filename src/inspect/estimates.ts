import { listFolder } from '../runtime/run-info/one-folder.js'
import { quickFacts } from '../runtime/run-info/run-info.js'
import { addressOf } from '../plan/names/artifact-address.js'
import type { PlanNode } from '../plan/plan-types.js'
import type { NodeState } from '../runtime/chain/chain-types.js'
import type { ArtifactFacts, StoreFacts } from '../runtime/ports/facts.js'
import type { Store } from '../runtime/ports/store.js'

/** Limit on run infos to search for a task without one under its current key, in a store without a catalog. */
const maxTried = 20
const atOnce = 32

/**
 * Durations of nodes in seconds: from their own run info if there is one, else from the latest run of the same task
 * with other parameters. Nodes that never ran are missing from the result. Only reads.
 *
 * @example
 * const seconds = await estimates(fileStore('data/tasks'), chain.plan.nodes, await chain.states())
 * seconds.get('movies:filtered') // seconds, if it was computed before
 */
export const estimates = async (
  store: Store,
  nodes: readonly PlanNode[],
  states: ReadonlyMap<string, NodeState>,
): Promise<ReadonlyMap<string, number>> => {
  const seconds = new Map<string, number>()
  const latest = new Map<string, Promise<number | undefined>>()
  if (store.facts !== undefined) return fromFacts(store.facts, nodes, states)
  const queue = nodes.filter((node) => node.storage !== 'memory')
  const next = async (): Promise<void> => {
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      const own = timeOf(await store.readRunInfo(addressOf(node)))?.seconds
      const { folder, extension } = addressOf(node)
      if (own === undefined && states.get(node.id) !== 'cached' && !latest.has(folder))
        latest.set(folder, latestOf(store, folder, extension))
      const found = own ?? (await latest.get(folder))
      if (found !== undefined) seconds.set(node.id, found)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, next))
  return seconds
}

/** The same from the catalog. All results of a task are read only for a node that has none under its key. */
const fromFacts = async (
  facts: StoreFacts,
  nodes: readonly PlanNode[],
  states: ReadonlyMap<string, NodeState>,
): Promise<ReadonlyMap<string, number>> => {
  const seconds = new Map<string, number>()
  const kept = nodes.filter(({ storage }) => storage !== 'memory')
  const asked = new Map<string, Set<string>>()
  for (const node of kept)
    asked.set(addressOf(node).folder, (asked.get(addressOf(node).folder) ?? new Set()).add(node.key))
  const own = await facts.read(asked)
  const left: PlanNode[] = []
  for (const node of kept) {
    const found = own.get(addressOf(node).folder)?.get(node.key)
    if (found !== undefined) seconds.set(node.id, found.seconds)
    else if (states.get(node.id) !== 'cached') left.push(node)
  }
  const all = await facts.read(new Map(left.map((node) => [addressOf(node).folder, undefined])))
  const latest = new Map(Array.from(all, ([folder, known]) => [folder, latestIn(known.values())]))
  for (const node of left) {
    const found = latest.get(addressOf(node).folder)
    if (found !== undefined) seconds.set(node.id, found.seconds)
  }
  return seconds
}

const latestIn = (known: Iterable<ArtifactFacts>): ArtifactFacts | undefined => {
  let latest: ArtifactFacts | undefined
  for (const one of known) if (latest === undefined || one.ended > latest.ended) latest = one
  return latest
}

const latestOf = async (store: Store, folder: string, extension: string | null): Promise<number | undefined> => {
  const keys = [...(await listFolder(store, folder))].filter(([, names]) => names.runInfo).map(([key]) => key)
  const times = await Promise.all(
    keys.slice(0, maxTried).map(async (key) => timeOf(await store.readRunInfo({ folder, key, extension }))),
  )
  return times
    .flatMap((time) => (time === undefined ? [] : [time]))
    .sort((left, right) => (left.ended < right.ended ? 1 : -1))[0]?.seconds
}

const timeOf = (runInfo: string | undefined): { readonly seconds: number; readonly ended: string } | undefined => {
  const facts = runInfo === undefined ? undefined : quickFacts(runInfo)
  return facts !== undefined && Number.isFinite(facts.time) && facts.time >= 0
    ? { seconds: facts.time, ended: facts.ended }
    : undefined
}
