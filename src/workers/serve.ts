import type { NodeCalls, NodeJob, NodeOutcome } from '../runtime/ports/node-job.js'
import { onAbort } from '../runtime/session/on-abort.js'
import type { Lease } from '../runtime/ports/lease.js'
import type { Channel } from './channel.js'
import { errorFromData, errorToData } from './error-data.js'
import { messageFromThread } from './message-codecs.js'
import type { Dying, FromThread, ToThread } from './messages.js'

/** The last messages of a thread. */
interface LastWords {
  readonly outcome: NodeOutcome | undefined
  readonly dying: Dying | undefined
}

interface Served {
  /** Resolves with the outcome that the thread reports. */
  readonly ended: Promise<NodeOutcome>
  /**
   * To be called after its death: processes messages that were not received yet. The death is reported separately, and
   * may be known before earlier messages.
   */
  readonly lastWords: () => LastWords
  /** Whether it has sent an invalid message, so that its state is unknown. */
  readonly isBroken: () => boolean
}

/** Answers the requests of a thread or process that computes. */
export const serve = (
  channel: Channel,
  { plan, secrets, node }: Pick<NodeJob, 'plan' | 'secrets' | 'node'>,
  calls: NodeCalls,
): Served => {
  let dying: Dying | undefined
  let outcome: NodeOutcome | undefined
  let isBroken = false
  const leases = new Map<number, Promise<Lease>>()
  const say = (message: ToThread): void => channel.post(message)
  const onStop = (): void => say({ _tag: 'Stop', reason: errorToData(calls.stop.reason) })
  const forget = onAbort(calls.stop, onStop)
  let end: (outcome: NodeOutcome) => void = () => undefined
  const ended = new Promise<NodeOutcome>((resolve) => (end = resolve))
  const lease = ({ id, address }: FromThread & { readonly _tag: 'LeaseWanted' }): void => {
    const wanted = calls.lease(address)
    leases.set(id, wanted)
    wanted.then(
      () => say({ _tag: 'Leased', id }),
      (problem: unknown) => say({ _tag: 'Leased', id, problem: errorToData(problem) }),
    )
  }
  const hear = (message: FromThread): void => {
    switch (message._tag) {
      case 'PlanWanted':
        return say({ _tag: 'Plan', plan, secrets })
      case 'Event':
        return calls.emit(message.event)
      case 'Log':
        return calls.log(errorFromData(message.line))
      case 'LeaseWanted':
        return lease(message)
      case 'LeaseReleased':
        return void leases
          .get(message.id)
          ?.then((held) => held.release())
          .catch(() => undefined)
      case 'Dying':
        return void (dying = message.how)
      case 'Ended':
        outcome = errorFromData(message.outcome)
        return end(outcome)
    }
  }
  channel.onClose(forget)
  const take = (messages: unknown): void => (Array.isArray(messages) ? messages : [messages]).forEach(takeOne)
  /** An invalid message fails the node: a task shares its thread or process with the sender. */
  const takeOne = (message: unknown): void => {
    let read: FromThread
    try {
      read = messageFromThread(message)
    } catch (cause) {
      isBroken = true
      outcome ??= { _tag: 'failed', error: { _tag: 'TaskFailed', node, attempts: 1, cause, log: undefined } }
      return end(outcome)
    }
    hear(read)
  }
  channel.onMessage(take)
  return {
    ended,
    isBroken: () => isBroken,
    lastWords: () => {
      for (const said of channel.unheard()) take(said)
      return { outcome, dying }
    },
  }
}
