import * as E from 'fp-ts/lib/Either.js'
import { taskchainError } from '../../explain.js'
import { printEncoded } from '../../plan/inspect/print-plan.js'
import { numbersIn } from '../../inspect/diff-metrics.js'
import { indexProject } from '../../plan/names/project-index.js'
import { namesSecret } from '../../plan/params/given-secrets.js'
import { sweptValues } from '../../inspect/sweep-request.js'
import { setValues } from '../../inspect/set-values.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { isStored } from '../../runtime/run-info/hit-or-miss.js'
import { combinationsOf } from '../../plan/sweep/combinations.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { readConfig } from '../../planner/plan-config.js'
import { combinationText } from '../../runtime/chain/sweep-table.js'
import type { MetricsQuestion } from '../addresses.js'
import type { MetricsAnswer } from '../contract.js'
import { holdsSecret } from './shown-value.js'
import { metricsTable, type FoundRows, type TableRow } from './metrics-table.js'
import type { Reader } from '../reader/reader.js'
import { NoAnswer, refusal } from '../reader/trouble.js'

/** Further rows are not planned. */
const maxRows = 5000
/** Limit on results read for one row; each is at most 64 kB. */
const maxResults = 200

export const metricsAnswer = async (reader: Reader, asked: MetricsQuestion): Promise<MetricsAnswer> => {
  const { config, set = [], task } = asked
  const found = await reader.remembered(JSON.stringify(['metrics', config, set, task]), () =>
    set.length === 0 ? rowsOfConfigs(reader, asked) : rowsOfSweep(reader, asked, set),
  )
  return metricsTable(found, asked)
}

const rowsOfConfigs = async (reader: Reader, { config, task }: MetricsQuestion): Promise<FoundRows> => {
  const [rows, left]: [TableRow[], string[]] = [[], []]
  const configs = config ?? (await reader.configs())
  for (const one of configs.slice(0, maxRows)) {
    const plan = await reader.plan(one).catch(() => undefined)
    if (plan === undefined) left.push(one)
    else rows.push({ name: one, config: one, ...(await cellsOf(reader, plan, task, paramsOf(plan))) })
  }
  return { rows, left, beyond: Math.max(0, configs.length - maxRows) }
}

/** Combinations are planned from documents that are read only once. */
const rowsOfSweep = async (
  reader: Reader,
  { config = [], task }: MetricsQuestion,
  set: readonly string[],
): Promise<FoundRows> => {
  const [base] = config
  if (base === undefined || config.length > 1)
    throw new NoAnswer(refusal(400, 'BadQuestion', 'a sweep needs one config: give it as config'))
  await reader.plan(base).catch((cause: unknown) => {
    if (cause instanceof NoAnswer) throw cause // else it may lack values that the sweep sets
  })
  const { loaded, options } = reader
  const axes = sweptValues(set, [])
  const index = indexProject(loaded.project)
  const secret = axes.find(({ name }) => namesSecret(index, name))
  if (secret !== undefined)
    throw new NoAnswer(
      refusal(400, 'BadQuestion', `'${secret.name}' is a secret, which is shown nowhere and changes no result`),
    )
  const combinations = combinationsOf(axes)
  if (E.isLeft(combinations)) throw taskchainError(combinations.left)
  const fixed = setValues(options.set)
  const read = await readConfig(loaded.project, {
    config: `${loaded.root}/${base}`,
    root: loaded.root,
    context: options.context,
    store: reader.store,
  })
  const [rows, left]: [TableRow[], string[]] = [[], []]
  for (const params of combinations.right.slice(0, maxRows)) {
    const name = combinationText(params)
    const { planned } = await read.plan({ set: { ...fixed, ...params } })
    if (E.isLeft(planned)) left.push(name)
    else {
      const shown = new Map(Object.entries(params).map(([field, value]) => [field, JSON.stringify(value) ?? '']))
      const cells = await cellsOf(reader, planned.right, task, shown)
      rows.push({ name, config: base, ...cells })
    }
  }
  return { rows, left, beyond: Math.max(0, combinations.right.length - maxRows) }
}

/** Params by name, prefixed with the node's name if several nodes differ; secrets get no column. */
const paramsOf = (plan: Plan): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const node of plan.nodes)
    for (const [name, value] of Object.entries(node.params)) {
      if (holdsSecret(value)) continue
      const text = printEncoded(value).slice(0, 200)
      const known = found.get(name)
      found.set(known === undefined || known === text ? name : `${node.id}.${name}`, text)
    }
  return found
}

const cellsOf = async (
  { store }: Reader,
  plan: Plan,
  tasks: readonly string[] | undefined,
  params: ReadonlyMap<string, string>,
): Promise<Pick<TableRow, 'params' | 'metrics' | 'state'>> => {
  const wanted = plan.nodes.filter((node) => isMetric(node) && isNamed(node, tasks)).slice(0, maxResults)
  const metrics = new Map<string, number>()
  for (const node of wanted)
    for (const [name, value] of await numbersIn(store, node)) metrics.set(`${node.id}.${name}`, value)
  const listings = await store.list([...new Set(wanted.map((node) => addressOf(node).folder))])
  const stored = wanted.every((node) => isStored(listings.get(addressOf(node).folder) ?? new Map(), node))
  return { params, metrics, state: stored ? 'cached' : 'to_run' }
}

const isMetric = ({ storage, extension, format }: PlanNode): boolean =>
  storage === 'file' && extension === 'json' && format !== 'figure'

const isNamed = ({ id, task, name }: PlanNode, tasks: readonly string[] | undefined): boolean =>
  tasks === undefined || tasks.some((one) => one === id || one === task || one === name)
