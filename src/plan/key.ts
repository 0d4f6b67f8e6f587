import { hash } from 'node:crypto'
import type { Encoded } from '../declare/types.js'
import { nodesById } from './plan-graph.js'
import type { BoundInput, PlanNode } from './plan-types.js'

/**
 * Keys: what names an artifact. A key is the hash of a pre-image; a pre-image says everything that the value depends
 * on.
 */

/** Changes when the encoding or the parts of a pre-image change: old artifacts are then not found, never mistaken. */
export const keyScheme = 1

/** What an input adds to a key: who made it, and which value of it. */
export interface InputInKey {
  readonly task: string
  readonly key: string
}

/**
 * Everything a node's value depends on, as plain data. Kept in the run info, so that "why does this recompute" has an
 * answer.
 */
export interface PreImage {
  readonly scheme: number
  /** `group:name`; the namespace is not part of it, so equal tasks of two namespaces share their artifact. */
  readonly task: string
  readonly version?: string | number
  readonly params: { readonly [name: string]: Encoded }
  /** By role; for matching inputs by the record keys that `run` sees. An absent optional input is left out. */
  readonly inputs: { readonly [role: string]: InputInKey | { readonly [recordKey: string]: InputInKey } }
}

/** The parts of a node that its key is made from. */
export type Keyed = Pick<PlanNode, 'task' | 'params' | 'keyParams' | 'inputs' | 'version'>

/** The pre-image of a node, whose inputs are looked up by full name. */
export const preImageOf = (node: Keyed, input: (id: string) => InputInKey): PreImage => {
  const inputs: Record<string, PreImage['inputs'][string]> = {}
  for (const role of Object.keys(node.inputs)) {
    const bound = node.inputs[role] as BoundInput
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
export const preImageOfNode = (plan: { readonly nodes: readonly PlanNode[] }, node: PlanNode): PreImage => {
  const nodes = nodesById(plan)
  return preImageOf(node, (id) => {
    const { task, key } = nodes.get(id) as PlanNode
    return { task, key }
  })
}

/** First 32 hex digits of SHA-256 over the canonical encoding. */
export const keyOf = (preImage: PreImage): string =>
  hash('sha256', encodeCanonical(preImage as unknown as Encoded), 'hex').slice(0, 32) // a pre-image is plain data; interfaces have no index signature

/**
 * Keys of many nodes, inputs first: the same as `keyOf(preImageOf(…))` without making the pre-images.
 * What an input adds is written once, however many read it.
 */
export const makeKeys = (): ((node: Keyed & { readonly id: string }) => string) => {
  const done = new Map<string, string>()
  const inputText = (bound: BoundInput): string => {
    if (typeof bound === 'string') return done.get(bound) as string
    const names = sortedNames(bound ?? {})
    return names.reduce(
      (text, name) =>
        text +
        encodeText(name) +
        (done.get((bound as { readonly [recordKey: string]: string })[name] as string) as string),
      `o${names.length}:`,
    )
  }
  return (node) => {
    const { task, version, inputs } = node
    const taskText = encodeText(task)
    let [count, text] = [0, '']
    for (const role of sortedNames(inputs)) {
      const bound = inputs[role] as BoundInput
      if (bound === null) continue
      count++
      text += encodeText(role) + inputText(bound)
    }
    const params = encodeCanonical(node.keyParams ?? node.params)
    const versionText = version === undefined ? '' : `s7:version${encodeCanonical(version)}`
    const key = hash(
      'sha256',
      `o${version === undefined ? 4 : 5}:s6:inputso${count}:${text}s6:params${params}s6:schemed${keyScheme};s4:task${taskText}${versionText}`,
      'hex',
    ).slice(0, 32)
    done.set(node.id, `o2:s3:keys32:${key}s4:task${taskText}`)
    return key
  }
}

/**
 * A text for a value: equal for equal values whatever the order of names, different for different ones.
 * Each part has a tag and either a length or an end, so that no text continues another:
 * `n` null, `t` `f` booleans, `d…;` number, `i…;` bigint, `s<length>:` string, `a<count>:` list, `o<count>:` record
 * sorted by name.
 * A string with half a surrogate pair, which UTF-8 cannot hold, is `w<length>:` and its JSON.
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
      return value === null
        ? 'n'
        : Array.isArray(value)
          ? encodeList(value as readonly Encoded[])
          : encodeRecord(value as { readonly [name: string]: Encoded })
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

const encodeRecord = (record: { readonly [name: string]: Encoded }): string => {
  const names = sortedNames(record)
  let text = `o${names.length}:`
  for (const name of names) text += encodeText(name) + encodeCanonical(record[name] as Encoded)
  return text
}

const sortedNames = (record: object): readonly string[] => {
  const names = Object.keys(record)
  return isSorted(names) ? names : names.sort()
}

const isSorted = (names: readonly string[]): boolean => {
  for (let index = 1; index < names.length; index++)
    if ((names[index - 1] as string) > (names[index] as string)) return false
  return true
}
