import * as fs from 'node:fs'
import { folderRuns } from '../../adapters/history/folder-runs.js'
import { stateOfRun, type RunRecord } from '../../adapters/history/run-record.js'
import { openOwn } from '../../adapters/file-store/file-system.js'
import type { RunBegan, RunEndedEvent } from '../contract.js'
import { eventLine, linesIn } from './event-lines.js'
import type { LiveEvents } from './live-events.js'

/**
 * Follows runs of other processes through a store's history: a record at the start and at the end, and lines of events
 * in between. Folders are watched if the system supports it, and polled now and then in any case.
 */
export interface RunFollower {
  /** Looks now; cheap enough to be called often. */
  look(): void
  close(): void
}

interface Followed {
  readonly follow: string
  readonly id: string
  offset: number
}

/** Tells whether a record belongs to a run that this server started. */
export interface OwnRuns {
  /** The number of our run that has this process. */
  readonly followOf: (process: { readonly pid: number; readonly host: string }) => string | undefined
}

const soonMilliseconds = 50
const busyMilliseconds = 250
const idleMilliseconds = 1500
/** Limit on bytes of lines read in one go. */
const maxRead = 4 * 1024 * 1024
/** Number of the latest records that are searched for current runs. */
const maxLatest = 30

export const followRuns = (
  root: string,
  live: LiveEvents,
  own: OwnRuns,
  nameOf: (config: string) => string,
): RunFollower => {
  const history = folderRuns(root)
  const followed = new Map<string, Followed>()
  const done = new Set<string>()
  let latest: string | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const watched = watchedFolder(`${root}/.runs`, () => lookIn(soonMilliseconds))

  const look = (): void => {
    clearTimeout(timer)
    if (closed) return
    try {
      watched.begin()
      begin()
      for (const one of followed.values()) read(one)
    } catch {
      // a missing or unreadable store has no runs; it may come back
    }
    watched.heard()
    lookIn(followed.size > 0 ? busyMilliseconds : idleMilliseconds)
  }
  const lookIn = (milliseconds: number): void => {
    clearTimeout(timer)
    timer = setTimeout(look, milliseconds)
    timer.unref()
  }
  const begin = (): void => {
    const ids = history.ids()
    const isNew = latest !== undefined && ids[0] !== undefined && ids[0] > latest
    for (const id of ids.slice(0, maxLatest)) {
      if (followed.has(id) || done.has(id)) continue
      const record = history.read(id)
      if (record === undefined) continue
      const ours = own.followOf(record.process)
      if (ours !== undefined) live.named(ours, id)
      const state = stateOfRun(record)
      if (ours !== undefined || (state !== 'running' && state !== 'elsewhere')) done.add(id)
      else follow(id, record)
    }
    if (isNew) live.changed('history')
    latest = ids[0] ?? ''
  }
  const follow = (id: string, record: RunRecord): void => {
    followed.set(id, { follow: id, id, offset: 0 })
    live.began(beganOf(record, nameOf))
  }
  const read = (one: Followed): void => {
    live.happened(
      one.follow,
      more(root, one).flatMap((line) => eventLine(line) ?? []),
    )
    const record = history.read(one.id)
    const state = record === undefined ? 'died' : stateOfRun(record)
    if (state === 'running' || state === 'elsewhere') return
    followed.delete(one.id)
    done.add(one.id)
    live.ended({ follow: one.follow, run: one.id, ...endOf(record, state) })
    live.changed('store')
  }
  look()
  return {
    look,
    close: () => {
      closed = true
      clearTimeout(timer)
      watched.end()
    },
  }
}

/** Reports one change in a folder until it is handled; restarts if the folder did not exist or the watch failed. */
const watchedFolder = (path: string, changed: () => void) => {
  let watcher: fs.FSWatcher | undefined
  let isReported = false
  const end = (): void => {
    watcher?.close()
    watcher = undefined
  }
  return {
    begin: (): void => {
      if (watcher !== undefined) return
      try {
        watcher = fs.watch(path, { persistent: false }, () => {
          if (!isReported) changed()
          isReported = true
        })
        watcher.on('error', end)
      } catch {
        watcher = undefined // the folder does not exist yet, or the system has no more watches
      }
    },
    heard: (): void => {
      isReported = false
    },
    end,
  }
}

/** A run of another process, from its record. */
export const beganOf = (
  { id, config, tasks, command, started, process: { host, pid } }: RunRecord,
  nameOf: (config: string) => string,
): RunBegan => ({
  follow: id,
  run: id,
  started: null,
  config: nameOf(config),
  tasks,
  command,
  host,
  pid,
  at: started,
})

/** The outcome of a run, from its record. */
export const endOf = (
  record: RunRecord | undefined,
  state: RunEndedEvent['state'],
): Pick<RunEndedEvent, 'state' | 'counts' | 'seconds' | 'failures' | 'trouble'> => ({
  state,
  counts: record?.counts ?? null,
  seconds: record?.seconds ?? null,
  failures: record?.failures ?? [],
  trouble: [],
})

/** The whole lines added to a run's events since the last look; none if they are gone or cannot be read. */
const more = (root: string, one: Followed): readonly string[] => {
  let opened: ReturnType<typeof openOwn>
  try {
    opened = openOwn(fs, `${root}/.runs/${one.id}.events`)
    const size = Math.min(maxRead, Math.max(0, (opened?.size ?? 0) - one.offset))
    if (opened === undefined || size === 0) return []
    const bytes = Buffer.alloc(size)
    const read = fs.readSync(opened.descriptor, bytes, 0, size, one.offset)
    const end = bytes.lastIndexOf(10, read - 1) + 1
    one.offset += end === 0 && read === maxRead ? read : end // skips a line longer than any valid one
    return linesIn(bytes.toString('utf8', 0, end)).lines
  } catch {
    return [] // its record has the outcome; other runs are still followed
  } finally {
    if (opened !== undefined) fs.closeSync(opened.descriptor)
  }
}
