import { setTimeout as wait } from 'node:timers/promises'
import { changesBetween, look, type Look, type Watched } from './watched-files.js'

/** Milliseconds between two looks, longer where looking takes long: it may take a twentieth of a processor. */
const pause = 200
const share = 20

export interface Watching {
  readonly watched: readonly Watched[]
  readonly root: string
  /** What everything was like when it was read. */
  readonly seen: Look
  /** When the round began: of what nobody has looked at before, only what is later has changed. */
  readonly since: number
  readonly signal: AbortSignal
}

/**
 * Waits until something has changed, and then until nothing changes between two looks: an editor writes several files.
 * By looking, not by events of the system, which network disks and containers do not give. Resolves with no change when
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
