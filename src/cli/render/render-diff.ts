import type { ChainDiff, ParamDiff, RootDiff } from '../../plan/inspect/diff-chains.js'
import { printBound } from '../../plan/inspect/print-plan.js'
import { changedParts } from '../../plan/inspect/changed-parts.js'
import type { ChainComparison } from '../../inspect/compare-chains.js'
import type { MetricPair } from '../../inspect/diff-metrics.js'
import type { Paint } from '../host.js'
import { firstOf, originText, partName, valueText } from './render-change.js'
import { tableLines } from './render-table.js'
import { counted, countedNodes, duration, shortNumber } from './units.js'

/** Everything that `diff` shows. */
export interface DiffReport extends ChainComparison {
  /** The two configs as typed on the command line. */
  readonly before: string
  readonly after: string
}

const most = 30

/** A diff as text: params, where results first differ, what follows, what must be computed, metrics side by side. */
export const diffLines = (
  { before, after, diff, toCompute, metrics }: DiffReport,
  paint: Paint,
  columns: number | undefined,
): readonly string[] => {
  const lines = [
    ...section(
      'params',
      diff.params.flatMap((change) => paramLines(change, paint)),
      paint,
    ),
    ...section('tasks', taskLines(diff, paint), paint),
    ...section('metrics', metricLines(metrics, paint, columns), paint),
  ]
  return [
    `${paint.bold(before)} → ${paint.bold(after)}`,
    ...(lines.length === 0 ? ['', `no difference: ${counted(diff.same, 'node')} with equal results`] : lines),
    '',
    computeLine(after, toCompute),
  ]
}

const section = (title: string, lines: readonly string[], paint: Paint): readonly string[] =>
  lines.length === 0 ? [] : ['', paint.bold(title), ...shortened(lines).map((line) => `  ${line}`)]

const shortened = (lines: readonly string[]): readonly string[] =>
  lines.length <= 4 * most ? lines : [...lines.slice(0, 4 * most), `… and ${lines.length - 4 * most} more lines`]

const paramLines = (
  { name, before, after, inKey, origin, originBefore, nodes }: ParamDiff,
  paint: Paint,
): readonly string[] => {
  const [now, then] = [originText(origin), originText(originBefore)]
  const note = inKey ? '' : paint.dim('  (recomputes nothing)')
  return [
    ...changedParts(before, after).map(
      (part) => `${paint.cyan(partName(name, part))}  ${valueText(part.before)} → ${valueText(part.after)}${note}`,
    ),
    paint.dim(`  ${now === then ? now : `${then} → ${now}`}; read by ${firstOf(nodes, 3)}`),
  ]
}

const taskLines = ({ roots, consequences, added, removed }: ChainDiff, paint: Paint): readonly string[] => [
  ...roots.slice(0, most).map((root) => `${paint.yellow('differs')}  ${root.node}  ${rootText(root)}`),
  ...(roots.length > most ? [`${paint.yellow('differs')}  and ${roots.length - most} more`] : []),
  ...(consequences.length > 0
    ? [
        `${paint.yellow('follows')}  ${counted(consequences.length, 'node')}` +
          ` because of ${roots.length === 1 ? 'it' : 'these'}: ${names(consequences)}`,
      ]
    : []),
  ...(added.length > 0 ? [`${paint.green('added')}    ${counted(added.length, 'node')}: ${names(added)}`] : []),
  ...(removed.length > 0 ? [`${paint.red('removed')}  ${counted(removed.length, 'node')}: ${names(removed)}`] : []),
]

const names = (list: readonly string[]): string => firstOf(list, 5)

const rootText = ({ params, inputs, version, format }: RootDiff): string =>
  [
    ...(params.length > 0 ? [params.join(', ')] : []),
    ...inputs.map(
      ({ role, before, after }) => `input ${role}: ${printBound(before ?? null)} → ${printBound(after ?? null)}`,
    ),
    ...(version === undefined ? [] : [`version ${version.before ?? 'none'} → ${version.after ?? 'none'}`]),
    ...(format === undefined ? [] : [`format ${format.before ?? 'none'} → ${format.after ?? 'none'}`]),
  ].join('; ')

const metricLines = (metrics: readonly MetricPair[], paint: Paint, columns: number | undefined): readonly string[] =>
  metrics.length === 0
    ? []
    : tableLines<MetricPair>(
        [
          { title: 'task', cell: ({ node }) => node },
          { title: 'number', cell: ({ name }) => name },
          { title: 'before', cell: ({ before }) => shortNumber(before), align: 'right' },
          { title: 'after', cell: ({ after }) => shortNumber(after), align: 'right' },
          { title: 'change', cell: ({ before, after }) => changeText(after - before), align: 'right' },
        ],
        metrics,
        { columns: columns === undefined ? undefined : columns - 2, paintTitle: (text) => paint.dim(text) },
      )

const changeText = (change: number): string =>
  change > 0 ? `+${shortNumber(change)}` : change === 0 ? '0' : shortNumber(change)

const computeLine = (after: string, { nodes, distinct, seconds, timed }: DiffReport['toCompute']): string => {
  if (nodes.length === 0) return `everything of ${after} is computed`
  const time =
    timed === 0
      ? ''
      : timed === distinct
        ? `, about ${duration(seconds)}`
        : `, about ${duration(seconds)} for ${timed} of them`
  return `${countedNodes(nodes.length, distinct, ` of ${after}`)} to run${time}: ${names(nodes)}`
}
