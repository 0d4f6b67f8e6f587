// The guide is true: what its pages show is compiled, and their commands say what the pages say.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { fencesOf } from '../cli/docs-page.js'
import { emptyFolder, remove, root, write } from '../cli/fixture.js'
import { modules, preludeOf, preludes } from './loose-code.js'
import { runPage, writePage } from './page-runs.js'

const pages = [
  'five-minutes.md',
  'tasks.md',
  'inputs.md',
  'params.md',
  'objects.md',
  'config-files.md',
  'chains.md',
  'testing.md',
  'helpers.md',
  'cheat-sheet.md',
  'from-python.md',
  'recipes/ml-experiment.md',
  'recipes/llm-evaluation.md',
  'recipes/scraping.md',
  'recipes/feature-store.md',
  'recipes/monorepo.md',
  'recipes/ci-shared-store.md',
  'recipes/costly-value.md',
]
/** Pages whose commands run in the project of a recipe. */
const hosted = ['check.md', 'draw.md', 'gc.md', 'history.md', 'schema.md', 'ui.md']

let folder = ''
const places = new Map<string, string>()
beforeAll(() => {
  builtOnce()
  folder = emptyFolder([
    'taskchain',
    'io-ts',
    'fp-ts',
    'ndarray',
    'vitest',
    '@types/node',
    '@viz-js/viz',
    '@resvg/resvg-js',
  ])
  for (const page of pages) places.set(page, writePage(folder, page))
  for (const page of hosted) places.set(page, writePage(folder, page, 'recipes/ml-experiment.md'))
  write(folder, modules)
  for (const page of Object.keys(preludes))
    fencesOf(page).forEach(({ language, file, text }, at) => {
      if (language === 'ts' && file === undefined)
        write(folder, { [`loose/${page}-${at}.ts`]: `${preludeOf(page, text)}\n${text}\nexport {}\n` })
    })
}, 120_000)
afterAll(() => remove(folder))

test('all that the pages show compiles', () => {
  write(folder, {
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        lib: ['ES2023'],
        module: 'nodenext',
        types: ['node'],
        strict: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: true,
        noEmit: true,
      },
      include: ['*/**/*.ts'],
    }),
  })
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--checkers', '1'],
    { encoding: 'utf8' },
  )
  expect(stdout).toBe('')
}, 120_000)

test.each([...pages, ...hosted])('docs/%s', (page) => runPage(places.get(page) as string, page), 120_000)
