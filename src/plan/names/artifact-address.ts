import { isSafeName } from '../../declare/names.js'
import type { PlanNode } from '../plan-types.js'

/** The address of a node's artifact in any store; the runtime's `Address`. */
export interface NodeAddress {
  /** `group/subgroup/task`. */
  readonly folder: string
  readonly key: string
  readonly extension: string | null
}

/**
 * The address of a node's artifact: `group/subgroup/task`, key and extension.
 * Never throws for a node from planning or `planFromJson`, which check names. The check here ensures that a bug cannot
 * write outside the store.
 */
export const addressOf = (node: Pick<PlanNode, 'group' | 'name' | 'key' | 'extension'>): NodeAddress => ({
  folder: folderOf(node.group, node.name),
  key: node.key,
  extension: node.extension,
})

/** Folders by group, then name, so that a lookup needs no concatenated key; `count` is their total. */
const folders = new Map<string, Map<string, string>>()
let count = 0
/** A node is asked for several times in a row. */
let latest = { group: '', name: '', folder: '' }

/** Called many times for each node of a run; names are checked once. */
export const folderOf = (group: string, name: string): string => {
  if (name === latest.name && group === latest.group) return latest.folder
  const folder = folderIn(group, name)
  latest = { group, name, folder }
  return folder
}

const folderIn = (group: string, name: string): string => {
  const inGroup = folders.get(group)
  const known = inGroup?.get(name)
  if (known !== undefined) return known
  const segments = [...group.split(':'), name]
  const unsafe = segments.find((segment) => !isSafeName(segment))
  if (unsafe !== undefined) throw new Error(`'${unsafe}' cannot be part of a path; the node was not made by planning`)
  const folder = segments.join('/')
  if (count++ >= 100_000) return folder
  if (inGroup === undefined) folders.set(group, new Map([[name, folder]]))
  else inGroup.set(name, folder)
  return folder
}
