import type { SeenStanding } from '../ports/node-words.js'
import { idsOf, isOpened, isStored, noUnits, release, type Schedule, type Unit, withOne } from './schedule-state.js'
import { end, endWithValue, skip } from './unit-ends.js'
import { depthOf, inputsFirst } from './unit-order.js'
import { demand, refuseCycles } from './unit-questions.js'
import { makeReady } from './unit-slots.js'

/** From the lookup of a unit to its start: what was found, which inputs it needs first, what need not run. */

export const takeFound = (state: Schedule, unit: Unit, standing: SeenStanding): void => {
  const isDecision = unit.stage === 'deciding'
  if (!isDecision) state.looking--
  unit.standing = standing
  if (standing === 'to_run' || standing === 'undecided') return gather(state, unit)
  if (isDecision) return proceedStored(state, unit)
  unit.stage = 'found'
  state.found.push(unit)
}

/** Requests what a unit needs before it can be computed or decided; its former inputs are released afterwards. */
export const gather = (state: Schedule, unit: Unit): void => {
  const before = unit.reads
  const { graph } = state
  const isUndecided = unit.standing === 'undecided'
  const nodes = isUndecided && graph.awaits !== undefined ? graph.awaits(unit.node) : graph.inputs(unit.node)
  const inputs: Unit[] = []
  const reads: Unit[] = []
  for (const [at, node] of nodes.entries()) {
    const want = isUndecided ? 'kept' : graph.wants(unit.node, at)
    const input = demand(state, node, want)
    inputs.push(input)
    if (want === 'value') reads.push(input)
  }
  unit.inputs = inputs.length === 0 ? noUnits : inputs
  unit.reads = reads.length === 0 ? noUnits : reads
  for (const input of before) release(state, input)
  unit.stage = 'found'
  state.found.push(unit)
}

/** Begins all found units, inputs before their readers; units that need not wait come first. */
export const beginFound = (state: Schedule): void => {
  const order = inputsFirst(state.found.splice(0))
  for (const unit of order) unit.depth = depthOf(unit)
  expect(state, order)
  if (!state.planned) announce(state, order)
  const later: Unit[] = []
  for (const unit of order) {
    if (!unit.begun) state.orders.push({ _tag: 'begin', unit: unit.id, standing: unit.standing, want: unit.want })
    unit.begun = true
    if (unit.standing === 'ready') endWithValue(state, unit)
    else if (isStored(unit)) proceedStored(state, unit)
    else if (unit.inputs.length === 0) enter(state, unit)
    else later.push(unit)
  }
  for (const unit of later) waitForInputs(state, unit)
  refuseCycles(state)
}

/**
 * Sets the expected seconds of units, and of the path from each one to the end. Units without a known duration are
 * expected to take the average of the others.
 */
const expect = (state: Schedule, order: readonly Unit[]): void => {
  const { seconds } = state.graph
  if (seconds === undefined) return
  const fresh = order.filter(({ standing, begun }) => standing === 'to_run' && !begun)
  const known = fresh.map(({ node }) => seconds(node))
  let [sum, count] = [0, 0]
  for (const one of known) {
    sum += one ?? 0
    count += one === undefined ? 0 : 1
  }
  if (sum === 0) return
  for (const [at, unit] of fresh.entries()) {
    unit.seconds = known[at] ?? sum / count
    unit.ahead = unit.seconds
    state.work += unit.seconds
  }
  for (const unit of order.toReversed())
    for (const input of unit.inputs) input.ahead = Math.max(input.ahead, input.seconds + unit.ahead)
}

const announce = (state: Schedule, order: readonly Unit[]): void => {
  state.planned = true
  state.orders.push({
    _tag: 'planned',
    compute: idsOf(order.filter(({ standing }) => standing === 'to_run' || standing === 'undecided')),
    load: idsOf(order.filter((unit) => isStored(unit) && isOpened(unit))),
    kept: idsOf(order.filter((unit) => isStored(unit) && !isOpened(unit))),
  })
}

const waitForInputs = (state: Schedule, unit: Unit): void => {
  unit.stage = 'waiting'
  for (const input of unit.inputs) {
    if (input.stage === 'ended') continue
    unit.pending++
    input.dependents = withOne(input.dependents, unit)
  }
  if (unit.pending === 0) state.unblocked.push(unit)
}

/** All inputs have ended: the unit runs, unless one of them has no value. */
export const enter = (state: Schedule, unit: Unit): void => {
  if (isStored(unit)) return proceedStored(state, unit)
  if (unit.standing === 'undecided' && !state.stopping) {
    unit.stage = 'deciding'
    state.orders.push({ _tag: 'decide', unit: unit.id })
    return
  }
  const blockers = unit.inputs.filter(
    ({ result }) => result === 'failed' || result === 'unfinished' || result === 'skipped',
  )
  if (blockers.length > 0 || state.stopping) skip(state, unit, blockers)
  else makeReady(state, unit)
}

const proceedStored = (state: Schedule, unit: Unit): void => {
  if (isOpened(unit)) makeReady(state, unit)
  else end(state, unit, 'kept')
}
