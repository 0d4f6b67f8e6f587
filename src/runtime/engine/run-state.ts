import { nothing } from '../../base/resource-lines.js'
import { forgetHolding, type Item } from '../code-drift/contents.js'
import { makeDrift, type Drift } from '../code-drift/drift.js'
import type { Question } from '../code-drift/held-before.js'
import { makeDriftReport, type DriftReport } from '../code-drift/drift-report.js'
import type { RunEventBody } from '../ports/events.js'
import { unknownContent } from '../session/content.js'
import { forgetFacts } from '../session/known-facts.js'
import { abortingWith } from '../session/on-abort.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { RunError } from '../../errors.js'
import type { ActiveRun } from '../session/active-run.js'
import { emitter, type Session } from '../session/session.js'
import { makeSlots, type Slots } from '../session/slots.js'
import { makeLookUp, type LookUp } from './look-up.js'
import { refuseNestedCycles } from '../session/nested-runs.js'
import { refuseCyclesAcross } from './run-cycles.js'
import { makeRunValues, type RunValues } from './run-values.js'
import type { Outcome, RunOptions, RunUnit } from './run-types.js'
import { advance } from './schedule.js'
import { makeSchedule, type Schedule, type Unit } from './schedule-state.js'
import type { Fact, Order, Want } from './schedule-types.js'
import { makeWorkGraph, type PlannedGraph } from './work-graph.js'

/** The message that lets a paused unit continue. */
export type Resumed =
  | { readonly _tag: 'resume' }
  | { readonly _tag: 'lend'; readonly from: RunUnit; readonly value: ReturnType<RunValues['get']> }
  | { readonly _tag: 'refuse'; readonly path: readonly string[] }

/** The state of one run. */
export interface Run {
  readonly session: Session
  readonly options: RunOptions
  /** What is wanted of each target. */
  readonly wants: readonly Want[]
  readonly graph: PlannedGraph
  readonly schedule: Schedule
  readonly lookUp: LookUp
  readonly drift: Drift
  readonly driftReport: DriftReport
  /** The session's slots, unless this run has a limit of its own. */
  readonly slots: Slots
  readonly stop: AbortController
  readonly emit: (event: RunEventBody) => void
  readonly units: RunUnit[]
  readonly values: RunValues
  /** Keys that this run has committed, or that the caller knows to be stored. */
  readonly committed: Set<string>
  /** Keys that this run has to compute again: nothing that depends on them is adopted. */
  readonly forced: Set<string>
  /** Adopted keys: if one of them turns out to be invalid, it is computed. */
  readonly adopted: Set<string>
  readonly report: ReportInMaking
  readonly outcomes: Outcome[]
  /** Paused units by token. */
  readonly paused: Map<number, (resumed: Resumed) => void>
  /** Cycles that lead through other runs, by the token of the question that closes them. */
  readonly cycles: Map<number, readonly string[]>
  /** Why the store could not be used; undefined if it could. */
  broken: RunError | undefined
  /** When timers, signals and input of the process had their turn last, by the session's clock. */
  turned: number
  /** Reports a fact to the scheduler and carries out what follows. */
  readonly feed: (fact: Fact) => void
  /** Resolves when nothing is left to do. */
  readonly finished: Promise<void>
}

export interface ReportInMaking {
  readonly computed: string[]
  readonly adopted: string[]
  readonly loaded: string[]
  readonly stale: Set<string>
  readonly failed: RunError[]
  readonly skipped: { readonly node: string; readonly because: readonly string[] }[]
  readonly unfinished: { readonly node: string; readonly reason: string }[]
  /** Ids of stored nodes, by key. */
  readonly cached: Map<string, string>
  /** Nodes that were not computed since the store has them, or their content, by key. */
  readonly reused: Map<string, NodeOutline>
  /** Keys of `loaded`. */
  readonly loadedKeys: Set<string>
  /** Keys that were loaded where nodes are computed elsewhere. */
  readonly readElsewhere: Set<string>
}

/** Counts a node as loaded, once. */
export const addLoaded = ({ loaded, loadedKeys }: ReportInMaking, key: string, id: string): void => {
  if (loadedKeys.has(key)) return
  loadedKeys.add(key)
  loaded.push(id)
}

/** A run that has not begun. `carryOut` executes the scheduler's orders. */
export const makeRun = (
  session: Session,
  options: RunOptions,
  wants: readonly Want[],
  carryOut: (run: Run, order: Order) => void,
  question?: Question,
): { readonly run: Run; readonly end: () => void } => {
  const graph = makeWorkGraph(session, options.compute !== false)
  const emit = emitter(session, options.onEvent)
  const committed = new Set(options.stored)
  const drift = makeDrift(session)
  const { controller: stop, forget } = abortingWith(options.signal)
  const limit = options.concurrency ?? session.concurrency
  const facts: Fact[] = []
  let finish: () => void = () => undefined
  const judges = options.compute !== false && options.stored === undefined
  const lookUp = makeLookUp(session, committed, drift, judges, question)
  const awaits = (position: number): readonly number[] => lookUp.awaits(graph.itemAt(position)).map(graph.positionOf)
  const seconds = (position: number): number | undefined => lookUp.seconds(graph.itemAt(position))
  const run: Run = {
    session,
    options,
    wants,
    graph,
    schedule: makeSchedule({
      graph: { ...graph, awaits, seconds },
      limit,
      resources: session.resources,
      failFast: options.failFast === true,
      ...(session.noRepair ? { repairs: 0 } : {}),
    }),
    lookUp,
    drift,
    driftReport: makeDriftReport(session, drift, emit),
    slots: options.concurrency === undefined ? session.slots : makeSlots(limit),
    stop,
    emit,
    units: [],
    values: makeRunValues(),
    committed,
    forced: new Set(),
    adopted: new Set(),
    report: emptyReport(),
    outcomes: [],
    paused: new Map(),
    cycles: new Map(),
    broken: undefined,
    turned: session.clock.elapsed(),
    feed: (fact) => {
      if (facts.push(fact) > 1) return // executing an order has caused this fact: it is handled after it
      for (let next = facts[0]; next !== undefined; next = facts[0]) {
        for (const order of advance(run.schedule, next)) {
          if (order._tag === 'finish') finish()
          else carryOut(run, order)
        }
        facts.shift()
      }
      refuseCyclesAcross(session.runs)
    },
    finished: new Promise((resolve) => (finish = resolve)),
  }
  const onStop = (): void => run.feed({ _tag: 'stop' })
  if (stop.signal.aborted) onStop()
  else stop.signal.addEventListener('abort', onStop, { once: true })
  const active = activeRun(run)
  session.runs.add(active)
  const end = (): void => {
    session.runs.delete(active)
    forget()
  }
  return { run, end }
}

const emptyReport = (): ReportInMaking => ({
  computed: [],
  adopted: [],
  loaded: [],
  stale: new Set(),
  failed: [],
  skipped: [],
  unfinished: [],
  cached: new Map(),
  reused: new Map(),
  loadedKeys: new Set(),
  readElsewhere: new Set(),
})

const activeRun = (run: Run): ActiveRun => {
  const { schedule, graph } = run
  const nodeOf = (unit: Unit): NodeOutline => graph.itemAt(unit.node).node
  const unitOfKey = (key: string): Unit | undefined => {
    const position = graph.positionOfKey(key)
    return position === undefined ? undefined : schedule.current[position]
  }
  return {
    hasQuestions: () => schedule.questions.size > 0,
    questions: () =>
      [...schedule.questions].map(([{ unit, token }, wanted]) => ({
        asker: nodeOf(unit),
        wanted: nodeOf(wanted).key,
        refuse: (path) => {
          run.cycles.set(token, path)
          run.feed({ _tag: 'cyclic', unit: unit.id, token })
        },
      })),
    waitsOf: (key) => {
      const unit = unitOfKey(key)
      if (unit === undefined || unit.stage === 'ended') return []
      return [...awaitedBy(schedule, unit).map((one) => nodeOf(one).key), ...(run.units[unit.id]?.waitsFor ?? [])]
    },
    nameOf: (key) => {
      const position = graph.positionOfKey(key)
      return position === undefined ? undefined : graph.itemAt(position).node.id
    },
  }
}

/** Inputs and requested units of a unit that have not ended. */
const awaitedBy = ({ questions }: Schedule, unit: Unit): readonly Unit[] => {
  const asked = [...questions].flatMap(([question, wanted]) => (question.unit === unit ? [wanted] : []))
  return [...unit.inputs, ...asked].filter(({ stage }) => stage !== 'ended')
}

/** The unit of an id, created when the scheduler first names it. */
export const unitOf = (run: Run, id: number): RunUnit => {
  const known = run.units[id]
  if (known !== undefined) return known
  const position = run.schedule.units[id]?.node
  if (position === undefined) throw new RangeError(`the schedule has no unit ${id}`)
  const unit = newUnit(id, position, run.graph.itemAt(position))
  run.units[id] = unit
  return unit
}

/** A unit of which nothing is known yet. */
export const newUnit = (id: number, position: number, { plan, node }: Item): RunUnit => ({
  id,
  position,
  plan,
  node,
  standing: 'to_run',
  inputs: [],
  readings: [],
  content: unknownContent,
  lost: undefined,
  madeElsewhere: false,
  damage: undefined,
  missed: undefined,
  waitsFor: undefined,
})

/** A slot, together with the resources that the session's runs share. */
export const slotsOf = ({ session, slots, schedule }: Run, { id }: RunUnit): Slots => {
  const needs = schedule.units[id]?.needs ?? nothing
  if (needs === nothing) return slots
  return {
    enter: async (priority) => {
      await slots.enter(priority)
      await session.tokens.take(needs)
    },
    leave: () => {
      session.tokens.give(needs)
      slots.leave()
    },
  }
}

let tokens = 0

/** Waits while the unit's slot is free for others. `key`: set if something else computes what it waits for. */
export const pausing = async <A>(
  run: Run,
  unit: RunUnit,
  key: string | undefined,
  wait: () => Promise<A>,
): Promise<A> => {
  const token = tokens++
  if (key !== undefined) (unit.waitsFor ??= new Set()).add(key)
  const resumed = new Promise<Resumed>((resolve) => run.paused.set(token, resolve))
  run.feed({ _tag: 'waits', unit: unit.id, token })
  try {
    return await wait()
  } finally {
    if (key !== undefined) unit.waitsFor?.delete(key)
    run.feed({ _tag: 'wakes', unit: unit.id, token })
    await resumed
  }
}

/** Requests the value of a node from the scheduler; the unit's slot is free for others until it arrives. */
export const question = (run: Run, unit: RunUnit, node: number): Promise<Resumed> => {
  const token = tokens++
  const resumed = new Promise<Resumed>((resolve) => run.paused.set(token, resolve))
  run.feed({ _tag: 'asked', unit: unit.id, token, node })
  refuseNestedCycles()
  return resumed
}

/** Lets a paused unit continue. */
export const resume = (run: Run, token: number, resumed: Resumed): void => {
  const waiting = run.paused.get(token)
  run.paused.delete(token)
  waiting?.(resumed)
}

/** Counts a node as computed: earlier knowledge about it no longer holds. */
export const noteComputed = (run: Run, unit: RunUnit): void => {
  run.report.computed.push(unit.node.id)
  run.report.reused.delete(unit.node.key)
  run.session.forced.delete(unit.node.key)
  if (unit.node.storage !== 'memory') noteCommitted(run, unit)
}

/** The same for an adopted node. */
export const noteAdopted = (run: Run, unit: RunUnit): void => {
  run.report.adopted.push(unit.node.id)
  run.report.reused.set(unit.node.key, unit.node)
  noteCommitted(run, unit)
}

const noteCommitted = ({ session, report, committed, driftReport }: Run, { node }: RunUnit): void => {
  forgetHolding(session)
  committed.add(node.key)
  report.cached.delete(node.key)
  driftReport.computed(node.key)
  forgetFacts(session, node)
}
