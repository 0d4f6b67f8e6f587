import type { DamagedArtifact, FormatProblem } from '../../declare/format.js'
import type { RunError } from '../../errors.js'
import { isLeaseUnreadable } from '../../explain/system-error.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { Session } from '../session/session.js'

/** A failure of one node. */
export interface Failed {
  readonly _tag: 'failed'
  readonly error: RunError
}

const pathIn = ({ store }: Pick<Session, 'store'>, node: NodeOutline): string =>
  store.pathOf(addressOf(node)) ?? store.location

/** A node whose artifact cannot be read. */
export const unreadable = (session: Pick<Session, 'store'>, node: NodeOutline, cause: unknown): Failed => ({
  _tag: 'failed',
  error: { _tag: 'ArtifactUnreadable', node: node.id, path: pathIn(session, node), cause },
})

/** A node whose result cannot be stored; if not even its lease can be read, the store itself has failed. */
export const notSaved = (session: Pick<Session, 'store'>, node: NodeOutline, cause: unknown): Failed => ({
  _tag: 'failed',
  error: isLeaseUnreadable(cause)
    ? { _tag: 'StoreUnusable', location: session.store.location, cause: cause.cause }
    : { _tag: 'ArtifactNotSaved', node: node.id, path: pathIn(session, node), cause },
})

/** Whether a format refused a value or bytes. By name, since two copies of the library may be loaded. */
export const isFormatProblem = (cause: unknown): cause is FormatProblem =>
  cause instanceof Error && cause.name === 'FormatProblem'

/** Whether bytes differ from the committed ones; by name too. */
export const isDamagedArtifact = (cause: unknown): cause is DamagedArtifact =>
  cause instanceof Error && cause.name === 'DamagedArtifact'

/** The problem in short. */
export const problemOf = (error: RunError): string => {
  if ('problem' in error) return error.problem
  if ('cause' in error) return error.cause instanceof Error ? error.cause.message : String(error.cause)
  if (error._tag === 'StillRunning') return 'it was told to stop and is still running'
  return error._tag === 'TimedOut' ? `timed out after ${error.milliseconds} ms` : error._tag
}

/** The details of a log line about an error. */
export const causeOf = (error: RunError): object => ('cause' in error ? { cause: error.cause } : {})

/** The error with the path of its node's log, if it has a field for one. */
export const withLog = (error: RunError, log: string | undefined): RunError =>
  error._tag === 'TaskFailed' || error._tag === 'TimedOut' || error._tag === 'StillRunning' ? { ...error, log } : error
