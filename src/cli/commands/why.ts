import type { Command } from '../call.js'
import { operand, print } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { whyLines } from '../render-why.js'
import { taskNamed, withChain } from '../session.js'

/** `why CONFIG TASK`: why a task is or is not recomputed, down to the values that made the difference. */
export const whyCommand: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain) => {
    const why = await taskNamed(chain, operand(call, 'task')).why()
    if (call.common.json) call.host.out.write(jsonDocument(whyDocument(why), 2))
    else print(call, whyLines(why, call.paint.out))
    return exitCodes.done
  })

/** Fields that have no value are null, so that the document always has the same ones. */
const whyDocument = ({ nearest, seconds, ended, trouble, ...rest }: Awaited<ReturnType<ReturnType<typeof taskNamed>['why']>>): object => ({
  ...rest,
  seconds: seconds ?? null,
  ended: ended ?? null,
  trouble: trouble ?? null,
  nearest: nearest === undefined ? null : { key: nearest.key, ended: nearest.ended, seconds: nearest.seconds, differences: nearest.differences },
})
