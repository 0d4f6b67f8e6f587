import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { RunReport } from '../ports/events.js'
import { factsOf, gatherFacts } from '../session/known-facts.js'
import type { Session } from '../session/session.js'

/** How long tasks took in earlier runs, which determines the order in which a run begins them. */
export interface EarlierSeconds {
  /**
   * Reads facts of some results of these nodes' tasks, once per task. `keysOf`: stored keys of the task. Never rejects:
   * unreadable facts are unknown.
   */
  look(nodes: readonly NodeOutline[], keysOf: (folder: string) => Iterable<string>): Promise<void>
  /** The seconds of its own earlier result, or else the median of those of its task; undefined if there are none. */
  of(node: NodeOutline): number | undefined
}

/** How many results are read per task. */
const most = 20

export const makeEarlierSeconds = ({ store }: Pick<Session, 'store'>): EarlierSeconds => {
  const own = new Map<string, number>()
  const middles = new Map<string, number | undefined>()
  return {
    look: async (nodes, keysOf) => {
      const wanted = new Map<string, Set<string>>()
      for (const node of nodes) {
        const { folder } = addressOf(node)
        if (node.storage === 'memory' || middles.has(folder)) continue
        const keys = wanted.get(folder) ?? new Set(first(keysOf(folder), most))
        if (keys.size > 0 && keys.size < 2 * most) keys.add(node.key)
        wanted.set(folder, keys)
      }
      for (const folder of wanted.keys()) middles.set(folder, undefined)
      if (store.facts === undefined || wanted.size === 0) return
      const found = await store.facts.read(stored(wanted)).catch(() => undefined)
      for (const [folder, facts] of found ?? []) {
        for (const { key, seconds } of facts.values()) own.set(key, seconds)
        const sorted = Array.from(facts.values(), ({ seconds }) => seconds).sort((one, other) => one - other)
        middles.set(folder, sorted[sorted.length >> 1])
      }
    },
    of: (node) => own.get(node.key) ?? middles.get(addressOf(node).folder),
  }
}

/** Folders with any keys. */
const stored = (wanted: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map([...wanted].filter(([, keys]) => keys.size > 0))

const first = (keys: Iterable<string>, count: number): readonly string[] => {
  const found: string[] = []
  for (const key of keys) {
    if (found.length >= count) break
    found.push(key)
  }
  return found
}

/** How long it took to compute the results that are reused; undefined if there are none. Never rejects. */
export const savedBy = async (
  session: Pick<Session, 'store' | 'memory'>,
  nodes: readonly NodeOutline[],
): Promise<RunReport['saved']> => {
  if (nodes.length === 0) return undefined
  await gatherFacts(session, nodes)
  const known = nodes.flatMap((node) => factsOf(session, node)?.seconds ?? [])
  return { seconds: known.reduce((sum, seconds) => sum + seconds, 0), unknown: nodes.length - known.length }
}
