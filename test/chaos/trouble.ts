import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { contentsOf, leftovers, problemsIn } from './inspect.js'
import {
  inFolder,
  pause,
  randomFrom,
  runWorker,
  startCommand,
  startWorker,
  undisturbed,
  type Told,
  type Undisturbed,
} from './processes.js'

/**
 * Everything but kills that a disk, a clock or a person can do to a store. Each scenario tells what it did and what was
 * wrong.
 */
export interface Outcome {
  readonly done: string
  readonly problems: readonly string[]
}

export interface Scenario {
  readonly name: string
  /** `weight`: how often it is repeated, 1 in the short form. */
  readonly play: (options: { readonly seed: number; readonly weight: number }) => Promise<Outcome>
}

/**
 * A run that failed must say so as a value, of the library's own errors, and with the code of the disk where that was
 * it.
 */
export const untold = (told: Told, codes: readonly string[]): readonly string[] => {
  if (told.thrown !== undefined)
    return Array.isArray(told.thrown) ? [] : [`not told as an error of ours: ${String(told.thrown)}`]
  return (told.failed ?? [])
    .filter(
      ({ _tag, code, message }) =>
        !(
          ['ArtifactNotSaved', 'ArtifactUnreadable', 'StoreUnusable', 'TaskFailed'].includes(_tag) &&
          (code === undefined
            ? _tag === 'TaskFailed' || (codes.includes('ENOENT') && message?.endsWith('it is gone') === true)
            : codes.includes(code))
        ),
    )
    .map(({ _tag, node, code, message }) => `${_tag} of ${node}: ${code} ${message}`)
}

/** The disturbance is over: the next run gives what an undisturbed one gives, and leaves nothing behind. */
const recovers = async (root: string, expected: Undisturbed, version = 1): Promise<readonly string[]> => {
  const told = await runWorker({ root, version })
  const value = isDeepStrictEqual(told.value, expected.values.get(version))
    ? []
    : [`the run after it came to ${JSON.stringify(told).slice(0, 500)}`]
  return [...value, ...leftovers(root).map((path) => `${path} is left`), ...problemsIn(root, expected.contents)]
}

const injected = (name: string, code: string, calls: readonly string[], rates: readonly number[]): Scenario => ({
  name,
  play: async ({ seed, weight }) => {
    const expected = await undisturbed([1])
    const random = randomFrom(seed)
    const problems: string[] = []
    let failures = 0
    for (let time = 0; time < 2 * weight; time++) {
      await inFolder(async (root) => {
        for (const action of ['run', 'again'] as const) {
          const told = await runWorker({
            root,
            version: 1,
            action,
            faults: { seed: 1 + random(1e9), rate: rates[time % rates.length] as number, code, calls },
          })
          failures += told.failed?.length ?? 1
          problems.push(...untold(told, [code]), ...problemsIn(root, expected.contents))
        }
        problems.push(...(await recovers(root, expected)))
      })
    }
    return { done: `${2 * Math.ceil(2 * weight)} runs with ${code} in ${failures} nodes`, problems }
  },
})

const writes = [
  'openSync',
  'writeSync',
  'closeSync',
  'renameSync',
  'linkSync',
  'mkdirSync',
  'unlinkSync',
  'writeFileSync',
  'open',
]
const reads = ['openSync', 'readSync', 'readdirSync', 'lstatSync', 'statSync', 'open']

/** A file system of its own with a limit; undefined where this process may not mount one. */
export const withDisk = async <A>(
  use: (root: string, remount: (options: string) => void) => Promise<A>,
): Promise<A | undefined> =>
  inFolder(async (folder) => {
    const mount = (...args: readonly string[]): boolean => spawnSync('mount', args, { stdio: 'ignore' }).status === 0
    if (!mount('-t', 'tmpfs', '-o', 'size=1100k', 'tmpfs', folder)) return undefined
    try {
      return await use(folder, (options) => void mount('-o', `remount,${options}`, folder))
    } finally {
      spawnSync('umount', [folder], { stdio: 'ignore' })
    }
  })

/** What others write into a folder while it is being emptied keeps it from going. */
const isRemoved = (root: string): boolean => {
  try {
    rmSync(root, { recursive: true, force: true })
    return true
  } catch {
    return false
  }
}

export const cannotMount: Outcome = {
  done: 'left out: no file system can be mounted here; the injected ones stand for it',
  problems: [],
}

export const scenarios: readonly Scenario[] = [
  injected('a disk on which writing fails now and then', 'EIO', writes, [0.02, 0.1]),
  injected(
    'a disk that is full now and then',
    'ENOSPC',
    ['writeSync', 'mkdirSync', 'linkSync', 'open', 'writeFileSync'],
    [0.05, 0.3],
  ),
  injected('a disk on which reading fails now and then', 'EIO', reads, [0.01, 0.05]),
  {
    name: 'a disk that is full',
    play: async () => {
      const expected = await undisturbed([1])
      const outcome = await withDisk(async (root, remount) => {
        const problems: string[] = []
        for (const action of ['run', 'again'] as const) {
          const told = await runWorker({ root, version: 1, action })
          if ((told.failed ?? []).length === 0 && told.thrown === undefined) problems.push('the disk was not full')
          problems.push(...untold(told, ['ENOSPC']), ...problemsIn(root, expected.contents))
        }
        remount('size=64m')
        problems.push(...(await recovers(root, expected)))
        return { done: '2 runs on a file system of 1.1 MB, a third one on 64 MB', problems }
      })
      return outcome ?? cannotMount
    },
  },
  {
    name: 'a store that cannot be written',
    play: async () => {
      const expected = await undisturbed([1, 2])
      const outcome = await withDisk(async (root, remount) => {
        remount('size=64m')
        const problems: string[] = []
        await runWorker({ root, version: 1 })
        const before = contentsOf(root)
        remount('ro')
        const cached = await runWorker({ root, version: 1 })
        if (!isDeepStrictEqual(cached.value, expected.values.get(1)) || cached.computed?.length !== 0)
          problems.push(`what is stored could not be read: ${JSON.stringify(cached).slice(0, 300)}`)
        const told = await runWorker({ root, version: 2 })
        if ((told.failed ?? []).length === 0 && told.thrown === undefined)
          problems.push('a result was kept nowhere and nobody was told')
        problems.push(...untold(told, ['EROFS']))
        if (!isDeepStrictEqual(contentsOf(root), before)) problems.push('something has changed')
        remount('rw')
        problems.push(...(await recovers(root, expected, 2)))
        return { done: '2 runs on a read-only file system', problems }
      })
      return outcome ?? cannotMount
    },
  },
  {
    name: 'clocks that are wrong or set back',
    play: async ({ seed, weight }) => {
      const expected = await undisturbed([1])
      const random = randomFrom(seed)
      const problems: string[] = []
      const year = 365 * 24 * 3600 * 1000
      for (let time = 0; time < weight; time++) {
        await inFolder(async (root) => {
          for (const shift of [year, -year, -20 * year]) {
            const worker = startWorker({ root, version: 1, action: 'again', shift })
            await worker.ready
            await pause(random(Math.ceil(expected.duration)))
            await worker.kill()
            problems.push(...problemsIn(root, expected.contents))
          }
          const told = await runWorker({ root, version: 1, shift: -year })
          if (!isDeepStrictEqual(told.value, expected.values.get(1)))
            problems.push(`with a clock set back it came to ${JSON.stringify(told).slice(0, 300)}`)
          problems.push(...(await recovers(root, expected)))
        })
      }
      return {
        done: `${3 * Math.ceil(weight)} kills of processes a year ahead, a year and twenty years behind`,
        problems,
      }
    },
  },
  {
    name: 'a store that is removed under its runs',
    play: async ({ seed, weight }) => {
      const expected = await undisturbed([1])
      const random = randomFrom(seed)
      const problems: string[] = []
      for (let time = 0; time < 3 * weight; time++) {
        await inFolder(async (folder) => {
          const root = join(folder, 'store')
          const workers = [1, 2].map(() => startWorker({ root, version: 1 }))
          await Promise.all(workers.map(({ ready }) => ready))
          await pause(random(Math.ceil(expected.duration)))
          for (let tries = 0; tries < 100 && !isRemoved(root); tries++);
          for (const worker of workers)
            problems.push(
              ...untold((await worker.told) ?? { thrown: 'it ended without a word' }, ['ENOENT', 'ENOTEMPTY']),
            )
          problems.push(...(await recovers(root, expected)))
        })
      }
      return { done: `removed ${Math.ceil(3 * weight)} times under two processes`, problems }
    },
  },
  {
    name: 'eight processes that ask for the same 200 nodes at once',
    play: async ({ weight }) => {
      const problems: string[] = []
      for (let time = 0; time < weight; time++) {
        await inFolder(async (folder) => {
          const [root, counter] = [join(folder, 'store'), join(folder, 'counter')]
          const told = await Promise.all(
            Array.from({ length: 8 }, () =>
              runWorker({ root, version: 5, tasks: ['crowd*.*', 'sum.*'], wanted: 'sum:all' }, counter),
            ),
          )
          const lines = readFileSync(counter, 'utf8').trim().split('\n')
          if (lines.length !== 200 || new Set(lines).size !== 200)
            problems.push(`${lines.length} runs of ${new Set(lines).size} nodes, 200 wanted`)
          const wrong = told.filter(({ value }) => value !== 200 * 5 + 10 * 190)
          if (wrong.length > 0)
            problems.push(`${wrong.length} processes came to something else: ${JSON.stringify(wrong[0])}`)
          problems.push(...leftovers(root).map((path) => `${path} is left`))
        })
      }
      return { done: `${Math.ceil(weight)} times: each of the 200 ran once`, problems }
    },
  },
  ...(['SIGINT', 'SIGTERM'] as const).map(
    (signal): Scenario => ({
      name: signal === 'SIGINT' ? 'Ctrl-C' : 'SIGTERM',
      play: async ({ seed, weight }) => {
        const expected = await undisturbed([1])
        const random = randomFrom(seed)
        const problems: string[] = []
        for (let time = 0; time < weight; time++) {
          await inFolder(async (folder) => {
            const [root, counter, config] = [join(folder, 'store'), join(folder, 'counter'), join(folder, 'every.json')]
            const done = (): readonly string[] =>
              existsSync(counter) ? readFileSync(counter, 'utf8').trim().split('\n') : []
            mkdirSync(root)
            writeFileSync(config, JSON.stringify({ tasks: 'every.*', version: 1, pause: 50 }))
            const { process: child, ended } = startCommand(['run', config, '--store', root], counter)
            const enough = 2 + random(10)
            while (done().length < enough && child.exitCode === null) await pause(10)
            child.kill(signal)
            const code = await ended
            if (code !== (signal === 'SIGINT' ? 130 : 143)) problems.push(`exit code ${code}`)
            const kept = readdirSync(join(root, 'every/steps')).find((name) => name.endsWith('.unfinished'))
            if (
              kept === undefined ||
              readdirSync(join(root, 'every/steps', kept), { recursive: true }).length <= enough
            )
              problems.push('the checkpoint was not kept')
            problems.push(...leftovers(root).map((path) => `${path} is left`), ...problemsIn(root, expected.contents))
            const second = startCommand(['run', config, '--store', root], counter)
            if ((await second.ended) !== 0) problems.push('the run after it failed')
            if (done().length !== 20)
              problems.push(`${done().length} steps were done, 20 wanted: the checkpoint was not gone on with`)
            problems.push(...(await recovers(root, expected)))
          })
        }
        return {
          done: `${Math.ceil(weight)} times in the middle of a checkpoint, which went on where it was`,
          problems,
        }
      },
    }),
  ),
]
