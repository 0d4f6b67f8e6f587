import { mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { projectFileNames } from '../../adapters/project/project-file.js'
import type { PlanError, UsageError } from '../../errors.js'
import { explain, explainText, taskchainError } from '../../explain.js'
import { print, optionalOperand, textOption, type Call, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { draftProject } from '../init/draft-project.js'
import { firstCommands, initFiles, packageNameOf, readTemplate, templates, type NewFile } from '../init/init-files.js'
import { readOldConfigs } from '../init/read-old-configs.js'
import { jsonDocument } from '../json-output.js'
import { ownVersion } from '../../base/package-root.js'
import { messageOf } from '../../base/thrown.js'

/** `init [dir]`: writes a small project; never over a file that is there. */
export const init: Command = async (call) => {
  const folder = resolve(call.host.folder, optionalOperand(call, 'dir') ?? '.')
  const { own, first, errors } = await chosen(call)
  const plans = first.split(' ')[3] ?? ''
  const files = initFiles(own, { name: packageNameOf(basename(folder)), version: ownVersion(), plans })
  const there = await Promise.all(files.map((file) => exists(join(folder, file.path))))
  const others = await Promise.all(projectFileNames.map((name) => exists(join(folder, name))))
  const inTheWay = [
    ...new Set([
      ...files.filter((file, index) => there[index] === true && !file.shared).map((file) => file.path),
      ...projectFileNames.filter((_, index) => others[index] === true),
    ]),
  ]
  if (inTheWay.length > 0)
    throw failure(
      `init ${relative(call.host.folder, folder) || '.'}`,
      `${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'is' : 'are'} there already; nothing was written`,
    )
  const written: string[] = []
  const kept: string[] = []
  try {
    for (const [index, file] of files.entries()) {
      if (there[index] === true) {
        kept.push(file.path)
        continue
      }
      await mkdir(dirname(join(folder, file.path)), { recursive: true })
      await writeFile(join(folder, file.path), file.text, { flag: 'wx' })
      written.push(file.path)
    }
  } catch (cause) {
    throw failure(`init ${relative(call.host.folder, folder) || '.'}`, messageOf(cause))
  }
  const go = relative(call.host.folder, folder)
  const next = [
    ...(go === '' ? [] : [`cd ${go}`]),
    ...(kept.includes('package.json') ? intoPackage : ['npm install']),
    first,
  ]
  if (call.common.json) {
    call.host.out.write(jsonDocument({ folder, written, kept, next, errors: errors.map(explain) }, 2))
    return exitCodes.done
  }
  for (const error of errors) call.host.err.write(`left out: ${explainText(error)}\n`)
  print(call, [
    ...written.map((path) => `  ${call.paint.out.green('wrote')}  ${join(go, path)}`),
    ...kept.map((path) => `  ${call.paint.out.dim('kept')}   ${join(go, path)}`),
    '',
    'Next:',
    ...next.map((line) => `  ${line}`),
  ])
  return exitCodes.done
}

interface Chosen {
  readonly own: readonly Omit<NewFile, 'shared'>[]
  /** The command to begin with. */
  readonly first: string
  /** Of old configs that could not be read. */
  readonly errors: readonly PlanError[]
}

/** The files of a template, or of a draft from old configs. */
const chosen = async (call: Call): Promise<Chosen> => {
  const [template, from] = [textOption(call, 'template'), textOption(call, 'from')]
  if (from === undefined) {
    const name = templates.find((one) => one === template) ?? 'minimal'
    return { own: await readTemplate(name), first: firstCommands[name], errors: [] }
  }
  if (template !== undefined) throw failure('--from', 'draws up a project of its own: leave out --template')
  const { configs, errors } = await readOldConfigs(resolve(call.host.folder, from)).catch((cause: unknown) => {
    throw failure(`--from ${from}`, messageOf(cause))
  })
  if (configs.length === 0) throw failure(`--from ${from}`, 'there is no config below it (.yaml, .yml, .json)')
  return { own: draftProject(configs), first: 'npx taskchain check', errors }
}

/** What a package that is there already lacks; its own file stays as it is. */
const intoPackage = [
  'npm pkg set type=module',
  'npm install taskchain io-ts fp-ts',
  'npm install --save-dev typescript @types/node vitest',
]

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined

const failure = (option: string, problem: string): Error =>
  taskchainError([{ _tag: 'BadOption', option, problem } satisfies UsageError])
