import { nodesById, wholePlan } from '../../plan/plan-graph.js'
import type { Result } from '../ports/node-words.js'
import { hasSecrets } from '../../plan/params/given-secrets.js'
import type { RunError } from '../../errors.js'
import type { RunReport } from '../ports/events.js'
import { foundBefore, questionOf, type Question } from '../code-drift/held-before.js'
import { savedBy } from '../code-drift/earlier-seconds.js'
import { unknownContent } from '../session/content.js'
import { askerNow, endOf, type Asker } from '../session/nested-runs.js'
import type { Produced, Session } from '../session/session.js'
import { mayTakeFormers, takeFormers } from './adoption/take-formers.js'
import { cycleError } from './run-cycles.js'
import { unprepared } from '../task-run/unprepared.js'
import { makeRun, resume, unitOf, type Run } from './run-state.js'
import type { Outcome, RunRequest, RunResult, RunUnit } from './run-types.js'
import type { Order } from './schedule-types.js'
import { giveUp, keepValue, repair, settle, skip } from './settle.js'

/**
 * Carries out the scheduler's orders in this process: loads stored artifacts, computes missing ones and touches nothing
 * else; shares nodes of equal key, runs independent nodes concurrently, drops values after their last reader, and
 * continues after a failure. Never rejects.
 */
export const interpret = async (session: Session, request: RunRequest): Promise<RunResult> => {
  const { targets, ...options } = request
  if (hasSecrets(session.index))
    for (const { plan } of targets) session.secrets.learnPlan(session.index, wholePlan(plan))
  const began = session.clock.elapsed()
  const asker = askerNow()
  const taken = mayTakeFormers(session, request) ? await takeFormers(session, request) : new Map<string, string>()
  const wants = targets.map(({ want }) => want)
  const question = asker === undefined && taken.size === 0 ? questionOf(session, request) : undefined
  const finding = question && (await foundBefore(session, question))
  const { run, end } = makeRun(session, options, wants, carryOut, question)
  if (question !== undefined && finding !== undefined) useFound(run, question)
  else await runTargets(run, targets, asker)
  await session.store.flush().catch((cause: unknown) => breakOff(run, cause))
  end()
  const { broken, report } = run
  const { loadedKeys: _, readElsewhere, cached, reused, ...rest } = report
  const known = finding && { seconds: finding.seconds, unknown: 0 }
  const saved = options.tellSaved === true ? (known ?? (await savedBy(session, [...reused.values()]))) : undefined
  const ended: RunReport = {
    ...rest,
    adopted: Array.from(taken)
      .flatMap(([key, id]) => (run.committed.has(key) ? [] : [id]))
      .concat(rest.adopted),
    drifted: run.driftReport.used(),
    failed: broken === undefined ? rest.failed : [...rest.failed, broken],
    stale: [...rest.stale],
    cached: namesOfCached(cached, (key) => readElsewhere.has(key) || taken.has(key)),
    stopped: run.stop.signal.aborted && broken === undefined,
    seconds: (session.clock.elapsed() - began) / 1000,
    ...(saved === undefined ? {} : { saved }),
  }
  run.emit({ _tag: 'ended', report: ended })
  return {
    report: ended,
    outcomes: broken === undefined ? run.outcomes : targets.map(() => ({ _tag: 'failed', error: broken })),
  }
}

const namesOfCached = (cached: ReadonlyMap<string, string>, isElsewhere: (key: string) => boolean): string[] => {
  const names: string[] = []
  for (const [key, id] of cached) if (!isElsewhere(key)) names.push(id)
  return names
}

const kept: Outcome = { _tag: 'kept' }

/** An earlier run found everything stored, and nothing has changed since: nothing is looked up again. */
const useFound = (run: Run, { nodes }: Question): void => {
  for (const { key, id } of nodes) run.report.cached.set(key, id)
  run.wants.forEach((_, target) => (run.outcomes[target] = kept))
  run.emit({ _tag: 'planned', toRun: [], inMemory: [], toLoad: [], cached: nodes.length, earlier: {} })
}

/** Requests the targets from the scheduler and waits until nothing is left to do. */
const runTargets = async (run: Run, targets: RunRequest['targets'], asker: Asker | undefined): Promise<void> => {
  run.feed({ _tag: 'wanted', targets: targets.map(({ plan, id, want }) => ({ node: run.graph.add(plan, id), want })) })
  const awaited = {
    session: run.session,
    wanted: () => targets.flatMap(({ plan, id }) => nodesById(plan).get(id)?.key ?? []),
    finished: run.finished,
    stop: (reason: unknown) => run.stop.abort(reason),
    refuse: (path: readonly string[]) => refuseRun(run, path),
  }
  await endOf(awaited, asker)
}

/** A task has started this run and waits for it: a cycle. */
const refuseRun = (run: Run, path: readonly string[]): void => {
  const cause = cycleError(path)
  run.broken ??= { _tag: 'TaskFailed', node: path[1] ?? '', cause, attempts: 1, log: undefined }
  run.stop.abort(cause)
}

const carryOut = (run: Run, order: Order): void => {
  switch (order._tag) {
    case 'look':
      return void look(run, order.units)
    case 'planned':
      return announce(run, order)
    case 'begin':
      return begin(run, unitOf(run, order.unit), order)
    case 'load':
      return void make(run, unitOf(run, order.unit), 'load')
    case 'compute':
      unitOf(run, order.unit).inputs = order.inputs.map((id) => unitOf(run, id))
      return void make(run, unitOf(run, order.unit), 'computeLeased')
    case 'repair':
      return void repair(run, unitOf(run, order.unit))
    case 'give up':
      return giveUp(run, unitOf(run, order.unit), order.artifact)
    case 'skip':
      return skip(
        run,
        unitOf(run, order.unit),
        order.because.map((id) => unitOf(run, id)),
      )
    case 'short': {
      const { node } = unitOf(run, order.unit)
      const holder = order.of.join(' and ')
      return run.emit({ _tag: 'waiting', node: node.id, key: node.key, holder, unserved: true })
    }
    case 'resume':
      return resume(run, order.token, { _tag: 'resume' })
    case 'lend': {
      const from = unitOf(run, order.from)
      return resume(run, order.token, { _tag: 'lend', from, value: run.values.get(from.id) })
    }
    case 'refuse':
      return resume(run, order.token, { _tag: 'refuse', path: cyclePath(run, order) })
    case 'release':
      return release(run, unitOf(run, order.unit))
    case 'answer':
      return answer(run, order.target, unitOf(run, order.unit), order.result)
    case 'halt':
      return run.stop.abort(new Error('another task failed'))
    case 'decide':
      return void decide(run, unitOf(run, order.unit))
    case 'finish':
      return
  }
}

/** Announces the plan of the run by results: nodes of equal key are one unit. */
const announce = (run: Run, { compute, load, kept }: Extract<Order, { readonly _tag: 'planned' }>): void => {
  const inMemory = compute.filter((id) => unitOf(run, id).node.storage === 'memory')
  const stored = compute.map((id) => unitOf(run, id)).filter(({ node }) => node.storage !== 'memory')
  run.emit({
    _tag: 'planned',
    toRun: namesOf(run, compute),
    inMemory: namesOf(run, inMemory),
    toLoad: namesOf(run, load),
    cached: kept.length,
    earlier: Object.fromEntries(stored.map((unit) => [unit.node.key, run.lookUp.seconds(unit) ?? null])),
  })
}

/** Full names, with the requesting unit first and last. */
const cyclePath = (run: Run, { unit, token, path }: Extract<Order, { readonly _tag: 'refuse' }>): readonly string[] => {
  const asker = unitOf(run, unit).node.id
  return path.length > 0 ? [asker, ...namesOf(run, path)] : (run.cycles.get(token) ?? [asker, asker])
}

const namesOf = (run: Run, ids: readonly number[]): readonly string[] => ids.map((id) => unitOf(run, id).node.id)

const look = async (run: Run, ids: readonly number[]): Promise<void> => {
  const units = ids.map((id) => unitOf(run, id))
  try {
    const looked = units.map(({ id, plan, node }) => ({ plan, node, want: run.schedule.units[id]?.want ?? 'value' }))
    const standings = await run.lookUp.look(looked)
    if (run.options.compute !== false) await refuseUnprepared(run, units, standings)
    units.forEach((unit, at) => takeStanding(run, unit, standings[at] ?? 'to_run'))
    run.feed({ _tag: 'found', units: units.map(({ id, standing }) => ({ unit: id, standing })) })
  } catch (cause) {
    breakOff(run, cause)
    for (const unit of ids) run.feed({ _tag: 'failed', unit })
  }
}

/**
 * Refuses to compute a result that could not be stored because a package is missing; reports all nodes that need one.
 */
const refuseUnprepared = async (
  run: Run,
  units: readonly RunUnit[],
  standings: readonly (RunUnit['standing'] | undefined)[],
): Promise<void> => {
  const toRun = units.filter((_, at) => standings[at] === 'to_run').map(({ node }) => node)
  const missing = await unprepared(run.session, toRun)
  if (missing.length === 0) return
  for (const error of missing.slice(0, -1)) run.report.failed.push(error)
  run.broken ??= missing.at(-1)
  run.stop.abort(new Error('a package is missing'))
}

/** Everything that an undecided unit waited for has ended. */
const decide = async (run: Run, unit: RunUnit): Promise<void> => {
  try {
    unit.standing = await run.lookUp.decide(unit)
    begin(run, unit, { standing: unit.standing, want: run.schedule.units[unit.id]?.want ?? 'value' })
    run.feed({ _tag: 'found', units: [{ unit: unit.id, standing: unit.standing }] })
  } catch (cause) {
    breakOff(run, cause)
    run.feed({ _tag: 'failed', unit: unit.id })
  }
}

const takeStanding = ({ session, values }: Run, unit: RunUnit, standing: RunUnit['standing']): void => {
  const known = standing === 'ready' ? session.memory.get(unit.node.key) : undefined
  const isGone = standing === 'ready' && known === undefined // dropped meanwhile, or an artifact behind it is damaged
  unit.standing = isGone ? (unit.node.storage === 'memory' ? 'to_run' : 'doubtful') : standing
  if (known !== undefined) values.put(unit.id, known.value)
  unit.readings = known?.readings ?? []
  unit.content = known?.content ?? unknownContent
}

/** The store cannot be used: nothing new begins. */
const breakOff = (run: Run, cause: unknown): void => {
  const { session, stop } = run
  const error: RunError = {
    _tag: 'StoreUnusable',
    location: session.store.location,
    cause: session.secrets.mask().value(cause),
  }
  run.broken ??= error
  stop.abort(cause)
}

/**
 * Reports what is known of a unit before work on it starts: that it is stored, that its code has changed, or that it
 * was damaged.
 */
const begin = (run: Run, unit: RunUnit, { standing, want }: Pick<Begin, 'standing' | 'want'>): void => {
  const { session, report } = run
  const { node } = unit
  const isCached = standing === 'cached' && want === 'kept'
  if (isCached || standing === 'to_run') run.driftReport.emit(unit)
  if (isCached) {
    report.cached.set(node.key, node.id)
    report.reused.set(node.key, node)
  }
  const because = isCached || standing === 'to_run' ? run.lookUp.others(unit) : []
  if (because.length > 0) {
    report.stale.add(node.id)
    run.emit({ _tag: 'stale', node: node.id, key: node.key, action: isCached ? 'kept' : 'recompute', because })
  }
  const damage = standing === 'to_run' ? session.damaged.get(node.key) : undefined
  if (damage !== undefined)
    run.emit({ _tag: 'missed', node: node.id, key: node.key, reason: session.secrets.mask().text(damage.reason) })
}

type Begin = Extract<Order, { readonly _tag: 'begin' }>

/** Loaded only by runs that make something. */
let maker: typeof import('./make-unit.js') | undefined

const make = async (run: Run, unit: RunUnit, how: 'load' | 'computeLeased'): Promise<void> => {
  let produced: Produced = { _tag: 'stopped' }
  try {
    maker ??= await import('./make-unit.js')
    produced = await maker.inOwnSlot(run, unit, maker[how])
  } catch (cause) {
    breakOff(run, cause)
  }
  if (run.session.clock.elapsed() - run.turned >= longestTurn) await nextTurn(run)
  run.feed(settle(run, unit, produced))
}

/**
 * Milliseconds after which the rest of the process gets its turn: small tasks wait for nothing that would give it, and
 * neither Ctrl-C nor progress would come through until all of them have ended.
 */
const longestTurn = 50

const nextTurn = async (run: Run): Promise<void> => {
  await new Promise((resolve) => void setImmediate(resolve))
  run.turned = run.session.clock.elapsed()
}

const release = (run: Run, unit: RunUnit): void => {
  run.values.drop(unit.id)
  const stays = unit.node.storage === 'memory' && run.session.memory.has(unit.node.key)
  if (unit.standing !== 'ready' && !stays) run.emit({ _tag: 'released', node: unit.node.id, key: unit.node.key })
}

const answer = (run: Run, target: number, unit: RunUnit, result: Result): void => {
  const isRead = run.wants[target] === 'value' && result === 'value'
  if (run.options.keepValues === true && isRead && unit.standing !== 'ready' && unit.node.storage !== 'memory')
    keepValue(run, unit)
  run.outcomes[target] = outcomeOf(run, target, unit, result)
}

const outcomeOf = ({ wants, values }: Run, target: number, unit: RunUnit, result: Result): Outcome => {
  if (result !== 'value' && result !== 'kept') return unit.lost ?? { _tag: 'stopped' }
  const known = wants[target] === 'value' ? values.get(unit.id) : undefined
  return known === undefined
    ? { _tag: 'kept', digest: unit.content.digest }
    : { _tag: 'value', ...known, readings: unit.readings }
}
