import { historyOf } from '../../adapters/history/open-history.js'
import { recordIn, type RunHistory } from '../../adapters/history/run-history.js'
import { idForm, stateOfRun, type RunRecord } from '../../adapters/history/run-record.js'
import { numbersIn } from '../../inspect/diff-metrics.js'
import type { RunAnswer, RunMetricsAnswer, RunRow, RunsAnswer } from '../contract.js'
import { originIn } from '../reader/origin-in.js'
import type { Reader } from '../reader/reader.js'
import { NoAnswer, refusal } from '../reader/trouble.js'

const usual = 50
const most = 500
/** Limit on records searched for those of one config. */
const maxSought = 5000

export const runsAnswer = async (
  reader: Reader,
  asked: { readonly offset?: number; readonly limit?: number; readonly config?: string },
): Promise<RunsAnswer> => {
  const history = historyOf(reader.store)
  const offset = asked.offset ?? 0
  const limit = Math.min(most, asked.limit ?? usual)
  if (history === undefined) return { schema: 1, count: 0, offset, runs: [], unreadable: [] }
  const ids = asked.config === undefined ? await history.ids() : await idsOf(reader, history, asked.config)
  const pins = await history.pins()
  const shown = ids.slice(offset, offset + limit)
  const records = await history.readAll(shown)
  const read = shown.map((id, index) => ({ id, record: records[index] }))
  return {
    schema: 1,
    count: ids.length,
    offset,
    runs: read.flatMap(({ id, record }) => (record === undefined ? [] : [runRow(reader, record, pins.has(id))])),
    unreadable: read.flatMap(({ id, record }) => (record === undefined ? [id] : [])),
  }
}

const idsOf = async ({ loaded }: Reader, history: RunHistory, config: string): Promise<readonly string[]> => {
  const records = await history.readAll((await history.ids()).slice(0, maxSought))
  return records.flatMap((record) =>
    record !== undefined && originIn(loaded.root, loaded.project.configs, record.config) === config ? [record.id] : [],
  )
}

/** A record as the page receives it, with its config as the project names it. */
export const runRow = ({ loaded }: Reader, record: RunRecord, pinned: boolean): RunRow => {
  const { process: owner, revision, ended, seconds, counts, exit, usage } = record
  return {
    id: record.id,
    state: stateOfRun(record),
    command: record.command,
    config: originIn(loaded.root, loaded.project.configs, record.config),
    tasks: record.tasks,
    context: record.context,
    set: record.set,
    ...(revision === undefined ? {} : { revision }),
    started: record.started,
    ...(ended === undefined ? {} : { ended }),
    ...(seconds === undefined ? {} : { seconds }),
    host: owner.host,
    pid: owner.pid,
    nodes: record.nodes,
    ...(counts === undefined ? {} : { counts }),
    failures: record.failures ?? [],
    ...(exit === undefined ? {} : { exit }),
    ...(usage === undefined ? {} : { usage }),
    pinned,
  }
}

/** The record of a run, and its history. Throws if it cannot be read. */
export const recordOf = async (
  { store }: Reader,
  id: string,
): Promise<{ readonly history: RunHistory; readonly record: RunRecord }> => {
  const history = historyOf(store)
  const record = history && idForm.test(id) ? await recordIn(history, id) : undefined
  if (history === undefined || record === undefined)
    throw new NoAnswer(refusal(404, 'NoRun', `there is no run ${id.slice(0, 100)}, or its record cannot be read`))
  return { history, record }
}

export const runAnswer = async (reader: Reader, { id }: { readonly id: string }): Promise<RunAnswer> => {
  const { history, record } = await recordOf(reader, id)
  const kept = record.plan === undefined ? undefined : await history.plan(record.plan)
  return {
    schema: 1,
    run: runRow(reader, record, (await history.pins()).has(id)),
    ...(kept?.plan === undefined ? {} : { nodes: kept.plan.nodes.map((node) => node.id) }),
  }
}

const maxRuns = 50
const maxSeries = 200

/** Metrics of a config's runs over time: results in their plans that are still stored. */
export const runMetricsAnswer = async (
  reader: Reader,
  { config, limit }: { readonly config: string; readonly limit?: number },
): Promise<RunMetricsAnswer> => {
  const history = historyOf(reader.store)
  const runs = []
  const series = new Map<string, { readonly node: string; readonly name: string; readonly values: (number | null)[] }>()
  const ids = history === undefined ? [] : await idsOf(reader, history, config)
  for (const id of ids.slice(0, Math.min(limit ?? maxRuns, 500)).toReversed()) {
    const record = history && (await recordIn(history, id))
    const kept = record?.plan === undefined ? undefined : await history?.plan(record.plan)
    if (record === undefined || kept?.plan === undefined) continue
    const position = runs.length
    runs.push({ id, started: record.started })
    for (const node of kept.plan.nodes) {
      if (node.storage !== 'file' || node.extension !== 'json' || node.format === 'figure') continue
      for (const [name, value] of await numbersIn(reader.store, node)) {
        const title = `${node.id} ${name}`
        const known = series.get(title) ?? { node: node.id, name, values: [] }
        if (!series.has(title) && series.size >= maxSeries) continue
        series.set(title, known)
        while (known.values.length < position) known.values.push(null)
        known.values.push(value)
      }
    }
  }
  for (const { values } of series.values()) while (values.length < runs.length) values.push(null)
  return { schema: 1, config, runs, series: [...series.values()] }
}
