import { operand, printBeside, type Command } from '../call.js'
import { wholeRunInfo, withoutRunInfo } from '../render/without-run-info.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import { harmless, oneLine } from '../render/text-width.js'

/** `info CONFIG TASK`: the run info, as YAML or JSON. */
export const info: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain, store) => {
    const handle = taskNamed(chain, operand(call, 'task'))
    const record = await wholeRunInfo(store, handle)
    if (call.common.json)
      call.host.out.write(
        jsonDocument({ task: handle.name, key: handle.key, path: handle.dataPath, info: record ?? null }, 2),
      )
    else if (record !== undefined) {
      const { stringify } = await import('yaml')
      const text = stringify(record, { lineWidth: 0, version: '1.1' })
      // a comment: what follows stays a document of YAML
      if (handle.dataPath !== undefined) call.host.out.write(`# ${oneLine(handle.dataPath)}\n`)
      call.host.out.write(call.host.out.isTerminal ? harmless(text) : text)
    }
    if (record !== undefined) return exitCodes.done
    printBeside(call, [await withoutRunInfo(store, handle, 'run info')])
    return exitCodes.usage
  })
