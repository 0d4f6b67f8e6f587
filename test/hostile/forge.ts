// npm run forge [-- --cases 1000] [--seed N]: the long form of forged-store.test.ts. A case is its seed: --seed N --cases 1
// plays one again. A second process plays; one that does not come back is killed, and the case told as a hang.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { builtOnce } from '../build-once.js'
import { forgery } from './forged-store.js'
import { checkWords } from '../../scripts/usage.js'

if (!process.argv.includes('--playing')) checkWords(import.meta.filename)

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
/** No case may take longer. Milliseconds. */
const hang = 90_000
/** But on a machine that gives the process next to no time, as `nice` under load has it: so many times as long. */
const patience = 10

/** Seconds of processor time that a process has had; undefined where the system does not say. */
const secondsHad = (pid: number): number | undefined => {
  try {
    const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .split(') ')[1]!
      .split(' ')
      .slice(11)
      .map(Number)
    return (user + system) / 100
  } catch {
    return undefined
  }
}

interface Played {
  readonly seed: number
  readonly forged: readonly string[]
  readonly problems: readonly string[]
}

const playing = async (from: number, end: number): Promise<void> => {
  const { play, end: cleanUp } = await forgery()
  process.once('disconnect', () => process.exit(1))
  process.on('SIGTERM', () => (cleanUp(), process.exit(1)))
  for (let seed = from; seed < end; seed++) process.send?.({ seed, ...(await play(seed)) } satisfies Played)
  cleanUp()
  process.disconnect()
}

/** Plays from a seed on, in a process of its own; resolves with the seed where that process ended. */
const inChild = (from: number, end: number, tell: (played: Played) => void): Promise<number> =>
  new Promise((resolve) => {
    let next = from
    const child = fork(import.meta.filename, ['--playing', '--seed', String(from), '--cases', String(end - from)])
    let [timer, had, looks] = [undefined as NodeJS.Timeout | undefined, 0, 0]
    const spent = (): number => (secondsHad(child.pid ?? 0) ?? Infinity) - had
    const look = (): void => {
      if (spent() < hang / 3000 && looks++ < patience) timer = setTimeout(look, hang)
      else child.kill('SIGKILL')
    }
    const watch = (): void => {
      clearTimeout(timer)
      ;[had, looks] = [secondsHad(child.pid ?? 0) ?? 0, 0]
      timer = setTimeout(look, hang)
    }
    watch()
    child.on('message', (played: Played) => {
      watch()
      next = played.seed + 1
      tell(played)
    })
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      const ended = `the process ended with ${signal ?? code}, ${looks} times in want of processor time`
      if (next < end) tell({ seed: next, forged: [], problems: [ended] })
      resolve(next + 1)
    })
  })

const driving = async (from: number, cases: number): Promise<void> => {
  builtOnce()
  console.log(`forge: ${cases} cases, seed ${from}, node ${process.version}, ${new Date().toISOString()}`)
  const started = performance.now()
  let [played, forged, wrong, slowest, last] = [0, 0, 0, 0, started]
  const seconds = (): number => Math.round((performance.now() - started) / 1000)
  const tell = (one: Played): void => {
    const now = performance.now()
    if (played > 0) slowest = Math.max(slowest, now - last)
    last = now
    played++
    forged += one.forged.length
    if (one.problems.length > 0) {
      wrong++
      console.log(JSON.stringify(one))
    }
    if (played % 1000 === 0) console.log(`       ${played} cases, ${forged} forgeries, ${wrong} wrong, ${seconds()} s`)
  }
  for (let next = from; next < from + cases; ) next = await inChild(next, from + cases, tell)
  console.log(
    `${played} cases, ${forged} forgeries, ${wrong} wrong, the slowest ${Math.round(slowest)} ms, ${seconds()} s in all`,
  )
  process.exitCode = wrong > 0 ? 1 : 0
}

const [seed, cases] = [option('seed', Date.now() % 1e6), option('cases', 1000)]
await (process.argv.includes('--playing') ? playing(seed, seed + cases) : driving(seed, cases))
