import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { keepStore } from './evidence.js'
import { leftovers, problemsIn } from './inspect.js'
import {
  inFolder,
  pause,
  randomFrom,
  runWorker,
  startCommand,
  startWorker,
  undisturbed,
  type RunningWorker,
  type Told,
  type Undisturbed,
  type WorkerOptions,
} from './processes.js'
import { untold, withDisk, cannotMount, type Scenario } from './trouble.js'

/**
 * What others who use one store do to each other: sleep beyond the limit, collect, delete and verify beside readers,
 * have other code, other clocks, and containers that die.
 */

const heartbeat = { every: 100, limit: 1500 }
const limit = heartbeat.limit

/** A run after it all, on this host, with nobody else: right values, and nothing but what an undisturbed run leaves. */
const settled = async (
  root: string,
  expected: Undisturbed,
  options: Partial<WorkerOptions> & { readonly version: number },
): Promise<readonly string[]> => {
  const told = await runWorker({ root, heartbeat, ...options })
  const verified = await runWorker({ root, heartbeat, ...options, action: 'verify', stays: 1.5 * limit })
  return [
    ...wrongValue(told, expected, options.version, 'the run after it', true),
    ...[...(verified.damage ?? [`nothing: ${JSON.stringify(verified)}`]), ...(verified.unsure ?? [])].map(
      (problem) => `verify finds ${problem}`,
    ),
    ...leftovers(root).map((path) => `${path} is left`),
    ...problemsIn(root, expected.contents),
  ]
}

/** A run that came to a value came to that of an undisturbed one. */
const wrongValue = (
  told: Told | undefined,
  expected: Undisturbed,
  version: number,
  who: string,
  needed = false,
): readonly string[] =>
  (told?.value === undefined && !needed) || isDeepStrictEqual(told?.value, expected.values.get(version))
    ? []
    : [`${who} came to ${JSON.stringify(told).slice(0, 500)}`]

/** Whoever lost its lease while it slept says so, of the nodes concerned. */
const told = (told: Told | undefined): readonly string[] =>
  untold(
    {
      ...told,
      failed: (told?.failed ?? []).filter(({ name }) => name !== 'LeaseLost'),
    },
    ['ENOENT'],
  )

const stops: Scenario = {
  name: 'processes that sleep for longer than the limit while others take over',
  play: async ({ seed, weight }) => {
    const [expected, random] = [await undisturbed([1]), randomFrom(seed)]
    const problems: string[] = []
    let lost = 0
    const times = Math.ceil(6 * weight)
    for (let time = 0; time < times; time++) {
      await inFolder(async (root) => {
        const sleeper = startWorker({ root, version: 1, heartbeat, container: true, threads: time % 3 === 2 })
        await sleeper.ready
        await pause(random(Math.ceil(expected.duration)))
        sleeper.signal('SIGSTOP')
        const action = (['run', 'again', 'delete'] as const)[time % 3] as 'run'
        const other = startWorker({ root, version: 1, heartbeat, action, container: time % 2 === 0 })
        await other.ready
        await pause(limit + random(Math.ceil(expected.duration)))
        if (time % 4 === 3) await other.kill()
        sleeper.signal('SIGCONT')
        const [slept, went] = [await sleeper.told, await other.told]
        lost += slept?.failed?.filter(({ name }) => name === 'LeaseLost').length ?? 0
        problems.push(
          ...[slept, went].flatMap((one) => [...told(one), ...wrongValue(one, expected, 1, 'one of both')]),
          ...problemsIn(root, expected.contents),
          ...(await settled(root, expected, { version: 1 })),
        )
      })
    }
    return { done: `${times} times; ${lost} nodes were taken over, and said so when they woke`, problems }
  },
}

const chainOfReaders = { tasks: 'reads.*', wanted: 'reads:found' } as const

const readers: Scenario = {
  name: 'gc, force with delete, and verify beside readers of folders',
  play: async ({ seed, weight }) => {
    const expected = await undisturbed([1, 2], chainOfReaders)
    const random = randomFrom(seed)
    const problems: string[] = []
    const sums = { runs: 0, moved: 0, busy: 0 }
    const times = Math.ceil(4 * weight)
    for (let time = 0; time < times; time++) {
      await inFolder(async (root) => {
        const options = { root, version: 1 + (time % 2), heartbeat, ...chainOfReaders }
        const reading = Array.from({ length: 3 }, (_, one) =>
          startWorker({ ...options, threads: one === 2, container: one === 1 && time % 2 === 1 }),
        )
        const first = reading[0] as RunningWorker
        await first.ready
        const others: Promise<Told>[] = []
        for (const action of shuffled(['gc', 'verify', 'delete', 'gc', 'verify'] as const, random)) {
          if (first.process.exitCode !== null) break
          others.push(runWorker({ ...options, action, container: random(3) === 0 }))
          await pause(random(150))
        }
        for (const one of await Promise.all(others)) {
          sums.moved += one.moved ?? 0
          sums.busy += one.busy ?? 0
          problems.push(
            ...(one.refused ?? []).map((problem) => `gc could not move: ${problem}`),
            ...(one.damage ?? []).map((problem) => `verify set aside what was whole: ${problem}`),
            ...told(one),
            ...wrongValue(one, expected, options.version, 'a process that deletes'),
          )
        }
        for (const { told: ended } of reading) {
          const one = await ended
          sums.runs += one?.value === undefined ? 0 : 1
          problems.push(...told(one), ...wrongValue(one, expected, options.version, 'a reader'))
        }
        problems.push(...problemsIn(root, expected.contents), ...(await settled(root, expected, options)))
      })
    }
    const { runs, moved, busy } = sums
    return { done: `${times} times: ${runs} readers came to their value; ${moved} moved, ${busy} left alone`, problems }
  },
}

const shuffled = <A>(list: readonly A[], random: (below: number) => number): readonly A[] =>
  list
    .map((item) => [random(1e6), item] as const)
    .sort(([left], [right]) => left - right)
    .map(([, item]) => item)

const chainOfCode = { tasks: 'coded.*', wanted: 'coded:fifth' } as const

const codes: Scenario = {
  name: 'two versions of the code on one store',
  play: async ({ seed, weight }) => {
    const [a, b] = [
      await undisturbed([1], { ...chainOfCode, code: 'a' }),
      await undisturbed([1], { ...chainOfCode, code: 'b' }),
    ]
    const random = randomFrom(seed)
    const problems: string[] = []
    const of = { a, b }
    /** Of either version: a path that is wrong for both. */
    const neither = (root: string): readonly string[] => {
      const path = (problem: string): string => problem.split(':')[0] as string
      const wrongForB = new Set(problemsIn(root, b.contents).map(path))
      return problemsIn(root, a.contents).filter((problem) => wrongForB.has(path(problem)))
    }
    let [killed, came] = [0, 0]
    const times = Math.ceil(5 * weight)
    await inFolder(async (folder) => {
      const [root, counter] = [join(folder, 'store'), join(folder, 'counter')]
      const notes: unknown[] = []
      /** Keeps the store as it is found, since the next process may repair it. */
      const found = (more: readonly string[]): void => {
        problems.push(...more)
        if (more.length > 0) keepStore(folder, more, notes)
      }
      for (let time = 0; time < times && problems.length === 0; time++) {
        const workers = Array.from({ length: 3 }, () => {
          const code = (['a', 'b'] as const)[random(2)] as 'a'
          const action = (['run', 'run', 'again', 'delete'] as const)[random(4)] as 'run'
          const options = { root, version: 1, code, action, heartbeat, ...chainOfCode, threads: random(3) === 0 }
          return { code, options, worker: startWorker(options, counter) }
        })
        for (const { code, options, worker } of workers) {
          await worker.ready
          await pause(random(Math.ceil(a.duration)))
          const isKilled = random(2) === 0
          if (isKilled) {
            killed++
            await worker.kill()
          }
          const one = await worker.told
          const { action, threads } = options
          notes.push({ time, pid: worker.process.pid, code, action, threads, isKilled, ended: Date.now(), told: one })
          if (one?.value !== undefined) came++
          found([...told(one), ...wrongValue(one, of[code], 1, `a process of version ${code}`)])
        }
        found(neither(root))
        for (const code of ['b', 'a'] as const) {
          const one = await runWorker({ root, version: 1, code, heartbeat, ...chainOfCode }, counter)
          notes.push({ time, code, ended: Date.now(), told: one })
          found(wrongValue(one, of[code], 1, `the run of ${code} after it`, true))
        }
        found(problemsIn(root, a.contents))
      }
      found(await settled(root, a, { version: 1, code: 'a', ...chainOfCode }))
    })
    return { done: `${killed} processes killed, ${came} came to the value of their own code`, problems }
  },
}

const containers: Scenario = {
  name: 'containers that die, with clocks that differ by days',
  play: async ({ seed, weight }) => {
    const [expected, random] = [await undisturbed([1, 2]), randomFrom(seed)]
    const problems: string[] = []
    const day = 24 * 3600 * 1000
    const times = Math.ceil(4 * weight)
    await inFolder(async (root) => {
      for (let time = 0; time < times; time++) {
        const version = 1 + (time % 2)
        const dying = startWorker({ root, version, heartbeat, action: 'again', container: true, shift: day })
        const living = startWorker({ root, version, heartbeat, container: true, shift: -day, threads: time % 3 === 0 })
        await Promise.all([dying.ready, living.ready])
        await pause(random(Math.ceil(expected.duration)))
        await dying.kill()
        const seen = await runWorker({ root, version, heartbeat, action: 'verify', shift: 2 * day })
        problems.push(...(seen.damage ?? ['nothing']).map((problem) => `verify found ${problem}`))
        const one = await living.told
        problems.push(
          ...told(one),
          ...wrongValue(one, expected, version, 'who lived', true),
          ...(await settled(root, expected, { version })),
        )
      }
    })
    return { done: `${times} died beside one that lived`, problems }
  },
}

const output: Scenario = {
  name: 'a full disk under the output',
  play: async ({ seed, weight }) => {
    const [expected, random] = [await undisturbed([1]), randomFrom(seed)]
    const problems: string[] = []
    const times = Math.ceil(2 * weight)
    const outcome = await withDisk(async (disk, remount) => {
      remount('size=16k')
      for (let time = 0; time < times; time++) {
        await inFolder(async (folder) => {
          const [root, config] = [join(folder, 'store'), join(folder, 'every.json')]
          writeFileSync(config, JSON.stringify({ tasks: 'every.*', version: 1, pause: 20 }))
          const log = openSync(join(disk, 'log'), 'a')
          fill(log, random(2) * 100)
          const { process: child, ended } = startCommand(['run', config, '--store', root], undefined, log)
          const isStopped = time % 2 === 1
          if (isStopped) {
            while (!existsSync(root) && child.exitCode === null) await pause(10) // it is at work
            await pause(random(Math.ceil(expected.duration)))
            child.kill('SIGTERM')
          }
          const code = await ended
          closeSync(log)
          if (!(code === 5 || (isStopped && code === 143))) problems.push(`exit code ${code}`)
          problems.push(...problemsIn(root, expected.contents), ...leftovers(root).map((path) => `${path} is left`))
          problems.push(...(await settled(root, expected, { version: 1 })))
        })
      }
      return { done: `${times} runs, ${Math.floor(times / 2)} of them ended by SIGTERM`, problems }
    })
    return outcome ?? cannotMount
  },
}

/** Writes until the disk takes nothing more, and takes so many bytes back. */
const fill = (descriptor: number, back: number): void => {
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(1000, 'x'))
  } catch {
    ftruncateSync(descriptor, fstatSync(descriptor).size - back)
  }
}

export const company: readonly Scenario[] = [stops, readers, codes, containers, output]
