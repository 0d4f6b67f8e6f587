import type { Command } from '../call.js'
import { operand, print, tell, widthOf } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { mustRun } from '../must-run.js'
import { defaultRows, previewOf, wholeOf } from '../preview.js'
import { taskNamed, withChain } from '../session.js'

/** `show CONFIG TASK`: a preview of the value, or with `--json` all of it. Nothing that is kept is computed unless `--compute` says so. */
export const show: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain) => {
    const handle = taskNamed(chain, operand(call, 'task'))
    const missing = call.options['compute'] === true ? [] : mustRun(chain.plan, await chain.states(), handle.name)
    if (missing.length > 0) {
      const what = missing.length === 1 && missing[0] === handle.name ? `${handle.name} is not computed yet` : `${handle.name} needs ${missing.length} tasks that are not computed yet`
      tell(call, [`${what}; say the same with --compute, or with 'run' instead of 'show'`])
      return exitCodes.usage
    }
    const value = await handle.value()
    if (call.common.json) call.host.out.write(jsonDocument({ task: handle.name, key: handle.key, ...(await wholeOf(value, handle.node)) }))
    else print(call, await previewOf(value, handle.node, { rows: (call.options['rows'] as number | undefined) ?? defaultRows, columns: widthOf(call), paint: call.paint.out }))
    return exitCodes.done
  })
