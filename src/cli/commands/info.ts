import { addressOf } from '../../plan/names/artifact-address.js'
import { usedByItems } from '../../runtime/items/kept-items.js'
import { usedText } from '../render/items/item-text.js'
import { operand, printBeside, type Command } from '../call.js'
import { wholeRunInfo, withoutRunInfo } from '../render/without-run-info.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'
import { harmless, oneLine } from '../render/text-width.js'

/** `info CONFIG TASK`: the run info, as YAML or JSON; and what its items have used, in this run and in all runs. */
export const info: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain, store) => {
    const handle = taskNamed(chain, operand(call, 'task'))
    const record = await wholeRunInfo(store, handle)
    const used = await usedByItems(store, addressOf(handle.node).folder, record?.log ?? [])
    if (call.common.json)
      call.host.out.write(
        jsonDocument(
          {
            task: handle.name,
            key: handle.key,
            path: handle.dataPath,
            info: record ?? null,
            ...(used.length === 0 ? {} : { items: used }),
          },
          2,
        ),
      )
    else if (record !== undefined) {
      const { stringify } = await import('yaml')
      const text = stringify(record, { lineWidth: 0, version: '1.1' })
      // a YAML comment, so that the output stays a valid document
      if (handle.dataPath !== undefined) call.host.out.write(`# ${oneLine(handle.dataPath)}\n`)
      for (const one of used) call.host.out.write(`# ${usedText(one)}\n`)
      call.host.out.write(call.host.out.isTerminal ? harmless(text) : text)
    }
    if (record !== undefined) return exitCodes.done
    printBeside(call, [await withoutRunInfo(store, handle, 'run info')])
    return exitCodes.usage
  })
