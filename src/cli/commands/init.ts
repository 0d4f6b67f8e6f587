import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { projectFileNames } from '../../adapters/project/project-file.js'
import type { PlanError } from '../../errors.js'
import { badOption, explain, explainText } from '../../explain.js'
import { optionalOperand, print, textOption, type Call, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { draftProject, type OldConfig } from '../init/draft-project.js'
import { installing, notCompiled, surroundingsOf } from '../init/existing-package.js'
import { isThere } from '../init/installers.js'
import {
  checkScripts,
  firstCommands,
  initFiles,
  packageNameOf,
  readTemplate,
  templates,
  type NewFile,
} from '../init/init-files.js'
import { jsonDocument } from '../json-output.js'
import { ownVersion } from '../../base/package-root.js'
import { messageOf } from '../../base/thrown.js'
import * as E from 'fp-ts/lib/Either.js'
import { fileSource } from '../../adapters/project/config-files.js'
import { parseDocument } from '../../config/document.js'

/** `init [dir]`: writes a small project; never overwrites an existing file. */
export const init: Command = async (call) => {
  const folder = resolve(call.host.folder, optionalOperand(call, 'dir') ?? '.')
  const { own, first, errors } = await chosen(call)
  const plans = first.split(' ')[3] ?? ''
  const around = await surroundingsOf(folder)
  const files = initFiles(own, { name: packageNameOf(basename(folder)), version: ownVersion(), plans, around })
  const there = await Promise.all(files.map((file) => isThere(join(folder, file.path))))
  const others = await Promise.all(projectFileNames.map((name) => isThere(join(folder, name))))
  const inTheWay = [
    ...new Set([
      ...files.filter((file, index) => there[index] === true && !file.shared).map((file) => file.path),
      ...projectFileNames.filter((_, index) => others[index] === true),
    ]),
  ]
  if (inTheWay.length > 0)
    throw badOption(
      `init ${relative(call.host.folder, folder) || '.'}`,
      `${inTheWay.join(', ')} ${inTheWay.length === 1 ? 'exists' : 'exist'} already; nothing was written`,
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
    throw badOption(`init ${relative(call.host.folder, folder) || '.'}`, messageOf(cause))
  }
  const go = relative(call.host.folder, folder)
  const next = [
    ...(go === '' ? [] : [`cd ${inShell(go)}`]),
    ...installing(around, checkScripts),
    first.replace(/^npx/, around.installer.run),
    ...(kept.includes('tsconfig.json') ? toCompile(folder, written) : []),
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

/** A path as one word of a shell that is no option. */
const inShell = (path: string): string => {
  const named = path.startsWith('-') ? `./${path}` : path
  return /^[\w./@%+=:,\p{L}\p{N}-]+$/u.test(named) ? named : `'${named.replaceAll("'", "'\\''")}'`
}

interface Chosen {
  readonly own: readonly Omit<NewFile, 'shared'>[]
  /** The command to start with. */
  readonly first: string
  /** Errors of old configs that could not be read. */
  readonly errors: readonly PlanError[]
}

/** The files of a template, or of a draft from old configs. */
const chosen = async (call: Call): Promise<Chosen> => {
  const [template, from] = [textOption(call, 'template'), textOption(call, 'from')]
  if (from === undefined) {
    const name = templates.find((one) => one === template) ?? 'minimal'
    return { own: await readTemplate(name), first: firstCommands[name], errors: [] }
  }
  if (template !== undefined) throw badOption('--from', 'drafts a project of its own: leave out --template')
  const { configs, errors } = await readOldConfigs(resolve(call.host.folder, from)).catch((cause: unknown) => {
    throw badOption(`--from ${from}`, messageOf(cause))
  })
  if (configs.length === 0) throw badOption(`--from ${from}`, 'there is no config below it (.yaml, .yml, .json)')
  return { own: draftProject(configs), first: 'npx taskchain check', errors }
}

/** What to add to an existing tsconfig.json so that the compiler checks the files that were written. */
const toCompile = (folder: string, written: readonly string[]): readonly string[] => {
  const sources = written.filter((path) => path.endsWith('.ts')).map((path) => join(folder, path))
  const left = notCompiled(join(folder, 'tsconfig.json'), sources).map((path) => relative(folder, path))
  return left.length === 0 ? [] : [`# add to "include" in tsconfig.json: ${left.join(', ')}`]
}

/** The configs below a folder, and the errors of those that cannot be read. */
const readOldConfigs = async (
  folder: string,
): Promise<{ readonly configs: readonly OldConfig[]; readonly errors: readonly PlanError[] }> => {
  await readdir(folder) // throws if it cannot be read: it must not pass for empty
  const source = fileSource(folder)
  const configs: OldConfig[] = []
  const errors: PlanError[] = []
  for (const path of await source.list('.')) {
    if (/(?:^|\/)\.[^/]*$/.test(path)) continue
    try {
      const text = (await source.read(path)) ?? ''
      const document = parseDocument(path, text)
      if (E.isRight(document)) configs.push({ path, text, document: document.right })
      else for (const error of document.left) errors.push(error)
    } catch (cause) {
      errors.push({ _tag: 'ConfigUnreadable', origin: path, place: undefined, reason: messageOf(cause) })
    }
  }
  return { configs, errors }
}
