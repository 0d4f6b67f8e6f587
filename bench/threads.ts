// What a small node costs on threads and in processes beside this one, and what two processors are good for: tasks that
// keep one busy, on two threads, beside one after the other.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMember, ticksOf } from './processor-time.js'
import type { Row } from './table.js'

const script = join(import.meta.dirname, 'threads', 'run.mjs')

type Where = 'here' | 'threads' | 'processes'

interface Round {
  readonly seconds: number
  readonly cpu: number
}

/** Seconds of the rounds, one after the other in one process. */
const roundsOf = async (
  where: Where,
  what: 'small' | 'busy',
  rounds: number,
  env: object,
): Promise<readonly Round[]> => {
  const store = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'taskchain-threads-'))
  const { child, line, ended } = await startMember(script, [where, what, String(rounds), store], env)
  try {
    const all: Round[] = []
    for (let before = ticksOf(child.pid ?? 0); all.length < rounds; ) {
      const said = await line()
      const [, seconds] = /^[1-9]\d* done, 0 failed in (.*) ms$/.exec(said) ?? []
      if (seconds === undefined) throw new Error(`${where}: ${said}`)
      const now = ticksOf(child.pid ?? 0)
      all.push({ seconds: Number(seconds) / 1000, cpu: (now - before) / 100 })
      before = now
    }
    return all
  } finally {
    child.kill('SIGKILL')
    await ended
    rmSync(store, { recursive: true, force: true })
  }
}

/**
 * Rounds of small nodes, each with as many: V8 compiles the code anew for each thread and process, and is at it in all of
 * the first half; the second half is what a node costs from then on.
 */
const smallRounds = 8

/** Milliseconds of processor time more than here, and how much less time two threads take than one: limits under load. */
const limits = { threads: 2.5, processes: 4, busy: 1 / 1.8 }

export const threadRows = async (quick: boolean): Promise<readonly Row[]> => {
  const nodes = quick ? 300 : 1000
  const perNode = async (where: Where): Promise<{ readonly early: number; readonly warm: number }> => {
    const rounds = await roundsOf(where, 'small', smallRounds, { NODES: String(nodes) })
    const least = (from: number, to: number): number =>
      (Math.min(...rounds.slice(from, to).map(({ cpu }) => cpu)) * 1000) / nodes
    return { early: least(1, smallRounds / 2), warm: least(smallRounds / 2, smallRounds) }
  }
  const [here, threads, processes] = [await perNode('here'), await perNode('threads'), await perNode('processes')]
  const env = { NODES: '50', STEPS: quick ? '800' : '6000' }
  const busy = async (where: Where): Promise<Round> =>
    (await roundsOf(where, 'busy', 1, env))[0] ?? { seconds: NaN, cpu: NaN }
  const [alone, beside] = [await busy('here'), await busy('threads')]
  const small = `${nodes} small nodes, processor time`
  const rowsOf = (which: 'early' | 'warm', when: string): readonly Row[] => [
    { what: `${small}, ${when}: here`, value: here[which], unit: 'ms a node', limit: undefined },
    {
      what: `${small}, ${when}: more on threads${which === 'warm' ? ' (aimed at: 0.5)' : ''}`,
      value: threads[which] - here[which],
      unit: 'ms a node',
      limit: limits.threads,
    },
    {
      what: `${small}, ${when}: more in processes`,
      value: processes[which] - here[which],
      unit: 'ms a node',
      limit: limits.processes,
    },
  ]
  return [
    ...rowsOf('early', 'rounds 2 to 4'),
    ...rowsOf('warm', 'rounds 5 to 8'),
    { what: '12 busy tasks: here', value: alone.seconds, unit: 's', limit: undefined },
    // told apart from what else the machine does
    {
      what: '12 busy tasks: processor time, to that',
      value: beside.cpu / alone.cpu,
      unit: '×',
      limit: quick ? 2 : 1.2,
    },
    {
      what: '12 busy tasks: on two threads, to that',
      value: beside.seconds / alone.seconds,
      unit: '×',
      limit: limits.busy,
    },
  ]
}
