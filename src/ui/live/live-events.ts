import type { RunBegan, RunEndedEvent, RunEventLine, ServerEvent } from '../contract.js'
import { newest } from './event-lines.js'

/** Events for pages: current runs with their events so far, and recent events for pages that reconnect. */

export interface Numbered {
  readonly id: number
  readonly event: ServerEvent
}

export interface LiveEvents {
  /** Receives all events from now on, until the returned function is called. */
  listen(hear: (one: Numbered) => void): () => void
  /** The same for a page that somebody looks at. */
  watch(hear: (one: Numbered) => void): () => void
  isWatched(): boolean
  /** What a page gets first: the events it missed, or the state of all current runs. */
  catchUp(last: number | undefined): readonly Numbered[]
  began(run: RunBegan): void
  happened(follow: string, events: readonly RunEventLine[]): void
  /** Called when the id of a run's record is known. */
  named(follow: string, run: string): void
  ended(event: Omit<RunEndedEvent, 'kind'>): void
  changed(what: 'project' | 'store' | 'history'): void
  closing(): void
  runs(): readonly RunBegan[]
}

const maxRemembered = 500
/** Limit on events kept of a run, besides the latest progress of each node. */
const maxEvents = 20_000

export const liveEvents = (generation: () => number): LiveEvents => {
  const listeners = new Set<(one: Numbered) => void>()
  let pages = 0
  const recent: Numbered[] = []
  const going = new Map<string, { run: RunBegan; events: readonly RunEventLine[] }>()
  let last = 0
  const send = (event: ServerEvent): void => {
    const one = { id: ++last, event }
    recent.push(one)
    if (recent.length > maxRemembered) recent.shift()
    for (const hear of listeners) hear(one)
  }
  const hello = (missed: boolean): readonly Numbered[] => {
    const runs = Array.from(going.values(), ({ run }) => run)
    const soFar = [...going].map(
      ([follow, { events }]): ServerEvent => ({ kind: 'events', follow, events, dropped: 0 }),
    )
    return [{ kind: 'hello', generation: generation(), runs, missed } as const, ...soFar].map((event) => ({
      id: last,
      event,
    }))
  }
  const listen: LiveEvents['listen'] = (hear) => {
    listeners.add(hear)
    return () => void listeners.delete(hear)
  }
  return {
    listen,
    watch: (hear) => {
      const end = listen(hear)
      pages++
      return () => {
        if (!listeners.has(hear)) return
        end()
        pages--
      }
    },
    isWatched: () => pages > 0,
    catchUp: (id) => {
      if (id === undefined) return hello(false)
      const [oldest] = recent
      if (id > last || (id < last && (oldest === undefined || oldest.id > id + 1))) return hello(true)
      return recent.filter((one) => one.id > id)
    },
    began: (run) => {
      going.set(run.follow, { run, events: [] })
      send({ kind: 'began', ...run })
    },
    happened: (follow, events) => {
      const known = going.get(follow)
      if (known === undefined || events.length === 0) return
      known.events = newest([...known.events, ...events]).events.slice(-maxEvents)
      send({ kind: 'events', follow, ...newest(events) })
    },
    named: (follow, run) => {
      const known = going.get(follow)
      if (known === undefined || known.run.run === run) return
      known.run = { ...known.run, run }
      send({ kind: 'began', ...known.run })
    },
    ended: (event) => {
      going.delete(event.follow)
      send({ kind: 'ended', ...event })
    },
    changed: (what) => send({ kind: 'changed', what, generation: generation() }),
    closing: () => send({ kind: 'closing' }),
    runs: () => Array.from(going.values(), ({ run }) => run),
  }
}
