import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { factsOf, gatherFacts, isGathered } from './known-facts.js'
import type { Session } from './session.js'

interface Item {
  readonly node: NodeOutline
}

/**
 * Whether data that is not opened has its committed size: one stat per file, compared with facts that were read
 * already. The catalog is not read for this alone, unless data is empty or missing.
 */
export interface Sizes {
  /**
   * Compares the data of these nodes, which are stored by name; each once. Never rejects: whatever opens the data
   * reports what is wrong with it.
   */
  look(items: readonly Item[]): Promise<void>
  /** Whether the name of a node does not suffice as a hit: it has to be opened. */
  isDoubtful(node: NodeOutline): boolean
}

export const makeSizes = (session: Pick<Session, 'store'>): Sizes => {
  const looked = new Set<string>() // keys
  const doubtful = new Set<string>()
  return {
    look: async (items) => {
      const nodes = items.flatMap(({ node }) => (looked.has(node.key) ? [] : [node]))
      if (nodes.length === 0 || session.store.sizes === undefined) return
      const sizes = await session.store.sizes(nodes.map(addressOf)).catch(() => undefined)
      if (sizes === undefined) return
      await gatherFacts(
        session,
        nodes.filter((_, at) => sizes[at] === 0 || sizes[at] === undefined),
      )
      for (const [at, node] of nodes.entries()) {
        looked.add(node.key)
        if (isGathered(session, node) && sizes[at] !== factsOf(session, node)?.size) doubtful.add(node.key)
      }
    },
    isDoubtful: ({ key }) => doubtful.has(key),
  }
}
