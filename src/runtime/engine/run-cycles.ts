import type { ActiveRun, OpenQuestion } from '../session/active-run.js'

/**
 * Refuses questions that would wait for ever along dependencies that no single scheduler sees: through another run of
 * the session, or through a lease. Plans have no cycles, but objects and handles request values while a task runs.
 */
export const refuseCyclesAcross = (runs: ReadonlySet<ActiveRun>): void => {
  for (const run of runs) {
    if (!run.hasQuestions()) continue
    for (const question of run.questions()) {
      const path = wayBack(runs, question)
      if (path !== undefined) question.refuse(path)
    }
  }
}

/** The error of a task that waits for itself. `path`: full names, with the requesting one first and last. */
export const cycleError = (path: readonly string[]): Error =>
  path.length === 2
    ? new Error(`${path[0]} asks for its own value`)
    : new Error(`tasks wait for each other in a cycle: ${path.join(' → ')}`)

/** Full names from the requesting unit back to itself, by keys; undefined if there is no such path. */
const wayBack = (runs: ReadonlySet<ActiveRun>, { asker, wanted }: OpenQuestion): readonly string[] | undefined => {
  const cameFrom = new Map<string, string | undefined>([[wanted, undefined]])
  const open = [wanted]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const from = key
    if (key === asker.key) return [asker.id, ...pathTo(key, cameFrom).map((one) => nameOf(runs, one))]
    for (const next of [...runs].flatMap((run) => run.waitsOf(from))) {
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

const nameOf = (runs: ReadonlySet<ActiveRun>, key: string): string => {
  for (const run of runs) {
    const name = run.nameOf(key)
    if (name !== undefined) return name
  }
  return key
}
