import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { badOption, taskchainError } from '../../explain.js'
import { indexProject } from '../../plan/names/project-index.js'
import { schemaOf } from '../../plan/inspect/config-schema.js'
import { printBeside, textOption, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { projectOf } from '../open-chain-of-call.js'

/** `schema`: the JSON Schema of a project's configs or contexts, for editors. */
export const schema: Command = async (call) => {
  const { project } = await projectOf(call)
  const [first, ...others] = indexProject(project).errors
  if (first !== undefined) throw taskchainError([first, ...others])
  const made = schemaOf(project, { of: call.options['contexts'] === true ? 'contexts' : 'configs' })
  const file = textOption(call, 'output')
  if (file === undefined) {
    // unchanged, so that its keywords keep their `$`
    call.host.out.write(schemaText(call.common.json ? { schema: 1, jsonSchema: made } : made))
    return exitCodes.done
  }
  await writeFile(resolve(call.host.folder, file), schemaText(made)).catch((cause: Error) => {
    throw badOption(`--output ${file}`, cause.message)
  })
  if (call.common.json) call.host.out.write(jsonDocument({ file }))
  else printBeside(call, [`schema written to ${file}`])
  return exitCodes.done
}

const schemaText = (made: object): string => `${JSON.stringify(made, undefined, 2)}\n`
