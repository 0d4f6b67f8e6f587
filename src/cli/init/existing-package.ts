import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFilesMatcher, parseTsconfig } from 'get-tsconfig'
import { fieldOf } from '../../base/records.js'

/** What surrounds a new project: the package that is there already, who installs, the compiler's settings. */

/** Who installs packages here; said by a file that it leaves, in the folder or above. */
export type Installer = 'npm' | 'pnpm'

export interface Surroundings {
  readonly installer: Installer
  /** The text of the package file that is there. */
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

/** Whether what is compiled in a package are modules: not where one without a type is there. */
export const isOfModules = ({ packageText }: Surroundings): boolean =>
  packageText === undefined || fieldOf(parsed(packageText), 'type') === 'module'

/** Commands that give a package what the project needs; its own scripts stay as they are. */
export const installing = (
  { installer, packageText }: Surroundings,
  scripts: Readonly<Record<string, string>>,
): readonly string[] => {
  if (packageText === undefined) return [`${installer} install`]
  const add = installer === 'npm' ? 'npm install' : 'pnpm add'
  const own = fieldOf(parsed(packageText), 'scripts')
  const missing = Object.entries(scripts).filter(([name]) => isUnset(fieldOf(own, name)))
  return [
    `${add} taskchain io-ts fp-ts`,
    `${add} --save-dev typescript @types/node vitest`,
    ...(missing.length === 0
      ? []
      : [`npm pkg set ${missing.map(([name, command]) => `"scripts.${name}=${command}"`).join(' ')}`]),
  ]
}

/** `npm init` writes a test that fails. */
const isUnset = (script: unknown): boolean => typeof script !== 'string' || script.includes('Error: no test specified')

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Those of some files that a tsconfig.json leaves out. */
export const notCompiled = (tsconfig: string, files: readonly string[]): readonly string[] => {
  try {
    const isIncluded = createFilesMatcher({ path: tsconfig, config: parseTsconfig(tsconfig) })
    return files.filter((file) => isIncluded(file) === undefined)
  } catch {
    return []
  }
}
