import { addressOf } from '../../plan/names/artifact-address.js'
import type { Awaitable } from '../../declare/types.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { LogSink } from '../ports/log.js'
import type { Session } from '../session/session.js'

/** The log of one node while it is computed: stored next to its artifact, opened at the first line. */
export interface NodeLog {
  /** The id of the node in the session's log, which passes its lines on from now until it is closed. */
  readonly token: () => string
  /** Whether anything was logged. */
  readonly opened: () => boolean
  /** Writes a line to the node's own log only. */
  readonly note: (level: 'warn' | 'error', message: string, details?: object) => void
  /** Resolves with the path of the log; undefined if nothing was logged. Never rejects. */
  readonly close: (outcome: 'kept' | 'failed') => Awaitable<string | undefined>
}

/** The id of a node in logs. */
export const tokenOf = ({ id, key }: Pick<NodeOutline, 'id' | 'key'>): string => `${id} ${key.slice(0, 8)}`

export const openNodeLog = (session: Pick<Session, 'log' | 'store'>, node: NodeOutline): NodeLog => {
  let sink: ReturnType<typeof lateSink> | undefined
  let isClosed = false
  const token = (): string => {
    const made = tokenOf(node)
    if (sink === undefined && !isClosed) {
      sink = lateSink(() => session.store.log(addressOf(node)))
      session.log.attach(made, sink)
    }
    return made
  }
  const closeSink = async (used: NonNullable<typeof sink>, outcome: 'kept' | 'failed'): Promise<string | undefined> => {
    await session.log.detach(tokenOf(node))
    return used.opened() ? used.close(outcome).catch(() => undefined) : undefined
  }
  return {
    token,
    opened: () => sink?.opened() === true,
    note: (level, message, details) =>
      session.log.write({
        level,
        message,
        ...(details === undefined ? {} : { details }),
        node: token(),
        fileOnly: true,
      }),
    close: (outcome) => {
      isClosed = true
      return sink === undefined ? undefined : closeSink(sink, outcome)
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
