import { realpath } from 'node:fs/promises'
import { isAbsolute, sep } from 'node:path'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { Reader } from '../reader/reader.js'
import { NoAnswer, refusal } from '../reader/trouble.js'

/** Throws if the folder of a task is outside the store by way of links: nothing from there is shown. */
export const refuseOutside = async ({ store }: Pick<Reader, 'store'>, node: PlanNode): Promise<void> => {
  const { location } = store
  if (!isAbsolute(location)) return
  const root = await realpath(location).catch(() => undefined)
  const folder = await realpath(`${location}/${addressOf(node).folder}`).catch(() => undefined)
  if (root === undefined || folder === undefined || folder.startsWith(root + sep)) return
  throw new NoAnswer(
    refusal(409, 'OutsideStore', `the folder of ${node.task} in the store is a link that leads out of it`),
  )
}
