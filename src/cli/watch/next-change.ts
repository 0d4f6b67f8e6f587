import { setTimeout as wait } from 'node:timers/promises'
import { changesBetween, look, type Look, type Watched } from './watched-files.js'

/** Milliseconds between two looks; longer if looking is slow, so that it uses at most a twentieth of a processor. */
const pause = 200
const share = 20

export interface Watching {
  readonly watched: readonly Watched[]
  readonly root: string
  /** The state of the files when they were read. */
  readonly seen: Look
  /** When the round began: a file with no earlier state has changed if it is newer than this. */
  readonly since: number
  readonly signal: AbortSignal
}

/**
 * Waits until something has changed, and then until nothing changes between two looks, since an editor writes several
 * files. It polls, because network disks and containers do not deliver file-system events. Resolves with no change when
 * `signal` aborts.
 */
export const nextChange = async ({
  watched,
  root,
  seen,
  since,
  signal,
}: Watching): Promise<{ readonly changed: readonly string[]; readonly seen: Look }> => {
  let before = seen
  for (let isFirst = true; ; isFirst = false) {
    const began = performance.now()
    const now = look(watched, root, before)
    const took = performance.now() - began
    const changed = changesBetween(seen, now, watched, since)
    const isQuiet = !isFirst && changesBetween(before, now, watched, since).length === 0
    if (signal.aborted) return { changed: [], seen }
    if (changed.length > 0 && isQuiet) return { changed, seen: now }
    before = now
    await wait(Math.max(pause, took * share), undefined, { signal }).catch(() => undefined)
  }
}
