import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { factsOf, gatherFacts, isGathered } from './known-facts.js'
import type { Session } from './session.js'

interface Item {
  readonly node: NodeOutline
}

/**
 * Whether data that nobody opens has the size that it was committed with: one look at each file, and what was read of
 * the catalog already. That is not asked for it alone, but where data is empty.
 */
export interface Sizes {
  /**
   * Compares the data of these nodes, which names say are stored; each once. Never rejects: what cannot be looked at is
   * told by who opens it.
   */
  look(items: readonly Item[]): Promise<void>
  /** Whether a node that was looked at is for certain no hit by its name alone: it has to be opened. */
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
