// What a page costs, in the browser's own figures: CPU time, which other programs of a busy machine do not change.
import { readFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import type { Browser, Page } from 'playwright-core'

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** CPU time of the thread, in microseconds. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

const threads = ['CrRendererMain', 'DedicatedWorker thread']

/** Milliseconds of CPU time of each task of the page, its workers and what draws it, while something goes on. */
export const tasksDuring = async (
  browser: Browser,
  page: Page,
  doing: () => Promise<unknown>,
): Promise<readonly number[]> => {
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
  await doing()
  const { traceEvents: events }: { traceEvents: readonly TraceEvent[] } = JSON.parse(
    String(await browser.stopTracing()),
  )
  const ours = new Set(
    events.flatMap(({ name, pid, tid, args }) =>
      name === 'thread_name' && threads.includes(args.name ?? '') ? [`${pid} ${tid}`] : [],
    ),
  )
  return events.flatMap(({ name, ph, pid, tid, tdur }) =>
    ph === 'X' && name === 'ThreadControllerImpl::RunTask' && tdur !== undefined && ours.has(`${pid} ${tid}`)
      ? [tdur / 1000]
      : [],
  )
}

/** Milliseconds of CPU time that a process has used so far, all of its threads. */
export const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Whether more is at work than the machine has processors: then clocks say more of the others than of the page. */
export const isBusy = (): boolean => (loadavg()[0] ?? 0) > availableParallelism()

/** The best of a few rounds; of no more than are needed for it to be good enough. */
export const bestOf = async (rounds: number, limit: number, measure: () => Promise<number>): Promise<number> => {
  let best = Infinity
  for (let round = 0; round < rounds && best >= limit; round++) best = Math.min(best, await measure())
  return best
}
