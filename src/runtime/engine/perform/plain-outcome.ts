import type { NodeOutcome } from '../../ports/node-job.js'
import { hiddenIn } from '../../session/secrets.js'
import type { Produced, Session } from '../../session/session.js'

/** The outcome for the caller; undefined if inputs turned out to be damaged, which takes a scheduler to repair. */
export const outcomeOf = ({ secrets }: Session, produced: Produced): NodeOutcome | undefined => {
  switch (produced._tag) {
    case 'kept':
      return produced
    case 'computed':
      return { _tag: 'kept', digest: produced.content.digest }
    case 'failed':
      return { _tag: 'failed', error: hiddenIn(produced.error, secrets.mask()) }
    case 'unfinished':
      return { _tag: 'unfinished', reason: secrets.mask().text(produced.reason) }
    case 'stopped':
      return produced
    default:
      return undefined
  }
}

export const unusableStore = ({ store, secrets }: Session, cause: unknown): NodeOutcome => ({
  _tag: 'failed',
  error: { _tag: 'StoreUnusable', location: store.location, cause: secrets.mask().value(cause) },
})
