import type { Command } from '../call.js'
import { operand, operandList, print } from '../call.js'
import { dependentLines } from '../render/render-dependents.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import { counted, countedNodes } from '../render/units.js'

/**
 * `force CONFIG TASK…`: stale on disk, with all that depends on it in this config; or deleted. What other configs have
 * made from it is named.
 */
export const force: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain) => {
    const wanted = operandList(call, 'task').map((name) => taskNamed(chain, name).name)
    const remove = call.options['delete'] === true
    const dryRun = call.options['dryRun'] === true
    const concerned = new Set([...wanted, ...wanted.flatMap((name) => chain.dependents(name))])
    const states = await chain.states()
    const marked = chain.plan.nodes.filter((node) => concerned.has(node.id) && states.get(node.id) === 'cached')
    const stored = marked.map((node) => node.id)
    const distinct = new Set(marked.map((node) => node.key)).size
    const elsewhere = await chain.storedDependents(wanted)
    const forced = dryRun
      ? chain.plan.nodes.map((node) => node.id).filter((id) => concerned.has(id))
      : await chain.force(wanted, remove ? { delete: true } : { mark: true })
    if (call.common.json) {
      call.host.out.write(jsonDocument({ forced, stored, distinct, elsewhere, deleted: remove && !dryRun, dryRun }, 2))
      return exitCodes.done
    }
    const word = remove
      ? dryRun
        ? 'would be deleted'
        : 'deleted'
      : dryRun
        ? 'would be computed again'
        : 'will be computed again'
    print(call, [
      ...stored.map((name) => `  ${name}`),
      stored.length === 0
        ? `nothing of ${wanted.join(', ')} or of what depends on it is stored`
        : `${stored.length === distinct ? counted(distinct, 'result') : countedNodes(stored.length, distinct)} ${word}${dryRun ? '; nothing was changed' : remove ? '' : ' by the next run'}`,
      ...dependentLines(elsewhere),
    ])
    return exitCodes.done
  })
