import { pushTo } from '../../base/grouping.js'
import { explainText } from '../../explain.js'
import type { RunReport } from '../../runtime/ports/events.js'
import type { Paint } from '../host.js'
import { counted, duration } from './units.js'
import { harmless } from './text-width.js'

/**
 * `5 computed, 3 loaded, 12 cached, 0 failed in 2.1 s`; counts of adopted, skipped, unfinished or stopped nodes are
 * added if there are any.
 */
export const summaryLine = (report: RunReport): string => {
  const computed = new Set(report.computed)
  const stale = report.stale.filter((node) => computed.has(node))
  const parts = [
    `${report.computed.length} computed`,
    ...(report.adopted.length > 0 ? [`${report.adopted.length} adopted`] : []),
    `${report.loaded.length} loaded`,
    `${report.cached.length} cached`,
    `${report.failed.length} failed`,
    ...(report.skipped.length > 0 ? [`${report.skipped.length} skipped`] : []),
    ...(stale.length > 0 ? [`${stale.length} stale and computed again`] : []),
    ...(report.unfinished.length > 0 ? [`${report.unfinished.length} unfinished`] : []),
  ]
  const saved = report.saved === undefined ? '' : savedText(report.saved)
  return `${parts.join(', ')} in ${duration(report.seconds)}${report.stopped ? ', stopped before the end' : ''}${saved}`
}

/** Savings of less than a second are not mentioned. */
const savedText = ({ seconds, unknown }: NonNullable<RunReport['saved']>): string =>
  seconds < 1 ? '' : `, saved ${unknown > 0 ? 'at least' : 'about'} ${duration(seconds)}`

/** The summary in the colour of its outcome. */
export const paintedSummary = (report: RunReport, paint: Paint): string =>
  (report.failed.length > 0 ? paint.red : report.unfinished.length > 0 || report.stopped ? paint.yellow : paint.green)(
    summaryLine(report),
  )

/**
 * What did not go well, each with advice: failures, nodes skipped because of them, unfinished nodes, results used
 * although their code has changed.
 */
export const troubleLines = (report: RunReport, paint: Paint): readonly string[] => [
  ...report.failed.flatMap((error) => {
    const [first = '', ...rest] = harmless(explainText(error)).split('\n')
    return [`${paint.red('failed')}  ${first}`, ...rest]
  }),
  ...skippedLines(report, paint),
  ...report.unfinished.map(
    ({ node, reason }) => `${paint.yellow('unfinished')}  ${node}: ${harmless(reason)}; run again to continue`,
  ),
  ...driftLines(report, paint),
  ...staleLines(report, paint),
]

/** Results used although their inputs have changed since, which the project allows. */
const staleLines = ({ stale, computed, failed, skipped }: RunReport, paint: Paint): readonly string[] => {
  const again = new Set([...computed, ...failed.flatMap((one) => ('node' in one ? [one.node] : []))])
  for (const { node } of skipped) again.add(node)
  const used = stale.filter((node) => !again.has(node))
  if (used.length === 0) return []
  const names = used.length <= 5 ? used.join(', ') : `${used.slice(0, 4).join(', ')} and ${used.length - 4} more`
  return [
    `${paint.yellow('stale')}  ${counted(used.length, 'result')} made from contents that have changed since: ${names}`,
    "  'taskchain why' names the inputs, 'taskchain force' marks them to be recomputed",
  ]
}

const driftLines = ({ drifted }: RunReport, paint: Paint): readonly string[] => {
  if (drifted.length === 0) return []
  const names =
    drifted.length <= 5 ? drifted.join(', ') : `${drifted.slice(0, 4).join(', ')} and ${drifted.length - 4} more`
  return [
    `${paint.yellow('older code')}  ${counted(drifted.length, 'result')} computed by older code: ${names}`,
    "  'taskchain bless' accepts them, 'taskchain force' marks them to be recomputed",
  ]
}

const skippedLines = (report: RunReport, paint: Paint): readonly string[] => {
  const byCause = new Map<string, string[]>()
  for (const { node, because } of report.skipped) {
    const cause =
      because.length > 3 ? `${because.slice(0, 3).join(', ')} and ${because.length - 3} more` : because.join(', ')
    pushTo(byCause, cause, node)
  }
  return [...byCause].map(([cause, nodes]) => {
    const names = nodes.length <= 5 ? nodes.join(', ') : `${nodes.slice(0, 4).join(', ')} and ${nodes.length - 4} more`
    const because = cause === '' ? '' : ` because of ${cause}`
    return `${paint.yellow('skipped')}  ${counted(nodes.length, 'task')}${because}: ${names}`
  })
}
