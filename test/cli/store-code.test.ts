// A store is data: whatever lies in it, and wherever in it a command is called, nothing of it runs.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, remove, write } from './fixture.js'

const folders: string[] = []
beforeAll(builtOnce, 120_000)
afterAll(() => folders.forEach(remove))

/** Files that would be run by one tool or another; what runs leaves a mark. */
const hostile = (mark: string, isModule: boolean): Readonly<Record<string, string>> => {
  const evil = isModule
    ? `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(mark)}, import.meta.url)\nexport const helped = 1\nexport default {}\n`
    : `require('node:fs').writeFileSync(${JSON.stringify(mark)}, __filename)\nexports.helped = 1\n`
  return {
    'taskchain.config.ts': evil,
    'taskchain.config.mts': evil,
    'taskchain.config.js': evil,
    'taskchain.config.mjs': evil,
    'evil.ts': evil,
    'helper.ts': evil,
    'index.js': evil,
    'node_modules/io-ts/index.js': evil,
    'node_modules/io-ts/package.json': '{ "main": "index.js" }',
    'node_modules/taskchain/index.js': evil,
    'node_modules/tsx/index.js': evil,
    'package.json': isModule ? '{ "type": "module" }' : '{}',
    '.env': 'NODE_OPTIONS=--require ./evil.ts\n',
    'tsx.config.ts': evil,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        baseUrl: '.',
        paths: { '*': ['./evil.ts'], './helper.ts': ['./evil.ts'], taskchain: ['./evil.ts'], 'io-ts': ['./evil.ts'] },
      },
    }),
  } // oxfmt-ignore
}

const project = (isModule: boolean, tsconfig: boolean): { readonly folder: string; readonly mark: string } => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, {
    'package.json': isModule ? '{ "type": "module" }' : '{}',
    ...(tsconfig
      ? { 'tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { '@own/*': ['./own/*'] } } }) }
      : {}),
    'own/number.ts': 'export const seven: number = 7\n',
    'helper.ts': `${tsconfig ? "import { seven } from '@own/number.ts'" : 'const seven = 7'}\nexport const helped: number = seven\n`,
    'tasks.ts': `import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineTask } from 'taskchain'
import { directory } from 'taskchain/data'
import { helped } from './helper.ts'
export const number = defineTask({ data: t.number }).run(() => helped)
export const folder = defineTask({ data: directory() }).run((_, { dir }) => { writeFileSync(join(dir, 'a.txt'), 'a') })
`,
    'taskchain.config.ts':
      "import { defineProject } from 'taskchain'\nimport * as tasks from './tasks.ts'\nexport default defineProject({ pipelines: { tasks } })\n",
    'configs/all.yaml': 'tasks: tasks.*\n',
  })
  return { folder, mark: join(folder, 'MARK') }
}

const call = (folder: string, ...words: readonly string[]) =>
  spawnSync(process.execPath, [command, ...words], { cwd: folder, encoding: 'utf8' })

describe.each([
  ['as a module', true, false],
  ['as a module with a tsconfig of its own', true, true],
  ['in CommonJS', false, false],
])('a project %s', (_, isModule, tsconfig) => {
  test('runs nothing that lies in its store, called from anywhere in it', { timeout: 120_000 }, () => {
    const { folder, mark } = project(isModule, tsconfig)
    const first = call(folder, 'run', 'all')
    expect([first.status, first.stderr]).toEqual([0, ''])
    const store = join(folder, 'data/tasks')
    const artifact = join(
      store,
      'tasks/folder',
      readdirSync(join(store, 'tasks/folder')).find((name) => /^[0-9a-f]{32}$/.test(name)) as string,
    )
    const places = [artifact, join(artifact, 'deep/er'), dirname(artifact), join(store, 'tasks'), store]
    const beside = ['.trash', '.trash/now/tasks/folder', '.damaged', 'tasks/folder/.pins', 'tasks/folder/other/deep']
    for (const place of [...places, ...beside.map((name) => join(store, name))]) {
      write(place, hostile(mark, isModule))
      const { status, stdout, stderr } = call(place, 'show', 'all', 'number', '--json')
      expect([place, existsSync(mark), status, stderr, stdout]).toEqual([
        place,
        false,
        0,
        '',
        expect.stringContaining('7'),
      ])
    }
  })
})
