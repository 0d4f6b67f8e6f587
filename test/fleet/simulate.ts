import { listScheduled } from './list-scheduling.js'
import { makeDag, type Shape } from './dag.js'
import { runOver, type RunFaults, type RunReport } from './run.js'
import { makeWorkers, type Faults } from './workers.js'

export interface Wanted {
  readonly shape: Shape
  readonly nodes: number
  readonly workers: number
  readonly seed: number
  readonly faults: Faults & RunFaults
  /** Whether durations are known from earlier runs. */
  readonly known: boolean
}

export interface Simulated extends RunReport {
  /** Virtual seconds of list scheduling on the same workers, which die at the same times. */
  readonly bound: number
  readonly deaths: number
  readonly redone: number
  /** Share of the workers' time that went into nodes. */
  readonly busy: number
  /** Real milliseconds of the run, with the workers that it simulates. */
  readonly real: number
  /** The same of processor time. */
  readonly processor: number
}

/** A run over a fleet, and what it is held against. */
export const simulateFleet = ({ shape, nodes, workers: count, seed, faults, known }: Wanted): Simulated => {
  const dag = makeDag(shape, nodes, Math.max(1, Math.min(5 * count, Math.ceil(nodes / 50))), seed)
  const [begun, used] = [performance.now(), process.cpuUsage()]
  const workers = makeWorkers(dag, count, faults, seed)
  const report = runOver({ dag, workers, limit: count, faults, seed, known })
  const [real, { user, system }] = [performance.now() - begun, process.cpuUsage(used)]
  const bound = listScheduled(dag, makeWorkers(dag, count, faults, seed))
  const redone = workers.attempts.reduce((sum, attempts) => sum + Math.max(0, attempts - 1), 0)
  const busy = workers.busy / (report.makespan * count)
  return { ...report, bound, deaths: workers.deaths, redone, busy, real, processor: (user + system) / 1000 }
}
