import { isDeepStrictEqual } from 'node:util'
import type { Task, TaskLog } from '../../declare/task.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { codeFingerprint, isOtherCode } from '../code-drift/code-fingerprint.js'
import { makeMapItems } from '../items/map-items.js'
import type { ItemsProgress } from '../ports/items.js'
import type { NodeLog } from './node-log.js'
import type { Session, Emit } from '../session/session.js'

export interface ContextParts {
  readonly session: Pick<Session, 'log' | 'secrets' | 'store' | 'clock'>
  readonly node: NodeOutline
  readonly task: Task
  readonly signal: AbortSignal
  /** Filled by `note`. */
  readonly notes: unknown[]
  readonly log: Pick<NodeLog, 'token'>
  readonly emit: Emit
  /** Tools that the data format adds. */
  readonly added: object
  /** Whether the attempt was given up: its later reports are ignored. */
  readonly isOver: () => boolean
}

/** The progress that a task reports; undefined if it is not a number, or a secret. */
const countOf = (session: Pick<Session, 'secrets'>, count: unknown): number | undefined => {
  const shown = session.secrets.mask().value(count)
  return typeof shown === 'number' ? shown : undefined
}

/** A secret may occur as the name or the amount of what was used. */
const isPublic = (session: Pick<Session, 'secrets'>, items: ItemsProgress): boolean =>
  isDeepStrictEqual(session.secrets.mask().value(items), items)

/** The second argument of `run`, without params and inputs. */
export const makeContext = (parts: ContextParts): object => {
  const { session, node, task, log, emit, notes, isOver } = parts
  const write =
    (level: keyof TaskLog) =>
    (message: string, details?: object): void => {
      if (isOver()) return
      const mask = session.secrets.mask()
      const shown = mask.text(String(message))
      session.log.write(
        details === undefined
          ? { level, message: shown, node: log.token() }
          : { level, message: shown, details: mask.value(details), node: log.token() },
      )
    }
  const note = (record: unknown): void => void (isOver() || notes.push(record))
  const report = (done: number, total: number | undefined, items?: ItemsProgress): void =>
    void (
      isOver() ||
      emit({
        _tag: 'progress',
        node: node.id,
        key: node.key,
        done: countOf(session, done) ?? NaN,
        total: countOf(session, total),
        ...(items !== undefined && isPublic(session, items) ? { items } : {}),
      })
    )
  const progress = (done: number, total?: number): void => report(done, total)
  return {
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    note,
    progress,
    signal: parts.signal,
    mapItems: makeMapItems({
      items: session.store.items,
      location: session.store.location,
      folder: addressOf(node).folder,
      task: node.task,
      key: node.key,
      clock: session.clock,
      signal: parts.signal,
      codeOf: codeFingerprint,
      isOtherCode,
      onCodeChange: task.declaration.onCodeChange,
      mask: (text) => session.secrets.mask().text(text),
      progress: report,
      note,
      warn: write('warn'),
      info: write('info'),
    }),
    meta: task.declaration.meta,
    helpers: task.declaration.helpers,
    fullName: node.id,
    namespace: node.namespace,
    group: node.group,
    name: node.name,
    key: node.key,
    ...parts.added,
  }
}
