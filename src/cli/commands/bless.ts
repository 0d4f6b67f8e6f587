import { operand, operandList, print, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import { counted, countedNodes, shortTime } from '../render/units.js'

/** `bless CONFIG [TASK…]`: accepts results that were computed by older code, until the code changes again. */
export const bless: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain) => {
    const dryRun = call.options['dryRun'] === true
    const names = operandList(call, 'task').map((name) => taskNamed(chain, name).name)
    const accepted = await chain.bless(names.length === 0 ? undefined : names, { dryRun })
    if (call.common.json) {
      call.host.out.write(jsonDocument({ accepted, dryRun }, 2))
      return exitCodes.done
    }
    const distinct = new Set(accepted.map(({ key }) => key)).size
    const about = names.length === 0 ? 'of this config' : `of ${names.join(', ')}`
    print(call, [
      ...accepted.map(
        ({ node, ended, above }) =>
          `  ${node}  computed ${shortTime(`${ended.replace(' ', 'T')}Z`)}` +
          (above ? call.paint.out.dim(', the code above it has changed') : ''),
      ),
      accepted.length === 0
        ? `no stored result ${about} was computed by older code`
        : `${accepted.length === distinct ? counted(distinct, 'result') : countedNodes(accepted.length, distinct)} ` +
          `${dryRun ? 'would be' : distinct === 1 ? 'is' : 'are'} accepted for the code as it is now` +
          (dryRun ? '; nothing was changed' : ''),
    ])
    return exitCodes.done
  })
