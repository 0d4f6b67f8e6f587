// What `init` does with what surrounds a new project: package managers, repositories, names of folders.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { installing } from '../../src/cli/init/existing-package.js'
import { installerOf, npm } from '../../src/cli/init/installers.js'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, taskchain, write } from './fixture.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = emptyFolder([])
  folders.push(folder)
  write(folder, files)
  return folder
}
afterEach(() => folders.splice(0).forEach(remove))

test.each([
  ['npm', { 'package-lock.json': '{}' }],
  ['npm', { 'package.json': '{ "packageManager": "other@1" }' }],
  ['pnpm', { 'pnpm-workspace.yaml': '' }],
  ['yarn', { 'yarn.lock': '' }],
  ['yarn', { 'package.json': '{ "packageManager": "yarn@4.18.1+sha512.abc" }' }],
  ['bun', { 'bun.lock': '' }],
  ['pnpm', { 'yarn.lock': '', 'packages/pnpm-lock.yaml': '' }],
])('%s is known from what is in the folder or above: %j', async (name, files) => {
  const folder = folderWith({ ...files, 'packages/own/keep': '' })
  expect((await installerOf(join(folder, 'packages/own'))).name).toBe(name)
})

test('a package that exists is told what it lacks, in commands of its package manager; its own scripts stay', async () => {
  const [pnpm, yarn, bun] = await Promise.all(
    ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock'].map((sign) => installerOf(folderWith({ [sign]: '' }))),
  )
  const lacking = (installer = npm, own: object = {}): readonly string[] =>
    installing({ installer, packageText: JSON.stringify(own) }, { test: 'vitest run', check: 'taskchain check' })
  const complete = { scripts: { test: 'mocha', check: 'tsc' } }
  expect(installing({ installer: pnpm ?? npm, packageText: undefined }, {})).toEqual(['pnpm install'])
  expect(lacking(npm, { scripts: { test: 'echo "Error: no test specified" && exit 1' } })).toEqual([
    'npm install taskchain io-ts fp-ts',
    'npm install --save-dev typescript @types/node vitest',
    'npm pkg set "scripts.test=vitest run" "scripts.check=taskchain check"',
  ])
  expect([pnpm, yarn, bun].map((installer) => lacking(installer, complete))).toEqual([
    ['pnpm add taskchain io-ts fp-ts', 'pnpm add --save-dev typescript @types/node vitest'],
    ['yarn add taskchain io-ts fp-ts', 'yarn add --dev typescript @types/node vitest'],
    ['bun add taskchain io-ts fp-ts', 'bun add --dev typescript @types/node vitest'],
  ])
  expect(installing({ installer: npm, packageText: '{ broken' }, {})).toHaveLength(2)
})

test('the commands and the workflow are those of the package manager', async () => {
  const folder = folderWith({ 'yarn.lock': '' })
  const { out } = await taskchain(folder, ['init'])
  expect(out.slice(out.indexOf('Next:'))).toBe('Next:\n  yarn install\n  yarn taskchain run poem counts --show\n')
  const steps = readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8').match(/- run: .+/g)
  expect(steps).toEqual([
    '- run: corepack enable',
    '- run: yarn install',
    '- run: yarn tsc --noEmit',
    '- run: yarn taskchain check --strict --format github',
    '- run: yarn vitest run',
  ])
})

test('a workflow is only written where GitHub reads it: not in a folder below a repository', async () => {
  const folder = folderWith({ 'packages/own/keep': '' })
  execFileSync('git', ['init', '-q'], { cwd: folder })
  await taskchain(join(folder, 'packages/own'), ['init'])
  expect(existsSync(join(folder, 'packages/own/taskchain.config.ts'))).toBe(true)
  expect(existsSync(join(folder, 'packages/own/.github'))).toBe(false)
  await taskchain(folder, ['init'])
  expect(existsSync(join(folder, '.github/workflows/ci.yml'))).toBe(true)
})

test('the command that enters the folder works, whatever its name', async () => {
  const folder = folderWith({})
  for (const name of ["it's mine (1)", '-x', 'größe', 'plain']) {
    const { out } = await taskchain(folder, ['init', '--', name])
    const go = /^ {2}(cd .*)$/m.exec(out)?.[1] ?? 'false'
    const there = execFileSync('bash', ['-c', `${go} && pwd`], { cwd: folder, encoding: 'utf8' })
    expect(there.trim()).toBe(join(folder, name))
    if (name === 'plain') expect(go).toBe('cd plain')
  }
})
