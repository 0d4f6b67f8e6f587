import type { ResolvedConfig } from '../config/config-types.js'
import type { Candidate } from './bind-inputs.js'
import { isFormat } from './check-declaration.js'
import type { ToKey } from './key.js'
import { rememberGiven } from './params/given-secrets.js'
import { paramRecord } from './params/read-params.js'
import type { NodeOutline, PlanNode } from './plan-types.js'

/** A node while it is planned, with all that its `PlanNode` is made from. */
export interface Unfinished extends ToKey {
  readonly config: ResolvedConfig
  inputs: PlanNode['inputs']
  key: string
}

export const noInputs: PlanNode['inputs'] = Object.freeze({})

/** The node of a plan. `isOneOff`: its params have names that hardly any other task has. */
export const nodeOf = ({ candidate, config, read, inputs, key }: Unfinished, isOneOff: boolean): PlanNode => {
  const { id, namespace, entry } = candidate
  const { version, data } = entry.task.declaration
  const node: { -readonly [K in keyof PlanNode]: PlanNode[K] } = {
    id,
    task: entry.fullName,
    group: entry.group,
    name: entry.name,
    namespace,
    key,
    config: config.name,
    params: paramRecord(entry.params, read.values, isOneOff),
    inputs,
    format: isFormat(data) ? data.kind : 'json', // a codec alone means JSON
    extension: extensionOf(data),
    storage: storageOf(data),
  }
  if (read.keyValues !== undefined) node.keyParams = paramRecord(entry.params, read.keyValues, isOneOff)
  if (version !== undefined) node.version = version
  if (config.humanReadableName !== undefined) node.readableName = config.humanReadableName
  if (read.given !== undefined) rememberGiven(node, read.given)
  return Object.freeze(node)
}

type Data = Candidate['entry']['task']['declaration']['data']

const extensionOf = (data: Data): PlanNode['extension'] => (isFormat(data) ? (data.extension ?? null) : 'json')

const storageOf = (data: Data): PlanNode['storage'] => (isFormat(data) ? data.persistence.storage : 'file')

/** The same without its values, which are not touched. */
export const outlineNode = ({ candidate: { id, namespace, entry }, inputs, key }: Unfinished): NodeOutline => ({
  id,
  task: entry.fullName,
  group: entry.group,
  name: entry.name,
  namespace,
  key,
  inputs,
  extension: extensionOf(entry.task.declaration.data),
  storage: storageOf(entry.task.declaration.data),
})
