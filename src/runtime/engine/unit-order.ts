import { pushTo } from '../../base/grouping.js'
import type { Question, Unit } from './schedule-state.js'

/**
 * Inputs before their readers; otherwise in the given order. Not recursive, since chains may be deep. The stage of a
 * unit records the progress of the walk.
 */
export const inputsFirst = (found: readonly Unit[]): readonly Unit[] => {
  const order: Unit[] = []
  const stack: Unit[] = []
  for (const start of found) {
    stack.push(start)
    for (let unit = stack.at(-1); unit !== undefined; unit = stack.at(-1)) {
      if (unit.stage === 'found') {
        unit.stage = 'entered'
        for (let at = unit.inputs.length - 1; at >= 0; at--) {
          const input = unit.inputs[at]
          if (input?.stage === 'found') stack.push(input)
        }
        continue
      }
      stack.pop()
      if (unit.stage !== 'entered') continue
      unit.stage = 'ordered'
      order.push(unit)
    }
  }
  return order
}

/** One more than the depth of the deepest input; 0 for a unit that need not be computed. */
export const depthOf = ({ standing, inputs }: Unit): number => {
  let depth = 0
  if (standing === 'to_run') for (const input of inputs) depth = Math.max(depth, input.depth + 1)
  return depth
}

/**
 * The cycle of units that a question closes, from the requested unit back to the requesting one: they would wait for
 * each other for ever. Undefined if there is none.
 */
export const waitCycle = (question: Question, questions: ReadonlyMap<Question, Unit>): readonly Unit[] | undefined => {
  const wanted = questions.get(question)
  if (wanted === undefined) return undefined
  const requested = new Map<Unit, Unit[]>()
  for (const [{ unit }, target] of questions) pushTo(requested, unit, target)
  const cameFrom = new Map<Unit, Unit | undefined>([[wanted, undefined]])
  const open: Unit[] = [wanted]
  for (let unit = open.pop(); unit !== undefined; unit = open.pop()) {
    if (unit === question.unit) return pathTo(unit, cameFrom)
    for (const next of [...unit.inputs, ...(requested.get(unit) ?? [])]) {
      if (next.stage === 'ended' || cameFrom.has(next)) continue
      cameFrom.set(next, unit)
      open.push(next)
    }
  }
  return undefined
}

const pathTo = (end: Unit, cameFrom: ReadonlyMap<Unit, Unit | undefined>): readonly Unit[] => {
  const path: Unit[] = []
  for (let unit: Unit | undefined = end; unit !== undefined; unit = cameFrom.get(unit)) path.push(unit)
  return path.toReversed()
}
