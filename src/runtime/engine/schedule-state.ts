import type { Result, SeenStanding } from '../ports/node-words.js'
import { makeReadyLines, nothing, type Needs, type ReadyLines } from '../../base/resource-lines.js'
import { deepestFirst, type Order, type Priority, type Want, type WorkGraph } from './schedule-types.js'

/** What a scheduler is made of. */
export interface ScheduleOptions {
  readonly graph: WorkGraph
  /** Units that load or compute at once. */
  readonly limit: number
  readonly priority?: Priority
  /** How much of each resource there is. Who needs more than that takes all of it. */
  readonly resources?: Needs
  /** Whether the first failure stops the run. */
  readonly failFast?: boolean
  /**
   * How often one artifact is made anew for one unit that has found it damaged. A disk that damages everything must not
   * keep a run for ever.
   */
  readonly repairs?: number
}

/** Where a unit is on its way. */
export type Stage =
  | 'looking'
  | 'found'
  | 'entered'
  | 'ordered'
  | 'waiting'
  | 'deciding'
  | 'ready'
  | 'running'
  | 'paused'
  | 'repairing'
  | 'ended'

/** One making of a node in this run. */
export interface Unit {
  readonly id: number
  readonly node: number
  stage: Stage
  /** Whether anybody wants the value. */
  want: Want
  standing: SeenStanding
  result: Result | undefined
  /** Whether the run has been told of it. */
  begun: boolean
  hasValue: boolean
  depth: number
  /** Seconds that it is expected to take, until it has begun. */
  seconds: number
  /** Seconds of the longest way from its start to the end of the run. */
  ahead: number
  /** Resources that it takes while it runs, and whether it has them. */
  needs: Needs
  holds: boolean
  toldShort: boolean
  /** Who still needs the value. */
  readers: number
  /** Inputs that have not ended. */
  pending: number
  /** Waits that are going on, while it is paused. */
  waits: number
  /** How often artifacts were made anew for it, by node. */
  repairs: Map<number, number> | undefined
  inputs: readonly Unit[]
  /** Inputs that it counts as a reader of. */
  reads: readonly Unit[]
  /** These two are none, or a list of the unit's own: a run may have a million units. */
  dependents: Unit[] | undefined
  askers: Asker[] | undefined
}

/** Somebody who is told when a unit has ended: a target of the run, or a running unit that asked for a value. */
export type Asker = { readonly _tag: 'target'; readonly target: number; readonly want: Want } | Question

/** A running unit asks for a value. */
export interface Question {
  readonly _tag: 'question'
  readonly unit: Unit
  readonly token: number
}

/** An order that a paused unit waits for: it is given as soon as the unit has a slot again. */
export interface Resumption {
  readonly unit: Unit
  readonly order: Order
  /** What it has asked for: released as soon as the order is given. */
  readonly lent?: Unit
}

/** The state of a scheduler. Changed by `advance` alone. */
export interface Schedule {
  readonly graph: WorkGraph
  readonly limit: number
  readonly priority: Priority
  readonly failFast: boolean
  readonly repairs: number
  readonly units: Unit[]
  /** By node: the unit that who asks next gets. */
  readonly current: (Unit | undefined)[]
  readonly ready: ReadyLines<Unit>
  /** What is left of each resource. */
  readonly free: Map<string, number>
  readonly resources: Needs
  readonly resuming: Resumption[]
  /** Questions without an answer, and what they ask for. */
  readonly questions: Map<Question, Unit>
  readonly toLook: Unit[]
  /** Found; they begin together, when everything that is looked at is found. */
  readonly found: Unit[]
  /** Units whose inputs have all ended. */
  readonly unblocked: Unit[]
  readonly orders: Order[]
  looking: number
  running: number
  /** Seconds of what is to be computed and has not begun. */
  work: number
  /** Units that have not ended. */
  open: number
  targets: number
  asked: boolean
  planned: boolean
  stopping: boolean
  finished: boolean
}

/** A scheduler that nobody has asked for anything yet. */
export const makeSchedule = (options: ScheduleOptions): Schedule => ({
  graph: options.graph,
  limit: Math.max(1, Math.floor(options.limit)),
  priority: options.priority ?? deepestFirst,
  failFast: options.failFast ?? false,
  repairs: options.repairs ?? 3,
  units: [],
  current: [],
  ready: makeReadyLines(),
  free: new Map(Object.entries(options.resources ?? {})),
  resources: options.resources ?? {},
  resuming: [],
  questions: new Map(),
  toLook: [],
  found: [],
  unblocked: [],
  orders: [],
  looking: 0,
  running: 0,
  work: 0,
  open: 0,
  targets: 0,
  asked: false,
  planned: false,
  stopping: false,
  finished: false,
})

/** A new unit of a node, to be looked at. */
export const makeUnit = (state: Schedule, node: number): Unit => {
  const unit: Unit = {
    id: state.units.length,
    node,
    stage: 'looking',
    want: 'kept',
    standing: 'to_run',
    result: undefined,
    begun: false,
    hasValue: false,
    depth: 0,
    seconds: 0,
    ahead: 0,
    needs: nothing,
    holds: false,
    toldShort: false,
    readers: 0,
    pending: 0,
    waits: 0,
    repairs: undefined,
    inputs: noUnits,
    reads: noUnits,
    dependents: undefined,
    askers: undefined,
  }
  state.units.push(unit)
  state.current[node] = unit
  state.toLook.push(unit)
  state.open++
  return unit
}

/** Shared by all units that have none. */
export const noUnits: readonly Unit[] = []

/** A list with one more at its end; a new list has room for one. */
export const withOne = <A>(list: A[] | undefined, one: A): A[] => {
  if (list === undefined) return [one]
  list.push(one)
  return list
}

export const unitAt = (state: Schedule, id: number): Unit => {
  const unit = state.units[id]
  if (unit === undefined) throw new RangeError(`the schedule has no unit ${id}`)
  return unit
}

/** Ids, as orders name units. */
export const idsOf = (units: readonly Unit[]): readonly number[] => units.map(({ id }) => id)

/** Whether the store has something for a unit. */
export const isStored = ({ standing }: Unit): boolean => standing === 'cached' || standing === 'doubtful'

/** Whether what is stored has to be read. */
export const isOpened = ({ standing, want }: Unit): boolean => want === 'value' || standing === 'doubtful'

/** Values of units: held as long as somebody reads them. */

export const release = (state: Schedule, unit: Unit): void => {
  unit.readers--
  if (unit.readers === 0) drop(state, unit)
}

/** Who asks again starts again; what failed, or is only known to be there, stays known. */
export const drop = (state: Schedule, unit: Unit): void => {
  if (!unit.hasValue) return
  unit.hasValue = false
  state.orders.push({ _tag: 'release', unit: unit.id })
  forget(state, unit)
}

export const forget = (state: Schedule, unit: Unit): void => {
  if (state.current[unit.node] === unit) state.current[unit.node] = undefined
}
