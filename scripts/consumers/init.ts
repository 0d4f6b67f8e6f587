// `init`, in folders of all kinds: existing files stay, new files pass checks, and the printed instructions work.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, saysAll, succeeds, write, type Check, type Site } from './site.js'

/** Initial contents of the folders in which `init` is run. */
const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  empty: {},
  'a package of modules': { 'package.json': '{ "name": "own", "type": "module", "scripts": { "start": "node ." } }' },
  'a package in CommonJS': {
    'package.json':
      '{ "name": "own", "type": "commonjs", "scripts": { "test": "echo \\"Error: no test specified\\" && exit 1" } }',
    'index.js': 'module.exports = 1\n',
  },
  'a package with everything': {
    'package.json': '{ "name": "own", "type": "module", "scripts": { "test": "node --test own/*.mjs", "check": "true" } }',
    'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "target": "es2022", "strict": true, "skipLibCheck": true }, "include": ["src"] }\n',
    '.gitignore': 'mine\n',
    'README.md': '# Mine\n',
    '.github/workflows/ci.yml': 'name: mine\non: push\njobs: {}\n',
    'src/mine.ts': 'export const mine = 1\n',
    'own/mine.mjs': "import test from 'node:test'\ntest('mine', () => {})\n",
  },
}

const scriptsOf = (folder: string): Readonly<Record<string, string>> =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly scripts: Record<string, string> }).scripts

/** Runs `init`, follows its instructions with the tarball in place of the registry's package, runs all scripts. */
const madeIn = async (site: Site, kind: string, template: string): Promise<void> => {
  const before = kinds[kind] ?? {}
  const folder = site.folder(`init ${kind} ${template}`.replaceAll(' ', '-'))
  write(folder, before)
  const command = join(await site.bare(), 'node_modules/taskchain/dist/cli/main.js')
  const said = await succeeds(folder, process.execPath, [command, 'init', '--template', template])
  for (const [path, text] of Object.entries(before)) assert.equal(readFileSync(join(folder, path), 'utf8'), text, path)
  const next = said.split('\nNext:\n')[1]?.trim().split(/\n */) ?? []
  assert.ok(next.length >= 2, said)
  await withTarball(site, folder, next)
  saysAll(said.includes('wrote  tsconfig.json') ? '' : said, said.includes('wrote  tsconfig.json') ? [] : ['add to "include"'])
  const scripts = scriptsOf(folder)
  for (const needed of ['test', 'check', 'check-types']) assert.ok(needed in scripts, `no script ${needed} after:\n${said}`)
  for (const name of Object.keys(scripts).filter((one) => before['package.json'] === undefined || one !== 'start'))
    await succeeds(folder, 'npm', ['run', '--silent', name])
  const workflow = readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8')
  for (const [, line = ''] of workflow.matchAll(/- run: (npx .+)/g)) await succeeds(folder, 'bash', ['-c', line])
}

/** The commands that `init` prints, changed to install this package instead of the registry's. */
const withTarball = async ({ tarball }: Site, folder: string, lines: readonly string[]): Promise<void> => {
  for (const line of lines) {
    if (line === 'npm install') {
      const file = join(folder, 'package.json')
      const text = readFileSync(file, 'utf8').replace(/"taskchain": "[^"]*"/, `"taskchain": "file:${tarball}"`)
      write(folder, { 'package.json': text })
      await install(folder)
    } else await succeeds(folder, 'bash', ['-c', line.replace(/(?<=npm install.*) taskchain /, ` '${tarball}' `)])
  }
}

const inKind = (kind: string, template: string, short = false): Check => ({
  name: `init --template ${template} in ${kind === 'empty' ? 'an empty folder' : kind}: nothing is overwritten, all scripts pass`,
  short,
  run: (site) => madeIn(site, kind, template),
})

export const initChecks: readonly Check[] = [
  inKind('empty', 'minimal'),
  inKind('empty', 'ml'),
  inKind('empty', 'llm'),
  inKind('a package of modules', 'minimal'),
  inKind('a package in CommonJS', 'minimal', true),
  inKind('a package in CommonJS', 'ml'),
  inKind('a package in CommonJS', 'llm'),
  inKind('a package with everything', 'minimal'),
]
