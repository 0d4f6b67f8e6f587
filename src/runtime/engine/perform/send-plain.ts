import { amountsOf } from '../../../base/resource-amounts.js'
import { oncePer } from '../../../base/once-per.js'
import type { Task } from '../../../declare/task.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { hasSecrets } from '../../../plan/params/given-secrets.js'
import type { Item } from '../../code-drift/contents.js'
import { makeDrift } from '../../code-drift/drift.js'
import type { Executor } from '../../ports/executor.js'
import type { Lease } from '../../ports/lease.js'
import type { NodeCalls, NodeOutcome } from '../../ports/node-job.js'
import { runsElsewhere, taskOf } from '../../session/node-facts.js'
import type { Produced, Session } from '../../session/session.js'
import { slotFreeing } from '../../session/slots.js'
import { computeElsewhere } from '../../task-run/elsewhere/compute-elsewhere.js'
import { findArtifact } from '../../task-run/load.js'
import { notSaved } from '../../task-run/node-failures.js'
import { giveBack, stillRunning } from '../../task-run/unstopped.js'
import { unprepared } from '../../task-run/unprepared.js'
import type { Pause } from '../compute-here.js'
import { leaseOf, leaseOfKey } from '../make-unit.js'
import type { NeededItem } from '../work-graph.js'
import { narrated } from './narrated.js'
import { outcomeOf, unusableStore } from './plain-outcome.js'

/**
 * Has one node computed elsewhere without a scheduler: takes its lease, looks whether it is stored by now, and sends
 * it. Undefined if that takes a scheduler: its task counts resources, or something here computes it already.
 */
export const sendPlain = async (
  session: Session,
  item: Item,
  inputs: readonly NeededItem[],
  calls: Pick<NodeCalls, 'stop' | 'emit'>,
): Promise<NodeOutcome | undefined> => {
  const { key } = item.node
  const task = taskOf(session, item.node)
  const { elsewhere } = session.executor
  if (elsewhere === undefined || !isPlain(session, item, task)) return undefined
  if ((await unprepared(session, [item.node])).length > 0 || session.inFlight.has(key)) return undefined
  const { emit, ended } = narrated(session, item.node, inputs, calls.emit)
  const { stop } = calls
  const making = inSlot(session, () => makeLeased({ session, item, task, elsewhere, stop, emit }))
  session.inFlight.set(key, making)
  try {
    const produced = await making
    await session.store.flush()
    return ended(outcomeOf(session, produced))
  } catch (cause) {
    return ended(unusableStore(session, cause))
  } finally {
    session.inFlight.delete(key)
  }
}

const isPlain = (session: Session, { node }: Item, task: Task): boolean =>
  runsElsewhere(session, node) &&
  session.executor.takesLeases !== true &&
  !hasSecrets(session.index) &&
  !session.damaged.has(node.key) &&
  stillRunning(session, node.key) === undefined &&
  !needsAmounts(task)

const needsAmounts = oncePer(
  ({ declaration: { resources = {} } }: Task): boolean => Object.keys(amountsOf(resources)).length > 0,
)

const inSlot = async ({ slots }: Session, make: () => Promise<Produced>): Promise<Produced> => {
  const entering = slots.enter(0)
  if (entering !== undefined) await entering
  try {
    return await make()
  } finally {
    slots.leave()
  }
}

interface Sent extends Pick<NodeCalls, 'stop' | 'emit'> {
  readonly session: Session
  readonly item: Item
  readonly task: Task
  readonly elsewhere: NonNullable<Executor['elsewhere']>
}

const makeLeased = async (sent: Sent): Promise<Produced> => {
  const { session, item, task, elsewhere, stop, emit } = sent
  const { plan, node } = item
  if (stop.aborted) return { _tag: 'stopped' }
  const free = slotFreeing(session.slots)
  const pause: Pause = (_, wait) => free(wait)
  const asking = { session, emit, stop: { signal: stop } }
  let lease: Lease
  try {
    lease = await leaseOf(asking, node, pause)
  } catch (cause) {
    return stop.aborted ? { _tag: 'stopped' } : notSaved(session, node, cause)
  }
  try {
    const stored = session.forced.has(node.key) ? undefined : await storedNow(session, item)
    if (stored !== undefined) return stored
    return await computeElsewhere({
      session,
      elsewhere,
      plan,
      urgency: 0,
      isAbsent: false,
      node,
      task,
      signal: stop,
      pause: free,
      emit,
      lease: ({ key }) => leaseOfKey(asking, plan, key, pause),
    })
  } finally {
    await giveBack(session, node.key, lease)
  }
}

/** What another process has committed before the lease was ours: readers verify its bytes. */
const storedNow = async (session: Session, item: Item): Promise<Produced | undefined> => {
  const found = await findArtifact(session.store, addressOf(item.node))
  if (found === undefined || (await makeDrift(session).refuses(item, found.runInfo))) return undefined
  return { _tag: 'kept', digest: found.digest }
}
