import { operand, operandList, print, type Command } from '../call.js'
import { dependentLines } from '../render/render-dependents.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { Chain, NodeState } from '../../runtime/chain/chain-types.js'
import { counted, countedNodes } from '../render/units.js'

/**
 * `force CONFIG TASK…`: marks tasks and everything that depends on them in this config as stale on disk, or deletes
 * them. Reports results of other configs that were made from them.
 */
export const force: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain) => {
    const wanted = operandList(call, 'task').map((name) => taskNamed(chain, name).name)
    const remove = call.options['delete'] === true
    const dryRun = call.options['dryRun'] === true
    const concerned = new Set([...wanted, ...wanted.flatMap((name) => chain.dependents(name))])
    const states = await chain.states()
    const marked = chain.plan.nodes.filter((node) => concerned.has(node.id) && isStored(states.get(node.id)))
    const stored = marked.map((node) => node.id)
    const distinct = new Set(marked.map((node) => node.key)).size
    const elsewhere = await chain.storedDependents(wanted)
    const forced = dryRun
      ? chain.plan.nodes.map((node) => node.id).filter((id) => concerned.has(id))
      : await chain.force(wanted, remove ? { delete: true } : { mark: true })
    const busy = remove && !dryRun ? await leftIn(chain, stored) : []
    if (call.common.json) {
      call.host.out.write(
        jsonDocument({ forced, stored, distinct, elsewhere, deleted: remove && !dryRun, busy, dryRun }, 2),
      )
      return exitCodes.done
    }
    const concernedNow = marked.filter((node) => !busy.includes(node.id))
    print(call, [
      ...concernedNow.map((node) => `  ${node.id}`),
      stored.length === 0
        ? `nothing of ${wanted.join(', ')} or of what depends on it is stored`
        : `${countedResults(concernedNow)} ${doneText(remove, dryRun)}`,
      ...(busy.length === 0
        ? []
        : [
            ...busy.map((name) => `  ${name}`),
            `${countedResults(marked.filter((node) => busy.includes(node.id)))}` +
              ' left where a process reads or computes it; the next run computes it again',
          ]),
      ...dependentLines(elsewhere),
    ])
    return exitCodes.done
  })

const isStored = (state: NodeState | undefined): boolean =>
  state === 'cached' || state === 'stale' || state === 'undecided'

const countedResults = (nodes: readonly PlanNode[]): string => {
  const distinct = new Set(nodes.map((node) => node.key)).size
  return nodes.length === distinct ? counted(distinct, 'result') : countedNodes(nodes.length, distinct)
}

const doneText = (remove: boolean, dryRun: boolean): string => {
  if (dryRun) return `would be ${remove ? 'deleted' : 'computed again'}; nothing was changed`
  return remove ? 'deleted' : 'will be computed again by the next run'
}

/** Names of those that could not be deleted because a process is reading or computing them. */
const leftIn = async (chain: Chain, names: readonly string[]): Promise<readonly string[]> => {
  const left = await Promise.all(names.map(async (name) => (await chain.task(name).runInfo()) !== undefined))
  return names.filter((_, position) => left[position])
}
