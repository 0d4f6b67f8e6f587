import type { Listener, RunEvent } from '../../runtime/ports/events.js'
import { eventDocument } from './event-document.js'
import type { FolderRuns } from './folder-runs.js'
import { maxPartBytes, type LiveRuns } from './live-runs.js'
import type { RunHistory } from './run-history.js'

/** Publishes the events of a run, for other processes that follow it while it is in progress. It never fails a run. */
export interface EventWriter {
  readonly listener: Listener
  /** The run has ended: nothing more is published. */
  readonly end: () => void
  /** Its record has the outcome: the events are removed. */
  readonly clear: () => Promise<void>
}

export const eventWriter = ({ folder, live }: Pick<RunHistory, 'folder' | 'live'>, id: string): EventWriter => {
  if (folder !== undefined) return toFolder(folder, id)
  if (live !== undefined) return toParts(live, id)
  return { listener: () => undefined, end: () => undefined, clear: async () => undefined }
}

const flushMilliseconds = 200

const toFolder = (folder: FolderRuns, id: string): EventWriter => {
  const events: RunEvent[] = []
  let isWritten = false
  let isLost = false
  let due = performance.now() + flushMilliseconds
  const flush = (): void => {
    if (events.length === 0) return
    due = performance.now() + flushMilliseconds
    try {
      folder.appendEvents(id, events.splice(0).map(eventDocument).join(''))
      isWritten = true
    } catch {
      isLost = true // the final record has what is known
    }
  }
  const timer = setInterval(flush, flushMilliseconds)
  timer.unref()
  return {
    listener: (event) => {
      if (event._tag === 'ended' || isLost) return
      events.push(event)
      if (performance.now() >= due) flush() // work that never waits for anything leaves the timer no turn
    },
    end: () => {
      clearInterval(timer)
      if (isWritten) folder.removeEvents(id)
    },
    clear: async () => undefined,
  }
}

/** Milliseconds between two parts: few at first, then a hundredth of the time so far. */
const shortest = 2000
const longest = 15_000
/** Characters that do not wait for that. */
const enough = 64 * 1024
/** Characters that are kept for a store that does not answer; beyond it, earlier events are lost. */
const most = maxPartBytes / 4

const toParts = (live: LiveRuns, id: string): EventWriter => {
  const begun = performance.now()
  let lines: string[] = []
  let size = 0
  /** Only the latest progress of a node is published. */
  const progress = new Map<string, RunEvent>()
  let parts = 0
  let due = begun + shortest
  let sending: Promise<void> | undefined
  let hasEnded = false
  let isDown = false

  const add = (event: RunEvent): void => {
    const line = eventDocument(event)
    if (line.length > most) return // the names of a million nodes
    if (size + line.length > most) [lines, size] = [[], 0]
    lines.push(line)
    size += line.length
  }
  const send = async (): Promise<void> => {
    for (const event of progress.values()) add(event)
    progress.clear()
    const unsent = lines
    ;[lines, size] = [[], 0]
    let pause = Math.min(longest, Math.max(shortest, (performance.now() - begun) / 100))
    isDown = false
    try {
      await live.put(id, parts++, unsent.join(''))
    } catch {
      isDown = true
      pause = longest
      const left = unsent.reduce((sum, line) => sum + line.length, 0)
      // the part may have arrived: its lines are sent under another number
      if (left + size <= most) [lines, size] = [[...unsent, ...lines], size + left]
    }
    due = performance.now() + pause
    sending = undefined
  }
  const flush = (): void => {
    if (hasEnded || sending !== undefined || lines.length + progress.size === 0) return
    if (performance.now() >= due || (size >= enough && !isDown)) sending = send()
  }
  const timer = setInterval(flush, shortest / 4)
  timer.unref()
  return {
    listener: (event) => {
      if (event._tag === 'ended' || hasEnded) return
      if (event._tag === 'progress') progress.set(event.node, event)
      else {
        if ('node' in event) progress.delete(event.node)
        add(event)
      }
      flush()
    },
    end: () => {
      hasEnded = true
      clearInterval(timer)
    },
    clear: async () => {
      await sending
      if (parts > 0) await live.remove(id, parts).catch(() => undefined) // they are removed with the record
    },
  }
}
