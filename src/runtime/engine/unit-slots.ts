import { idsOf, isStored, release, type Resumption, type Schedule, type Unit } from './schedule-state.js'

/** Slots: which units run, which wait for one, and which wait for something else and need none. */

export const makeReady = (state: Schedule, unit: Unit): void => {
  unit.stage = 'ready'
  if (hasRoom(state) && state.resuming.length === 0 && !state.stopping) start(state, unit)
  else state.ready.push(unit.id, state.priority(unit))
}

export const hasRoom = ({ running, limit }: Schedule): boolean => running < limit

export const start = (state: Schedule, unit: Unit): void => {
  state.running++
  unit.stage = 'running'
  if (isStored(unit)) state.orders.push({ _tag: 'load', unit: unit.id })
  else state.orders.push({ _tag: 'compute', unit: unit.id, inputs: idsOf(unit.inputs) })
}

export const leave = (state: Schedule, unit: Unit): void => {
  if (unit.stage === 'running') state.running--
}

export const pause = (state: Schedule, unit: Unit): void => {
  if (unit.stage === 'ended' || unit.waits++ > 0) return
  leave(state, unit)
  unit.stage = 'paused'
}

/** A unit that waits for something else still needs no slot yet, and one that has ended none any more. */
export const wake = (state: Schedule, resumption: Resumption): void => {
  const { unit } = resumption
  if (unit.stage === 'ended' || --unit.waits > 0) give(state, resumption)
  else state.resuming.push(resumption)
}

export const goOn = (state: Schedule, resumption: Resumption): void => {
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
