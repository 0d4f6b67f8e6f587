import type { Task } from '../declare/task.js'
import type { RunError } from '../errors.js'
import { addressOf } from '../plan/address.js'
import { nodesById } from '../plan/graph.js'
import type { PlanNode } from '../plan/types.js'
import { blockersOf } from './blockers.js'
import { argumentsOf, handlesOf, paramsOf } from './arguments.js'
import { compute } from './compute.js'
import { computeElsewhere } from './compute-elsewhere.js'
import { countRepairs } from './count-repairs.js'
import { makeDriftReport } from './drift-report.js'
import { makeDrift } from './drift.js'
import { forgetFacts } from './known-facts.js'
import type { RunEventBody, RunReport } from './events.js'
import type { Ended, Outcome, RunRequest, RunResult, Unit } from './interpret-types.js'
import { lender } from './lending.js'
import { loadArtifact } from './load.js'
import { abortingWith } from './on-abort.js'
import { plannedEvent } from './planned-event.js'
import { pinnedFolders } from './pinned-folders.js'
import { plannedFiles } from './planned-files.js'
import { hiddenIn } from './secrets.js'
import type { Address, Lease } from './ports.js'
import { makeSlots, slotFreeing } from './slots.js'
import type { Reading } from './reading-types.js'
import { unsetSecret } from './unset-secret.js'
import { teller, type Produced, type Session } from './session.js'
import { notSaved, unreadable } from './store-failures.js'
import { giveBack, stillRunning } from './unstopped.js'
import { inOrder, inputsIn, makeSurvey, runsElsewhere, taskOf, type Demanded, type Surveyed } from './survey.js'
import { cycleError, waitingFor } from './waits.js'

/**
 * Interprets plans: loads what is stored, computes what is not, touches nothing else; shares what is equal by key,
 * runs what is independent at once, drops values that nobody reads any more, and goes on beside a failure. Never rejects.
 */
export const interpret = async (session: Session, request: RunRequest): Promise<RunResult> => {
  for (const plan of new Set(request.targets.map((target) => target.plan))) session.secrets.learnPlan(session.index, plan)
  const tell = teller(session, request.onEvent)
  const began = session.clock.elapsed()
  const { controller: stop, forget } = abortingWith(request.signal)

  const units = new Map<string, Unit>()
  const stored = new Set<string>() // keys that this run has committed; listings are older
  const slots = request.concurrency === undefined ? session.slots : makeSlots(request.concurrency)
  const inputsOf = inputsIn(session, request.compute !== false)
  const drift = makeDrift(session)
  const driftReport = makeDriftReport(session, drift, tell)
  const survey = makeSurvey(session, inputsOf, units, stored, drift)
  const report = { computed: [] as string[], loaded: [] as string[], failed: [] as RunError[], skipped: [] as { node: string; because: readonly string[] }[], unfinished: [] as { node: string; reason: string }[] }

  const cached = new Map<string, string>() // ids of what is in the store already, by key
  const readElsewhere = new Set<string>() // keys

  /** Starts what is needed for what is wanted, and counts the asker as a reader of each value. */
  const demand = async (wanted: readonly Demanded[]): Promise<readonly Unit[]> => {
    for (;;) {
      const found = await survey(wanted)
      const has = ({ node }: Demanded): boolean => units.has(node.key) || found.has(node.key)
      // while the survey listed folders a reader may have ended and dropped a value that was counted on: look again
      if (!wanted.every(has) || ![...found.values()].every((item) => item.mode !== 'compute' || inputsOf(item).every(has))) continue
      for (const item of inOrder(inputsOf, found)) {
        const live = units.get(item.node.key)
        if (live === undefined || (live.mode === 'cached' && item.want === 'value')) units.set(item.node.key, begin(item))
      }
      return wanted.map((item) => {
        const unit = units.get(item.node.key) as Unit
        if (item.want === 'value') unit.readers++
        return unit
      })
    }
  }

  const begin = (item: Surveyed): Unit => {
    const unit: Unit = { node: item.node, plan: item.plan, mode: item.mode, readers: 0, value: undefined, readings: [], ended: undefined as never /* set below */, depth: 0, inputs: [] }
    if (item.mode === 'compute') {
      unit.inputs = inputsOf(item).map((input) => units.get(input.node.key) as Unit)
      for (const input of unit.inputs) {
        if (readsValues(unit)) input.readers++
        unit.depth = Math.max(unit.depth, input.depth + 1)
      }
    }
    const forgotten = unit.inputs.length === 0 ? undefined : session.waits.add(unit.node, unit.inputs, false)
    unit.ended = proceed(unit).then((ended) => {
      forgotten?.()
      if (readsValues(unit)) for (const input of unit.inputs) release(input)
      unit.inputs = []
      if (unit.readers === 0) drop(unit)
      return ended
    })
    return unit
  }

  const readsValues = ({ node }: Unit): boolean => !runsElsewhere(session, node)

  const release = (unit: Unit): void => {
    unit.readers--
    if (unit.readers === 0 && unit.value !== undefined) drop(unit)
  }

  const drop = (unit: Unit): void => {
    const had = unit.value !== undefined
    unit.value = undefined
    if (had && unit.mode !== 'ready' && !session.memory.has(unit.node.key)) tell({ _tag: 'released', node: unit.node.id, key: unit.node.key })
    // whoever asks again starts again; what failed or is only known to be there stays known
    if (had && units.get(unit.node.key) === unit) units.delete(unit.node.key)
  }

  const proceed = async (unit: Unit): Promise<Ended> => {
    const { node } = unit
    if (drift.of(node) !== undefined && unit.mode !== 'load') {
      await started
      driftReport.tell(unit)
    }
    if (unit.mode === 'cached') {
      cached.set(node.key, node.id)
      return { _tag: 'kept' }
    }
    if (unit.mode === 'ready') {
      const known = session.memory.get(node.key)
      unit.value = known
      unit.readings = known?.readings ?? []
      if (known !== undefined) return { _tag: 'there' }
      unit.mode = node.storage === 'memory' ? 'compute' : 'load' // it had to go since the survey
      if (unit.mode === 'compute') unit.inputs = await demand(inputsOf(unit))
    }
    await started // nothing runs before the first event has told what will
    let missed: string | undefined
    if (unit.mode === 'load') {
      const loaded = await sharing(unit, () => loadArtifact(session, node, taskOf(session, node), tell))
      if (loaded._tag === 'missed') {
        missed = session.secrets.mask().text(loaded.reason)
        tell({ _tag: 'missed', node: node.id, key: node.key, reason: missed })
        unit.mode = 'compute'
        unit.inputs = await demand(inputsOf(unit))
      } else {
        if (loaded._tag === 'loaded') driftReport.tell(unit)
        return settle(unit, loaded)
      }
    }
    const known = session.damaged.get(node.key)
    if (request.compute === false && node.storage !== 'memory') return settle(unit, { _tag: 'failed', error: { _tag: 'NotComputed', node: node.id, problem: missed ?? known?.reason ?? 'nothing is stored' } })
    if (known !== undefined) tell({ _tag: 'missed', node: node.id, key: node.key, reason: session.secrets.mask().text(known.reason) })
    const mayRepair = countRepairs(session.noRepair)
    for (;;) {
      const blocked = await blockers(unit)
      if (blocked !== undefined) return blocked
      const produced = await sharing(unit, () => leased(unit))
      if (produced._tag === 'kept' && unit.readers > 0) {
        const loaded = await loadKept(unit, settle(unit, produced), mayRepair(node))
        if (loaded === undefined) continue
        return loaded
      }
      if (produced._tag !== 'damaged') return settle(unit, produced)
      const hopeless = produced.readings.find((reading) => !mayRepair(reading.node))
      if (hopeless !== undefined || produced.readings.length === 0) return settle(unit, unreadable(session, hopeless?.node ?? node, hopeless?.damage()))
      await repair(unit, produced.readings)
    }
  }

  /** The value of what was computed elsewhere, for those who wait for it; undefined where it is gone already and may be computed again. */
  const loadKept = async (unit: Unit, ended: Ended, mayRepeat: boolean): Promise<Ended | undefined> => {
    const { node } = unit
    const loaded = await loadArtifact(session, node, taskOf(session, node), tell)
    if (loaded._tag === 'missed' && mayRepeat) {
      stored.delete(node.key)
      return undefined
    }
    if (loaded._tag === 'missed') return settle(unit, unreadable(session, node, new Error(loaded.reason)))
    if (loaded._tag !== 'loaded') return settle(unit, loaded)
    unit.value = { value: loaded.value }
    unit.readings = loaded.reading === undefined ? [] : [loaded.reading]
    return ended._tag === 'kept' ? { _tag: 'there' } : ended
  }

  /** Takes damaged inputs for missed: what holds them is forgotten, and they are asked for anew. */
  const repair = async (unit: Unit, damaged: readonly Reading[]): Promise<void> => {
    await Promise.all(damaged.map((reading) => reading.marked()))
    for (const [key, holder] of units) {
      if (!holder.readings.some((reading) => damaged.includes(reading))) continue
      units.delete(key)
      session.memory.delete(key)
    }
    for (const { node } of damaged) stored.delete(node.key)
    const before = unit.inputs
    unit.inputs = await demand(inputsOf(unit))
    for (const input of before) release(input)
  }

  /** Waits for inputs; tells why the node cannot run where one has no value. */
  const blockers = async (unit: Unit): Promise<Ended | undefined> => {
    const forget = session.waits.add(unit.node, unit.inputs, false) // those that were asked for late, too
    const cycle = session.waits.cycle(unit.node)
    const blockers = cycle === undefined ? await blockersOf(unit) : undefined
    forget()
    if (cycle !== undefined) return settle(unit, { _tag: 'failed', error: { _tag: 'TaskFailed', node: unit.node.id, attempts: 1, cause: cycleError(cycle), log: undefined } })
    if (blockers === undefined) return stop.signal.aborted ? stopped(unit) : undefined
    const { because } = blockers
    report.skipped.push({ node: unit.node.id, because })
    tell({ _tag: 'skipped', node: unit.node.id, key: unit.node.key, because })
    return { _tag: 'skipped', ...blockers }
  }

  const stopped = (unit: Unit): Ended => {
    report.skipped.push({ node: unit.node.id, because: [] })
    tell({ _tag: 'skipped', node: unit.node.id, key: unit.node.key, because: [] })
    return { _tag: 'stopped' }
  }

  const noteComputed = (node: PlanNode): void => {
    report.computed.push(node.id)
    session.forced.delete(node.key)
    if (node.storage === 'memory') return
    stored.add(node.key)
    cached.delete(node.key)
    driftReport.computed(node.key)
    forgetFacts(session, node)
  }

  const settle = (unit: Unit, made: Produced): Ended => {
    const { node } = unit
    const mask = session.secrets.mask()
    const produced: Produced = made._tag === 'failed' ? { ...made, error: hiddenIn(made.error, mask) } : made._tag === 'unfinished' ? { ...made, reason: mask.text(made.reason) } : made
    switch (produced._tag) {
      case 'computed':
      case 'loaded':
        unit.value = { value: produced.value }
        unit.readings = produced.reading !== undefined ? [produced.reading] : node.storage === 'memory' ? [...new Set(unit.inputs.flatMap((input) => input.readings))] : []
        session.damaged.delete(node.key)
        if (produced._tag === 'computed') noteComputed(node)
        else report.loaded.push(node.id)
        if (node.storage === 'memory') keep(unit, unit.value)
        return { _tag: 'there' }
      case 'kept':
        session.damaged.delete(node.key)
        noteComputed(node)
        if (unit.readers === 0 && units.get(node.key) === unit) units.delete(node.key) // who asks for the value from now on loads it
        return { _tag: 'kept' }
      case 'failed':
        report.failed.push(produced.error)
        tell({ _tag: 'failed', node: node.id, key: node.key, error: produced.error })
        if (request.failFast === true) stop.abort(new Error('another task failed'))
        return { _tag: 'failed', error: produced.error }
      case 'unfinished':
        report.unfinished.push({ node: node.id, reason: produced.reason })
        tell({ _tag: 'unfinished', node: node.id, key: node.key, reason: produced.reason })
        return produced
      case 'missed':
      case 'damaged':
      case 'stopped':
        return stopped(unit)
    }
  }

  /** Keeps a value for later questions, as far as the limit allows. */
  const keep = ({ node, readings }: Unit, value: Unit['value']): void => {
    if (value === undefined) return
    for (const gone of session.memory.keep(node, { value: value.value, readings })) tell({ _tag: 'evicted', ...gone })
  }

  /** One making of a key at a time in this process, in one of the session's slots. */
  const sharing = async (unit: Unit, make: () => Promise<Produced>): Promise<Produced> => {
    const { key, id } = unit.node
    for (;;) {
      if (stop.signal.aborted) return { _tag: 'stopped' }
      const other = session.inFlight.get(key)
      if (other !== undefined) {
        tell({ _tag: 'waiting', node: id, key, holder: 'this process' })
        const produced = await other
        if (produced._tag === 'stopped' || produced._tag === 'missed' || produced._tag === 'damaged' || produced._tag === 'kept') continue
        if (produced._tag !== 'computed') return produced
        driftReport.computed(key)
        return { ...produced, _tag: 'loaded' }
      }
      await slots.enter(unit.depth)
      if (session.inFlight.has(key)) {
        slots.leave()
        continue
      }
      const making = stop.signal.aborted ? Promise.resolve<Produced>({ _tag: 'stopped' }) : make()
      session.inFlight.set(key, making)
      try {
        return await making
      } finally {
        session.inFlight.delete(key)
        slots.leave()
      }
    }
  }

  /** The right to compute a node; tells whom it waits for. */
  const leaseOf = (node: PlanNode): Promise<Lease> =>
    session.store.lease(addressOf(node), {
      signal: stop.signal,
      waiting: (holder) => tell({ _tag: 'waiting', node: node.id, key: node.key, holder: `process ${holder.pid} on ${holder.host}` }),
    })

  /** Computes under the lease of the key; reuses what another process has made meanwhile. */
  const leased = async (unit: Unit): Promise<Produced> => {
    const { node } = unit
    const task = taskOf(session, node)
    if (node.storage === 'memory') return run(unit, task)
    if (stillRunning(session, node.key) !== undefined) return { _tag: 'failed', error: { _tag: 'StillRunning', node: node.id, attempts: 1, log: undefined } }
    let lease
    try {
      lease = await leaseOf(node)
    } catch (cause) {
      if (stop.signal.aborted) return { _tag: 'stopped' }
      return notSaved(session, node, cause)
    }
    try {
      const outdated = drift.of(node)?.action === 'recompute' && !stored.has(node.key) && (await drift.stillOutdated(unit))
      const isRefused = session.damaged.get(node.key)?.marked === false // the store could not be told: what it has is the same still
      if (!session.forced.has(node.key) && !outdated && !isRefused) {
        const made = await loadArtifact(session, node, task, tell)
        if (made._tag !== 'missed') return made
      }
      return await run(unit, task)
    } finally {
      await giveBack(session, node.key, lease)
    }
  }

  const run = async (unit: Unit, task: Task): Promise<Produced> => {
    const { node, plan } = unit
    const unset = unsetSecret(session, plan, node)
    if (unset !== undefined) return { _tag: 'failed', error: unset }
    const { elsewhere } = session.executor
    if (elsewhere !== undefined && runsElsewhere(session, node)) {
      const freeing = slotFreeing(slots)
      const lease = ({ key }: Address): Promise<Lease> => {
        const wanted = plan.nodes.find((one) => one.key === key) as PlanNode // only nodes of this plan are computed there
        return freeing(() => waitingFor(session.waits, node, { node: wanted }, () => leaseOf(wanted)))
      }
      return computeElsewhere({ session, elsewhere, plan, node, task, signal: stop.signal, tell: (event) => tellOf(unit, event), lease })
    }
    const units = unit.inputs
    const values = new Map(inputsOf(unit).map(({ node: input }, position) => [input.id, units[position]]))
    const valueOf = (id: string): unknown => values.get(id)?.value?.value
    const lent: Unit[] = []
    const lend = lender({ slots, waits: session.waits, demand, release }, unit, lent)
    const files = plannedFiles(session, node)
    const params = paramsOf(session, node, task, plan, lend, files.met)
    if (params._tag === 'Left') return { _tag: 'failed', error: params.left }
    const args = argumentsOf({ node, task, plan, params: params.right, valueOf, lend })
    if (args._tag === 'Left') return { _tag: 'failed', error: args.left }
    const damaged = async (failed: boolean): Promise<readonly Reading[]> => {
      const readings = [...new Set([...units, ...lent].flatMap((input) => input.readings))]
      await Promise.all(readings.map((reading) => (failed || reading.isFolder ? reading.recheck().catch(() => undefined) : undefined)))
      return readings.filter((reading) => reading.damage() !== undefined)
    }
    const check = session.checkMutation ? args.right.watch() : undefined
    const pins = pinnedFolders(session)
    await pins.add(units.flatMap((input) => input.readings))
    const produced = await compute({ session, plan, node, task, params: params.right, args: args.right.values, inputs: handlesOf({ node, task, lend }), signal: stop.signal, tell, changed: files.changed, damaged }).finally(pins.release)
    const changed = check?.()
    return changed !== undefined && produced._tag === 'computed' ? { _tag: 'failed', error: changed } : produced
  }

  /** What happens to a node elsewhere. Inputs that had to be made anew there count as well. */
  const tellOf = ({ node }: Unit, event: RunEventBody): void => {
    if (event._tag === 'computed' && event.key !== node.key) report.computed.push(event.node)
    else if (event._tag === 'loaded' && !readElsewhere.has(event.key)) {
      readElsewhere.add(event.key) // several threads may read the same
      report.loaded.push(event.node)
    }
    tell(event)
  }

  let begun: () => void = () => undefined
  const started = new Promise<void>((resolve) => (begun = resolve))
  const wanted = request.targets.map(({ plan, id, want }): Demanded => ({ plan, node: nodesById(plan).get(id) as PlanNode, want }))
  let outcomes: readonly Outcome[]
  try {
    const asked = await demand(wanted)
    tell(plannedEvent([...units.values()]))
    begun()
    outcomes = await Promise.all(
      asked.map(async (unit, index): Promise<Outcome> => {
        const ended = await unit.ended
        const value = unit.value
        if (wanted[index]?.want === 'value') release(unit)
        if (request.keepValues === true && unit.mode !== 'ready' && unit.node.storage !== 'memory') keep(unit, value)
        return ended._tag !== 'there' ? ended : wanted[index]?.want === 'value' && value !== undefined ? { _tag: 'value', value: value.value, readings: unit.readings } : { _tag: 'kept' }
      }),
    )
    await Promise.all([...units.values()].map((unit) => unit.ended))
    await session.store.flush()
  } catch (cause) {
    begun()
    const error: RunError = { _tag: 'StoreUnusable', location: session.store.location, cause: session.secrets.mask().value(cause) }
    report.failed.push(error)
    outcomes = wanted.map(() => ({ _tag: 'failed', error }))
  }
  forget()
  const full: RunReport = { ...report, drifted: driftReport.used(), cached: [...cached].flatMap(([key, id]) => (readElsewhere.has(key) ? [] : [id])), stopped: stop.signal.aborted, seconds: (session.clock.elapsed() - began) / 1000 }
  tell({ _tag: 'ended', report: full })
  return { report: full, outcomes }
}
