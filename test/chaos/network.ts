import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { leftovers, problemsIn } from './inspect.js'
import { inFolder, pause, randomFrom, runWorker, startWorker, undisturbed, type Told } from './processes.js'
import { untold, type Scenario } from './trouble.js'

const server = '/usr/lib/openssh/sftp-server'
const heartbeat = { every: 100, limit: 1500 }

/** One client of a folder over the network: neither knows what the other one has in its caches. */
const client = async (folder: string, at: string): Promise<(() => void) | undefined> => {
  mkdirSync(at)
  // The shell joins both, since this process blocks now and then.
  const join =
    'coproc FILES { exec "$1"; }; exec sshfs ":$2" "$3" -f -o passive,cache=no <&"${FILES[0]}" >&"${FILES[1]}"'
  const mount = spawn('bash', ['-c', join, 'bash', server, folder, at], { stdio: 'ignore' })
  const end = (): void => {
    spawnSync('umount', [at], { stdio: 'ignore', timeout: 10_000 })
    mount.kill()
  }
  for (let look = 0; look < 50 && mount.exitCode === null; look++) {
    if (readFileSync('/proc/self/mounts', 'utf8').includes(` ${at} `)) return end
    await pause(100)
  }
  end()
  return undefined
}

const wrong = (told: Told | undefined, value: unknown, who: string): readonly string[] => [
  ...(told === undefined ? [] : untold(told, [])),
  ...(told?.value === undefined || isDeepStrictEqual(told.value, value)
    ? []
    : [`${who}: ${JSON.stringify(told.value)}`]),
]

/** Eight processes on two hosts that see one store through a file system of the network, some of them killed. */
const twoHosts: Scenario = {
  name: 'two hosts with one store over the network',
  play: async ({ seed, weight }) => {
    const [expected, random] = [await undisturbed([1]), randomFrom(seed)]
    const value = expected.values.get(1)
    const problems: string[] = []
    let killed = 0
    const times = Math.ceil(2 * weight)
    return inFolder(async (folder) => {
      const shared = join(folder, 'shared')
      mkdirSync(shared)
      const mounts = [join(folder, 'one'), join(folder, 'two')] as const
      const ends = [await client(shared, mounts[0]), await client(shared, mounts[1])]
      try {
        if (ends.includes(undefined)) return { done: 'left out: it needs sshfs, sftp-server and FUSE', problems }
        for (let time = 0; time < times; time++) {
          const root = (at: number): string => join(mounts[at % 2] as string, `store-${time}`)
          const workers = Array.from({ length: 8 }, (_, at) =>
            startWorker({ root: root(at), version: 1, heartbeat, host: `host-${at % 2}` }),
          )
          await Promise.all(workers.map(({ ready }) => ready))
          for (const worker of time % 2 === 0 ? [] : workers.slice(0, 3)) {
            await pause(random(Math.ceil(expected.duration)))
            await worker.kill()
            killed++
          }
          for (const [at, worker] of workers.entries())
            problems.push(...wrong(await worker.told, value, `process ${at}`))
          const last = await runWorker({ root: root(1), version: 1, heartbeat, host: 'host-1' })
          const look = { root: root(0), version: 1, heartbeat, host: 'host-0', stays: 1.5 * heartbeat.limit } as const
          const { damage, unsure } = await runWorker({ ...look, action: 'verify' })
          problems.push(
            ...(isDeepStrictEqual(last.value, value)
              ? []
              : [`the run after it: ${JSON.stringify(last).slice(0, 300)}`]),
            ...[...(damage ?? ['it looked at nothing']), ...(unsure ?? [])].map((problem) => `verify: ${problem}`),
            // FUSE keeps what is removed while it is open under a name of its own, as NFS does.
            ...leftovers(join(shared, `store-${time}`))
              .filter((path) => !path.includes('.fuse_hidden'))
              .map((path) => `${path} is left`),
            ...problemsIn(join(shared, `store-${time}`), expected.contents),
          )
        }
        return { done: `${times} times eight processes; ${killed} of them killed`, problems }
      } finally {
        for (const end of ends) end?.()
      }
    })
  },
}

export const network: readonly Scenario[] = [twoHosts]
