import { stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { fileSource } from '../../adapters/config-files.js'
import { originOfConfig } from '../../adapters/find-config.js'
import type { UsageError } from '../../errors.js'
import { explainText, taskchainError } from '../../explain.js'
import type { Call, Command } from '../call.js'
import { print, tell } from '../call.js'
import { checkConfigs, type Checked } from '../check-configs.js'
import { exitCodes } from '../exit-codes.js'
import { explained, jsonDocument } from '../json-output.js'
import { planOptions, projectOf } from '../session.js'
import { harmless } from '../text-width.js'
import { counted } from '../units.js'

/** `check [DIR]`: plans every config below a folder. */
export const check: Command = async (call) => {
  const loaded = await projectOf(call)
  const given = call.operands['dir'] as string | undefined
  const folder = given === undefined ? resolve(loaded.root, loaded.project.configs) : resolve(call.host.folder, given)
  if (!(await isFolder(folder))) throw taskchainError([{ _tag: 'BadOption', option: `check ${given ?? loaded.project.configs}`, problem: `there is no folder ${folder}` } satisfies UsageError])
  const origins = await fileSource(loaded.root).list(relative(loaded.root, folder).split(sep).join('/') || '.')
  const { set, context } = planOptions(call, loaded)
  const contexts = context.map((name) => originOfConfig(name, { root: loaded.root, configs: loaded.project.configs, workingFolder: call.host.folder }))
  const outcomes = await checkConfigs(loaded, origins, { contexts, set })
  const wrong = outcomes.filter(({ outcome }) => outcome === 'wrong')
  if (call.common.json) call.host.out.write(jsonDocument({ configs: outcomes.map(asJson) }, 2))
  else report(call, outcomes)
  return wrong.length > 0 ? exitCodes.wrongPlan : exitCodes.done
}

const asJson = ({ errors, warnings, usedBy, ...rest }: Checked): object => ({ ...rest, ...(usedBy === undefined ? {} : { usedBy }), errors: explained(errors), warnings: explained(warnings) })

const report = (call: Call, outcomes: readonly Checked[]): void => {
  const paint = call.paint.out
  const words = { fine: paint.green('fine'), wrong: paint.red('wrong'), partial: paint.dim('partial'), values: paint.dim('values') }
  for (const { config, outcome, nodes, errors, warnings, usedBy } of outcomes) {
    const about = { fine: counted(nodes, 'node'), wrong: counted(errors.length, 'error'), partial: `needs what the configs that use it bring, ${usedBy ?? ''} for one`, values: 'brings no tasks, like a context' }[outcome]
    print(call, [`${words[outcome]}  ${config}  ${paint.dim(about)}`])
    const problems = [...(outcome === 'wrong' ? errors : []), ...warnings].map((problem) => explainText(problem))
    tell(call, [...new Set(problems)].map((text) => harmless(text).replaceAll(/^/gm, '    ')))
  }
  const count = (outcome: Checked['outcome']): number => outcomes.filter((one) => one.outcome === outcome).length
  const warnings = outcomes.reduce((sum, one) => sum + one.warnings.length, 0)
  print(call, [
    outcomes.length === 0
      ? 'no configs found'
      : `${counted(outcomes.length, 'config')}: ${count('fine')} fine, ${count('wrong')} wrong${count('partial') > 0 ? `, ${count('partial')} partial` : ''}${count('values') > 0 ? `, ${count('values')} with values only` : ''}, ${counted(warnings, 'warning')}`,
  ])
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() === true
