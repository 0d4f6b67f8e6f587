import type { Result } from '../ports/node-words.js'
import {
  type Asker,
  idsOf,
  makeUnit,
  noUnits,
  type Question,
  release,
  type Schedule,
  type Unit,
  withOne,
} from './schedule-state.js'
import type { Order, Want } from './schedule-types.js'
import { waitCycle } from './unit-order.js'
import { pause, wake } from './unit-slots.js'

/** Requests for units: by targets of the run, and by running units. */

/** The unit that provides a node's value, created if needed; counts a reader if the value is wanted. */
export const demand = (state: Schedule, node: number, want: Want): Unit => {
  const known = state.current[node]
  const unit = known === undefined || (want === 'value' && known.result === 'kept') ? makeUnit(state, node) : known
  if (want === 'value') {
    unit.want = 'value'
    unit.readers++
  }
  return unit
}

export const ask = (state: Schedule, node: number, want: Want, asker: Asker): void => {
  const unit = demand(state, node, want)
  if (asker._tag === 'question') state.questions.set(asker, unit)
  if (unit.stage === 'ended') answer(state, unit, asker)
  else unit.askers = withOne(unit.askers, asker)
}

export const takeQuestion = (state: Schedule, question: Question, node: number): void => {
  const { unit, token } = question
  if (unit.stage === 'ended') {
    state.orders.push({ _tag: 'refuse', unit: unit.id, token, path: [] })
    return
  }
  pause(state, unit)
  ask(state, node, 'value', question)
  refuseCycles(state)
}

export const answer = (state: Schedule, unit: Unit, asker: Asker): void => {
  if (asker._tag === 'question') {
    state.questions.delete(asker)
    const order: Order = { _tag: 'lend', unit: asker.unit.id, token: asker.token, from: unit.id }
    return wake(state, { unit: asker.unit, order, granted: unit })
  }
  state.orders.push({ _tag: 'answer', target: asker.target, unit: unit.id, result: unit.result as Result })
  if (asker.want === 'value') release(state, unit)
}

/** Refuses questions whose target waits for the requesting unit: cycles that appear only at run time. */
export const refuseCycles = (state: Schedule): void => {
  for (const question of state.questions.keys()) {
    const path = waitCycle(question, state.questions)
    if (path === undefined) continue
    const undecided = path.find(({ standing, stage }) => standing === 'undecided' && stage === 'waiting')
    if (undecided === undefined) refuse(state, question, path)
    else useStored(state, undecided)
  }
}

/** It waits for the unit that requests it: the stored artifact is used as it is. */
const useStored = (state: Schedule, unit: Unit): void => {
  for (const input of unit.inputs) input.dependents = input.dependents?.filter((dependent) => dependent !== unit)
  unit.inputs = noUnits
  unit.pending = 0
  unit.standing = 'cached'
  state.unblocked.push(unit)
}

export const refuseQuestion = (state: Schedule, unit: Unit, token: number): void => {
  for (const question of state.questions.keys())
    if (question.unit === unit && question.token === token) refuse(state, question, [])
}

const refuse = (state: Schedule, question: Question, path: readonly Unit[]): void => {
  const wanted = state.questions.get(question)
  if (wanted === undefined) return
  state.questions.delete(question)
  wanted.askers = wanted.askers?.filter((asker) => asker !== question)
  const { unit, token } = question
  wake(state, { unit, order: { _tag: 'refuse', unit: unit.id, token, path: idsOf(path) }, granted: wanted })
}
