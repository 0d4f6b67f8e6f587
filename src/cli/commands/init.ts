import { mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { projectFileNames } from '../../adapters/project/project-file.js'
import type { UsageError } from '../../errors.js'
import { taskchainError } from '../../explain.js'
import { print, optionalOperand, textOption, type Command } from '../call.js'
import { exitCodes } from '../exit-codes.js'
import { firstCommands, initFiles, packageNameOf, readTemplate, templates } from '../init-files.js'
import { jsonDocument } from '../json-output.js'
import { ownVersion } from '../../base/package-root.js'
import { messageOf } from '../../base/thrown.js'

/** `init [dir]`: writes a small project; never over a file that is there. */
export const init: Command = async (call) => {
  const folder = resolve(call.host.folder, optionalOperand(call, 'dir') ?? '.')
  const template = templates.find((name) => name === textOption(call, 'template')) ?? 'minimal'
  const first = firstCommands[template]
  const plans = first.split(' ')[3] ?? ''
  const own = await readTemplate(template)
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
    call.host.out.write(jsonDocument({ folder, template, written, kept, next }, 2))
    return exitCodes.done
  }
  print(call, [
    ...written.map((path) => `  ${call.paint.out.green('wrote')}  ${join(go, path)}`),
    ...kept.map((path) => `  ${call.paint.out.dim('kept')}   ${join(go, path)}`),
    '',
    'Next:',
    ...next.map((line) => `  ${line}`),
  ])
  return exitCodes.done
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
