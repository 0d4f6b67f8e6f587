// A project in a workspace whose tasks are in another package of it; with pnpm's strict layout.
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { commandAbove, install, saysAll, succeeds, system, taskchain, write, type Check, type Site } from './site.js'

const dependencies = (tarball: string): object => ({ taskchain: `file:${tarball}`, 'io-ts': '^2.2.22', 'fp-ts': '^2.16.11' })

/** `@us/cleaning` has the tasks, in TypeScript; `@us/model` the project. */
const workspace = (tarball: string, local: string): Readonly<Record<string, string>> => ({
  'package.json': JSON.stringify({ private: true, workspaces: ['packages/*'] }),
  'pnpm-workspace.yaml': 'packages: [packages/*]\n',
  'packages/cleaning/package.json': JSON.stringify({
    name: '@us/cleaning',
    version: '1.0.0',
    type: 'module',
    exports: './tasks.ts',
    dependencies: dependencies(tarball),
  }),
  'packages/cleaning/tasks.ts': `import * as t from 'io-ts'
import { defineTask } from 'taskchain'
import { scale } from './scale.js'
export const cleaned = defineTask({ params: { rows: t.number }, data: t.array(t.number) }).run(({ rows }): number[] =>
  Array.from({ length: rows }, (_, at) => scale(at)),
)
`,
  'packages/cleaning/scale.ts': 'export const scale = (n: number): number => n * 2\n',
  'packages/model/package.json': JSON.stringify({
    name: '@us/model',
    version: '1.0.0',
    type: 'module',
    dependencies: { ...dependencies(tarball), '@us/cleaning': local },
  }),
  'packages/model/taskchain.config.ts': `import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'
import * as cleaning from '@us/cleaning'
const mean = defineTask({ inputs: { cleaned: cleaning.cleaned }, data: t.number }).run(
  ({ cleaned }): number => cleaned.reduce((sum, one) => sum + one, 0) / cleaned.length,
)
export default defineProject({ root: import.meta.dirname, pipelines: { cleaning, model: { mean } } })
`,
  'packages/model/configs/mean.yaml': 'tasks: [cleaning.*, model.*]\nrows: 11\n',
})

/** Runs, detects changed code in the other package, and watches its files. */
const worksAcross = async (folder: string): Promise<void> => {
  const model = join(folder, 'packages/model')
  for (const executor of ['local', 'workers', 'processes'])
    saysAll(await taskchain(model, `run mean mean --show --store ${executor} --executor ${executor}`), ['10'])
  saysAll(await taskchain(model, 'run mean'), ['2 computed'])
  saysAll(await taskchain(model, 'check --strict'), ['1 config'])
  const tasks = join(folder, 'packages/cleaning/tasks.ts')
  writeFileSync(tasks, readFileSync(tasks, 'utf8').replace('scale(at)', 'scale(at) + 0'))
  saysAll(await taskchain(model, 'run mean'), ['older code', 'cleaned'])
  await watches(model, () => appendFileSync(join(folder, 'packages/cleaning/scale.ts'), '// changed\n'))
}

/** A change in a file of the other package makes `run --watch` plan again. */
const watches = (model: string, change: () => void): Promise<void> =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, [commandAbove(model), 'run', 'mean', '--watch'], {
      cwd: model,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      for (const stream of [child.stdout, child.stderr]) stream.destroy() // a process of a round may keep them open
      fail(new Error(`a change was not seen within two minutes:\n${output}`))
    }, 120_000)
    let hasChanged = false
    const heard = (text: string): void => {
      output += text
      if (!hasChanged && output.includes('watching')) {
        hasChanged = true
        output = ''
        change()
      } else if (hasChanged && output.includes('watching')) child.kill('SIGINT')
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', heard)
    child.on('error', fail).on('close', () => {
      clearTimeout(limit)
      if (!output.includes('scale.ts')) fail(new Error(`a change was not seen:\n${output}`))
      else done()
    })
  })

/** pnpm as a single program; its downloads are stored next to the checks. */
const pnpm = async (site: Site, folder: string, words: readonly string[]): Promise<string> =>
  succeeds(folder, await site.tool([`@pnpm/exe.${system}@12`], `@pnpm/exe.${system}/pnpm`), words, {
    PNPM_HOME: site.folder('pnpm-home'),
    npm_config_store_dir: site.folder('pnpm-store'),
    npm_config_manage_package_manager_versions: 'false',
    CI: 'true',
  })

/** Uses the package's exports and none of its dependencies; pnpm makes others unreachable. */
const onlyExports = `import { defineProject, defineTask } from 'taskchain'
import { nd, ndarray, text, type NdArray } from 'taskchain/data'
export const matrix = defineTask({ data: ndarray('float64') }).run((): NdArray<Float64Array> => nd(Float64Array.of(1, 2, 3, 4), [2, 2]))
export const said = defineTask({ inputs: { matrix }, data: text() }).run(({ matrix }) => String(matrix.get(1, 1)))
export default defineProject({ root: import.meta.dirname, pipelines: { shop: { matrix, said } } })
`

export const workspaceChecks: readonly Check[] = [
  {
    name: 'a workspace of npm with tasks in another package: runs, sees changed code, watches',
    short: false,
    run: async (site) => {
      const folder = site.folder('npm-workspace')
      write(folder, workspace(site.tarball, '*'))
      await install(folder)
      await worksAcross(folder)
    },
  },
  {
    name: 'a workspace of pnpm with tasks in another package: runs, sees changed code, watches',
    short: false,
    run: async (site) => {
      const folder = site.folder('pnpm-workspace')
      write(folder, workspace(site.tarball, 'workspace:*'))
      await pnpm(site, folder, ['install'])
      await worksAcross(folder)
    },
  },
  {
    name: "pnpm's strict layout: a project that uses only exports of the package; types, declarations, run",
    short: false,
    run: async (site) => {
      const folder = site.folder('pnpm-strict')
      write(folder, {
        'package.json': JSON.stringify({
          type: 'module',
          dependencies: { taskchain: `file:${site.tarball}` },
          devDependencies: { '@types/node': '20', typescript: '7' },
        }),
        'taskchain.config.ts': onlyExports,
        'tsconfig.json': JSON.stringify({
          compilerOptions: {
            module: 'nodenext',
            target: 'es2022',
            strict: true,
            types: ['node'],
            declaration: true,
            outDir: 'out',
            skipLibCheck: false,
          },
        }),
        'configs/shop.yaml': 'tasks: shop.*\n',
        'pnpm-workspace.yaml': '{}\n',
      })
      await pnpm(site, folder, ['install'])
      saysAll(await taskchain(folder, 'run shop said --show'), ['4'])
      assert.equal((await succeeds(folder, 'node_modules/.bin/tsc', [])).trim(), '')
      saysAll(readFileSync(join(folder, 'out/taskchain.config.d.ts'), 'utf8'), ['NdArray'])
    },
  },
  {
    name: 'init in a package of a pnpm workspace says commands of pnpm, which work',
    short: false,
    run: async (site) => {
      const folder = site.folder('pnpm-init')
      const own = join(folder, 'packages/own')
      write(folder, { 'pnpm-workspace.yaml': 'packages: [packages/*]\n', 'package.json': '{ "private": true }' })
      write(own, { 'package.json': '{ "name": "own", "version": "1.0.0", "type": "module" }' })
      const command = join(await site.bare(), 'node_modules/taskchain/dist/cli/main.js')
      const said = await succeeds(own, process.execPath, [command, 'init'])
      for (const line of said.split('\nNext:\n')[1]?.trim().split(/\n */) ?? []) {
        const [program, ...words] = line.replace(' taskchain io-ts', ` ${site.tarball} io-ts`).split(' ')
        if (program === 'pnpm') await pnpm(site, own, words)
        else await succeeds(own, 'bash', ['-c', line])
      }
      for (const script of ['test', 'check', 'check-types']) await pnpm(site, own, ['run', script])
    },
  },
]
