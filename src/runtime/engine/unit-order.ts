import { pushTo } from '../../base/grouping.js'
import type { Question, Unit } from './schedule-state.js'

/** Inputs before what reads them; otherwise in the order given. Without recursion, since chains may be deep. */
export const inputsFirst = (found: readonly Unit[]): readonly Unit[] => {
  const wanted = new Set(found)
  const entered = new Set<Unit>()
  const order: Unit[] = []
  for (const start of found) {
    const stack: { readonly unit: Unit; readonly left: boolean }[] = [{ unit: start, left: false }]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { unit, left } = top
      if (left) order.push(unit)
      if (left || entered.has(unit)) continue
      entered.add(unit)
      stack.push({ unit, left: true })
      for (const input of unit.inputs.toReversed()) {
        if (wanted.has(input) && !entered.has(input)) stack.push({ unit: input, left: false })
      }
    }
  }
  return order
}

/** One more than the deepest input; what need not be computed lies at 0. */
export const depthOf = ({ standing, inputs }: Unit): number => {
  let depth = 0
  if (standing === 'to_run') for (const input of inputs) depth = Math.max(depth, input.depth + 1)
  return depth
}

/**
 * The way from what a question asks for back to the unit that asks, along units that wait for each other: then it would
 * wait for ever.
 * Undefined where there is none.
 */
export const waitCycle = (question: Question, questions: ReadonlyMap<Question, Unit>): readonly Unit[] | undefined => {
  const wanted = questions.get(question)
  if (wanted === undefined) return undefined
  const asked = new Map<Unit, Unit[]>()
  for (const [{ unit }, target] of questions) pushTo(asked, unit, target)
  const cameFrom = new Map<Unit, Unit | undefined>([[wanted, undefined]])
  const open: Unit[] = [wanted]
  for (let unit = open.pop(); unit !== undefined; unit = open.pop()) {
    if (unit === question.unit) return pathTo(unit, cameFrom)
    for (const next of [...unit.inputs, ...(asked.get(unit) ?? [])]) {
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
