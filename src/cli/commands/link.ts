import { relative } from 'node:path'
import { operand, print, listOption, textOption, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { withChain } from '../open-chain-of-call.js'
import { counted } from '../render/units.js'

/** `link CONFIG`: readable links next to the stored results. */
export const link: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain) => {
    const groups = listOption(call, 'group')
    const name = textOption(call, 'name')
    const links = await chain.linkReadable({
      ...(groups.length === 0 ? {} : { groups }),
      ...(name === undefined ? {} : { name }),
    })
    if (call.common.json) call.host.out.write(jsonDocument({ links }, 2))
    else
      print(call, [
        ...links.map((path) => `  ${relative(call.host.folder, path) || path}`),
        links.length === 0 ? 'nothing is stored yet, so there is nothing to link to' : counted(links.length, 'link'),
      ])
    return exitCodes.done
  })
