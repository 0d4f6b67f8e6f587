import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFilesMatcher, parseTsconfig } from 'get-tsconfig'
import { fieldOf, jsonIn } from '../../base/records.js'
import { installerOf, isThere, type Installer } from './installers.js'

/** What surrounds a new project: an existing package, its package manager, the compiler's settings. */

export interface Surroundings {
  readonly installer: Installer
  readonly isBelowRepository: boolean
  /** The text of the existing package file. */
  readonly packageText: string | undefined
}

export const surroundingsOf = async (folder: string): Promise<Surroundings> => ({
  installer: await installerOf(folder),
  isBelowRepository: await isBelowRepository(folder),
  packageText: await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined),
})

/** Whether a folder above is the root of a repository: GitHub runs no workflow of a folder below it. */
const isBelowRepository = async (folder: string): Promise<boolean> => {
  if (await isThere(join(folder, '.git'))) return false
  for (let here = dirname(folder); dirname(here) !== here; here = dirname(here))
    if (await isThere(join(here, '.git'))) return true
  return false
}

/** Whether code of the package compiles to ES modules: not if an existing package file has no `type`. */
export const isOfModules = ({ packageText }: Pick<Surroundings, 'packageText'>): boolean =>
  packageText === undefined || fieldOf(jsonIn(packageText), 'type') === 'module'

/** Commands that add to a package what the project needs; existing scripts are left alone. */
export const installing = (
  { installer, packageText }: Pick<Surroundings, 'installer' | 'packageText'>,
  scripts: Readonly<Record<string, string>>,
): readonly string[] => {
  if (packageText === undefined) return [`${installer.name} install`]
  const own = fieldOf(jsonIn(packageText), 'scripts')
  const missing = Object.entries(scripts).filter(([name]) => isUnset(fieldOf(own, name)))
  return [
    `${installer.add} taskchain io-ts fp-ts`,
    `${installer.addForDevelopment} typescript @types/node vitest`,
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
