import { hash } from 'node:crypto'
import { isSorted } from '../base/code-unit-order.js'
import { fieldIn, valueIn } from '../base/present.js'
import type { Encoded } from '../declare/types.js'
import type { PlanNode, PlanOutline } from './plan-types.js'
import { isEncodedList } from './params/encoded.js'
import { nodeIn } from './plan-graph.js'

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

/**
 * Keys of many nodes by position. `order`: positions, inputs first. `names`: sorted names of the params of each node,
 * if known. Pre-images are encoded without being built, and the `InputInKey` of each node is encoded once, however many
 * nodes read it.
 */
export const keysInOrder = (
  nodes: readonly (Keyed & { readonly id: string })[],
  order: Int32Array,
  names: readonly (readonly string[] | undefined)[],
): readonly string[] => {
  const texts = new Map<string, string>()
  const textOf = (id: string): string => valueIn(texts, id)
  const keys: string[] = Array.from({ length: nodes.length }, () => '')
  for (const position of order) {
    const node = nodes[position]
    if (node === undefined) continue
    const key = hashOf(encodePreImage(node, textOf, names[position]))
    const { task } = node
    texts.set(node.id, `o2:s3:keys32:${key}${encodeTask(task)}`)
    keys[position] = key
  }
  return keys
}

const encodeTask = (task: string): string => `s4:task${encodeText(task)}`

type EncodedRecord = { readonly [name: string]: Encoded }

/** The canonical encoding of a node's pre-image; `textOf`: that of an `InputInKey`. */
const encodePreImage = (
  { task, version, params, keyParams = params, inputs }: Keyed,
  textOf: (id: string) => string,
  names: readonly string[] | undefined,
): string => {
  let bindings = ''
  let count = 0
  for (const role of sortedNames(inputs)) {
    const bound = inputs[role]
    if (bound === null || bound === undefined) continue
    count++
    bindings += encodeText(role) + (typeof bound === 'string' ? textOf(bound) : encodeMatches(bound, textOf))
  }
  const start = `o${version === undefined ? 4 : 5}:s6:inputso${count}:${bindings}`
  const values = encodeRecord(keyParams, keyParams === params ? names : undefined)
  const rest = `s6:params${values}s6:scheme${encodeCanonical(keyScheme)}${encodeTask(task)}`
  return version === undefined ? start + rest : `${start}${rest}s7:version${encodeCanonical(version)}`
}

const encodeMatches = (bound: { readonly [recordKey: string]: string }, textOf: (id: string) => string): string => {
  const names = sortedNames(bound)
  let text = `o${names.length}:`
  for (const name of names) text += encodeText(name) + textOf(fieldIn(bound, name))
  return text
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

const encodeRecord = (record: EncodedRecord, names = sortedNames(record)): string => {
  let text = `o${names.length}:`
  for (const name of names) text += encodeText(name) + encodeCanonical(record[name] ?? null)
  return text
}

const sortedNames = (record: object): readonly string[] => {
  const names = Object.keys(record)
  return isSorted(names) ? names : names.sort()
}
