import type { RunEventBody } from '../../ports/events.js'
import type { Lease } from '../../ports/lease.js'
import type { NodeCalls } from '../../ports/node-job.js'
import { onAbort } from '../../session/on-abort.js'
import { hiddenLine } from '../../session/secrets.js'
import { after } from '../../session/system-clock.js'
import type { NodeWork } from '../work.js'

/** What a node that is computed elsewhere may ask of its session while it is, and what ends it. */
export interface Sending {
  readonly calls: NodeCalls
  /** Whether it was ended since its time was over. */
  readonly isLate: () => boolean
  /** Nothing that it still says counts from now on; what it holds is given back. */
  readonly end: () => Promise<void>
}

export const openSending = (
  work: NodeWork & Pick<NodeCalls, 'lease'>,
  onEvent: (event: RunEventBody) => void,
): Sending => {
  const { session, signal } = work
  const kill = new AbortController()
  const time = timeOf(work, kill)
  const leases = heldLeases(work.lease)
  let hasEnded = false
  /** Ends it, where it does not end by itself within the session's grace. */
  const onStop = (): void => void session.clock.wait(session.grace).then(() => kill.abort(signal.reason))
  const forget = onAbort(signal, onStop)
  return {
    isLate: time.isLate,
    calls: {
      stop: signal,
      kill: kill.signal,
      tell: (event) => {
        if (hasEnded) return
        time.follow(event)
        onEvent(event)
      },
      log: (line) => {
        if (!hasEnded) session.log.write(hiddenLine(line, session.secrets.mask()))
      },
      hide: session.secrets.hide,
      lease: leases.take,
    },
    end: async () => {
      hasEnded = true
      time.end()
      forget()
      await leases.end()
    },
  }
}

/** Ends an attempt that takes longer than the task's timeout and the session's grace: it should have ended itself. */
const timeOf = ({ session, node, task }: NodeWork, kill: AbortController) => {
  const { timeout } = task.declaration
  let rest = (): void => undefined
  let late = false
  return {
    isLate: () => late,
    end: () => rest(),
    follow: (event: RunEventBody): void => {
      if (timeout === undefined) return
      if (event._tag === 'started' && event.key === node.key) {
        rest()
        rest = after(timeout + session.grace, () => {
          late = true
          kill.abort(new Error(`timed out after ${timeout} ms`))
        })
      } else if (event._tag === 'retrying' && event.key === node.key) rest()
    },
  }
}

/** Leases that were given out for a node: what is not given back by its end is given back then. */
const heldLeases = (lease: NodeCalls['lease']) => {
  const held = new Set<Lease>()
  let hasEnded = false
  return {
    take: async (address: Parameters<NodeCalls['lease']>[0]): Promise<Lease> => {
      const taken = await lease(address)
      const given: Lease = { release: () => (held.delete(given) ? taken.release() : Promise.resolve()) }
      held.add(given)
      if (hasEnded) await given.release()
      return given
    },
    end: async (): Promise<void> => {
      hasEnded = true
      for (const one of held) await one.release().catch(() => undefined)
    },
  }
}
