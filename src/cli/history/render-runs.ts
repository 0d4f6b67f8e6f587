import { stateOfRun, type RunRecord, type RunState } from '../../adapters/history/run-record.js'
import type { Paint } from '../host.js'
import { tableLines, type Column } from '../render/render-table.js'
import { harmless } from '../render/text-width.js'
import { counted, duration, shortNumber, shortTime } from '../render/units.js'

/** A run as a list shows it; without a record if that cannot be read. */
export interface ListedRun {
  readonly id: string
  readonly record: RunRecord | undefined
  readonly pinned: boolean
}

/** A table of runs, the latest first, and how many more there are. */
export const runsLines = (
  runs: readonly ListedRun[],
  count: number,
  paint: Paint,
  columns: number | undefined,
): readonly string[] =>
  count === 0
    ? ['nothing has run yet in this store']
    : [
        ...tableLines(columnsOf(paint), runs, { columns, paintTitle: paint.dim }),
        ...(count > runs.length ? [paint.dim(`${count - runs.length} earlier; --limit ${count} shows all`)] : []),
      ]

const columnsOf = (paint: Paint): readonly Column<ListedRun>[] => [
  { title: 'id', cell: ({ id }) => id },
  { title: 'started', cell: ({ record }) => (record === undefined ? '' : shortTime(record.started)) },
  { title: 'command', cell: ({ record }) => record?.command ?? '' },
  { title: 'config', cell: ({ record }) => oneLine(record?.config ?? ''), most: 40 },
  {
    title: 'state',
    cell: ({ record }) => (record === undefined ? 'unreadable' : stateOfRun(record)),
    paint: (text, { record }) => (record === undefined ? paint.red(text) : painted(stateOfRun(record), text, paint)),
  },
  { title: 'computed', align: 'right', cell: ({ record }) => numberText(record?.counts?.computed) },
  { title: 'cached', align: 'right', cell: ({ record }) => numberText(record?.counts?.cached) },
  { title: 'failed', align: 'right', cell: ({ record }) => numberText(record?.counts?.failed) },
  {
    title: 'took',
    align: 'right',
    cell: ({ record }) => (record?.seconds === undefined ? '' : duration(record.seconds)),
  },
  {
    title: 'cost',
    align: 'right',
    cell: ({ record }) => (record?.usage?.['cost'] === undefined ? '' : shortNumber(record.usage['cost'])),
  },
  { title: 'revision', cell: ({ record }) => revisionText(record?.revision) },
  { title: 'pinned', cell: ({ pinned }) => (pinned ? 'pinned' : '') },
]

const numberText = (value: number | undefined): string => (value === undefined ? '' : String(value))

const oneLine = (text: string): string => harmless(text).replaceAll('\n', ' ')

/** Seven digits, plus `+` if the working tree had changes. */
const revisionText = (revision: RunRecord['revision']): string =>
  revision === undefined ? '' : `${revision.commit.slice(0, 7)}${revision.clean === false ? '+' : ''}`

const painted = (state: RunState, text: string, paint: Paint): string => {
  switch (state) {
    case 'done':
      return paint.green(text)
    case 'failed':
    case 'died':
      return paint.red(text)
    case 'running':
      return paint.cyan(text)
    default:
      return paint.yellow(text)
  }
}

/** One run, a line for each known fact. */
export const runLines = (record: RunRecord, pinned: boolean, paint: Paint): readonly string[] => {
  const { id, command, config, tasks, context, set, revision, started, ended, seconds, counts, failures } = record
  const state = stateOfRun(record)
  const fields: readonly (readonly [string, string])[] = [
    ['run', paint.bold(id)],
    ['state', painted(state, state, paint)],
    ['command', [command, config, ...tasks].map(oneLine).join(' ')],
    ['context', context.map(oneLine).join(', ')],
    ['set', set.map(oneLine).join(', ')],
    ['revision', revision === undefined ? '' : `${revision.commit}${cleanText(revision.clean)}`],
    ['started', started],
    ['ended', ended === undefined ? '' : `${ended}${seconds === undefined ? '' : `, after ${duration(seconds)}`}`],
    ['process', `${record.process.pid} on ${oneLine(record.process.host)}`],
    ['nodes', [counted(record.nodes, 'node'), ...countsText(counts)].join(', ')],
    ['used', usageText(record.usage, state)],
    ['failures', failures?.map(oneLine).join(', ') ?? ''],
    ['exit', numberText(record.exit)],
    ['program', record.program === undefined ? '' : oneLine(record.program)],
    ['pinned', pinned ? 'gc keeps what it reached' : ''],
  ]
  return fields.filter(([, text]) => text !== '').map(([name, text]) => `${name.padEnd(10)}${text}`)
}

/** `cost 1.25, tokens 4000`. */
const usageText = (usage: RunRecord['usage'] = {}, state: RunState): string => {
  const amounts = Object.entries(usage).map(([name, amount]) => `${oneLine(name)} ${shortNumber(amount)}`)
  return [...amounts, ...(state === 'died' && amounts.length > 0 ? ['at least: it was killed'] : [])].join(', ')
}

const cleanText = (clean: boolean | undefined): string =>
  clean === undefined ? '' : clean ? ', nothing changed since' : ', with changes'

const countsText = (counts: RunRecord['counts']): readonly string[] =>
  Object.entries(counts ?? {}).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))

/** How the requests of two runs differ. */
export const requestLines = (before: RunRecord, after: RunRecord, paint: Paint): readonly string[] => {
  const asked = (record: RunRecord): readonly (readonly [string, string])[] => [
    ['config', oneLine(record.config)],
    ['tasks', record.tasks.map(oneLine).join(' ')],
    ['context', record.context.map(oneLine).join(', ')],
    ['set', record.set.map(oneLine).join(', ')],
    ['revision', revisionText(record.revision)],
  ]
  const later = new Map(asked(after))
  return asked(before).flatMap(([name, text]) => {
    const now = later.get(name) ?? ''
    return now === text ? [] : [`  ${paint.cyan(name)}  ${text || '(none)'} → ${now || '(none)'}`]
  })
}
