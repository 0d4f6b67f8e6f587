import { noPart } from '../../adapters/history/live-runs.js'
import { historyOf } from '../../adapters/history/open-history.js'
import type { RunHistory } from '../../adapters/history/run-history.js'
import { newRunId, stateOfRun, type RunRecord } from '../../adapters/history/run-record.js'
import { allOf } from '../../adapters/object-store/all-of.js'
import { openStore } from '../../adapters/open-store.js'
import { eventLine, linesIn } from './event-lines.js'
import { beganOf, endOf, type OwnRuns, type RunFollower } from './follow-runs.js'
import type { LiveEvents } from './live-events.js'

/**
 * Follows runs of other processes in a store where each look is a request, such as a bucket: a record at the start and
 * at the end, and parts of events in between. It looks only while somebody watches, and less often while nothing
 * happens.
 */

/** Milliseconds between two looks: after news, at most, and for a run that has been silent for an hour. */
const shortest = 1000
const longest = 15_000
const silent = 60_000
const hour = 3_600_000
/** Between two looks for runs that started long ago: a look lists all parts of all runs. */
const rarely = 300_000
/** Number of records that a look searches for current runs, the latest first; the next one goes on. */
const maxFresh = 30
/** Number of runs that are read at once. */
const together = 8

interface Followed {
  readonly id: string
  part: number
  /** When it was last heard of. */
  heard: number
  looked: number
}

export const followRunsAt = (
  address: string,
  root: string,
  live: LiveEvents,
  own: OwnRuns,
  nameOf: (config: string) => string,
): RunFollower => {
  const open = async (): Promise<RunHistory | undefined> => historyOf(await openStore(address, root))
  return followRequests(open, live, own, nameOf)
}

/** Reads the history that `open` gives; it is opened when somebody watches. */
export const followRequests = (
  open: () => Promise<RunHistory | undefined>,
  live: LiveEvents,
  own: OwnRuns,
  nameOf: (config: string) => string,
): RunFollower & { readonly looked: () => Promise<void> } => {
  const followed = new Map<string, Followed>()
  const done = new Set<string>()
  let history: RunHistory | undefined
  let isFirst = true
  let lastLook = Date.now()
  /** Runs with events, whenever they started: a clock may be behind, and many runs may have started since. */
  let published: ReadonlySet<string> = new Set()
  let lastListed = -Infinity
  let pause = shortest
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let closed = false

  /** Returns whether anything has happened. */
  const begin = async (all: RunHistory): Promise<boolean> => {
    // clocks of machines differ, so a new run may not be the latest one
    const since = newRunId(new Date(lastLook - hour))
    const now = Date.now()
    if (performance.now() - lastListed >= rarely) {
      published = new Set(await all.live?.ids())
      lastListed = performance.now()
    }
    const found = isFirst ? await all.ids() : ((await all.live?.idsAfter(since)) ?? [])
    const unknown = [...new Set([...found, ...published])].filter((id) => !followed.has(id) && !done.has(id))
    const fresh = unknown.toSorted().toReversed().slice(0, maxFresh)
    const records = await all.readAll(fresh)
    if (closed) return false
    for (const [at, id] of fresh.entries()) {
      const record = records[at]
      if (record === undefined) {
        done.add(id) // unreadable, or removed meanwhile
        continue
      }
      const ours = own.followOf(record.process)
      if (ours !== undefined) live.named(ours, id)
      if (ours === undefined && isGoing(record)) follow(id, record)
      else done.add(id)
      if (!isFirst && record.ended !== undefined) live.changed('store')
    }
    for (const id of done) if (id < since && !published.has(id)) done.delete(id) // it is not listed again
    if (!isFirst && fresh.length > 0) live.changed('history')
    isFirst = false
    lastLook = now
    return fresh.length > 0
  }
  const follow = (id: string, record: RunRecord): void => {
    followed.set(id, { id, part: noPart, heard: Math.min(Date.now(), Date.parse(record.started)), looked: 0 })
    live.began(beganOf(record, nameOf))
  }
  const read = async (all: RunHistory, one: Followed): Promise<boolean> => {
    const now = Date.now()
    if (now - one.heard > hour && now - one.looked < silent) return false
    one.looked = now
    const parts = await all.live?.partsAfter(one.id, one.part)
    const [record] = await all.readAll([one.id])
    if (closed) return false
    if (parts !== undefined && parts.part > one.part) {
      one.part = parts.part
      one.heard = now
      live.happened(
        one.id,
        linesIn(`${parts.text}\n`).lines.flatMap((line) => eventLine(line) ?? []),
      )
    }
    if (record !== undefined && isGoing(record)) return one.heard === now
    followed.delete(one.id)
    done.add(one.id)
    const state = record === undefined ? 'died' : stateOfRun(record)
    live.ended({ follow: one.id, run: one.id, ...endOf(record, state) })
    live.changed('store')
    return true
  }
  const lookOnce = async (): Promise<void> => {
    let hasHappened = false
    try {
      history ??= await open()
      if (history?.live === undefined) return
      hasHappened = await begin(history)
      // others are followed even if one cannot be read
      const all = history
      await allOf(followed.values(), together, async (one) => {
        if (await read(all, one).catch(() => false)) hasHappened = true
      })
    } catch {
      // the store may answer again later
    }
    pause = hasHappened ? shortest : Math.min(longest, pause * 1.5)
  }
  const look = (): void => {
    clearTimeout(timer)
    if (closed) return
    if (looking === undefined && live.isWatched()) looking = lookOnce().finally(() => (looking = undefined))
    else if (!live.isWatched()) pause = shortest
    void (looking ?? Promise.resolve()).then(() => {
      clearTimeout(timer)
      if (closed) return
      timer = setTimeout(look, pause)
      timer.unref()
    })
  }
  look()
  return {
    look,
    looked: async () => looking,
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}

const isGoing = (record: RunRecord): boolean => ['running', 'elsewhere'].includes(stateOfRun(record))
