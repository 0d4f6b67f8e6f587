import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { RunReport } from '../ports/events.js'
import { factsOf, gatherFacts } from '../session/known-facts.js'
import type { Session } from '../session/session.js'

/** How long tasks took in earlier runs, for the order in which a run begins them. */
export interface EarlierSeconds {
  /**
   * Reads facts of some results of the tasks of these nodes, once a task. `keysOf`: what is stored of the task.
   * Never rejects: what cannot be read is unknown.
   */
  look(nodes: readonly NodeOutline[], keysOf: (folder: string) => Iterable<string>): Promise<void>
  /** Of its own earlier result, else the middle of those of its task; undefined where there are none. */
  of(node: NodeOutline): number | undefined
}

/** Results that are asked for, for one task. */
const most = 20

export const makeEarlierSeconds = ({ store }: Pick<Session, 'store'>): EarlierSeconds => {
  const own = new Map<string, number>()
  const middles = new Map<string, number | undefined>()
  return {
    look: async (nodes, keysOf) => {
      const asked = new Map<string, Set<string>>()
      for (const node of nodes) {
        const { folder } = addressOf(node)
        if (node.storage === 'memory' || middles.has(folder)) continue
        const keys = asked.get(folder) ?? new Set(first(keysOf(folder), most))
        if (keys.size > 0 && keys.size < 2 * most) keys.add(node.key)
        asked.set(folder, keys)
      }
      for (const folder of asked.keys()) middles.set(folder, undefined)
      if (store.facts === undefined || asked.size === 0) return
      const found = await store.facts.read(stored(asked)).catch(() => undefined)
      for (const [folder, facts] of found ?? []) {
        for (const { key, seconds } of facts.values()) own.set(key, seconds)
        const sorted = Array.from(facts.values(), ({ seconds }) => seconds).sort((one, other) => one - other)
        middles.set(folder, sorted[sorted.length >> 1])
      }
    },
    of: (node) => own.get(node.key) ?? middles.get(addressOf(node).folder),
  }
}

/** Folders that have anything. */
const stored = (asked: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map([...asked].filter(([, keys]) => keys.size > 0))

const first = (keys: Iterable<string>, count: number): readonly string[] => {
  const found: string[] = []
  for (const key of keys) {
    if (found.length >= count) break
    found.push(key)
  }
  return found
}

/** How long results took that are used again; undefined where there are none. Never rejects. */
export const savedBy = async (
  session: Pick<Session, 'store' | 'memory'>,
  nodes: readonly NodeOutline[],
): Promise<RunReport['saved']> => {
  if (nodes.length === 0) return undefined
  await gatherFacts(session, nodes)
  const known = nodes.flatMap((node) => factsOf(session, node)?.seconds ?? [])
  return { seconds: known.reduce((sum, seconds) => sum + seconds, 0), unknown: nodes.length - known.length }
}
