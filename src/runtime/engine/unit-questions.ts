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

/** Who asks for a unit: targets of the run, and running units. */

/** The unit that gives a node's value, made where there is none; counts a reader where the value is wanted. */
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
    return wake(state, { unit: asker.unit, order, lent: unit })
  }
  state.orders.push({ _tag: 'answer', target: asker.target, unit: unit.id, result: unit.result as Result })
  if (asker.want === 'value') release(state, unit)
}

/** What waits for the one that asks for it would never come: a cycle that shows only while running. */
export const refuseCycles = (state: Schedule): void => {
  for (const question of state.questions.keys()) {
    const path = waitCycle(question, state.questions)
    if (path === undefined) continue
    const undecided = path.find(({ standing, stage }) => standing === 'undecided' && stage === 'waiting')
    if (undecided === undefined) refuse(state, question, path)
    else useStored(state, undecided)
  }
}

/** What asks for it is what it waits for: it is given as it is. */
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
  wake(state, { unit, order: { _tag: 'refuse', unit: unit.id, token, path: idsOf(path) }, lent: wanted })
}
