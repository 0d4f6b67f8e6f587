// Yarn's Plug'n'Play: packages stay in archives, which only JavaScript reads. Native code and other programs do not.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { saysAll, succeeds, write, type Check, type Site } from './site.js'

const project = `import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
import { figure } from 'taskchain/data'
import { python } from 'taskchain/programs'
const numbers = defineTask({ data: t.array(t.number) }).run((): number[] => [1, 2, 3])
const svg = (text: string): string => '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20"><text x="2" y="15">' + text + '</text></svg>'
const written = defineTask({ data: figure<string>({ language: 'svg' }) }).run(() => svg('Some words'))
const empty = defineTask({ data: figure<string>({ language: 'svg' }) }).run(() => svg(''))
const total = python({ inputs: { numbers }, data: t.number, script: 'total.py' })
export default defineProject({ root: import.meta.dirname, pipelines: { shop: { numbers, written, empty, total } } })
`

const yarn = async (site: Site, folder: string, words: readonly string[]): Promise<string> =>
  succeeds(folder, process.execPath, [await site.tool(['@yarnpkg/cli-dist@4'], '@yarnpkg/cli-dist/bin/yarn.js'), ...words], {
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  })

const pictureSize = (folder: string, task: string): number => {
  const place = join(folder, 'data/tasks/shop', task)
  return statSync(join(place, readdirSync(place).find((name) => name.endsWith('.png')) ?? 'none')).size
}

export const yarnChecks: readonly Check[] = [
  {
    name: "Yarn's Plug'n'Play: every executor, texts of figures, Python, init",
    short: false,
    run: async (site) => {
      const folder = site.folder('yarn-pnp')
      write(folder, {
        'package.json': JSON.stringify({
          name: 'own',
          type: 'module',
          dependencies: {
            taskchain: `file:${site.tarball}`,
            'io-ts': '^2.2.22',
            'fp-ts': '^2.16.11',
            '@resvg/resvg-js': '2',
            'dejavu-fonts-ttf': '2',
          },
        }),
        'yarn.lock': '',
        'taskchain.config.ts': project,
        'total.py': "from taskchain import inputs, save\nsave(sum(inputs['numbers']))\n",
        'configs/shop.yaml': 'tasks: shop.*\n',
      })
      await yarn(site, folder, ['install'])
      for (const executor of ['local', 'workers', 'processes'])
        saysAll(await yarn(site, folder, ['taskchain', 'run', 'shop', '--store', executor, '--executor', executor]), ['4 computed'])
      saysAll(await yarn(site, folder, ['taskchain', 'run', 'shop', 'total', '--show']), ['6'])
      await yarn(site, folder, ['taskchain', 'run', 'shop'])
      assert.ok(pictureSize(folder, 'written') > 2 * pictureSize(folder, 'empty'), 'the figure has no text')
      await yarn(site, folder, ['taskchain', 'init', 'new', '--template', 'ml'])
      saysAll(readFileSync(join(folder, 'new/README.md'), 'utf8'), ['taskchain'])
    },
  },
]
