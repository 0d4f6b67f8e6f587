import { hash } from 'node:crypto'
import { isSorted } from '../base/code-unit-order.js'
import { fieldIn, itemAt, valueIn } from '../base/present.js'
import type { Encoded } from '../declare/types.js'
import type { Candidate } from './bind-inputs.js'
import type { IndexedTask } from './names/project-index.js'
import type { NodeParams } from './params/param-reading.js'
import type { PlanNode, PlanOutline } from './plan-types.js'
import { isEncodedList } from './params/encoded.js'
import { nodeIn, type Edges } from './plan-graph.js'

/** A key identifies an artifact. It is the hash of a pre-image, which contains everything that the value depends on. */

/** Changes with the encoding or parts of a pre-image, so that old artifacts are not found rather than confused. */
export const keyScheme = 1

/** The contribution of an input to a key: the task that made it, and its own key. */
export type InputInKey = {
  readonly task: string
  readonly key: string
}

/** Everything a node's value depends on, as plain data. Stored in the run info for explanations by `why`. */
export type PreImage = {
  readonly scheme: number
  /** `group:name`; the namespace is not part of it, so equal tasks of two namespaces share their artifact. */
  readonly task: string
  readonly version?: string | number
  readonly params: { readonly [name: string]: Encoded }
  /** By role; for matching inputs by the record keys that `run` sees. Absent optional inputs are omitted. */
  readonly inputs: { readonly [role: string]: InputInKey | { readonly [recordKey: string]: InputInKey } }
}

/** Tells one input from several by record key. */
export const isOneInput = (input: PreImage['inputs'][string]): input is InputInKey => typeof input['key'] === 'string'

/** The parts of a node that its key is made from. */
export type Keyed = Pick<PlanNode, 'task' | 'params' | 'keyParams' | 'inputs' | 'version'>

/** The pre-image of a node; `input` looks up inputs by full name. */
export const preImageOf = (node: Keyed, input: (id: string) => InputInKey): PreImage => {
  const inputs: Record<string, PreImage['inputs'][string]> = {}
  for (const [role, bound] of Object.entries(node.inputs)) {
    if (bound !== null)
      inputs[role] =
        typeof bound === 'string'
          ? input(bound)
          : Object.fromEntries(Object.entries(bound).map(([name, id]) => [name, input(id)]))
  }
  const params = node.keyParams ?? node.params
  return node.version === undefined
    ? { scheme: keyScheme, task: node.task, params, inputs }
    : { scheme: keyScheme, task: node.task, version: node.version, params, inputs }
}

/** The pre-image of a node of a plan, for run infos and for `why`. */
export const preImageOfNode = (plan: PlanOutline, node: Keyed): PreImage =>
  preImageOf(node, (id) => {
    const { task, key } = nodeIn(plan, id)
    return { task, key }
  })

/** First 32 hex digits of SHA-256 over the canonical encoding. */
export const keyOf = (preImage: PreImage): string => hashOf(encodeCanonical(preImage))

const hashOf = (text: string): string => hash('sha256', text, 'hex').slice(0, 32)

/** What the key of a node is made from while it is planned. */
export interface ToKey {
  readonly candidate: Candidate
  readonly read: NodeParams
  readonly inputs: PlanNode['inputs']
}

/**
 * Keys of many nodes by position. `order`: positions, inputs first; `edges`: the inputs of each node, in the order of
 * its roles. Pre-images are encoded without being built, and the `InputInKey` of each node is encoded once, however
 * many nodes read it.
 */
export const keysInOrder = (nodes: readonly ToKey[], order: Int32Array, edges: Edges): readonly string[] => {
  const keys: string[] = nodes.map(() => '')
  const texts: string[] = nodes.map(() => '')
  let positions: ReadonlyMap<string, number> | undefined
  const textOf = (id: string): string => {
    positions ??= new Map(nodes.map(({ candidate }, at) => [candidate.id, at]))
    return itemAt(texts, valueIn(positions, id))
  }
  for (let at = 0; at < order.length; at++) {
    const position = itemAt(order, at)
    const node = itemAt(nodes, position)
    const task = encodeTask(node.candidate.entry.fullName)
    const inputs = encodeListed(node.inputs, edges, position, texts) ?? encodeInputs(node.inputs, textOf)
    const key = hashOf(encodePreImage(node, task, inputs))
    texts[position] = `o2:s3:keys32:${key}${task}`
    keys[position] = key
  }
  return keys
}

const encodeTask = (task: string): string => `s4:task${encodeText(task)}`

type EncodedRecord = { readonly [name: string]: Encoded }

/** The canonical encoding of a node's pre-image, from those of its task and its inputs. */
const encodePreImage = ({ candidate: { entry }, read }: ToKey, task: string, inputs: string): string => {
  const { version } = entry.task.declaration
  const start = (version === undefined ? 'o4:s6:inputs' : 'o5:s6:inputs') + inputs
  const rest = `s6:params${encodeParams(entry, read)}s6:schemed${keyScheme};${task}`
  return version === undefined ? start + rest : `${start}${rest}s7:version${encodeCanonical(version)}`
}

/**
 * The encoding of inputs in the usual form: each is one node or absent, and roles are in the order of keys. Then the
 * edges of the node name them one after another. `texts`: encodings of `InputInKey` by position.
 */
const encodeListed = (
  inputs: PlanNode['inputs'],
  { ends, positions }: Edges,
  position: number,
  texts: readonly string[],
): string | undefined => {
  let bindings = ''
  let count = 0
  let before = ''
  let next = position === 0 ? 0 : itemAt(ends, position - 1)
  for (const role in inputs) {
    const bound = inputs[role]
    if (bound === null) continue
    if (typeof bound !== 'string' || role < before || !Object.hasOwn(inputs, role)) return undefined
    before = role
    count++
    bindings += encodeText(role) + itemAt(texts, itemAt(positions, next++))
  }
  return `o${count}:${bindings}`
}

/** The same for any inputs; `textOf`: the encoding of an `InputInKey`. */
const encodeInputs = (inputs: PlanNode['inputs'], textOf: (id: string) => string): string => {
  let bindings = ''
  let count = 0
  for (const role of sortedNames(inputs)) {
    const bound = inputs[role]
    if (bound === null || bound === undefined) continue
    count++
    bindings += encodeText(role) + (typeof bound === 'string' ? textOf(bound) : encodeMatches(bound, textOf))
  }
  return `o${count}:${bindings}`
}

const encodeParams = ({ params, keyOrder }: IndexedTask, { values, keyValues = values }: NodeParams): string => {
  let text = ''
  let count = 0
  for (let at = 0; at < params.length; at++) {
    const position = keyOrder === undefined ? at : itemAt(keyOrder, at)
    const value = keyValues[position]
    if (value === undefined) continue
    count++
    text += encodeText(itemAt(params, position).name) + encodeCanonical(value)
  }
  return `o${count}:${text}`
}

const encodeMatches = (bound: { readonly [recordKey: string]: string }, textOf: (id: string) => string): string => {
  const names = sortedNames(bound)
  let text = `o${names.length}:`
  for (const name of names) text += encodeText(name) + textOf(fieldIn(bound, name))
  return text
}

/**
 * The canonical encoding of a pre-image in which each input is replaced by its content, and which has `made` as one
 * more field. `contentOf`: undefined for an input that stays.
 */
export const encodeByContent = (
  { scheme, task, version, params, inputs }: PreImage,
  made: string,
  contentOf: (input: InputInKey, role: string) => string | undefined,
): string => {
  const inputText = (input: InputInKey, role: string): string => {
    const content = contentOf(input, role)
    const known = content === undefined ? `s3:key${encodeText(input.key)}` : `s7:content${encodeText(content)}`
    return `o2:${known}${encodeTask(input.task)}`
  }
  const roles = sortedNames(inputs)
  let bindings = `o${roles.length}:`
  for (const role of roles) {
    const bound = fieldIn(inputs, role)
    bindings += encodeText(role)
    if (isOneInput(bound)) bindings += inputText(bound, role)
    else {
      const names = sortedNames(bound)
      bindings += `o${names.length}:`
      for (const name of names) bindings += encodeText(name) + inputText(fieldIn(bound, name), role)
    }
  }
  const start = `o${version === undefined ? 5 : 6}:s6:inputs${bindings}s4:made${encodeText(made)}`
  const rest = `s6:params${encodeRecord(params)}s6:scheme${encodeCanonical(scheme)}${encodeTask(task)}`
  return version === undefined ? start + rest : `${start}${rest}s7:version${encodeCanonical(version)}`
}

/**
 * A canonical text of a value: equal for equal values regardless of the order of names, different for different values.
 * Each part has a tag and either a length or a terminator, so that no text is a prefix of another:
 * `n` null, `t` `f` booleans, `d…;` number, `i…;` bigint, `s<length>:` string, `a<count>:` list, `o<count>:` record
 * sorted by name.
 * A string with a lone surrogate, which UTF-8 cannot represent, is `w<length>:` and its JSON.
 */
export const encodeCanonical = (value: Encoded): string => {
  switch (typeof value) {
    case 'string':
      return encodeText(value)
    case 'number':
      return `d${value === 0 ? 0 : value};`
    case 'boolean':
      return value ? 't' : 'f'
    case 'bigint':
      return `i${value};`
    default:
      if (value === null) return 'n'
      return isEncodedList(value) ? encodeList(value) : encodeRecord(value)
  }
}

const encodeText = (text: string): string => {
  if (text.isWellFormed()) return `s${text.length}:${text}`
  const json = JSON.stringify(text)
  return `w${json.length}:${json}`
}

const encodeList = (list: readonly Encoded[]): string => {
  let text = `a${list.length}:`
  for (const item of list) text += encodeCanonical(item)
  return text
}

const encodeRecord = (record: EncodedRecord): string => {
  const names = sortedNames(record)
  let text = `o${names.length}:`
  for (const name of names) text += encodeText(name) + encodeCanonical(record[name] ?? null)
  return text
}

const sortedNames = (record: object): readonly string[] => {
  const names = Object.keys(record)
  return isSorted(names) ? names : names.sort()
}
