import type { LogSink } from '../ports/log.js'
import type { Store } from '../ports/store.js'
import type { Session } from './session.js'

/**
 * A session that only reads: damage is an error, and is neither marked nor reported to sessions that may repair it;
 * values that have to be computed in memory leave no log, run info or value behind.
 */
export const readingOnly = (session: Session): Session => ({
  ...session,
  noRepair: true,
  recorder: undefined,
  inFlight: new Map(),
  memory: { ...session.memory, keep: () => [] },
  store: withoutTraces(session.store),
})

const withoutTraces = (store: Store): Store => ({
  ...store,
  stage: async (address, storage) => {
    const staging = await store.stage(address, storage)
    return storage === 'nothing' ? { ...staging, commit: async () => store.location } : staging
  },
  log: (address) => ({ ...nowhere, read: (which) => store.log(address).read(which) }),
})

const nowhere: LogSink = { write: () => undefined, close: async () => undefined }
