import { idsOf, unitAt, type Schedule, type Unit } from './schedule-state.js'
import type { Fact, Order } from './schedule-types.js'
import { end, endWithValue, fail, skip, takeKept } from './unit-ends.js'
import { ask, refuseQuestion, takeQuestion } from './unit-questions.js'
import { takeDamage, takeMiss } from './unit-repairs.js'
import { hasRoom, nextResumption, pause, resume, startNext, wake } from './unit-slots.js'
import { beginFound, enter, gather, takeFound } from './unit-starts.js'

/**
 * The scheduler: decides what a run looks up, loads, computes and drops, and in which order. A plain state machine:
 * `advance` takes one fact and returns the orders that follow from it. No promise, no clock, no IO; the same facts give
 * the same orders.
 *
 * Invariants: a node is produced at most once while its value is held; inputs end before their readers begin; a value
 * is released right after its last reader; a failure does not affect units that do not depend on it; a waiting unit
 * occupies no slot.
 */
export const advance = (state: Schedule, fact: Fact): readonly Order[] => {
  take(state, fact)
  settle(state)
  return state.orders.splice(0)
}

const take = (state: Schedule, fact: Fact): void => {
  switch (fact._tag) {
    case 'wanted':
      state.asked = true
      for (const { node, want } of fact.targets)
        ask(state, node, want, { _tag: 'target', target: state.targets++, want })
      return
    case 'stop':
      state.stopping = true
      return
    case 'found':
      for (const { unit, standing } of fact.units) takeFound(state, unitAt(state, unit), standing)
      return
    case 'asked':
      return takeQuestion(state, { _tag: 'question', unit: unitAt(state, fact.unit), token: fact.token }, fact.node)
    case 'cyclic':
      return refuseQuestion(state, unitAt(state, fact.unit), fact.token)
    case 'waits':
      return pause(state, unitAt(state, fact.unit))
    case 'wakes':
      return wake(state, {
        unit: unitAt(state, fact.unit),
        order: { _tag: 'resume', unit: fact.unit, token: fact.token },
      })
    default:
      return takeResult(state, unitAt(state, fact.unit), fact)
  }
}

type ResultFact = Exclude<Fact, { readonly _tag: 'wanted' | 'stop' | 'found' | 'asked' | 'cyclic' | 'waits' | 'wakes' }>

const takeResult = (state: Schedule, unit: Unit, fact: ResultFact): void => {
  switch (fact._tag) {
    case 'loaded':
      return endWithValue(state, unit)
    case 'computed':
      return fact.as === 'value' ? endWithValue(state, unit) : takeKept(state, unit)
    case 'missed':
      return takeMiss(state, unit)
    case 'failed':
      return fail(state, unit)
    case 'unfinished':
      return end(state, unit, 'unfinished')
    case 'stopped':
      return skip(state, unit, [])
    case 'damaged':
      return takeDamage(state, unit, fact.artifacts, fact.holders)
    case 'repaired':
      return gather(state, unit)
  }
}

/** Continues until nothing more follows from the known facts. */
const settle = (state: Schedule): void => {
  for (;;) {
    // if durations are known, units that have just become ready compete for the slot
    if (!(state.work > 0 && state.unblocked.length > 0) && fillSlot(state)) continue
    if (state.unblocked.length > 0) for (const unit of state.unblocked.splice(0)) enter(state, unit)
    else if (isAllFound(state) && (state.found.length > 0 || (state.asked && !state.planned))) beginFound(state)
    else break
  }
  if (state.toLook.length > 0) {
    state.looking += state.toLook.length
    state.orders.push({ _tag: 'look', units: idsOf(state.toLook.splice(0)) })
  }
  if (state.open > 0 || !state.planned || state.finished) return
  state.finished = true
  state.orders.push({ _tag: 'finish' })
}

const isAllFound = ({ looking, toLook }: Schedule): boolean => looking === 0 && toLook.length === 0

/**
 * Gives a slot to one unit: resumed units first, then new ones. Returns whether there was one. A stopping run begins
 * nothing.
 */
const fillSlot = (state: Schedule): boolean => {
  if (!hasRoom(state) && !state.stopping) return false
  const resumption = nextResumption(state)
  if (resumption !== undefined) {
    resume(state, resumption)
    return true
  }
  if (!state.stopping) return startNext(state)
  const next = state.ready.popAny()
  if (next !== undefined) skip(state, next, [])
  return next !== undefined
}
