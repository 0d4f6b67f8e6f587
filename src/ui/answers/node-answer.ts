import { setOrigin } from '../../config/context.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import { readersById } from '../../plan/plan-graph.js'
import type { BoundInput, Origin, Plan, PlanNode } from '../../plan/plan-types.js'
import type { Chain, TaskHandle } from '../../runtime/chain/chain-types.js'
import type { RunInfo } from '../../runtime/run-info/run-info-types.js'
import { hidingOf } from '../../runtime/chain/chain.js'
import type { ArtifactRow, InputRow, ItemSetRow, NodeAnswer, ParamRow } from '../contract.js'
import { standingOf, type Standing } from '../../inspect/standing.js'
import { handleIn } from './handle-in.js'
import { logsOf } from './log-answer.js'
import type { Reader } from '../reader/reader.js'
import { boundedJson, holdsSecret, jsonOfValue, textOfValue } from './shown-value.js'
import { placeInFile, trouble } from '../reader/trouble.js'

export const nodeAnswer = async (
  reader: Reader,
  asked: { readonly config: string; readonly node: string },
): Promise<NodeAnswer> => {
  const chain = await reader.chain(asked.config)
  return nodeOf(reader, chain, asked.node, await standingOf(chain, reader.store))
}

/** The same, for a chain whose node states are known. */
export const nodeOf = async (
  reader: Reader,
  chain: Chain,
  name: string,
  { states, because }: Standing,
): Promise<NodeAnswer> => {
  const handle = handleIn(chain, name)
  const { node } = handle
  const reason = because.get(node.id)
  const artifact = await artifactRow(reader, handle)
  const hide = hidingOf(chain)
  return {
    schema: 1,
    id: node.id,
    task: node.task,
    group: node.group,
    name: node.name,
    namespace: node.namespace,
    config: node.config,
    key: node.key,
    state: states.get(node.id) ?? 'to_run',
    ...(reason === undefined ? {} : { because: reason }),
    format: node.format,
    storage: node.storage,
    ...(node.version === undefined ? {} : { version: String(node.version) }),
    params: paramRows(chain.plan, node),
    inputs: Object.entries(node.inputs).map(([role, bound]) => inputRow(role, bound)),
    consumers: readersById(chain.plan).get(node.id) ?? [],
    dependents: chain.dependents(node.id).length,
    ...(artifact === undefined ? {} : { artifact }),
    why: reader.words.why(await handle.why()).map(hide),
    logs: await logsOf(reader, node),
    items: await itemSets(reader, node),
    warnings: chain.plan.warnings.filter((one) => 'node' in one && one.node === node.id).map(trouble),
  }
}

/** Params in order of declaration, with the place of each value. */
export const paramRows = (plan: Pick<Plan, 'origins'>, node: PlanNode): readonly ParamRow[] =>
  Object.entries(node.params).map(([name, value]) => {
    const origin = plan.origins[node.id]?.[name]
    const secret = holdsSecret(value)
    const json = secret ? undefined : jsonOfValue(value)
    return {
      name,
      text: secret ? '•••' : textOfValue(value),
      ...(json === undefined ? {} : { value: json }),
      secret,
      from: fromOf(origin),
      ...(origin === undefined ? {} : { place: placeInFile(origin.place) }),
      ...(origin?.overrides === undefined ? {} : { overrides: placeInFile(origin.overrides) }),
      inKey: Object.hasOwn(node.keyParams ?? node.params, name),
    }
  })

const fromOf = (origin: Origin | undefined): ParamRow['from'] => {
  if (origin === undefined) return 'default'
  if (origin.place.origin === setOrigin) return 'set'
  return origin.overrides === undefined ? 'config' : 'context'
}

export const inputRow = (role: string, bound: BoundInput): InputRow => {
  if (bound === null) return { role, nodes: [] }
  if (typeof bound === 'string') return { role, nodes: [bound] }
  return { role, nodes: Object.values(bound), record: Object.keys(bound) }
}

/** The stored artifact of a node; undefined if it has no run info. */
const artifactRow = async ({ store }: Reader, handle: TaskHandle): Promise<ArtifactRow | undefined> => {
  const info = await handle.runInfo()
  if (info === undefined) return undefined
  const text = (await store.readRunInfo(addressOf(handle.node))) ?? ''
  return artifactOf(info, text, handle.dataPath)
}

const longestRunInfo = 64 * 1024

export const artifactOf = (info: RunInfo, text: string, path: string | undefined): ArtifactRow => {
  const { data, adopted, log } = info
  return {
    ...(path === undefined || data === null ? {} : { path }),
    ...(data === null ? {} : { size: data.size, ...(data.digest === undefined ? {} : { digest: data.digest }) }),
    started: info.started,
    ended: info.ended,
    seconds: info.time,
    host: info.host,
    user: info.user.name,
    attempts: info.attempts,
    ...(adopted === undefined ? {} : { adopted: adopted.key }),
    notes: log.slice(0, 100).map((note) => boundedJson(note)),
    runInfo: text.length > longestRunInfo ? `${text.slice(0, longestRunInfo)}…` : text,
  }
}

const itemSets = async ({ store }: Reader, node: PlanNode): Promise<readonly ItemSetRow[]> => {
  if (store.items === undefined || node.storage === 'memory') return []
  const sets = await store.items.list(addressOf(node).folder)
  return sets.map(({ name, kept, failed, refused, bytes }) => ({ name, kept, failed, refused, bytes }))
}
