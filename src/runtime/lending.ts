import { nodesById } from '../plan/graph.js'
import type { Lend } from './arguments.js'
import type { Unit } from './interpret-types.js'
import { slotFreeing, type Slots } from './slots.js'
import type { Demanded } from './survey.js'
import { waitingFor, type Waits } from './waits.js'

/** What lending needs of a run. */
export interface LendingParts {
  readonly slots: Slots
  readonly waits: Waits
  readonly demand: (wanted: readonly Demanded[]) => Promise<readonly Unit[]>
  readonly release: (unit: Unit) => void
}

/**
 * Gives a running task the value of a node it asks for; its slot is free for others while it waits. `lent` takes what was given.
 * Rejects where the node has no value, and where it waits for the task that asks.
 */
export const lender = ({ slots, waits, demand, release }: LendingParts, unit: Unit, lent: Unit[]): Lend => {
  const freeing = slotFreeing(slots)
  return (id) =>
    freeing(async () => {
      const node = nodesById(unit.plan).get(id)
      if (node === undefined) throw new Error(`${id} is not in the chain`)
      const [wanted] = await demand([{ plan: unit.plan, node, want: 'value' }])
      if (wanted === undefined) throw new Error(`${id} cannot be had`)
      try {
        const ended = await waitingFor(waits, unit.node, wanted, () => wanted.ended)
        lent.push(wanted)
        if (wanted.value !== undefined) return wanted.value.value
        throw ended._tag === 'failed' && 'cause' in ended.error ? new Error(`${id} has no value: it failed`, { cause: ended.error.cause }) : new Error(`${id} has no value: ${ended._tag}`)
      } finally {
        release(wanted)
      }
    })
}
