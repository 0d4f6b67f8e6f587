import type { Result } from '../ports/node-words.js'
import { drop, forget, idsOf, noUnits, release, type Schedule, type Unit } from './schedule-state.js'
import { answer } from './unit-questions.js'
import { begin, leave } from './unit-slots.js'

/** How units end, and what follows for their dependents. */

export const endWithValue = (state: Schedule, unit: Unit): void => {
  unit.hasValue = true
  end(state, unit, 'value')
}

/** Computed elsewhere: the value is loaded if it has readers. */
export const takeKept = (state: Schedule, unit: Unit): void => {
  if (unit.readers > 0) {
    state.orders.push({ _tag: 'load', unit: unit.id })
    return
  }
  end(state, unit, 'kept')
  forget(state, unit) // the next request for its value looks it up again
}

export const fail = (state: Schedule, unit: Unit): void => {
  end(state, unit, 'failed')
  if (!state.failFast || state.stopping) return
  state.stopping = true
  state.orders.push({ _tag: 'halt' })
}

export const skip = (state: Schedule, unit: Unit, because: readonly Unit[]): void => {
  state.orders.push({ _tag: 'skip', unit: unit.id, because: idsOf(because) })
  end(state, unit, because.length > 0 ? 'skipped' : 'stopped')
}

export const end = (state: Schedule, unit: Unit, result: Result): void => {
  leave(state, unit)
  begin(state, unit)
  if (unit.stage === 'looking') state.looking-- // the lookup itself has failed
  unit.stage = 'ended'
  unit.result = result
  state.open--
  const { reads, dependents, askers } = unit
  unit.inputs = noUnits
  unit.reads = noUnits
  unit.dependents = undefined
  unit.askers = undefined
  for (const input of reads) release(state, input)
  if (dependents !== undefined)
    for (const dependent of dependents) if (--dependent.pending === 0) state.unblocked.push(dependent)
  if (askers !== undefined) for (const asker of askers) answer(state, unit, asker)
  if (unit.readers === 0) drop(state, unit)
}
