import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFilesMatcher, parseTsconfig } from 'get-tsconfig'
import { fieldOf, jsonIn } from '../../base/records.js'

/** What surrounds a new project: an existing package, its package manager, the compiler's settings. */

/** The package manager, detected from its files in the folder or above. */
export type Installer = 'npm' | 'pnpm'

export interface Surroundings {
  readonly installer: Installer
  /** The text of the existing package file. */
  readonly packageText: string | undefined
}

export const surroundingsOf = async (folder: string): Promise<Surroundings> => ({
  installer: await installerOf(folder),
  packageText: await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined),
})

const installerOf = async (folder: string): Promise<Installer> => {
  for (let here = folder; ; here = dirname(here)) {
    for (const [file, installer] of signs) if (await isThere(join(here, file))) return installer
    if (dirname(here) === here) return 'npm'
  }
}

const signs: readonly (readonly [file: string, installer: Installer])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['pnpm-workspace.yaml', 'pnpm'],
  ['package-lock.json', 'npm'],
]

export const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined

/** Whether code of the package compiles to ES modules: not if an existing package file has no `type`. */
export const isOfModules = ({ packageText }: Surroundings): boolean =>
  packageText === undefined || fieldOf(jsonIn(packageText), 'type') === 'module'

/** Commands that add to a package what the project needs; existing scripts are left alone. */
export const installing = (
  { installer, packageText }: Surroundings,
  scripts: Readonly<Record<string, string>>,
): readonly string[] => {
  if (packageText === undefined) return [`${installer} install`]
  const add = installer === 'npm' ? 'npm install' : 'pnpm add'
  const own = fieldOf(jsonIn(packageText), 'scripts')
  const missing = Object.entries(scripts).filter(([name]) => isUnset(fieldOf(own, name)))
  return [
    `${add} taskchain io-ts fp-ts`,
    `${add} --save-dev typescript @types/node vitest`,
    ...(missing.length === 0
      ? []
      : [`npm pkg set ${missing.map(([name, command]) => `"scripts.${name}=${command}"`).join(' ')}`]),
  ]
}

/** `npm init` writes a placeholder test script that fails. */
const isUnset = (script: unknown): boolean => typeof script !== 'string' || script.includes('Error: no test specified')

/** Those of some files that a tsconfig.json does not include. */
export const notCompiled = (tsconfig: string, files: readonly string[]): readonly string[] => {
  try {
    const isIncluded = createFilesMatcher({ path: tsconfig, config: parseTsconfig(tsconfig) })
    return files.filter((file) => isIncluded(file) === undefined)
  } catch {
    return []
  }
}
