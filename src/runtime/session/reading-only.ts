import type { LogSink } from '../ports/log.js'
import type { Session } from './session.js'

/**
 * The session for those who only read: damage is an error, and is neither marked nor known to those who may repair it;
 * what has to be made in
 * memory leaves no log, no run info and no value behind.
 */
export const readingOnly = (session: Session): Session => ({
  ...session,
  noRepair: true,
  inFlight: new Map(),
  memory: { ...session.memory, keep: () => [] },
  store: { ...session.store, writeRunInfo: async () => undefined, log: () => nowhere },
})

const nowhere: LogSink = { write: () => undefined, close: async () => undefined }
