import { lackingOf, nothing, type Needs } from '../../base/resource-lines.js'
import { idsOf, isStored, release, type Resumption, type Schedule, type Unit } from './schedule-state.js'

/** Slots: which units run, which wait for a slot, and which wait for something else and need none. */

export const makeReady = (state: Schedule, unit: Unit): void => {
  unit.stage = 'ready'
  unit.needs = isStored(unit) ? nothing : needsOf(state, unit)
  const isPlain = unit.ahead === 0 && unit.needs === nothing
  if (isPlain && hasRoom(state) && state.resuming.length === 0 && !state.stopping) start(state, unit)
  else state.ready.push(unit, state.priority(unit))
}

/** A unit that needs more than the total takes all of it. */
const needsOf = ({ graph, resources }: Schedule, { node }: Unit): Needs => {
  const needs = graph.needs?.(node)
  if (needs === undefined || Object.keys(needs).length === 0) return nothing
  return Object.fromEntries(
    Object.entries(needs).map(([name, amount]) => [name, Math.min(amount, resources[name] ?? 0)]),
  )
}

const take = (state: Schedule, unit: Unit): void => {
  unit.holds = true
  for (const [name, amount] of Object.entries(unit.needs)) state.free.set(name, (state.free.get(name) ?? 0) - amount)
}

const giveBack = (state: Schedule, unit: Unit): void => {
  if (!unit.holds) return
  unit.holds = false
  for (const [name, amount] of Object.entries(unit.needs)) state.free.set(name, (state.free.get(name) ?? 0) + amount)
}

/** It has begun, or never will: its expected time no longer counts as work ahead. */
export const begin = (state: Schedule, unit: Unit): void => {
  state.work -= unit.seconds
  unit.seconds = 0
}

/** Whether the resources that a unit needs are free. */
const fits = (state: Schedule, { needs }: Unit): boolean => lackingOf(needs, state.free, none).length === 0
const none: ReadonlySet<string> = new Set()

/** The first one whose resources are free; undefined if there is none. */
export const nextResumption = (state: Schedule): Resumption | undefined => {
  const at = state.resuming.findIndex(({ unit }) => unit.holds || fits(state, unit))
  return at < 0 ? undefined : state.resuming.splice(at, 1)[0]
}

/** Starts the next ready unit whose resources are free; returns whether there was one. */
export const startNext = (state: Schedule): boolean => {
  const { resuming } = state
  const reserved = resuming.length === 0 ? none : new Set(resuming.flatMap(({ unit }) => Object.keys(unit.needs)))
  const { free } = state
  const { unit, short } = state.ready.pop({ free, reserved, urgentFrom: (state.work / state.limit) * slack })
  if (unit !== undefined) start(state, unit)
  for (const one of short) state.orders.push({ _tag: 'short', unit: one.unit.id, of: one.of })
  return unit !== undefined
}

/** Paths shorter than this share of the work per slot may wait, so that few values are held at the same time. */
const slack = 0.6

export const hasRoom = ({ running, limit }: Schedule): boolean => running < limit

const start = (state: Schedule, unit: Unit): void => {
  begin(state, unit)
  take(state, unit)
  state.running++
  unit.stage = 'running'
  if (isStored(unit)) state.orders.push({ _tag: 'load', unit: unit.id })
  else state.orders.push({ _tag: 'compute', unit: unit.id, inputs: idsOf(unit.inputs) })
}

export const leave = (state: Schedule, unit: Unit): void => {
  if (unit.stage === 'running') state.running--
  giveBack(state, unit)
}

export const pause = (state: Schedule, unit: Unit): void => {
  if (unit.stage === 'ended' || unit.waits++ > 0) return
  leave(state, unit)
  unit.stage = 'paused'
}

/** A unit with other open waits needs no slot yet, and one that has ended needs none any more. */
export const wake = (state: Schedule, resumption: Resumption): void => {
  const { unit } = resumption
  if (unit.stage === 'ended' || --unit.waits > 0) give(state, resumption)
  else state.resuming.push(resumption)
}

export const resume = (state: Schedule, resumption: Resumption): void => {
  const { unit } = resumption
  if (unit.stage === 'paused' && unit.waits === 0) {
    state.running++
    unit.stage = 'running'
    take(state, unit)
  }
  give(state, resumption)
}

const give = (state: Schedule, { order, granted }: Resumption): void => {
  state.orders.push(order)
  if (granted !== undefined) release(state, granted)
}
