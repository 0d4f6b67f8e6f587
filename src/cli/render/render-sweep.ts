import { pushTo } from '../../base/grouping.js'
import { distinction } from '../../plan/sweep/combinations.js'
import { combinationText, type SweepResult, type SweepRow } from '../../runtime/chain/sweep-table.js'
import type { SweepNode, SweepPreview } from '../../runtime/chain/sweep-chains.js'
import { explain, explainText } from '../../explain.js'
import type { RunError } from '../../errors.js'
import type { RunEvent } from '../../runtime/ports/events.js'
import type { Paint } from '../host.js'
import { plain } from '../json-output.js'
import { tableLines, type Column } from './render-table.js'
import { cut, harmless, oneLine } from './text-width.js'
import { counted, duration, shortNumber } from './units.js'

/**
 * `256 nodes in 40 chains → 109 distinct, 71 cached, 38 to run, about 41 min`; `seconds` has earlier durations by key.
 */
export const previewLine = (preview: SweepPreview, seconds: ReadonlyMap<string, number>): string => {
  const { nodes, chains, distinct, cached, toRun, inMemory, unfinished, waiting, notNeeded } = preview
  const some = (count: number, what: string): readonly string[] => (count > 0 ? [`${count} ${what}`] : [])
  const parts = [
    `${distinct} distinct`,
    `${cached} cached`,
    `${toRun} to run`,
    ...some(inMemory, 'in memory'),
    ...some(unfinished, 'unfinished'),
    ...some(waiting, 'waiting'),
    ...some(notNeeded, 'not needed'),
    ...timeLeft(preview.merged, seconds),
  ]
  return `${counted(nodes, 'node')} in ${counted(chains, 'chain')} → ${parts.join(', ')}`
}

const timeLeft = (merged: readonly SweepNode[], seconds: ReadonlyMap<string, number>): readonly string[] => {
  const ahead = merged.filter(({ state }) => state === 'to_run' || state === 'stale' || state === 'unfinished')
  const timed = ahead.flatMap(({ node }) => seconds.get(node.key) ?? [])
  if (timed.length === 0) return []
  const sum = duration(timed.reduce((total, one) => total + one, 0))
  return [timed.length === ahead.length ? `about ${sum}` : `about ${sum} for ${timed.length} of them`]
}

/** What `--dry-run` lists: the nodes to run, each with the values that distinguish it from others of the same name. */
export const toRunLines = (
  preview: SweepPreview,
  seconds: ReadonlyMap<string, number>,
  paint: Paint,
  columns: number | undefined,
): readonly string[] => {
  const rows = preview.merged.filter(
    ({ state }) => state === 'to_run' || state === 'stale' || state === 'unfinished' || state === 'waiting',
  )
  if (rows.length === 0) return []
  return tableLines<SweepNode>(
    [
      { title: 'task', cell: ({ name }) => oneLine(name) },
      {
        title: 'took',
        cell: ({ node }) => (seconds.has(node.key) ? `~${duration(seconds.get(node.key) ?? 0)}` : ''),
        align: 'right',
      },
      { title: 'with', cell: ({ params }) => oneLine(combinationText(params)), paint: (text) => paint.dim(text) },
    ],
    rows,
    { columns, paintTitle: (text) => paint.bold(text) },
  )
}

/** The table of params × metrics; failed combinations show their error in a column of its own. */
export const sweepLines = (
  { columns, rows }: Pick<SweepResult, 'columns' | 'rows'>,
  paint: Paint,
  width: number | undefined,
): readonly string[] => {
  const column = (title: string, cellOf: (row: SweepRow) => unknown): Column<SweepRow> => ({
    title: oneLine(title),
    cell: (row) => oneLine(shown(cellOf(row))),
    align: rows.every((row) => ['number', 'bigint', 'undefined'].includes(typeof cellOf(row))) ? 'right' : 'left',
    most: 60,
  })
  return tableLines<SweepRow>(
    [
      ...columns.params.map((name) => column(name, ({ params }) => params[name])),
      ...columns.metrics.map((name) => column(name, ({ metrics }) => metrics[name])),
      {
        title: 'outcome',
        cell: (row) => (columns.metrics.length > 0 && row.outcome === 'done' ? '' : outcomeText(row)),
        paint: (text, { outcome }) =>
          ({ done: paint.green, failed: paint.red, unfinished: paint.yellow, stopped: paint.yellow })[outcome](text),
      },
    ],
    rows,
    { columns: width, paintTitle: (text) => paint.bold(text) },
  )
}

/** `failed: TaskFailed in films:summary`. */
const outcomeText = ({ outcome, errors }: SweepRow): string => {
  if (outcome !== 'failed') return outcome
  const [first] = errors
  const more = errors.length > 1 ? ` and ${errors.length - 1} more` : ''
  return first === undefined ? outcome : `failed: ${first._tag}${'node' in first ? ` in ${first.node}` : ''}${more}`
}

const shown = (cell: unknown): string => {
  if (cell === undefined) return ''
  if (typeof cell === 'number') return shortNumber(cell)
  return typeof cell === 'string' ? cell : typeof cell === 'bigint' ? String(cell) : JSON.stringify(plain(cell))
}

/** The failures, each one once, with the values that the affected combinations have in common. */
export const failureLines = (rows: readonly SweepRow[], paint: Paint): readonly string[] => {
  const spoiled = new Map<RunError, number[]>()
  for (const [position, { errors, outcome }] of rows.entries())
    for (const error of outcome === 'failed' ? errors : []) pushTo(spoiled, error, position)
  const combinations = rows.map(({ params }) => params)
  return [...spoiled].flatMap(([error, positions]) => {
    const [first = '', ...rest] = harmless(explainText(error)).split('\n')
    const common = oneLine(combinationText(distinction(combinations, positions)))
    const which =
      positions.length === rows.length
        ? 'in all combinations'
        : `${common === '' ? '' : `with ${common}, `}in ${counted(positions.length, 'combination')}`
    return [`${paint.red('failed')}  ${first}`, ...rest, `  ${paint.dim(cut(which, 400))}`]
  })
}

/**
 * CSV by RFC 4180: params, metrics, outcome, error. A cell with a comma, a quote or a line end is quoted; an empty cell
 * means no value.
 */
export const csvLines = ({ columns, rows }: Pick<SweepResult, 'columns' | 'rows'>): readonly string[] => {
  const line = (cells: readonly unknown[]): string => cells.map(csvCell).join(',')
  return [
    line([...columns.params, ...columns.metrics, 'outcome', 'error']),
    ...rows.map((row) =>
      line([
        ...columns.params.map((name) => row.params[name]),
        ...columns.metrics.map((name) => row.metrics[name]),
        row.outcome,
        row.errors.map(({ _tag }) => _tag).join(' '),
      ]),
    ),
  ]
}

const cellText = (cell: unknown): string => {
  if (cell === undefined || cell === null) return ''
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number' || typeof cell === 'bigint') return String(cell)
  return JSON.stringify(plain(cell))
}

const csvCell = (cell: unknown): string => {
  const text = cellText(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows as JSON for programs. */
export const rowsAsJson = (rows: readonly SweepRow[]): readonly object[] =>
  rows.map(({ params, metrics, outcome, errors }) => ({
    params,
    metrics,
    outcome,
    ...(errors.length === 0
      ? {}
      : {
          errors: errors.map((error: RunError) => ({
            ...('node' in error ? { node: error.node } : {}),
            ...explain(error),
          })),
        }),
  }))

/** Events with names that tell nodes of the same name apart: `films:filtered [min_votes=100]`. */
export const relabelled = (merged: readonly SweepNode[]): ((event: RunEvent) => RunEvent) => {
  const labels = new Map(
    merged
      .filter(({ params }) => Object.keys(params).length > 0)
      .map(({ node, name, params }) => [node.key, `${name} [${oneLine(combinationText(params))}]`]),
  )
  return (event) => {
    const label = 'key' in event && event.key !== undefined ? labels.get(event.key) : undefined
    return label === undefined || !('node' in event) ? event : { ...event, node: label }
  }
}
