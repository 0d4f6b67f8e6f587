import type { RunEventBody } from './events.js'
import type { Unit } from './interpret-types.js'

/** What a run is about to do, by results: nodes of one key are one unit. */
export const plannedEvent = (units: readonly Unit[]): RunEventBody => {
  const of = (mode: Unit['mode']): readonly Unit[] => units.filter((unit) => unit.mode === mode)
  const ids = (some: readonly Unit[]): readonly string[] => some.map(({ node }) => node.id)
  return { _tag: 'planned', toRun: ids(of('compute')), inMemory: ids(of('compute').filter(({ node }) => node.storage === 'memory')), toLoad: ids(of('load')), cached: of('cached').length }
}
