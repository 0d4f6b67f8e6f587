// npm run forge [-- --cases 1000] [--seed N]: the long form of forged-store.test.ts. A case is its seed: --seed N --cases 1
// plays one again. A second process plays; one that does not come back is killed, and the case told as a hang.
import { fork } from 'node:child_process'
import { builtOnce } from '../build-once.js'
import { forgery } from './forged-store.js'

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
/** No case may take longer. Milliseconds. */
const hang = 90_000

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
    let timer = setTimeout(() => child.kill('SIGKILL'), hang)
    child.on('message', (played: Played) => {
      clearTimeout(timer)
      timer = setTimeout(() => child.kill('SIGKILL'), hang)
      next = played.seed + 1
      tell(played)
    })
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      if (next < end) tell({ seed: next, forged: [], problems: [`the process ended with ${signal ?? code}`] })
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
