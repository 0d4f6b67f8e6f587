import { randomBytes } from 'node:crypto'
import * as t from 'io-ts'
import { guarded, numberWhere, readJsonText, textLike } from '../../declare/codec/guarded.js'
import { lifeOf, processIdentity } from '../lease/process-identity.js'

/** The file of a run in the store's history: written when the run starts, and rewritten when it ends. */

const count = numberWhere('a count', (value) => Number.isSafeInteger(value) && value >= 0)
const line = textLike('a line', /^\P{Cc}{0,500}$/u)
const time = guarded(
  'a time',
  (value): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
)
const texts = t.readonlyArray(t.string)

/** Form of ids, which are file names. */
export const idForm = /^\d{8}-\d{6}-\d{3}-[0-9a-f]{4}$/
/** An id for a run that starts now. */
export const newRunId = (now: Date): string => {
  const [day, time] = now.toISOString().replaceAll(/[-:Z]/g, '').split('T')
  return `${day}-${time?.replace('.', '-')}-${randomBytes(2).toString('hex')}`
}

/** Records are small; a larger file is not a record. */
export const maxRecordBytes = 1024 * 1024

/** Form of plan names. */
export const planName = /^[0-9a-f]{32}$/

/** Outcomes of a run's nodes, counted. `adopted`: from another key, because their inputs had the same content. */
const RunCounts = t.type({
  computed: count,
  loaded: count,
  cached: count,
  adopted: count,
  failed: count,
  skipped: count,
  unfinished: count,
  stale: count,
})
export interface RunCounts extends t.TypeOf<typeof RunCounts> {}

/** The git revision of a project. `clean` is absent if git did not answer in time. */
const Revision = t.intersection([
  t.type({ commit: textLike('a commit', /^[0-9a-f]{4,64}$/) }),
  t.partial({ clean: t.boolean }),
])
export type Revision = t.TypeOf<typeof Revision>

/** Usage reported by items, by name: `cost`, `tokens`. */
export const Usage = t.record(t.string, numberWhere('an amount', Number.isFinite))
export type Usage = Readonly<t.TypeOf<typeof Usage>>

const RunRecord = t.intersection([
  t.type({
    /** `20261127-124001-123-3f9a`: sorts by time. */
    id: textLike('an id', idForm),
    command: t.union([t.literal('run'), t.literal('sweep')]),
    config: t.string,
    /** Requested tasks; empty for all that are stored. */
    tasks: texts,
    context: texts,
    /** `name=value` as given, secrets hidden. */
    set: texts,
    started: time,
    /** The process that runs it. */
    process: t.type({
      pid: count,
      start: t.union([textLike('a start', /^\d{1,20}$/), t.null]),
      thread: t.union([textLike('a thread', /^\d{1,10}-\d{1,20}$/), t.null]),
      space: textLike('a space', /^[0-9a-f]{8}$/),
      host: line,
    }),
    /** Number of nodes in its plan. */
    nodes: count,
  }),
  t.partial({
    revision: Revision,
    plan: textLike('the name of a plan', planName),
    /** For a run not started by a command: the program that did, relative to the project if it is inside it. */
    program: t.string,
    /** The following fields are present once it has ended. */
    ended: time,
    seconds: numberWhere('a span', (value) => value >= 0),
    counts: RunCounts,
    /** Names of the first failed tasks. */
    failures: texts,
    exit: count,
    usage: Usage,
  }),
])
export type RunRecord = t.TypeOf<typeof RunRecord>

/** A record with the schema version it is written in. */
const Written = t.intersection([t.type({ schema: t.literal(1) }), RunRecord])

/** The text of a record's file. */
export const recordText = (record: RunRecord): string => `${JSON.stringify({ schema: 1, ...record })}\n`

/** Parses a record; undefined if the text is not a record, or is one of a later schema. */
export const recordInText = (text: string): RunRecord | undefined => readJsonText(Written, text)

/** `elsewhere`: it has not ended, and whether its process is alive cannot be determined from here. */
export type RunState = 'done' | 'failed' | 'unfinished' | 'stopped' | 'running' | 'elsewhere' | 'died'

const me = processIdentity()

/** The state of a run. A run whose process is gone without recording an end has died. */
export const stateOfRun = ({ exit, process: owner }: Pick<RunRecord, 'exit' | 'process'>): RunState => {
  if (exit === undefined) return ({ alive: 'running', dead: 'died', unknown: 'elsewhere' } as const)[lifeOf(owner, me)]
  if (exit === 0) return 'done'
  if (exit === 4) return 'unfinished'
  return exit >= 128 ? 'stopped' : 'failed'
}
