import { randomBytes } from 'node:crypto'
import * as t from 'io-ts'
import { guarded, numberWhere, readJsonText, textLike } from '../../declare/codec/guarded.js'
import { lifeOf, processIdentity, type ProcessIdentity } from '../lease/process-identity.js'

/** What a run leaves in the store's history, as it is in its file: written when it starts, and anew when it ends. */

/** What became of the nodes of a run, counted. */
export interface RunCounts {
  readonly computed: number
  readonly loaded: number
  readonly cached: number
  /** Results that were accepted for another key, since their inputs had the same content. */
  readonly adopted: number
  readonly failed: number
  readonly skipped: number
  readonly unfinished: number
  readonly stale: number
}

/** The revision of git that a project was at. `clean` is left out where git did not answer in time. */
export interface Revision {
  readonly commit: string
  readonly clean?: boolean
}

export interface RunRecord {
  /** `20261127-124001-123-3f9a`: sorts by time. */
  readonly id: string
  readonly command: 'run' | 'sweep'
  readonly config: string
  /** What was asked for; empty for all that is kept. */
  readonly tasks: readonly string[]
  readonly context: readonly string[]
  /** `name=value` as given, secrets hidden. */
  readonly set: readonly string[]
  readonly revision?: Revision
  readonly started: string
  /** Who runs it. */
  readonly process: Pick<ProcessIdentity, 'pid' | 'start' | 'thread' | 'space' | 'host'>
  /** Nodes of its plan, and the name of the file that tells them. */
  readonly nodes: number
  readonly plan?: string
  /** These are there once it has ended. */
  readonly ended?: string
  readonly seconds?: number
  readonly counts?: RunCounts
  /** Names of what failed, the first of them. */
  readonly failures?: readonly string[]
  readonly exit?: number
  /** What items have used, by name: `cost`, `tokens`. */
  readonly usage?: Readonly<Record<string, number>>
  /** Of a run that no command made: which program did, relative to the project where it is in there. */
  readonly program?: string
}

const count = numberWhere('a count', (value) => Number.isSafeInteger(value) && value >= 0)
const line = textLike('a line', /^\P{Cc}{0,500}$/u)
const time = guarded(
  'a time',
  (value): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
)
const texts = t.readonlyArray(t.string)

/** How ids are formed; they are names of files. */
export const idForm = /^\d{8}-\d{6}-\d{3}-[0-9a-f]{4}$/
/** An id for a run that starts now. */
export const newRunId = (now: Date): string => {
  const [day, time] = now.toISOString().replaceAll(/[-:Z]/g, '').split('T')
  return `${day}-${time?.replace('.', '-')}-${randomBytes(2).toString('hex')}`
}

/** Records are small; what is larger is none. */
export const mostRecordBytes = 1024 * 1024

/** How the names of plans are formed. */
export const planName = /^[0-9a-f]{32}$/

const RunRecordCodec: t.Type<RunRecord> = t.intersection([
  t.type({
    id: textLike('an id', idForm),
    command: t.union([t.literal('run'), t.literal('sweep')]),
    config: t.string,
    tasks: texts,
    context: texts,
    set: texts,
    started: time,
    process: t.type({
      pid: count,
      start: t.union([textLike('a start', /^\d{1,20}$/), t.null]),
      thread: t.union([textLike('a thread', /^\d{1,10}-\d{1,20}$/), t.null]),
      space: textLike('a space', /^[0-9a-f]{8}$/),
      host: line,
    }),
    nodes: count,
  }),
  t.partial({
    revision: t.intersection([
      t.type({ commit: textLike('a commit', /^[0-9a-f]{4,64}$/) }),
      t.partial({ clean: t.boolean }),
    ]),
    plan: textLike('the name of a plan', planName),
    ended: time,
    seconds: numberWhere('a span', (value) => value >= 0),
    counts: t.type({
      computed: count,
      loaded: count,
      cached: count,
      adopted: count,
      failed: count,
      skipped: count,
      unfinished: count,
      stale: count,
    }),
    failures: texts,
    exit: count,
    usage: t.record(t.string, numberWhere('an amount', Number.isFinite)),
    program: t.string,
  }),
])

/** A record with the schema that it is written in. */
const Written = t.intersection([t.type({ schema: t.literal(1) }), RunRecordCodec])

/** The text of a record's file. */
export const recordText = (record: RunRecord): string => `${JSON.stringify({ schema: 1, ...record })}\n`

/** A record from its text; undefined for what is none, or of a later schema. */
export const recordInText = (text: string): RunRecord | undefined => readJsonText(Written, text)

/** `elsewhere`: it has not ended, and from here nobody can tell whether its process lives. */
export type RunState = 'done' | 'failed' | 'unfinished' | 'stopped' | 'running' | 'elsewhere' | 'died'

const me = processIdentity()

/** What became of a run. One whose process is gone without an end has died. */
export const stateOfRun = ({ exit, process: owner }: Pick<RunRecord, 'exit' | 'process'>): RunState => {
  if (exit === undefined) return ({ alive: 'running', dead: 'died', unknown: 'elsewhere' } as const)[lifeOf(owner, me)]
  if (exit === 0) return 'done'
  if (exit === 4) return 'unfinished'
  return exit >= 128 ? 'stopped' : 'failed'
}
