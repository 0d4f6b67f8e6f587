// How the package is loaded: from CommonJS under every version of Node, by loaders and by test runners.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { commandAbove, ended, root, saysAll, succeeds, system, write, type Check, type Site } from './site.js'

/** The package's entry points, as they are imported. */
const entrances = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly exports: object }).exports,
)
  .filter((name) => name !== './types' && name !== './package.json')
  .map((name) => name.replace('.', 'taskchain'))

const requiring = `for (const name of ${JSON.stringify(entrances)})
  if (Object.keys(require(name)).length === 0) throw new Error(name + ' is empty')
const { defineProject, defineTask, openChain } = require('taskchain')
const t = require('io-ts')
const number = defineTask({ data: t.number }).run(() => 42)
openChain(defineProject({ pipelines: { shop: { number } } }), { config: { tasks: 'shop.*' }, store: require('taskchain/store').memoryStore() })
  .then((chain) => chain.value(number))
  .then((value) => console.log('value ' + value))
`

/** Another version of Node: its binary comes as a package. */
const nodeOf = (site: Site, version: string): Promise<string> =>
  site.tool([`node-${system}@${version}`], `node-${system}/bin/node`)

const requireUnder = (version: string, said: readonly string[]): Check => ({
  name: `CommonJS: require of every entrance under Node ${version}`,
  short: false,
  run: async (site) => {
    const folder = await commonjs(site)
    saysAll((await ended(folder, await nodeOf(site, version), ['main.cjs'])).output, said)
  },
})

const commonjs = async (site: Site): Promise<string> => {
  const folder = join(await site.bare(), 'commonjs')
  write(folder, { 'package.json': '{}', 'main.cjs': requiring })
  return folder
}

/** A test for Node's test runner, and for Vitest with another import. */
const testText = (imports: string): string => `${imports}
import * as t from 'io-ts'
import { defineTask } from 'taskchain'
import { testTask } from 'taskchain/testing'
const doubled = defineTask({ params: { n: t.number }, data: t.number }).run(({ n }) => 2 * n)
test('a task', async () => { equal(await testTask(doubled, { params: { n: 21 } }), 42) })
`

export const moduleChecks: readonly Check[] = [
  {
    name: 'CommonJS: require of every entrance',
    short: true,
    run: async (site) => saysAll(await succeeds(await commonjs(site), process.execPath, ['main.cjs']), ['value 42']),
  },
  requireUnder('20.19.0', ['value 42']),
  requireUnder('22.12.0', ['value 42']),
  requireUnder('24', ['value 42']),
  // before require(esm): Node explains what to do
  requireUnder('22.2.0', ['require() of ES Module', 'dynamic import()']),
  {
    name: 'tsx, Vitest and node:test run what imports it',
    short: true,
    run: async (site) => {
      const folder = join(await site.consumer(), 'runners')
      const bin = (name: string): string => join(folder, '../node_modules', name)
      write(folder, {
        'package.json': '{ "type": "module" }',
        'vitest.config.mjs': 'export default {}\n',
        'unit.test.ts': testText(`import { expect, test } from 'vitest'
const equal = (is: unknown, wanted: unknown) => expect(is).toBe(wanted)`),
        'node.mjs': testText("import test from 'node:test'\nimport { equal } from 'node:assert'"),
        'node.cjs': testText("const test = require('node:test')\nconst { equal } = require('node:assert')").replaceAll(
          /import (\* as )?(.+) from ('.+')/g,
          'const $2 = require($3)',
        ),
        'taskchain.config.ts': `import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
const answer = defineTask({ data: t.number }).run((): number => 42)
export default defineProject({ root: import.meta.dirname, pipelines: { shop: { answer } } })
`,
        'configs/shop.yaml': 'tasks: shop.*\n',
        'main.ts': `import { openChain } from 'taskchain'
import project from './taskchain.config.js'
const chain = await openChain(project, { config: 'configs/shop.yaml' })
console.log('value', await chain.value('answer'))
await chain.close()
`,
      })
      saysAll(await succeeds(folder, process.execPath, [bin('tsx/dist/cli.mjs'), 'main.ts']), ['value 42'])
      saysAll(await succeeds(folder, process.execPath, [commandAbove(folder), 'run', 'shop']), ['1 cached'])
      saysAll(await succeeds(folder, process.execPath, [bin('vitest/vitest.mjs'), 'run']), ['1 passed'])
      for (const file of ['node.mjs', 'node.cjs'])
        saysAll(await succeeds(folder, process.execPath, ['--test', file]), ['pass 1'])
      assert.ok(existsSync(join(folder, 'data')))
    },
  },
]
