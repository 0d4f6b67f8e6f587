import { badOption } from '../../explain.js'
import { operand, type Command } from '../call.js'
import { completionScripts } from '../completion/completion-scripts.js'
import { exitCodes } from '../exit-codes.js'

/** `completion SHELL`: prints the completion script of a shell. */
export const completion: Command = async (call) => {
  const shell = operand(call, 'shell')
  const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined
  if (script === undefined)
    throw badOption(`completion ${shell}`, `known shells are ${Object.keys(completionScripts).join(', ')}`)
  call.host.out.write(script)
  return exitCodes.done
}
