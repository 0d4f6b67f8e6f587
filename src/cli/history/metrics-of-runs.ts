import { badOption } from '../../explain.js'
import { recordsOf, type RunHistory } from '../../adapters/history/run-history.js'
import type { RunRecord } from '../../adapters/history/run-record.js'
import { nearest } from '../../base/suggest.js'
import { numbersIn } from '../../inspect/diff-metrics.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { Store } from '../../runtime/ports/store.js'
import { numberOption, print, widthOf, type Call } from '../call.js'
import { exitCodes, type ExitCode } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { tableLines } from '../render/render-table.js'
import { oneLine } from '../render/text-width.js'
import { shortNumber, shortTime } from '../render/units.js'

/** Metrics of a run, by `task.path`. */
interface MeasuredRun {
  readonly record: RunRecord
  readonly values: ReadonlyMap<string, number>
}

const usualLimit = 20
/** Limit on results read for one run; each is at most 64 kB. */
const maxResults = 200

/**
 * `runs metrics METRIC [CONFIG]`: a number from JSON results over the latest runs, the earliest first. Reads what is
 * stored now, so results that were collected or recomputed since show as such.
 */
export const metricsOfRuns = async (
  call: Call,
  store: Store,
  history: RunHistory,
  [metric = '', config]: readonly string[],
): Promise<ExitCode> => {
  const limit = numberOption(call, 'limit') ?? usualLimit
  const [runs, met] = [new Array<MeasuredRun>(), new Set<string>()]
  const known = new Map<string, ReadonlyMap<string, number>>()
  for await (const record of recordsOf(history)) {
    if (runs.length >= limit) break
    if (record.plan === undefined || record.command !== 'run' || !isOf(record, config)) continue
    const plan = (await history.plan(record.plan))?.plan
    const values = new Map<string, number>()
    for (const node of (plan?.nodes ?? []).filter(isJson).slice(0, maxResults))
      for (const [path, value] of await numbersOf(store, node, known)) {
        met.add(`${node.id}.${path}`)
        if (isNamed(`${node.id}.${path}`, metric)) values.set(`${node.id}.${path}`, value)
      }
    runs.push({ record, values })
  }
  const names = [...new Set(runs.flatMap(({ values }) => [...values.keys()]))].sort()
  if (names.length === 0) throw badOption(`runs metrics ${metric}`, absent(metric, [...met]))
  const shown = runs.toReversed().filter(({ values }) => values.size > 0)
  if (call.common.json) call.host.out.write(jsonDocument({ metrics: names, runs: shown.map(documentOf) }, 2))
  else print(call, linesOf(call, names, shown))
  return exitCodes.done
}

const isOf = (record: RunRecord, config: string | undefined): boolean =>
  config === undefined || bare(record.config) === bare(config)

/** `configs/model.yaml` and `model` name the same config. */
const bare = (config: string): string => config.replace(/^(?:.*\/)?configs\//, '').replace(/\.(?:ya?ml|json)$/, '')

const isJson = ({ storage, extension, format }: PlanNode): boolean =>
  storage === 'file' && extension === 'json' && format !== 'figure'

const numbersOf = async (
  store: Store,
  node: PlanNode,
  known: Map<string, ReadonlyMap<string, number>>,
): Promise<ReadonlyMap<string, number>> => {
  const found = known.get(node.key) ?? (await numbersIn(store, node))
  known.set(node.key, found)
  return found
}

/** `rmse`, `test_metrics.rmse` and `models:test_metrics.rmse` all match the last one. */
const isNamed = (name: string, metric: string): boolean =>
  name === metric || name.endsWith(`.${metric}`) || name.endsWith(`:${metric}`)

const absent = (metric: string, met: readonly string[]): string => {
  const near = nearest(metric, met, 3)
  const others = near.length > 0 ? near : met.slice(0, 5)
  return others.length === 0
    ? 'none of these runs has a number in a stored JSON result'
    : `none of these runs has this number; there are ${others.map(oneLine).join(', ')}`
}

const documentOf = ({ record: { id, config, started, set, revision }, values }: MeasuredRun): object => ({
  id,
  config,
  started,
  set,
  revision: revision ?? null,
  values: Object.fromEntries(values),
})

const linesOf = (call: Call, names: readonly string[], runs: readonly MeasuredRun[]): readonly string[] =>
  tableLines<MeasuredRun>(
    [
      { title: 'id', cell: ({ record }) => record.id },
      { title: 'started', cell: ({ record }) => shortTime(record.started) },
      { title: 'config', cell: ({ record }) => oneLine(record.config), most: 30 },
      { title: 'set', cell: ({ record }) => record.set.map(oneLine).join(' '), most: 40 },
      ...names.map((name) => ({
        title: oneLine(name),
        align: 'right' as const,
        cell: ({ values }: MeasuredRun) => {
          const value = values.get(name)
          return value === undefined ? '' : shortNumber(value)
        },
      })),
    ],
    runs,
    { columns: widthOf(call), paintTitle: call.paint.out.bold },
  )
