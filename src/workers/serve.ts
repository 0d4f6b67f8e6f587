import type { NodeCalls, NodeJob, NodeOutcome } from '../runtime/ports/node-job.js'
import { onAbort } from '../runtime/session/on-abort.js'
import type { Lease } from '../runtime/ports/lease.js'
import type { Channel } from './channel.js'
import { errorFromData, errorToData } from './error-data.js'
import { messageFromThread } from './message-codecs.js'
import type { Dying, FromThread, ToThread } from './messages.js'

/** What a thread has said of its end. */
interface LastWords {
  readonly outcome: NodeOutcome | undefined
  readonly dying: Dying | undefined
}

interface Served {
  /** Resolves with what the thread says in the end. */
  readonly ended: Promise<NodeOutcome>
  /**
   * To be asked after its death: takes in what has not been heard yet. Death comes by a way of its own, and may be
   * known before what was said earlier.
   */
  readonly lastWords: () => LastWords
  /** It has said what is no message: what it does now nobody knows. */
  readonly isBroken: () => boolean
}

/** Answers a thread or a process that computes. */
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
        return calls.tell(errorFromData(message.event))
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
  /** What is no message fails the node: a task shares its thread or process with what speaks here. */
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
