import type { Result, SeenStanding } from '../ports/node-words.js'
import { makeReadyLines, nothing, type Needs, type ReadyLines } from '../../base/resource-lines.js'
import { deepestFirst, type Order, type Priority, type Want, type WorkGraph } from './schedule-types.js'

/** Options of a scheduler. */
export interface ScheduleOptions {
  readonly graph: WorkGraph
  /** How many units may load or compute at the same time. */
  readonly limit: number
  readonly priority?: Priority
  /** The amount of each resource. A unit that needs more than that takes all of it. */
  readonly resources?: Needs
  /** Whether the first failure stops the run. */
  readonly failFast?: boolean
  /**
   * How often one artifact is recomputed for one unit that found it damaged: a disk that damages everything must not
   * keep a run going for ever.
   */
  readonly repairs?: number
}

/** The stage that a unit has reached. */
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

/** One production of a node's value in this run. */
export interface Unit {
  readonly id: number
  readonly node: number
  stage: Stage
  /** Whether its value is wanted, or only its presence in the store. */
  want: Want
  standing: SeenStanding
  result: Result | undefined
  /** Whether its start has been reported to the run. */
  begun: boolean
  hasValue: boolean
  depth: number
  /** Expected seconds, until it has begun. */
  seconds: number
  /** Seconds of the longest path from its start to the end of the run. */
  ahead: number
  /** Resources that it takes while it runs, and whether it holds them. */
  needs: Needs
  holds: boolean
  reportedShort: boolean
  /** Number of readers that still need the value. */
  readers: number
  /** Inputs that have not ended. */
  pending: number
  /** Open waits while it is paused. */
  waits: number
  /** How often artifacts were recomputed for it, by node. */
  repairs: Map<number, number> | undefined
  inputs: readonly Unit[]
  /** Inputs of which it counts as a reader. */
  reads: readonly Unit[]
  /** Both are undefined while empty: a run may have a million units. */
  dependents: Unit[] | undefined
  askers: Asker[] | undefined
}

/** Notified when a unit has ended: a target of the run, or a running unit that requested its value. */
export type Asker = { readonly _tag: 'target'; readonly target: number; readonly want: Want } | Question

/** A running unit's request for a value. */
export interface Question {
  readonly _tag: 'question'
  readonly unit: Unit
  readonly token: number
}

/** An order that a paused unit waits for, issued as soon as the unit has a slot again. */
export interface Resumption {
  readonly unit: Unit
  readonly order: Order
  /** The unit whose value was requested: released as soon as the order is issued. */
  readonly granted?: Unit
}

/** The state of a scheduler. Only `advance` changes it. */
export interface Schedule {
  readonly graph: WorkGraph
  readonly limit: number
  readonly priority: Priority
  readonly failFast: boolean
  readonly repairs: number
  readonly units: Unit[]
  /** By node: the unit that the next request gets. */
  readonly current: (Unit | undefined)[]
  readonly ready: ReadyLines<Unit>
  /** The free amount of each resource. */
  readonly free: Map<string, number>
  readonly resources: Needs
  readonly resuming: Resumption[]
  /** Unanswered questions, and the unit that each one requests. */
  readonly questions: Map<Question, Unit>
  readonly toLook: Unit[]
  /** Found units; they begin together, once every look has been answered. */
  readonly found: Unit[]
  /** Units whose inputs have all ended. */
  readonly unblocked: Unit[]
  readonly orders: Order[]
  looking: number
  running: number
  /** Expected seconds of the units that will be computed and have not begun. */
  work: number
  /** Units that have not ended. */
  open: number
  targets: number
  asked: boolean
  planned: boolean
  stopping: boolean
  finished: boolean
}

/** A scheduler without requests so far. */
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

/** A new unit of a node, which will be looked up. */
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
    reportedShort: false,
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

/** Shared by all units without inputs. */
export const noUnits: readonly Unit[] = []

/** The list with one element appended; a new list if it was undefined. */
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

/** Ids by which orders name units. */
export const idsOf = (units: readonly Unit[]): readonly number[] => units.map(({ id }) => id)

/** Whether the store has an artifact for a unit. */
export const isStored = ({ standing }: Unit): boolean => standing === 'cached' || standing === 'doubtful'

/** Whether the stored artifact has to be read. */
export const isOpened = ({ standing, want }: Unit): boolean => want === 'value' || standing === 'doubtful'

/** Values of units are held as long as they have readers. */

export const release = (state: Schedule, unit: Unit): void => {
  unit.readers--
  if (unit.readers === 0) drop(state, unit)
}

/** The next request for the node starts again; failures and known artifacts are remembered. */
export const drop = (state: Schedule, unit: Unit): void => {
  if (!unit.hasValue) return
  unit.hasValue = false
  state.orders.push({ _tag: 'release', unit: unit.id })
  forget(state, unit)
}

export const forget = (state: Schedule, unit: Unit): void => {
  if (state.current[unit.node] === unit) state.current[unit.node] = undefined
}
