import type { SeenStanding } from '../ports/node-words.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { Drift } from '../code-drift/drift.js'
import { isStored } from '../run-info/hit-or-miss.js'
import type { Listing } from '../ports/artifact.js'
import type { Session } from '../session/session.js'
import { makeSizes } from '../session/stored-sizes.js'
import type { Item } from './run-types.js'
import type { Want } from './schedule-types.js'

/**
 * Tells how nodes stand just now. Each folder of the store is listed once a run. What is there by its name, but has not
 * the size that was committed, is doubtful: who opens it tells what is wrong with it. Rejects where the store cannot be
 * read.
 */
export type LookUp = (items: readonly Looked[]) => Promise<readonly SeenStanding[]>

/** A node that is looked at, and what for. */
export interface Looked extends Item {
  readonly want: Want
}

/** `committed`: keys that the run itself has stored since; listings are older. */
export const makeLookUp = (
  session: Pick<Session, 'damaged' | 'forced' | 'memory' | 'store'>,
  committed: ReadonlySet<string>,
  drift: Drift,
): LookUp => {
  const listings = new Map<string, Listing>()
  const sizes = makeSizes(session)

  const mayBeStored = ({ node }: Item): boolean =>
    !session.forced.has(node.key) &&
    !session.damaged.has(node.key) &&
    !session.memory.has(node.key) &&
    node.storage !== 'memory'

  const isListed = (item: Item): boolean => {
    const listing = listings.get(addressOf(item.node).folder)
    return (
      mayBeStored(item) && (committed.has(item.node.key) || (listing !== undefined && isStored(listing, item.node)))
    )
  }

  const standingOf = (item: Item): SeenStanding => {
    const { key } = item.node
    if (session.forced.has(key) || session.damaged.has(key)) return 'to_run'
    if (session.memory.has(key)) return 'ready'
    if (!isListed(item)) return 'to_run'
    if (!committed.has(key) && drift.of(item.node)?.action === 'recompute') return 'to_run'
    return sizes.isDoubtful(item.node) ? 'doubtful' : 'cached'
  }

  return async (items) => {
    const unknown = items.filter((item) => mayBeStored(item) && !committed.has(item.node.key))
    const folders = new Set(unknown.map(({ node }) => addressOf(node).folder))
    const unlisted = [...folders].filter((folder) => !listings.has(folder))
    if (unlisted.length > 0)
      for (const [folder, listing] of await session.store.list(unlisted)) listings.set(folder, listing)
    const listed = items.filter(isListed)
    await drift.look(listed)
    await sizes.look(listed.filter(({ node, want }) => want === 'kept' && !committed.has(node.key)))
    return items.map(standingOf)
  }
}
