import type { RunEventBody } from '../../ports/events.js'
import type { Lease } from '../../ports/lease.js'
import type { NodeCalls } from '../../ports/node-job.js'
import { killSwitch, withKill, type KillSwitch } from './kill-switch.js'
import { onAbort } from '../../session/on-abort.js'
import { hiddenLine } from '../../session/secrets.js'
import { after } from '../../session/system-clock.js'
import type { NodeWork } from '../work.js'

/** The requests that a node computed elsewhere may make of its session, and the way to end it. */
export interface Sending {
  readonly calls: NodeCalls
  /** Whether it was killed because its time was over. */
  readonly isLate: () => boolean
  /** Its later messages are ignored; its leases are released. */
  readonly end: () => Promise<void>
}

export const openSending = (
  work: NodeWork & Pick<NodeCalls, 'lease'>,
  onEvent: (event: RunEventBody) => void,
): Sending => {
  const { session, signal } = work
  const kill = killSwitch()
  const time = timeOf(work, kill)
  const leases = heldLeases(work.lease)
  let hasEnded = false
  /** Kills it if it does not end by itself within the session's grace. */
  const onStop = (): void => void session.clock.wait(session.grace).then(() => kill.kill(signal.reason))
  const forget = onAbort(signal, onStop)
  return {
    isLate: time.isLate,
    calls: withKill(
      {
        stop: signal,
        emit: (event) => {
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
      kill,
    ),
    end: async () => {
      hasEnded = true
      time.end()
      forget()
      await leases.end()
    },
  }
}

/** Kills an attempt that exceeds the task's timeout plus the session's grace: it should have ended by itself. */
const timeOf = ({ session, node, task }: NodeWork, kill: KillSwitch) => {
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
          kill.kill(new Error(`timed out after ${timeout} ms`))
        })
      } else if (event._tag === 'retrying' && event.key === node.key) rest()
    },
  }
}

/** Leases that were taken for a node: those still held at its end are released then. */
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
