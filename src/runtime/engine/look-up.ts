import type { Awaitable } from '../../declare/types.js'
import type { SeenStanding } from '../ports/node-words.js'
import { isKnownToHold, makeContents, type Parts } from '../code-drift/contents.js'
import type { Stale } from '../ports/stale.js'
import { makeRefreshing } from '../code-drift/refresh.js'
import { makeEarlierSeconds } from '../code-drift/earlier-seconds.js'
import { noteFound, type Question } from '../code-drift/held-before.js'
import { storedNow } from '../code-drift/stored-now.js'
import type { Drift } from '../code-drift/drift.js'
import { factsOf } from '../session/known-facts.js'
import { makeSizes } from '../session/stored-sizes.js'
import type { Item } from '../code-drift/contents.js'
import type { Want } from './schedule-types.js'
import { inputsOf } from './work-graph.js'

/**
 * Determines the current state of nodes. Each folder of the store is listed once per run. An artifact that exists but
 * does not have its committed size is doubtful: reading it reports what is wrong. Rejects if the store cannot be read.
 */
export interface LookUp {
  readonly look: (items: readonly Looked[]) => Promise<readonly SeenStanding[]>
  /** The same for an undecided node, once everything that it waits for has ended. */
  readonly decide: (item: Item) => Promise<SeenStanding>
  /** How many seconds a node that will be computed took before; undefined if unknown. */
  readonly seconds: (item: Item) => number | undefined
  /** What an undecided node waits for. */
  readonly awaits: (item: Item) => readonly Item[]
  /** The inputs whose contents differ from those that the stored artifact was computed from, by full name. */
  readonly others: (item: Item) => Stale['because']
  /**
   * Whether the artifact stored just now was computed from other contents than the current ones, or is due for refresh.
   */
  readonly isStale: (item: Item) => Awaitable<boolean>
  /** Whether there was nothing of it in the store when its folder was listed, and nothing has been stored since. */
  readonly isAbsent: (item: Item) => boolean
}

/** A node that is looked up, and what is wanted of it. */
export interface Looked extends Item {
  readonly want: Want
}

/**
 * `committed`: keys that the run itself has stored since the listing. `judges` false: the caller has checked that
 * inputs have the same content. `question`: recorded if the first lookup finds everything stored and valid.
 */
export const makeLookUp = (
  session: Parts,
  committed: ReadonlySet<string>,
  drift: Drift,
  judges: boolean,
  question: Question | undefined,
): LookUp => {
  const computes = session.project.onStale !== 'warn'
  const sizes = makeSizes(session)

  const refreshing = makeRefreshing(session)
  const stored = storedNow(session, drift, (item) => inputsOf(session, item), committed, refreshing)
  const { list, isListed, isAbsent, isOutdated, keysIn } = stored
  const earlier = makeEarlierSeconds(session)
  const contents = makeContents(session, stored)
  let isFirst = true

  /** A value in memory may be older than the stored one, or than the contents that it was computed from. */
  const forgetOlder = ({ node }: Item): void => {
    const known = session.memory.get(node.key)?.content.digest
    const isOther = known !== undefined && (factsOf(session, node)?.digest ?? known) !== known
    const isPast = refreshing.isDue(node) || (computes && contents.of(node) !== undefined)
    if (isOther || isPast) session.memory.delete(node.key)
  }

  const standingOf = (item: Item): SeenStanding => {
    const { key, storage } = item.node
    if (session.forced.has(key) || session.damaged.has(key)) return 'to_run'
    if (session.memory.has(key)) return 'ready'
    if (!isListed(item) || isOutdated(item)) return 'to_run'
    const content = committed.has(key) || storage === 'memory' || !computes ? undefined : contents.of(item.node)
    if (content?._tag === 'stale') return 'to_run'
    return content?._tag ?? (sizes.isDoubtful(item.node) ? 'doubtful' : 'cached')
  }

  const isStillStale = async (item: Item, isOther: boolean): Promise<boolean> =>
    (refreshing.isDue(item.node) && (await refreshing.stillDue(item))) ||
    (isOther && (await contents.othersNow(item)).length > 0)

  return {
    look: async (items) => {
      if (judges) {
        const unsure = items.filter(
          ({ node, want }) => !committed.has(node.key) && (want === 'kept' || !isKnownToHold(session, node)),
        )
        await contents.look(unsure)
        for (const item of unsure) forgetOlder(item)
      }
      const unread = items.filter(({ node }) => !session.memory.has(node.key))
      await list(unread.filter(({ node }) => !committed.has(node.key)))
      const listed = unread.filter(isListed)
      await drift.look(listed.filter(({ node }) => !committed.has(node.key)))
      if (judges) await refreshing.look(listed)
      await sizes.look(listed.filter(({ node, want }) => want === 'kept' && !committed.has(node.key)))
      const standings = items.map(standingOf)
      const computed = items.flatMap(({ node }, at) => (standings[at] === 'to_run' ? [node] : []))
      if (judges) await earlier.look(computed, keysIn)
      const isPlain = (item: Item, at: number): boolean =>
        standings[at] === 'cached' && contents.of(item.node) === undefined
      if (isFirst && question !== undefined && !drift.hasAny() && items.every(isPlain)) noteFound(session, question)
      isFirst = false
      return standings
    },
    decide: async (item) => {
      if (!isListed(item) || isOutdated(item)) return 'to_run'
      return (await contents.holds(item)) ? 'cached' : 'to_run'
    },
    seconds: ({ node }) => earlier.of(node),
    awaits: ({ node }) => {
      const content = contents.of(node)
      return content?._tag === 'undecided' ? content.awaits.flatMap((key) => contents.itemOf(key) ?? []) : []
    },
    others: ({ node }) => contents.othersOf(node),
    isAbsent,
    isStale: (item) => {
      if (!judges || committed.has(item.node.key)) return false
      const isOther = computes && contents.of(item.node) !== undefined
      return isOther || refreshing.isDue(item.node) ? isStillStale(item, isOther) : false
    },
  }
}
