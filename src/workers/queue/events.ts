import { setTimeout as wait } from 'node:timers/promises'
import type { RedisConnection } from './libraries.js'

/** What the server tells of a job. `at`: milliseconds of its clock. */
export type QueueEvent =
  | { readonly _tag: 'progress'; readonly id: string; readonly at: number; readonly data: unknown }
  | { readonly _tag: 'completed'; readonly id: string; readonly at: number; readonly value: unknown }
  | { readonly _tag: 'failed'; readonly id: string; readonly at: number; readonly reason: string }

/** Who receives events. */
export interface Hearing {
  /** Events of other jobs are skipped. */
  readonly isAwaited: (id: string) => boolean
  readonly hear: (event: QueueEvent) => void
  /** Milliseconds to let events gather after a reading: each costs more than its events. */
  readonly pause: () => number
}

/** Milliseconds for which a server holds a request that it has no events for. */
const block = 5000
/** Milliseconds after which a request is given up: the server is gone, or the connection is dead without a sign. */
const patience = 2 * block
/** Milliseconds until a server that refused a request is asked again. */
const rest = 1000
/** A run handles no more events than that in one turn. */
const most = '1000'

/**
 * Reads the stream of events of a queue from a time in milliseconds on, until it is closed. They are hints: what is
 * missed is found by the next check. Most events of a queue concern nobody here, as those of jobs that are added or
 * start; BullMQ's own reader makes an object and two calls of each, which costs a run as much as all of its scheduling.
 */
export const readEvents = (
  redis: RedisConnection,
  stream: string,
  from: number,
  hearing: Hearing,
): { readonly close: () => void } => {
  let isClosed = false
  let last = `${from}-0`
  let asked = Infinity
  const readOnce = async (): Promise<void> => {
    asked = performance.now()
    try {
      const read = await redis.xread('COUNT', most, 'BLOCK', block, 'STREAMS', stream, last)
      for (const [, entries] of read ?? [])
        for (const [id, fields] of entries) {
          last = id
          const event = eventOf(Number.parseInt(id, 10), fields, hearing.isAwaited)
          if (event !== undefined) hearing.hear(event)
        }
    } catch {
      if (!isClosed) await wait(rest)
    }
    asked = Infinity
  }
  const readOn = async (): Promise<void> => {
    while (!isClosed) {
      await readOnce()
      const pause = isClosed ? 0 : hearing.pause()
      if (pause > 0) await wait(pause)
    }
  }
  const watch = setInterval(() => {
    if (performance.now() - asked > patience && redis.status === 'ready') redis.disconnect(true) // it connects anew
  }, block)
  void readOn()
  return {
    close: () => {
      isClosed = true
      clearInterval(watch)
      redis.disconnect()
    },
  }
}

/** Undefined if nobody waits for it, or if it has another form: whoever can write to the server may have added it. */
export const eventOf = (
  at: number,
  fields: readonly string[],
  isAwaited: Hearing['isAwaited'],
): QueueEvent | undefined => {
  const valueOf = (name: string): string | undefined => {
    for (let index = 0; index < fields.length; index += 2) if (fields[index] === name) return fields[index + 1]
    return undefined
  }
  const kind = valueOf('event')
  if (kind !== 'completed' && kind !== 'progress' && kind !== 'failed') return undefined
  const id = valueOf('jobId') ?? ''
  if (!isAwaited(id)) return undefined
  if (kind === 'failed') return { _tag: 'failed', id, at, reason: valueOf('failedReason') ?? '' }
  try {
    const data: unknown = JSON.parse(valueOf(kind === 'progress' ? 'data' : 'returnvalue') ?? '')
    return kind === 'progress' ? { _tag: 'progress', id, at, data } : { _tag: 'completed', id, at, value: data }
  } catch {
    return undefined
  }
}
