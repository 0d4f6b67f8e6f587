import { forget, idsOf, type Schedule, type Unit, unitAt } from './schedule-state.js'
import { fail } from './unit-ends.js'
import { leave } from './unit-slots.js'
import { gather } from './unit-starts.js'

/** Stored artifacts that cannot be used: recomputed, up to the limit of repairs. */

/**
 * The stored artifact cannot be used: the unit is computed after all. An artifact that was computed elsewhere just now
 * and is missing is computed once more.
 */
export const takeMiss = (state: Schedule, unit: Unit): void => {
  if (unit.standing === 'to_run') {
    if (!mayRepair(state, unit, unit.node)) return giveUp(state, unit, unit.node)
    state.orders.push({ _tag: 'compute', unit: unit.id, inputs: idsOf(unit.inputs) })
    return
  }
  leave(state, unit)
  unit.standing = 'to_run'
  gather(state, unit)
}

/** Units that hold a damaged value are forgotten, so that the next request recomputes it. */
export const takeDamage = (
  state: Schedule,
  unit: Unit,
  artifacts: readonly number[],
  holders: readonly number[],
): void => {
  const hopeless = artifacts.find((artifact) => !mayRepair(state, unit, artifact))
  if (hopeless !== undefined) return giveUp(state, unit, hopeless)
  leave(state, unit)
  unit.stage = 'repairing'
  for (const holder of holders) forget(state, unitAt(state, holder))
  state.orders.push({ _tag: 'repair', unit: unit.id })
}

/** Counts one more repair of an artifact for a unit; returns whether it is within the limit. */
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
