import type { Refresh } from '../../declare/refresh.js'
import { oncePer } from '../../base/once-per.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { ProjectIndex } from '../../plan/names/project-index.js'
import { inputIds } from '../../plan/plan-graph.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import type { Refreshed } from '../ports/refreshed.js'
import { quickFacts } from '../run-info/run-info.js'
import { factsOf, gatherFacts } from '../session/known-facts.js'
import type { Session } from '../session/session.js'
import { dueAt } from './refresh-due.js'

interface Item {
  readonly node: NodeOutline
}

type Parts = Pick<Session, 'clock' | 'index' | 'opened' | 'store'>

/** Which stored results of tasks that read the world are due to be computed again. */
export interface Refreshing {
  /** Reads when these stored nodes were computed; a node that is due once stays due. Never rejects. */
  look(items: readonly Item[]): Promise<void>
  /** A node that was looked up, if its task declares `refresh`. */
  of(node: NodeOutline): Refreshed | undefined
  isDue(node: NodeOutline): boolean
  /** When the first node that was looked up and is not yet due will be. */
  firstDue(): number
  /** Whether a node that was due still is: another process may have computed it. */
  stillDue(item: Item): Promise<boolean>
}

export const makeRefreshing = (session: Parts): Refreshing => {
  const answers = new Map<string, Refreshed>()
  const look = async (items: readonly Item[]): Promise<void> => {
    const declared = items.flatMap(({ node }) => {
      const refresh = answers.has(node.key) ? undefined : refreshOf(session, node)
      return refresh === undefined ? [] : [{ node, refresh }]
    })
    if (declared.length === 0) return
    await gatherFacts(
      session,
      declared.map(({ node }) => node),
      true,
    )
    for (const { node, refresh } of declared) {
      const ended = await endOf(session, node)
      if (ended !== undefined) answers.set(node.key, judged(session, node, refresh, ended))
    }
  }
  const of = ({ key }: NodeOutline): Refreshed | undefined => answers.get(key)
  const isDue = (node: NodeOutline): boolean => of(node)?.due === true
  return {
    look,
    of,
    isDue,
    firstDue: () => {
      let first = Infinity
      for (const { due, next } of answers.values())
        if (!due && next !== undefined) first = Math.min(first, Date.parse(next))
      return first
    },
    stillDue: async (item) => {
      answers.delete(item.node.key)
      await look([item])
      return isDue(item.node)
    },
  }
}

/**
 * Whether a value may become out of date during a session: its task, or an upstream one, declares `refresh` by time.
 */
export const mayFallDue = ({ index }: Pick<Session, 'index'>, plan: PlanOutline, node: NodeOutline): boolean =>
  hasTimes(index) && timedIn(index)(plan).has(node.id)

const isTimed = (index: ProjectIndex, task: string): boolean =>
  typeof index.taskOf(task)?.declaration.refresh === 'object'

const hasTimes = oncePer((index: ProjectIndex) => [...index.entries.keys()].some((task) => isTimed(index, task)))

const timedIn = oncePer((index: ProjectIndex) =>
  oncePer((plan: PlanOutline): ReadonlySet<string> => {
    const timed = new Set<string>()
    for (const node of plan.nodes)
      if (isTimed(index, node.task) || inputIds(node).some((id) => timed.has(id))) timed.add(node.id)
    return timed
  }),
)

/** The `refresh` that a node's task declares; undefined for values in memory. */
export const refreshOf = ({ index }: Pick<Session, 'index'>, { task, storage }: NodeOutline): Refresh | undefined =>
  storage === 'memory' ? undefined : index.taskOf(task)?.declaration.refresh

const judged = ({ clock, opened }: Parts, node: NodeOutline, refresh: Refresh, ended: string): Refreshed => {
  const now = clock.now()
  const at = dueAt(refresh, Date.parse(`${ended.replace(' ', 'T')}Z`), { opened, now })
  const due = at !== undefined && at <= now
  return { node: node.id, key: node.key, due, ended, ...(at === undefined ? {} : { next: new Date(at).toISOString() }) }
}

/** When the stored artifact was computed; for stores without facts, from its run info. */
const endOf = async (session: Parts, node: NodeOutline): Promise<string | undefined> => {
  if (session.store.facts !== undefined) return factsOf(session, node)?.ended
  const text = await session.store.readRunInfo(addressOf(node)).catch(() => undefined)
  return text === undefined ? undefined : quickFacts(text)?.ended
}
