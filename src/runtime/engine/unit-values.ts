import type { Schedule, Unit } from './schedule-state.js'

/** Values of units: held as long as somebody reads them. */

export const release = (state: Schedule, unit: Unit): void => {
  unit.readers--
  if (unit.readers === 0) drop(state, unit)
}

/** Who asks again starts again; what failed, or is only known to be there, stays known. */
export const drop = (state: Schedule, unit: Unit): void => {
  if (!unit.hasValue) return
  unit.hasValue = false
  state.orders.push({ _tag: 'release', unit: unit.id })
  forget(state, unit)
}

export const forget = (state: Schedule, unit: Unit): void => {
  if (state.current[unit.node] === unit) state.current[unit.node] = undefined
}
