import type { Task } from '../../../declare/task.js'
import { hasSecrets } from '../../../plan/params/given-secrets.js'
import { holdsObject } from '../../../plan/params/encoded.js'
import { plannedOf } from '../../../plan/plan-graph.js'
import { makeDrift } from '../../code-drift/drift.js'
import type { Item } from '../../code-drift/contents.js'
import type { RunEventBody } from '../../ports/events.js'
import type { NodeCalls, NodeOutcome } from '../../ports/node-job.js'
import { taskOf } from '../../session/node-facts.js'
import type { Session } from '../../session/session.js'
import { eagerRoles, rolesOf } from '../../task-run/arguments/roles.js'
import { loadArtifact } from '../../task-run/load.js'
import { stillRunning } from '../../task-run/unstopped.js'
import { unprepared } from '../../task-run/unprepared.js'
import { computeGiven, type Lender } from '../compute-here.js'
import { newUnit } from '../run-state.js'
import type { RunUnit } from '../run-types.js'
import { makeRunValues } from '../run-values.js'
import { inputsOf, type NeededItem } from '../work-graph.js'
import { outcomeOf, unusableStore } from './plain-outcome.js'

/**
 * Computes one node in this process without a scheduler, which costs a small task as much as the task itself: its
 * inputs are stored, and it requests nothing else while it runs. Undefined if it needs a scheduler after all, since it
 * may request more, or an input is damaged or missing and has to be computed again.
 */
export const performPlain = async (
  session: Session,
  item: Item,
  kept: readonly NeededItem[],
  { stop, emit }: Pick<NodeCalls, 'stop' | 'emit'>,
): Promise<NodeOutcome | undefined> => {
  const task = taskOf(session, item.node)
  if (!isPlain(session, item, task, kept)) return undefined
  const inputs = (await unprepared(session, [item.node])).length > 0 ? undefined : await loaded(session, item, emit)
  if (inputs === undefined) return undefined
  const unit = newUnit(0, 0, item)
  unit.inputs = inputs.map((input) => input.unit)
  const values = makeRunValues()
  for (const { unit: from, value } of inputs) if (value !== undefined) values.put(from.id, value.value)
  const byId = new Map(unit.inputs.map((from) => [from.node.id, from]))
  const running = { session, emit, values, stop: { signal: stop } }
  const lender: Lender = async (id, _, open) => {
    const from = byId.get(id)
    if (from === undefined) throw new Error(`${id} is not available`)
    return open === undefined ? values.get(from.id)?.value : open(from.node)
  }
  const making = computeGiven(running, unit, task, unpaused, { lender, hasReaders: () => false })
  session.inFlight.set(item.node.key, making)
  try {
    const produced = await making
    await session.store.flush()
    return outcomeOf(session, produced)
  } catch (cause) {
    return unusableStore(session, cause)
  } finally {
    session.inFlight.delete(item.node.key)
  }
}

/** Whether it is computed here from stored inputs that are all passed to `run`, and no object can request more. */
const isPlain = (session: Session, item: Item, task: Task, kept: readonly NeededItem[]): boolean =>
  item.node.storage !== 'memory' &&
  !hasSecrets(session.index) &&
  stillRunning(session, item.node.key) === undefined &&
  rolesOf(task).length === eagerRoles(task).length &&
  kept.length === inputsOf(session, item).length &&
  inputsOf(session, item).every(({ node }) => node.storage !== 'memory') &&
  (session.index.objects.size === 0 || !Object.values(plannedOf(item).node.params).some(holdsObject))

/** No slot is held. */
const unpaused = <A>(_: string | undefined, wait: () => Promise<A>): Promise<A> => wait()

interface LoadedInput {
  readonly unit: RunUnit
  /** Undefined for inputs that are read by their path. */
  readonly value: { readonly value: unknown } | undefined
}

/** The inputs of a node; undefined if one of them cannot be loaded. Only then nothing has been emitted. */
const loaded = async (
  session: Session,
  item: Item,
  emit: (event: RunEventBody) => void,
): Promise<readonly LoadedInput[] | undefined> => {
  const events: RunEventBody[] = []
  const drift = makeDrift(session)
  const load = async ({ plan, node, want }: NeededItem, at: number): Promise<LoadedInput | undefined> => {
    const unit = newUnit(at + 1, at + 1, { plan, node })
    if (want === 'kept') return { unit, value: undefined }
    const note = (event: RunEventBody): void => void events.push(event)
    const refuses = (runInfo: string): Promise<boolean> => drift.refuses({ plan, node }, runInfo)
    const produced = await loadArtifact(session, node, taskOf(session, node), note, refuses)
    if (produced._tag !== 'loaded') return undefined
    unit.readings = produced.reading === undefined ? [] : [produced.reading]
    unit.content = produced.content
    return { unit, value: { value: produced.value } }
  }
  const inputs = await Promise.all(inputsOf(session, item).map(load))
  const present = inputs.filter((input) => input !== undefined)
  if (present.length < inputs.length) return undefined
  for (const event of events) emit(event)
  return present
}
