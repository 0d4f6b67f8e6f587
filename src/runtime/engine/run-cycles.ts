import type { PlanNode } from '../../plan/plan-types.js'
import type { Question, Schedule, Unit } from './schedule-state.js'

/** A run that goes on, as far as other runs of its session have to know it. */
export interface ActiveRun {
  readonly schedule: Schedule
  readonly nodeAt: (position: number) => PlanNode
  /** Undefined where the run has not come across the key. */
  readonly positionOfKey: (key: string) => number | undefined
  /** Keys that a unit waits for outside the schedule: made by another run, or held by whoever has their lease. */
  readonly waitsFor: (unit: number) => Iterable<string>
  /** Has a question refused. `path`: full names, the one that asks first and last. */
  readonly refuse: (unit: number, token: number, path: readonly string[]) => void
}

/**
 * Refuses questions that would wait for ever along ways that no scheduler sees alone: through another run of the
 * session, or through a lease.
 * Plans have no cycles, but objects and handles ask while a task runs.
 */
export const refuseCyclesAcross = (runs: ReadonlySet<ActiveRun>): void => {
  if (![...runs].some(({ schedule }) => schedule.questions.size > 0)) return
  for (const run of runs)
    for (const [question, wanted] of run.schedule.questions) {
      const path = wayBack(runs, run, question, wanted)
      if (path !== undefined) run.refuse(question.unit.id, question.token, path)
    }
}

/** What a task fails with that waits for itself. `path`: full names, the one that asks first and last. */
export const cycleError = (path: readonly string[]): Error =>
  path.length === 2
    ? new Error(`${path[0]} asks for its own value`)
    : new Error(`tasks wait for each other in a circle: ${path.join(' → ')}`)

/** Full names from the unit that asks back to itself, by keys; undefined where there is no way. */
const wayBack = (
  runs: ReadonlySet<ActiveRun>,
  run: ActiveRun,
  question: Question,
  wanted: Unit,
): readonly string[] | undefined => {
  const asker = run.nodeAt(question.unit.node)
  const cameFrom = new Map<string, string | undefined>([[run.nodeAt(wanted.node).key, undefined]])
  const open = [...cameFrom.keys()]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (key === asker.key) return [asker.id, ...pathTo(key, cameFrom).map((one) => nameOf(runs, one))]
    for (const next of [...runs].flatMap((one) => waitsOf(one, key))) {
      if (cameFrom.has(next)) continue
      cameFrom.set(next, key)
      open.push(next)
    }
  }
  return undefined
}

const pathTo = (end: string, cameFrom: ReadonlyMap<string, string | undefined>): readonly string[] => {
  const path: string[] = []
  for (let key: string | undefined = end; key !== undefined; key = cameFrom.get(key)) path.push(key)
  return path.toReversed()
}

/** Keys that a run's unit of a key waits for. */
const waitsOf = (run: ActiveRun, key: string): readonly string[] => {
  const position = run.positionOfKey(key)
  const unit = position === undefined ? undefined : run.schedule.current[position]
  if (unit === undefined || unit.stage === 'ended') return []
  const asked = [...run.schedule.questions].flatMap(([question, wanted]) => (question.unit === unit ? [wanted] : []))
  const awaited = [...unit.inputs, ...asked].filter(({ stage }) => stage !== 'ended')
  return [...awaited.map(({ node }) => run.nodeAt(node).key), ...run.waitsFor(unit.id)]
}

const nameOf = (runs: ReadonlySet<ActiveRun>, key: string): string => {
  for (const run of runs) {
    const position = run.positionOfKey(key)
    if (position !== undefined) return run.nodeAt(position).id
  }
  return key
}
