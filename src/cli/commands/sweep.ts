import type { FolderRuns } from '../../adapters/history/folder-runs.js'
import { historyOf } from '../../adapters/history/open-history.js'
import { fileSource } from '../../adapters/project/config-files.js'
import { storesFor } from '../store-of-call.js'
import { outlineOf } from '../../plan/plan-graph.js'
import type { PlanWarning } from '../../errors.js'
import { badOption } from '../../explain.js'
import type { Listener, RunEvent } from '../../runtime/ports/events.js'
import type { Store } from '../../runtime/ports/store.js'
import { hidingOf } from '../../runtime/chain/chain.js'
import { sortedByColumn } from '../../runtime/chain/sweep-table.js'
import type { Sweep, SweepPreview } from '../../runtime/chain/sweep-chains.js'
import type { SweepResult } from '../../runtime/chain/sweep-table.js'
import { nearest } from '../../base/suggest.js'
import type { Call, Command } from '../call.js'
import { operand, operandList, print, printBeside, widthOf, listOption, textOption } from '../call.js'
import { estimates } from '../../inspect/estimates.js'
import { exitCodeOfReport, exitCodes, type ExitCode } from '../exit-codes.js'
import { onInterruption } from '../interruption.js'
import { jsonDocument } from '../json-output.js'
import { paintedSummary } from '../render/render-report.js'
import {
  csvLines,
  failureLines,
  previewLine,
  relabelled,
  rowsAsJson,
  sweepLines,
  toRunLines,
} from '../render/render-sweep.js'
import { naming } from '../history/holding-run.js'
import { recorded } from '../history/recorded-run.js'
import { runOutput } from '../run-output.js'
import { executorOf, projectOf, printWarnings } from '../open-chain-of-call.js'
import { reportedStrayFailures } from '../reported-stray-failures.js'
import { combineSweeps, parseSweepFile, sweptValues, type SweepSpec } from '../../inspect/sweep-request.js'
import { messageOf } from '../../base/thrown.js'

/** More combinations than this are more likely a typo than intended. */
const manyCombinations = 1000

/** `sweep CONFIG [TASK…] --set name=a,b …`: computes all combinations as one plan and prints a table of the results. */
export const sweep: Command = async (call) => {
  if (call.options['csv'] === true && call.common.json) throw badOption('--csv', 'cannot be combined with --json')
  const spec = await specOf(call)
  if (spec.axes.length === 0)
    throw badOption('sweep', 'nothing to sweep over: use --set name=a,b or --range name=1..10 or --sweep FILE')
  const { openSweep } = await import('../../sweep.js') // before the project, as in withChain
  const loaded = await projectOf(call)
  const { logLevel, context } = call.common
  const store = await storesFor(call, loaded)
  const tasks = operandList(call, 'task')
  const concurrency = call.options['concurrency']
  const executor = await executorOf(call, loaded, store)
  const opened: Sweep = await openSweep(loaded.project, {
    config: operand(call, 'config'),
    root: loaded.root,
    context,
    store,
    history: false, // recorded by this command, which knows the command line
    set: Object.fromEntries(spec.axes.map(({ name, values }) => [name, values])),
    zip: spec.zip,
    metrics: spec.metrics,
    ...(tasks.length > 0
      ? { tasks }
      : spec.metrics.length > 0 && call.options['onlyMetrics'] === true
        ? { tasks: [] }
        : {}),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(typeof concurrency === 'number' ? { concurrency } : {}),
    ...(executor === undefined ? {} : { executor }),
  })
  call.host.hide?.(hidingOf(opened))
  try {
    printWarnings(call, warningsOf(opened))
    return await perform(call, opened, store, loaded.root)
  } finally {
    await opened.close()
  }
}

const specOf = async (call: Call): Promise<SweepSpec> => {
  const list = (name: string): readonly string[] => listOption(call, name)
  const given: SweepSpec = {
    axes: sweptValues(call.common.set, list('range')),
    zip: call.options['zip'] === true,
    metrics: list('metrics'),
  }
  const file = textOption(call, 'sweep')
  if (file === undefined) return given
  const text = await fileSource(call.host.folder)
    .read(file)
    .catch((cause: unknown) => {
      throw badOption(`--sweep ${file}`, messageOf(cause))
    })
  if (text === undefined) throw badOption(`--sweep ${file}`, 'there is no such file')
  return combineSweeps(parseSweepFile(file, text), given)
}

/** Warnings that all chains share, or that are not about the swept values. */
const warningsOf = ({ chains }: Sweep): readonly PlanWarning[] => {
  const counts = new Map<string, { readonly warning: PlanWarning; count: number }>()
  for (const { plan } of chains)
    for (const warning of plan.warnings) {
      const known = counts.get(JSON.stringify(warning))
      if (known === undefined) counts.set(JSON.stringify(warning), { warning, count: 1 })
      else known.count++
    }
  return [...counts.values()]
    .filter(({ warning, count }) => warning._tag !== 'UnusedContextValue' || count === chains.length)
    .map(({ warning }) => warning)
}

const perform = async (call: Call, sweep: Sweep, store: Store, root: string): Promise<ExitCode> => {
  const isForPeople = !call.common.json && call.options['csv'] !== true
  const preview = await sweep.preview()
  const seconds = await estimates(
    store,
    preview.merged.map(({ node }) => node),
    new Map(preview.merged.map(({ node, state }) => [node.id, state === 'not_needed' ? 'cached' : state])),
  )
  printBeside(
    call,
    withoutEffect(sweep, preview).map(
      (name) => `${call.paint.err.yellow('warning')}: '${name}' changes no key: its values make equal rows`,
    ),
  )
  const dryRun = call.options['dryRun'] === true
  if (dryRun && call.common.json)
    call.host.out.write(
      jsonDocument(
        { ...previewAsJson(preview, seconds), combinations: sweep.chains.map(({ params }) => params), dryRun },
        2,
      ),
    )
  else if (dryRun)
    print(call, [...toRunLines(preview, seconds, call.paint.out, widthOf(call)), previewLine(preview, seconds)])
  else (isForPeople ? print : printBeside)(call, [previewLine(preview, seconds)])
  if (dryRun) return exitCodes.done
  if (preview.chains > manyCombinations && call.options['yes'] !== true)
    throw badOption('sweep', `${preview.chains} combinations; add --yes if that is intended, --dry-run to look closer`)
  const nodes = preview.merged.map(({ node }) => node)
  const plans = sweep.chains.map(({ plan }) => outlineOf(plan))
  const about = { command: 'sweep', tasks: operandList(call, 'task'), root, nodes, plans } as const
  const { result, code } = await recorded(call, store, hidingOf(sweep), about, (record) =>
    run(call, sweep, preview, { isForPeople, record, history: historyOf(store)?.folder }),
  )
  const rows = sorted(call, result)
  if (call.common.json)
    call.host.out.write(
      jsonDocument(
        { ...previewAsJson(preview, seconds), columns: result.columns, rows: rowsAsJson(rows), report: counts(result) },
        2,
      ),
    )
  else
    print(
      call,
      call.options['csv'] === true
        ? csvLines({ ...result, rows })
        : ['', ...sweepLines({ ...result, rows }, call.paint.out, widthOf(call))],
    )
  printBeside(call, failureLines(rows, call.paint.err))
  for (const { node, reason } of result.report.unfinished)
    printBeside(call, [`${call.paint.err.yellow('unfinished')}  ${node}: ${reason}; run again to continue`])
  if (isForPeople) print(call, ['', paintedSummary(result.report, call.paint.out)])
  return code
}

/** Swept names that change no node: their values are equal, or they are params that are part of no key. */
const withoutEffect = ({ chains }: Sweep, { merged }: SweepPreview): readonly string[] => {
  const [first] = chains
  const swept = Object.keys(first?.params ?? {}).filter((name) =>
    chains.some(({ params }) => params[name] !== first?.params[name]),
  )
  const distinguishing = new Set(merged.flatMap(({ params }) => Object.keys(params)))
  return swept.filter((name) => !distinguishing.has(name))
}

/** Progress goes to standard error if the output is for programs. */
const run = async (
  call: Call,
  sweep: Sweep,
  preview: SweepPreview,
  {
    isForPeople,
    record,
    history,
  }: { readonly isForPeople: boolean; readonly record: Listener; readonly history: FolderRuns | undefined },
): Promise<{ readonly result: SweepResult; readonly code: ExitCode }> => {
  const beside: Call = {
    ...call,
    common: { ...call.common, json: false },
    host: { ...call.host, out: call.host.err },
    paint: { out: call.paint.err, err: call.paint.err },
  }
  const output = runOutput(
    isForPeople ? call : beside,
    preview.merged.map(({ node }) => node),
  )
  const interruption = onInterruption(output.stopping, output.end)
  const stray = reportedStrayFailures(call, output.end)
  const relabel = relabelled(preview.merged)
  const onEvent = (event: RunEvent): void => {
    const shown = naming(history, relabel(event))
    stray.onEvent(shown)
    record(shown)
    output.onEvent(shown)
  }
  try {
    const result = await sweep.run({
      onEvent,
      signal: AbortSignal.any([interruption.signal, stray.signal]),
      failFast: call.options['failFast'] === true,
      adopt: call.options['adopt'] !== false,
    })
    return { result, code: interruption.code() ?? (stray.met() ? exitCodes.failed : exitCodeOfReport(result.report)) }
  } finally {
    output.end()
    await stray.release()
    interruption.release()
  }
}

const sorted = (call: Call, result: SweepResult): SweepResult['rows'] => {
  const by = textOption(call, 'sort')
  if (by === undefined) return result.rows
  const rows = sortedByColumn(result.rows, by, result.columns)
  const columns = [...result.columns.params, ...result.columns.metrics]
  const [near] = nearest(by.replace(/^-/, ''), columns)
  if (rows === undefined)
    printBeside(call, [
      `${call.paint.err.yellow('warning')}: --sort ${by}: no such column; ` +
        `${near === undefined ? `there are ${columns.join(', ')}` : `did you mean '${near}'?`}`,
    ])
  return rows ?? result.rows
}

const previewAsJson = ({ merged, ...counted }: SweepPreview, seconds: ReadonlyMap<string, number>): object => {
  const ahead = merged
    .filter(({ state }) => state === 'to_run' || state === 'stale' || state === 'unfinished')
    .flatMap(({ node }) => seconds.get(node.key) ?? [])
  return { preview: { ...counted, seconds: ahead.length === 0 ? null : ahead.reduce((sum, one) => sum + one, 0) } }
}

const counts = ({ report }: SweepResult): object => ({
  computed: report.computed.length,
  adopted: report.adopted.length,
  loaded: report.loaded.length,
  cached: report.cached.length,
  failed: report.failed.length,
  skipped: report.skipped.length,
  unfinished: report.unfinished.length,
  stopped: report.stopped,
  seconds: report.seconds,
})
