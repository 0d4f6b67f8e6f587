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

/** A group with its path and the folders in it, by name of the task. */
interface Group {
  readonly path: string
  readonly folders: Map<string, string>
}

/** By name, so that a lookup needs no concatenated key; `count` is the number of folders in all of them. */
const groups = new Map<string, Group>()
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
  const within = groups.get(group) ?? groupOf(group)
  const known = within.folders.get(name)
  if (known !== undefined) return known
  const folder = `${within.path}/${safe(name)}`
  if (count >= 100_000) return folder
  count++
  groups.set(group, within)
  within.folders.set(name, folder)
  return folder
}

const groupOf = (group: string): Group => ({ path: group.split(':').map(safe).join('/'), folders: new Map() })

const safe = (segment: string): string => {
  if (!isSafeName(segment)) throw new Error(`'${segment}' cannot be part of a path; the node was not made by planning`)
  return segment
}
