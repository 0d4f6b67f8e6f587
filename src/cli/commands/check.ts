import { stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { isS3Address } from '../../adapters/object-store/s3/s3-address.js'
import { fileSource } from '../../adapters/project/config-files.js'
import { originOfConfig } from '../../adapters/project/find-config.js'
import type { LoadedProject } from '../../adapters/project/project-file.js'
import { badOption } from '../../explain.js'
import { print, textOption, optionalOperand, type Call, type Command } from '../call.js'
import { checkConfigs, type Checked } from '../../inspect/check-configs.js'
import { problemsOf } from '../../inspect/check-problems.js'
import { watchFormerNames } from '../../inspect/unneeded-names.js'
import { renamesIn } from '../../plan/names/former-names.js'
import { indexProject } from '../../plan/names/project-index.js'
import { storeFor } from '../store-of-call.js'
import { exitCodes } from '../exit-codes.js'
import { explained, jsonDocument } from '../json-output.js'
import { causeLines, checkSummary, githubLines, outcomeLines, placeLines, totals } from '../render/render-check.js'
import { planOptions, projectOf } from '../open-chain-of-call.js'

/** `check [DIR]`: plans every config below a folder and reports each error and warning once. */
export const check: Command = async (call) => {
  const format = formatOf(call)
  const loaded = await projectOf(call)
  const given = optionalOperand(call, 'dir')
  const folder = given === undefined ? resolve(loaded.root, loaded.project.configs) : resolve(call.host.folder, given)
  if (!(await isFolder(folder)))
    throw badOption(`check ${given ?? loaded.project.configs}`, `there is no folder ${folder}`)
  const origins = await fileSource(loaded.root).list(relative(loaded.root, folder).split(sep).join('/') || '.')
  const { set, context } = planOptions(call, loaded)
  const contexts = context.map((name) =>
    originOfConfig(name, { root: loaded.root, configs: loaded.project.configs, workingFolder: call.host.folder }),
  )
  const names = await formerNames(call, loaded)
  const outcomes = await checkConfigs(loaded, origins, {
    contexts,
    set,
    ...storeIn(call),
    ...(names === undefined ? {} : { planned: names.see }),
  })
  const isWhole = outcomes.every(({ outcome }) => outcome !== 'wrong')
  const problems = [...problemsOf(outcomes), ...(isWhole ? (names?.unneeded() ?? []) : [])]
  const { errors, warnings } = totals(problems)
  if (format === 'json')
    call.host.out.write(jsonDocument({ configs: outcomes.map(asJson), problems, errors, warnings }, 2))
  else {
    if (format === 'github')
      print(
        call,
        githubLines(problems, {
          root: loaded.root,
          workspace: call.host.environment['GITHUB_WORKSPACE'] || call.host.folder,
        }),
      )
    else {
      const all = call.options['all'] === true
      const each = all ? [...outcomeLines(outcomes, call.paint.out), '', ...placeLines(problems, call.paint.out)] : []
      print(call, [
        ...each,
        ...causeLines(problems, call.paint.out, all ? Infinity : undefined),
        ...(problems.length === 0 ? [] : ['']),
      ])
    }
    print(call, [checkSummary(outcomes, problems)])
  }
  return errors > 0 ||
    outcomes.some(({ outcome }) => outcome === 'wrong') ||
    (call.options['strict'] === true && warnings > 0)
    ? exitCodes.wrongPlan
    : exitCodes.done
}

/** Former names are reported only if something was renamed and there is a store to look in. */
const formerNames = async (
  call: Call,
  loaded: LoadedProject,
): Promise<ReturnType<typeof watchFormerNames> | undefined> => {
  const index = indexProject(loaded.project)
  if (renamesIn(index).length === 0) return undefined
  const store = await storeFor(call, loaded).catch(() => undefined)
  if (store === undefined) return undefined
  const { see, unneeded } = watchFormerNames(index, store)
  let isRead = true
  return {
    see: (plan) =>
      see(plan).catch(() => {
        isRead = false // commands that use the store report what is wrong with it
      }),
    unneeded: () => (isRead ? unneeded() : []),
  }
}

const storeIn = ({ common: { store }, host }: Call): { readonly store?: string } =>
  store === undefined ? {} : { store: isS3Address(store) ? store : resolve(host.folder, store) }

const formatOf = (call: Call): string => {
  const given = textOption(call, 'format')
  if (call.common.json && given !== undefined && given !== 'json')
    throw badOption('--json', `cannot be combined with --format ${given}`)
  return given ?? (call.common.json ? 'json' : 'text')
}

const asJson = ({ config, outcome, nodes, errors, warnings, usedBy }: Checked): object => ({
  config,
  outcome,
  nodes,
  ...(usedBy === undefined ? {} : { usedBy }),
  errors: explained(errors),
  warnings: explained(warnings),
})

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true
