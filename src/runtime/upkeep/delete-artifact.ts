import { listFolder } from '../run-info/one-folder.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { PlanNode } from '../../plan/plan-types.js'
import { ifFree } from '../ports/if-free.js'
import type { Session } from '../session/session.js'

const never = new AbortController().signal

/**
 * Deletes the artifact of a node, unless another process computes it (deleting under a commit would leave data without
 * its run info) or reads its folder. Returns whether nothing is left. Rejects with the store's error.
 */
export const isDeleted = async ({ store }: Pick<Session, 'store'>, node: PlanNode): Promise<boolean> => {
  const address = addressOf(node)
  if (!(await listFolder(store, address.folder)).has(node.key)) return true
  if (
    (await store.upkeep?.held(address, { signal: never })) !== undefined ||
    (await store.upkeep?.pinned(address, { signal: never })) !== undefined
  )
    return false
  const deleted = await ifFree(store, address, async () => {
    if ((await store.upkeep?.pinned(address)) !== undefined) return false
    await store.remove(address)
    return true
  })
  return deleted === true
}
