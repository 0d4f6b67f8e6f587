import {
  idsOf,
  makeUnit,
  unitAt,
  type Asker,
  type Question,
  type Resumption,
  type Schedule,
  type Unit,
} from './schedule-state.js'
import type { Fact, Order, Result, Standing, Want } from './schedule-types.js'
import { depthOf, inputsFirst, waitCycle } from './unit-order.js'

/**
 * The scheduler: decides what a run looks up, loads, computes and drops, and in which order. A plain state machine:
 * `advance` takes one fact and
 * gives the orders that follow from it. No promise, no clock, no IO; the same facts give the same orders.
 *
 * What holds: a node is made at most once as long as its value is held; inputs end before what reads them begins; a
 * value is released after its
 * last reader and not before; a failure leaves alone what does not depend on it; a unit that waits occupies no slot.
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
    case 'halted':
      return skip(state, unit, [])
    case 'damaged':
      return takeDamage(state, unit, fact.artifacts, fact.holders)
    case 'repaired':
      return gather(state, unit)
  }
}

/** Carries on until nothing more follows from what is known. */
const settle = (state: Schedule): void => {
  for (;;) {
    if (fillSlot(state)) continue
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

// Asking

/** The unit that gives a node's value, made where there is none; counts a reader where the value is wanted. */
const demand = (state: Schedule, node: number, want: Want): Unit => {
  const known = state.current[node]
  const unit = known === undefined || (want === 'value' && known.result === 'kept') ? makeUnit(state, node) : known
  if (want === 'value') {
    unit.want = 'value'
    unit.readers++
  }
  return unit
}

const ask = (state: Schedule, node: number, want: Want, asker: Asker): void => {
  const unit = demand(state, node, want)
  if (asker._tag === 'question') state.questions.set(asker, unit)
  if (unit.stage === 'ended') answer(state, unit, asker)
  else unit.askers.push(asker)
}

const takeQuestion = (state: Schedule, question: Question, node: number): void => {
  const { unit, token } = question
  if (unit.stage === 'ended') {
    state.orders.push({ _tag: 'refuse', unit: unit.id, token, path: [] })
    return
  }
  pause(state, unit)
  ask(state, node, 'value', question)
  refuseCycles(state)
}

const answer = (state: Schedule, unit: Unit, asker: Asker): void => {
  if (asker._tag === 'question') {
    state.questions.delete(asker)
    const order: Order = { _tag: 'lend', unit: asker.unit.id, token: asker.token, from: unit.id }
    return wake(state, { unit: asker.unit, order, lent: unit })
  }
  state.orders.push({ _tag: 'answer', target: asker.target, unit: unit.id, result: unit.result as Result })
  if (asker.want === 'value') release(state, unit)
}

/** What waits for the one that asks for it would never come: a cycle that shows only while running. */
const refuseCycles = (state: Schedule): void => {
  for (const question of state.questions.keys()) {
    const path = waitCycle(question, state.questions)
    if (path !== undefined) refuse(state, question, path)
  }
}

const refuseQuestion = (state: Schedule, unit: Unit, token: number): void => {
  for (const question of state.questions.keys())
    if (question.unit === unit && question.token === token) refuse(state, question, [])
}

const refuse = (state: Schedule, question: Question, path: readonly Unit[]): void => {
  const wanted = state.questions.get(question)
  if (wanted === undefined) return
  state.questions.delete(question)
  wanted.askers = wanted.askers.filter((asker) => asker !== question)
  const { unit, token } = question
  wake(state, { unit, order: { _tag: 'refuse', unit: unit.id, token, path: idsOf(path) }, lent: wanted })
}

// Looking

const takeFound = (state: Schedule, unit: Unit, standing: Standing): void => {
  const isDecision = unit.stage === 'deciding'
  if (!isDecision) state.looking--
  unit.standing = standing
  if (standing === 'missing' || standing === 'undecided') return gather(state, unit)
  if (isDecision) return proceedStored(state, unit)
  unit.stage = 'found'
  state.found.push(unit)
}

/** Asks for what a unit needs before it can be computed or decided on; what it had before is let go after that. */
const gather = (state: Schedule, unit: Unit): void => {
  const before = unit.reads ? unit.inputs : []
  const want = unit.standing === 'undecided' ? 'kept' : state.graph.wants(unit.node)
  unit.inputs = state.graph.inputs(unit.node).map((node) => demand(state, node, want))
  unit.reads = want === 'value'
  for (const input of before) release(state, input)
  unit.stage = 'found'
  state.found.push(unit)
}

/** Begins all that was found, inputs before what reads them; what need not wait, first. */
const beginFound = (state: Schedule): void => {
  const order = inputsFirst(state.found.splice(0))
  for (const unit of order) unit.depth = depthOf(unit)
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

const announce = (state: Schedule, order: readonly Unit[]): void => {
  state.planned = true
  state.orders.push({
    _tag: 'planned',
    compute: idsOf(order.filter(({ standing }) => standing === 'missing' || standing === 'undecided')),
    load: idsOf(order.filter((unit) => isStored(unit) && isOpened(unit))),
    kept: idsOf(order.filter((unit) => isStored(unit) && !isOpened(unit))),
  })
}

const isStored = ({ standing }: Unit): boolean => standing === 'stored' || standing === 'doubtful'

/** Whether what is stored has to be read. */
const isOpened = ({ standing, want }: Unit): boolean => want === 'value' || standing === 'doubtful'

const waitForInputs = (state: Schedule, unit: Unit): void => {
  unit.stage = 'waiting'
  for (const input of unit.inputs) {
    if (input.stage === 'ended') continue
    unit.pending++
    input.dependents.push(unit)
  }
  if (unit.pending === 0) state.unblocked.push(unit)
}

// Running

/** All inputs have ended: the unit runs, unless one of them has no value. */
const enter = (state: Schedule, unit: Unit): void => {
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

const skip = (state: Schedule, unit: Unit, because: readonly Unit[]): void => {
  state.orders.push({ _tag: 'skip', unit: unit.id, because: idsOf(because) })
  end(state, unit, because.length > 0 ? 'skipped' : 'stopped')
}

const proceedStored = (state: Schedule, unit: Unit): void => {
  if (isOpened(unit)) makeReady(state, unit)
  else end(state, unit, 'kept')
}

const makeReady = (state: Schedule, unit: Unit): void => {
  unit.stage = 'ready'
  if (hasRoom(state) && state.resuming.length === 0 && !state.stopping) start(state, unit)
  else state.ready.push(unit.id, state.priority(unit))
}

const hasRoom = ({ running, limit }: Schedule): boolean => running < limit

const start = (state: Schedule, unit: Unit): void => {
  state.running++
  unit.stage = 'running'
  if (isStored(unit)) state.orders.push({ _tag: 'load', unit: unit.id })
  else state.orders.push({ _tag: 'compute', unit: unit.id, inputs: idsOf(unit.inputs) })
}

/**
 * Lets one unit on: what waited, before what has not begun. Tells whether there was one. A run that stops begins
 * nothing.
 */
const fillSlot = (state: Schedule): boolean => {
  if (!hasRoom(state) && !state.stopping) return false
  const resumption = state.resuming.shift()
  if (resumption !== undefined) {
    goOn(state, resumption)
    return true
  }
  const next = state.ready.pop()
  if (next === undefined) return false
  if (state.stopping) skip(state, unitAt(state, next), [])
  else start(state, unitAt(state, next))
  return true
}

const leave = (state: Schedule, unit: Unit): void => {
  if (unit.stage === 'running') state.running--
}

const pause = (state: Schedule, unit: Unit): void => {
  if (unit.stage === 'ended' || unit.waits++ > 0) return
  leave(state, unit)
  unit.stage = 'paused'
}

/** A unit that waits for something else still needs no slot yet, and one that has ended none any more. */
const wake = (state: Schedule, resumption: Resumption): void => {
  const { unit } = resumption
  if (unit.stage === 'ended' || --unit.waits > 0) give(state, resumption)
  else state.resuming.push(resumption)
}

const goOn = (state: Schedule, resumption: Resumption): void => {
  const { unit } = resumption
  if (unit.stage === 'paused' && unit.waits === 0) {
    state.running++
    unit.stage = 'running'
  }
  give(state, resumption)
}

const give = (state: Schedule, { order, lent }: Resumption): void => {
  state.orders.push(order)
  if (lent !== undefined) release(state, lent)
}

// Ending

const endWithValue = (state: Schedule, unit: Unit): void => {
  unit.hasValue = true
  end(state, unit, 'there')
}

/** Computed elsewhere: where somebody waits for the value, it is loaded. */
const takeKept = (state: Schedule, unit: Unit): void => {
  if (unit.readers > 0) {
    state.orders.push({ _tag: 'load', unit: unit.id })
    return
  }
  end(state, unit, 'kept')
  forget(state, unit) // who asks for the value from now on looks again
}

const fail = (state: Schedule, unit: Unit): void => {
  end(state, unit, 'failed')
  if (!state.failFast || state.stopping) return
  state.stopping = true
  state.orders.push({ _tag: 'halt' })
}

const end = (state: Schedule, unit: Unit, result: Result): void => {
  leave(state, unit)
  if (unit.stage === 'looking') state.looking-- // the look itself has failed
  unit.stage = 'ended'
  unit.result = result
  state.open--
  const { inputs, dependents, askers } = unit
  unit.inputs = []
  unit.dependents = []
  unit.askers = []
  if (unit.reads) for (const input of inputs) release(state, input)
  for (const dependent of dependents) if (--dependent.pending === 0) state.unblocked.push(dependent)
  for (const asker of askers) answer(state, unit, asker)
  if (unit.readers === 0) drop(state, unit)
}

const release = (state: Schedule, unit: Unit): void => {
  unit.readers--
  if (unit.readers === 0) drop(state, unit)
}

/** Who asks again starts again; what failed, or is only known to be there, stays known. */
const drop = (state: Schedule, unit: Unit): void => {
  if (!unit.hasValue) return
  unit.hasValue = false
  state.orders.push({ _tag: 'release', unit: unit.id })
  forget(state, unit)
}

const forget = (state: Schedule, unit: Unit): void => {
  if (state.current[unit.node] === unit) state.current[unit.node] = undefined
}

/**
 * What the store had cannot be used: it is computed after all. What was computed elsewhere just now and is gone, is
 * computed once more.
 */
const takeMiss = (state: Schedule, unit: Unit): void => {
  if (unit.standing === 'missing') {
    if (!mayRepair(state, unit, unit.node)) return giveUp(state, unit, unit.node)
    state.orders.push({ _tag: 'compute', unit: unit.id, inputs: idsOf(unit.inputs) })
    return
  }
  leave(state, unit)
  unit.standing = 'missing'
  gather(state, unit)
}

/** What held a damaged value is forgotten, so that who asks from now on has it made anew. */
const takeDamage = (state: Schedule, unit: Unit, artifacts: readonly number[], holders: readonly number[]): void => {
  const hopeless = artifacts.find((artifact) => !mayRepair(state, unit, artifact))
  if (hopeless !== undefined) return giveUp(state, unit, hopeless)
  leave(state, unit)
  unit.stage = 'repairing'
  for (const holder of holders) forget(state, unitAt(state, holder))
  state.orders.push({ _tag: 'repair', unit: unit.id })
}

/** Counts one more repair of an artifact for a unit; tells whether it is worth its time. */
const mayRepair = (state: Schedule, unit: Unit, artifact: number): boolean => {
  unit.repairs ??= new Map()
  const before = unit.repairs.get(artifact) ?? 0
  unit.repairs.set(artifact, before + 1)
  return before < state.repairs
}

const giveUp = (state: Schedule, unit: Unit, artifact: number): void => {
  state.orders.push({ _tag: 'give up', unit: unit.id, artifact })
  fail(state, unit)
}
