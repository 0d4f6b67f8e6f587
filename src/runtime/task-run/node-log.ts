import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { LogSink } from '../ports/log.js'
import type { Session } from '../session/session.js'

/** The log of one node while it is computed: stored next to its artifact, opened at the first line. */
export interface NodeLog {
  /** The id of the node in the session's log. */
  readonly token: string
  /** Whether anything was logged. */
  readonly opened: () => boolean
  /** Writes a line to the node's own log only. */
  readonly note: (level: 'warn' | 'error', message: string, details?: object) => void
  /** Resolves with the path of the log; undefined if nothing was logged. Never rejects. */
  readonly close: (outcome: 'kept' | 'failed') => Promise<string | undefined>
}

export const openNodeLog = (session: Pick<Session, 'log' | 'store'>, node: NodeOutline): NodeLog => {
  const token = `${node.id} ${node.key.slice(0, 8)}`
  const sink = lateSink(() => session.store.log(addressOf(node)))
  session.log.attach(token, sink)
  return {
    token,
    opened: sink.opened,
    note: (level, message, details) =>
      session.log.write({ level, message, ...(details === undefined ? {} : { details }), node: token, fileOnly: true }),
    close: async (outcome) => {
      await session.log.detach(token)
      return sink.opened() ? sink.close(outcome).catch(() => undefined) : undefined
    },
  }
}

/** Most nodes log nothing: opened at the first line only. */
const lateSink = (open: () => LogSink): LogSink & { readonly opened: () => boolean } => {
  let sink: LogSink | undefined
  return {
    opened: () => sink !== undefined,
    write: (line) => (sink ??= open()).write(line),
    close: async (outcome) => sink?.close(outcome),
  }
}
