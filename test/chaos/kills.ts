import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { leftovers, problemsIn } from './inspect.js'
import { inFolder, pause, randomFrom, runWorker, startWorker, undisturbed, type WorkerOptions } from './processes.js'

/** What the kills came to. */
export interface KillReport {
  readonly kills: number
  /** Kills of a process that was at work; the others had ended a moment before. */
  readonly atWork: number
  /** Stops and continues before a kill. */
  readonly stops: number
  readonly completed: number
  readonly problems: readonly string[]
}

const versions = [1, 2, 3]

/** Short, since whoever is in a container that died is found out by silence only. */
const heartbeat = { every: 100, limit: 1500 }
const day = 24 * 3600 * 1000

/**
 * Two or three processes at a time, a third of them on worker threads, a fourth in containers, a fifth with clocks that
 * differ by a day, compute, recompute, replace, delete, collect and verify every format in one store, some are stopped
 * and continued, and all are killed at random moments.
 * After each round everything under a final name is compared with an undisturbed run; every few rounds a run goes to
 * its end,
 * must give the undisturbed values and leave nothing behind.
 */
export const killing = async (options: {
  readonly kills: number
  readonly seed: number
  readonly progress?: (text: string) => void
}): Promise<KillReport> => {
  const random = randomFrom(options.seed)
  const expected = await undisturbed(versions)
  const problems: string[] = []
  let kills = 0
  let atWork = 0
  let completed = 0
  let stops = 0
  await inFolder(async (folder) => {
    const root = join(folder, 'store')
    const complete = async (): Promise<void> => {
      for (const version of versions) {
        const told = await runWorker({ root, version, heartbeat, threads: version === 1 && completed % 2 === 1 })
        if (!isDeepStrictEqual(told.value, expected.values.get(version)))
          problems.push(
            `after ${kills} kills: a run of version ${version} came to ${JSON.stringify(told).slice(0, 500)}`,
          )
      }
      const verified = await runWorker({ root, version: 1, heartbeat, action: 'verify', stays: 1.5 * heartbeat.limit })
      problems.push(
        ...[...(verified.damage ?? ['verify told nothing']), ...(verified.unsure ?? [])].map(
          (problem) => `after ${kills} kills verify finds ${problem}`,
        ),
        ...leftovers(root).map((path) => `after ${kills} kills and whole runs: ${path} is left`),
        ...problemsIn(root, expected.contents).map((problem) => `after ${kills} kills and whole runs: ${problem}`),
      )
      completed++
    }
    let told = 0
    for (let round = 1; kills < options.kills; round++) {
      for (; told < problems.length; told++) options.progress?.(problems[told] as string)
      const workers = Array.from({ length: Math.min(options.kills - kills, 2 + random(2)) }, () =>
        startWorker({
          root,
          version: versions[random(3)] as number,
          action: actions[random(actions.length)] as 'run',
          threads: random(3) === 0,
          container: random(4) === 0,
          shift: random(5) === 0 ? (random(3) - 1) * day : 0,
          heartbeat,
        }),
      )
      for (const worker of workers) {
        await worker.ready
        if (random(4) === 0) {
          await pause(random(Math.ceil(expected.duration * 0.8)))
          worker.signal('SIGSTOP')
          await pause(random(2 * heartbeat.limit))
          worker.signal('SIGCONT')
          stops++
        }
        await pause(random(Math.ceil(expected.duration * 0.8)))
        if (worker.process.exitCode === null && worker.process.signalCode === null) atWork++
        await worker.kill()
        kills++
      }
      problems.push(...problemsIn(root, expected.contents).map((problem) => `after ${kills} kills: ${problem}`))
      if (round % 8 === 0) await complete()
      if (round % 8 === 0)
        options.progress?.(
          `${kills} kills, ${atWork} of them at work, ${completed} times run to the end, ${problems.length} problems`,
        )
      if (problems.length > 20) return
    }
    await complete()
  })
  return { kills, atWork, stops, completed, problems }
}

const actions: readonly WorkerOptions['action'][] = [
  ...(['run', 'run', 'run', 'again', 'again', 'again', 'mark', 'delete', 'gc', 'verify'] as const),
]
