import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fieldOf, jsonIn } from '../../base/records.js'

/** Package managers: how they are recognized, and how they are told what to do. */

export interface Installer {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun'
  /** Files that only this one writes. */
  readonly signs: readonly string[]
  readonly add: string
  readonly addForDevelopment: string
  /** What a command of an installed package starts with. */
  readonly run: string
  /** What a CI service does first. */
  readonly setUp: string | undefined
}

export const npm: Installer = {
  name: 'npm',
  signs: ['package-lock.json'],
  add: 'npm install',
  addForDevelopment: 'npm install --save-dev',
  run: 'npx',
  setUp: undefined,
}

const installers: readonly Installer[] = [
  {
    name: 'pnpm',
    signs: ['pnpm-lock.yaml', 'pnpm-workspace.yaml'],
    add: 'pnpm add',
    addForDevelopment: 'pnpm add --save-dev',
    run: 'pnpm exec',
    setUp: 'npm install --global pnpm',
  },
  {
    name: 'yarn',
    signs: ['yarn.lock', '.yarnrc.yml'],
    add: 'yarn add',
    addForDevelopment: 'yarn add --dev',
    run: 'yarn',
    setUp: 'corepack enable',
  },
  {
    name: 'bun',
    signs: ['bun.lock', 'bun.lockb'],
    add: 'bun add',
    addForDevelopment: 'bun add --dev',
    run: 'bunx',
    setUp: 'npm install --global bun',
  },
  npm,
]

/** The package manager of a folder: from its files or the `packageManager` of a package, there or above. */
export const installerOf = async (folder: string): Promise<Installer> => {
  for (let here = folder; ; here = dirname(here)) {
    for (const installer of installers)
      for (const sign of installer.signs) if (await isThere(join(here, sign))) return installer
    const declared = await declaredIn(join(here, 'package.json'))
    const found = installers.find(({ name }) => name === declared)
    if (found !== undefined) return found
    if (dirname(here) === here) return npm
  }
}

const declaredIn = async (packageFile: string): Promise<string | undefined> => {
  const declared = fieldOf(jsonIn(await readFile(packageFile, 'utf8').catch(() => '')), 'packageManager')
  return typeof declared === 'string' ? declared.split('@')[0] : undefined
}

export const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined
