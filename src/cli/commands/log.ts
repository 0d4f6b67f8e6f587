import { operand, printBeside, type Command } from '../call.js'
import { withoutRunInfo } from '../render/without-run-info.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import { harmless } from '../render/text-width.js'

/** `log CONFIG TASK`: the log of the run that produced the stored result, or of the last failed one. */
export const log: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain, store) => {
    const handle = taskNamed(chain, operand(call, 'task'))
    const which = call.options['failed'] === true ? 'failed' : 'kept'
    const text = await handle.log(which)
    if (call.common.json)
      call.host.out.write(jsonDocument({ task: handle.name, key: handle.key, which, log: text ?? null }, 2))
    else if (text !== undefined) call.host.out.write(call.host.out.isTerminal ? harmless(text) : text)
    if (text !== undefined) return exitCodes.done
    const other = which === 'kept' && (await handle.log('failed')) !== undefined
    const computed = which === 'kept' && (await handle.runInfo()) !== undefined
    const missing = async (): Promise<string> => {
      if (which === 'failed') return `${handle.name} has no log of a failed run`
      if (other) return `${handle.name} has no log of a successful run, only of a failed one: add --failed`
      return computed ? `${handle.name} logged nothing` : withoutRunInfo(store, handle, 'log')
    }
    printBeside(call, [await missing()])
    return computed ? exitCodes.done : exitCodes.usage
  })
