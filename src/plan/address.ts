import { isSafeName } from '../declare/names.js'
import type { PlanNode } from './types.js'

/** Where a node's artifact lives in any store; the runtime's `Address`. */
export interface NodeAddress {
  /** `group/subgroup/task`. */
  readonly folder: string
  readonly key: string
  readonly extension: string | null
}

/**
 * The address of a node's artifact: `group/subgroup/task`, key and extension.
 * Never throws for a node that planning or `planFromJson` gave, since they check names; a bug of ours is not to write outside the store.
 */
export const addressOf = (node: Pick<PlanNode, 'group' | 'name' | 'key' | 'extension'>): NodeAddress => {
  const segments = [...node.group.split(':'), node.name]
  const unsafe = segments.find((segment) => !isSafeName(segment))
  if (unsafe !== undefined) throw new Error(`'${unsafe}' cannot be part of a path; the node was not made by planning`)
  return { folder: segments.join('/'), key: node.key, extension: node.extension }
}
