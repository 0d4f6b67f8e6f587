import type { PreImage } from '../../plan/key.js'
import { isInput } from './artifact-facts.js'
import { fieldText, keyText, scalar, stringText } from './emit-yaml.js'
import { maxNoted, plainData } from './plain-data.js'
import type { RunInfo } from './run-info-types.js'

/**
 * The run info of a computation as YAML, field by field: the same text as that of `emitRunInfo`, which walks over the
 * fields and takes longer, twice as long before it is optimised. `preImage`: that of the run info.
 */
export const emitComputed = (info: RunInfo, preImage: PreImage): string => {
  const { task, config, also_read, in_memory_inputs, code_lineage, identity } = info
  return (
    `schema: ${info.schema}\ntask:\n  name: ${stringText(task.name)}\n  module: ${nameText(task.module)}\n` +
    (task.version === undefined ? '' : `  version: ${scalar(task.version)}\n`) +
    `config:\n  name: ${keyText(config.name)}\n  namespace: ${nameText(config.namespace)}\n` +
    `  context: ${nameText(config.context)}\ninput_tasks${inputsText(info.input_tasks, '  ')}` +
    (also_read === undefined ? '' : `also_read${fieldText(also_read, '  ')}`) +
    `parameters${fieldText(info.parameters, '  ')}log${fieldText(notesOf(info), '  ')}` +
    `started: ${stringText(info.started)}\nended: ${stringText(info.ended)}\ntime: ${scalar(info.time)}\n` +
    `user:\n  name: ${keyText(info.user.name)}\nhost: ${keyText(info.host)}\nkey: ${stringText(info.key)}\n` +
    `key_pre_image:\n  scheme: ${preImage.scheme}\n  task: ${stringText(preImage.task)}\n` +
    (preImage.version === undefined ? '' : `  version: ${scalar(preImage.version)}\n`) +
    `  params${fieldText(preImage.params, '    ')}  inputs${inputsText(preImage.inputs, '    ')}` +
    (in_memory_inputs === undefined ? '' : `in_memory_inputs${fieldText(in_memory_inputs, '  ')}`) +
    `versions:\n  taskchain: ${keyText(info.versions.taskchain)}\n  node: ${keyText(info.versions.node)}\n` +
    `code_fingerprint: ${scalar(info.code_fingerprint)}\n` +
    (code_lineage === undefined ? '' : `code_lineage: ${stringText(code_lineage)}\n`) +
    (identity === undefined ? '' : `identity: ${stringText(identity)}\n`) +
    `data${dataText(info)}peak_memory: ${scalar(info.peak_memory)}\nattempts: ${scalar(info.attempts)}\n`
  )
}

const nameText = (name: string | null): string => (name === null ? 'null' : keyText(name))

const notesOf = ({ log }: RunInfo): ReturnType<typeof plainData> => (log.length === 0 ? none : plainData(log, maxNoted))
const none: readonly never[] = []

/** The data of most artifacts: a file without more. */
const dataText = ({ data }: RunInfo): string => {
  if (data === null || data.content !== undefined || data.beside !== undefined || data.views !== undefined)
    return fieldText(data, '  ')
  return (
    `:\n  format: ${keyText(data.format)}\n  extension: ${nameText(data.extension)}\n  size: ${scalar(data.size)}\n` +
    `  checksum: ${stringText(data.checksum)}\n` +
    (data.digest === undefined ? '' : `  digest: ${stringText(data.digest)}\n`)
  )
}

/** Inputs by role, below a field with this indent. */
const inputsText = (inputs: RunInfo['input_tasks'], indent: string): string => {
  let text = ''
  for (const role in inputs) {
    const input = inputs[role]
    if (input === undefined || role.length > longRole || !isInput(input)) return fieldText(inputs, indent)
    text += `${indent}${keyText(role)}:\n${indent}  task: ${stringText(input.task)}\n`
    text += `${indent}  key: ${stringText(input.key)}\n`
    if (input.digest !== undefined) text += `${indent}  digest: ${stringText(input.digest)}\n`
    if (input.identity !== undefined) text += `${indent}  identity: ${stringText(input.identity)}\n`
  }
  return text === '' ? fieldText(inputs, indent) : `:\n${text}`
}

/** YAML marks longer keys. */
const longRole = 100
