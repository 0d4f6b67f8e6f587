import { addressOf } from '../../plan/names/artifact-address.js'
import type { TaskHandle } from '../../runtime/chain/chain-types.js'
import type { Store } from '../../runtime/ports/store.js'
import { runInfoProblem } from '../../runtime/run-info/run-info.js'

/** Why a task has no run info, or no log. */
export const withoutRunInfo = async (
  store: Store,
  { name, node }: TaskHandle,
  what: 'run info' | 'log',
): Promise<string> => {
  const text = await store.readRunInfo(addressOf(node))
  const problem = text === undefined ? undefined : runInfoProblem(text)
  if (problem === undefined) return `${name} has no ${what}: it was not computed yet with these parameters`
  const unreadable = `its run info cannot be read: ${problem}; the next run computes it again`
  return what === 'log' ? `${name} has no log; ${unreadable}` : `${name}: ${unreadable}`
}

/** The run info of a task; undefined if it is truncated, since it would show an incomplete record. */
export const wholeRunInfo = async (store: Store, { node, runInfo }: TaskHandle) => {
  const record = await runInfo() // from the handle, which names the store in disk errors
  if (record === undefined) return undefined
  const text = await store.readRunInfo(addressOf(node))
  return text === undefined || runInfoProblem(text) !== undefined ? undefined : record
}
