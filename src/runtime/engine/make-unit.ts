import { oncePer } from '../../base/once-per.js'
import type { Awaitable } from '../../declare/types.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import { computeElsewhere } from '../task-run/elsewhere/compute-elsewhere.js'
import type { RunEventBody } from '../ports/events.js'
import { loadArtifact } from '../task-run/load.js'
import { notSaved } from '../task-run/node-failures.js'
import { giveBack, stillRunning } from '../task-run/unstopped.js'
import { runsElsewhere, taskOf } from '../session/node-facts.js'
import type { Lease } from '../ports/lease.js'
import type { Produced } from '../session/session.js'
import { slotFreeing } from '../session/slots.js'
import { refuseNestedCycles } from '../session/nested-runs.js'
import { adoptOrCompute } from './adoption/adopt-unit.js'
import { computeHere, type Computing, type Pause } from './compute-here.js'
import { addLoaded, pausing, slotsOf, type Run } from './run-state.js'
import type { RunUnit } from './run-types.js'

/** Produces each key at most once at a time in this process, in one of the session's slots. */
export const inOwnSlot = async (
  run: Run,
  unit: RunUnit,
  make: (run: Run, unit: RunUnit) => Promise<Produced>,
): Promise<Produced> => {
  const { session, stop } = run
  const slots = slotsOf(run, unit)
  const { key, id } = unit.node
  for (;;) {
    if (stop.signal.aborted) return { _tag: 'stopped' }
    const other = session.inFlight.get(key)
    if (other !== undefined) {
      run.emit({ _tag: 'waiting', node: id, key, holder: 'this process' })
      const shared = await pausing(run, unit, key, () => {
        refuseNestedCycles()
        return other
      })
      if (shared._tag === 'computed') {
        run.driftReport.computed(key)
        return { ...shared, _tag: 'loaded' }
      }
      if (shared._tag === 'loaded' || shared._tag === 'failed' || shared._tag === 'unfinished') return shared
      continue
    }
    const entering = slots.enter(run.schedule.units[unit.id]?.depth ?? 0)
    if (entering !== undefined) await entering
    if (session.inFlight.has(key)) {
      slots.leave()
      continue
    }
    const making = stop.signal.aborted ? Promise.resolve<Produced>({ _tag: 'stopped' }) : make(run, unit)
    session.inFlight.set(key, making)
    try {
      return await making
    } finally {
      session.inFlight.delete(key)
      slots.leave()
    }
  }
}

export const load = (run: Run, { plan, node }: RunUnit): Promise<Produced> =>
  loadArtifact(run.session, node, taskOf(run.session, node), run.emit, (runInfo) =>
    run.drift.refuses({ plan, node }, runInfo),
  )

/** Computes while holding the lease of the key; uses what another process has committed meanwhile. */
export const computeLeased = async (run: Run, unit: RunUnit): Promise<Produced> => {
  const { session, drift, stop } = run
  const { node } = unit
  const free = slotFreeing(slotsOf(run, unit))
  const pause: Pause = (key, wait) => free(() => pausing(run, unit, key, wait))
  if (session.forced.has(node.key)) run.forced.add(node.key)
  if (node.storage === 'memory') return computeNow(run, unit, pause)
  if (run.options.compute === false) return notComputed(run, unit)
  if (stillRunning(session, node.key) !== undefined)
    return { _tag: 'failed', error: { _tag: 'StillRunning', node: node.id, attempts: 1, log: undefined } }
  // the process that computes it takes its own lease and checks what there is to do
  if (session.executor.takesLeases === true && runsElsewhere(session, node)) return computeNow(run, unit, pause)
  let lease: Lease
  try {
    lease = await leaseOf(run, node, pause)
  } catch (cause) {
    return stop.signal.aborted ? { _tag: 'stopped' } : notSaved(session, node, cause)
  }
  try {
    const isOutdated =
      drift.of(node)?.action === 'recompute' && !run.committed.has(node.key) && (await drift.stillOutdated(unit))
    // the store could not be marked as damaged: it still has the same content
    const isRefused = session.damaged.get(node.key)?.marked === false
    const looking = run.lookUp.isStale(unit)
    const isStale = typeof looking === 'boolean' ? looking : await looking
    let missed: string | undefined
    if (!session.forced.has(node.key) && !isOutdated && !isStale && !isRefused) {
      const made = await load(run, unit)
      if (made._tag !== 'missed') return made
      missed = made.reason
    }
    return await adoptOrCompute(run, unit, missed, pause, computeNow)
  } finally {
    await giveBack(session, node.key, lease)
  }
}

/** The store should have the artifact, and this run computes nothing. */
const notComputed = ({ session }: Run, { node, missed }: RunUnit): Produced => ({
  _tag: 'failed',
  error: {
    _tag: 'NotComputed',
    node: node.id,
    problem: missed ?? session.damaged.get(node.key)?.reason ?? 'nothing is stored',
  },
})

/**
 * The lease to compute a node; reports the holder if it has to wait. The slot is free for others meanwhile; for a local
 * disk, which answers at once unless the lease is held, only during an actual wait.
 */
export const leaseOf = async (
  { session, stop, emit }: Pick<Computing, 'session' | 'emit' | 'stop'>,
  node: NodeOutline,
  pause: Pause,
): Promise<Lease> => {
  // `waiting` may be called before `store.lease` has returned
  let taken: Promise<Lease> | undefined
  let waited: Promise<unknown> | undefined
  const isAtOnce = session.store.opening?.kind === 'files'
  const take = (): Promise<Lease> =>
    session.store.lease(addressOf(node), {
      signal: stop.signal,
      waiting: ({ pid, host }) => {
        const holder = `process ${pid} on ${host}`
        emit({ _tag: 'waiting', node: node.id, key: node.key, holder, process: { pid, host } })
        if (isAtOnce) waited = pause(node.key, () => Promise.resolve().then(() => taken)).catch(() => undefined)
        refuseNestedCycles()
      },
    })
  if (!isAtOnce) return pause(node.key, take)
  taken = take()
  try {
    return await taken
  } finally {
    if (waited !== undefined) await waited
  }
}

const computeNow = (run: Run, unit: RunUnit, pause: Pause): Awaitable<Produced> => {
  const { session, graph } = run
  const { node } = unit
  const unset = graph.unsetSecretAt(unit.position)
  if (unset !== undefined) return { _tag: 'failed', error: unset }
  const task = taskOf(session, node)
  const { elsewhere } = session.executor
  if (elsewhere === undefined || !runsElsewhere(session, node)) return computeHere(run, unit, task, pause)
  return computeElsewhere({
    session,
    elsewhere,
    plan: unit.plan,
    urgency: urgencyOf(run, unit),
    isAbsent: session.executor.takesLeases === true && run.lookUp.isAbsent(unit),
    node,
    task,
    signal: run.stop.signal,
    pause: (wait) => pause(undefined, wait),
    emit: (event) => emitOf(run, unit, event),
    lease: ({ key }) => leaseOfKey(run, unit.plan, key, pause),
  })
}

/** The lease of a node of a plan by its key, for a process that computes another one. */
export const leaseOfKey = async (
  run: Pick<Computing, 'session' | 'emit' | 'stop'>,
  plan: PlanOutline,
  key: string,
  pause: Pause,
): Promise<Lease> => {
  const node = nodesByKey(plan).get(key)
  if (node === undefined) throw new Error(`the plan has no node of key ${key}`)
  return leaseOf(run, node, pause)
}

const nodesByKey = oncePer(({ nodes }: PlanOutline) => new Map(nodes.map((node) => [node.key, node])))

/** The scheduler's priority: the time to the end of the run, or the depth if that time is unknown. */
const urgencyOf = ({ schedule }: Run, { id }: RunUnit): number => {
  const { ahead = 0, depth = 0 } = schedule.units[id] ?? {}
  return ahead > 0 ? ahead : depth
}

/** Events of a node that is computed elsewhere. Inputs that had to be recomputed there count as well. */
const emitOf = ({ report, committed, options, emit }: Run, { node }: RunUnit, event: RunEventBody): void => {
  if (event._tag === 'computed' && event.key !== node.key) report.computed.push(event.node)
  // what this run has computed or loaded itself may be read by several threads, and counts once; of what its caller
  // knows to be stored nothing is counted yet, and a worker's listener is told that it was loaded
  else if (event._tag === 'loaded' && (!committed.has(event.key) || options.stored?.has(event.key) === true)) {
    report.readElsewhere.add(event.key)
    addLoaded(report, event.key, event.node)
  }
  emit(event)
}
