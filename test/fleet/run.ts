// A run over a fleet of simulated workers, through the real scheduler: its orders are carried out on a virtual clock.
import { advance } from '../../src/runtime/engine/schedule.js'
import { makeSchedule, type Schedule } from '../../src/runtime/engine/schedule-state.js'
import type { Fact, Order } from '../../src/runtime/engine/schedule-types.js'
import { add, chance, type Dag } from './dag.js'
import { after, next, submit, type Happening, type Workers } from './workers.js'

export interface RunFaults {
  /** How often the run itself is killed and started again, each time half a minute later. */
  readonly kills: number
  /** Share of nodes that find the artifact of an input damaged. */
  readonly damage: number
  /** Share of nodes whose lease another run has for a while. */
  readonly waits: number
}

export interface RunOptions {
  readonly dag: Dag
  readonly workers: Workers
  /** Nodes that are handed out at once. */
  readonly limit: number
  readonly faults: RunFaults
  readonly seed: number
  /** Whether it is known how long nodes take. */
  readonly known: boolean
}

export type RunReport = ReturnType<typeof makeReport>

const makeReport = (size: number) => ({
  /** Virtual seconds. */
  makespan: 0,
  finished: false,
  facts: 0,
  orders: 0,
  /** Real milliseconds within the scheduler. */
  thinking: 0,
  /** How often each node was committed, and how often an artifact was found damaged. */
  commits: new Uint8Array(size),
  damages: 0,
  failed: 0,
  skipped: 0,
  /** Nodes that were begun before an input had ever been there. */
  early: 0,
})

/** What outlasts a kill of the run, and what does not. */
interface State {
  readonly options: RunOptions
  readonly report: RunReport
  readonly stored: Uint8Array
  readonly hasWaited: Uint8Array
  readonly hasFound: Uint8Array
  committed: number
  living: Living | undefined
}

interface Living {
  readonly schedule: Schedule
  /** By node: the unit that makes it. */
  readonly units: Int32Array
  /** Inputs of what is being computed. */
  readonly inputs: Map<number, readonly number[]>
}

const restart = -1
const pause = 30

export const runOver = (options: RunOptions): RunReport => {
  const { dag, workers, faults } = options
  const bytes = () => new Uint8Array(dag.size)
  const own = { stored: bytes(), hasWaited: bytes(), hasFound: bytes(), committed: 0, living: undefined }
  const state: State = { options, report: makeReport(dag.size), ...own }
  const { report } = state
  begin(state)
  for (let kills = 0; !report.finished; ) {
    const happening = next(workers)
    if (happening === undefined) break
    take(state, happening)
    if (kills === faults.kills || state.committed < (dag.size * (kills + 1)) / (faults.kills + 1)) continue
    if (state.living === undefined || report.finished) continue
    kills++
    state.living = undefined
    after(workers, pause, restart)
  }
  report.makespan = workers.time
  return report
}

const begin = (state: State): void => {
  const { options, report } = state
  const { dag, limit, known } = options
  const seconds = known ? { seconds: (node: number) => dag.seconds[node] } : {}
  const schedule = makeSchedule({ graph: { inputs: dag.inputs, wants: () => 'kept', ...seconds }, limit })
  const living: Living = { schedule, units: new Int32Array(dag.size), inputs: new Map() }
  state.living = living
  report.failed = 0 // what failed is tried again
  report.skipped = 0
  feed(state, living, {
    _tag: 'wanted',
    targets: Array.from({ length: dag.size }, (_, node) => ({ node, want: 'kept' })),
  })
}

const take = (state: State, happening: Happening): void => {
  const { living, report } = state
  if (living === undefined) {
    if (happening._tag === 'done') commit(state, happening.node) // workers go on
    if (happening._tag === 'timer' && happening.token === restart) begin(state)
    return
  }
  if (happening._tag === 'timer') {
    const unit = living.units[happening.token] ?? 0
    // one that the run waited for before it was killed is nothing to this one
    if (living.schedule.units[unit]?.stage === 'paused') feed(state, living, { _tag: 'wakes', unit, token: 0 })
  } else if (happening._tag === 'lost') {
    report.failed++
    feed(state, living, { _tag: 'failed', unit: living.units[happening.node] ?? 0 })
  } else feed(state, living, endOf(state, living, happening.node))
}

/** Gives a fact to the scheduler, and what follows from its orders at once. */
const feed = (state: State, living: Living, fact: Fact): void => {
  const { report } = state
  const due = [fact]
  for (let one = due.pop(); one !== undefined; one = due.pop()) {
    const begun = performance.now()
    const orders = advance(living.schedule, one)
    report.thinking += performance.now() - begun
    report.facts++
    report.orders += orders.length
    for (const order of orders) {
      const answer = carryOut(state, living, order)
      if (answer !== undefined) due.push(answer)
    }
  }
}

const nodeOf = ({ schedule }: Living, unit: number): number => schedule.units[unit]?.node ?? 0

const carryOut = (state: State, living: Living, order: Order): Fact | undefined => {
  switch (order._tag) {
    case 'look':
      return { _tag: 'found', units: order.units.map((unit) => look(state, living, unit)) }
    case 'compute':
      living.inputs.set(order.unit, order.inputs)
      return compute(state, living, order.unit)
    case 'resume':
      return compute(state, living, order.unit)
    case 'repair':
      return { _tag: 'repaired', unit: order.unit }
    case 'skip':
      state.report.skipped++
      return undefined
    case 'finish':
      state.report.finished = true
      return undefined
    default:
      return undefined
  }
}

const look = ({ stored }: State, living: Living, unit: number) => {
  const node = nodeOf(living, unit)
  living.units[node] = unit
  return { unit, standing: stored[node] === 1 ? 'cached' : 'to_run' } as const
}

const compute = (state: State, living: Living, unit: number): Fact | undefined => {
  const { options, report, hasWaited } = state
  const { dag, workers, seed, faults } = options
  const node = nodeOf(living, unit)
  if (dag.inputs(node).some((input) => report.commits[input] === 0)) report.early++
  const isHeld = hasWaited[node] === 0 && chance(seed, node, 20) < faults.waits
  if (!isHeld) {
    submit(workers, node, 0)
    return undefined
  }
  hasWaited[node] = 1
  after(workers, 5, node)
  return { _tag: 'waits', unit, token: 0 }
}

/** What a node has come to when a worker has computed it. */
const endOf = (state: State, living: Living, node: number): Fact => {
  const { stored, hasFound, options, report } = state
  const unit = living.units[node] ?? 0
  const inputs = living.inputs.get(unit) ?? []
  living.inputs.delete(unit)
  const [first] = inputs
  if (first !== undefined && hasFound[node] === 0 && chance(options.seed, node, 21) < options.faults.damage) {
    hasFound[node] = 1
    report.damages++
    stored[nodeOf(living, first)] = 0
  }
  const holders = inputs.filter((input) => stored[nodeOf(living, input)] === 0)
  if (holders.length > 0)
    return { _tag: 'damaged', unit, artifacts: holders.map((holder) => nodeOf(living, holder)), holders }
  commit(state, node)
  return { _tag: 'computed', unit, as: 'kept' }
}

const commit = (state: State, node: number): void => {
  state.stored[node] = 1
  add(state.report.commits, node)
  state.committed++
}
