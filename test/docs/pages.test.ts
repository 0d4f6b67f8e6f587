// The guide is true: what its pages show is compiled, and their commands say what the pages say.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, root, write } from '../cli/fixture.js'
import { runPage, writePage } from './page-runs.js'

const pages = [
  'five-minutes.md',
  'tasks.md',
  'inputs.md',
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

let folder = ''
const places = new Map<string, string>()
beforeAll(() => {
  builtOnce()
  folder = emptyFolder(['taskchain', 'io-ts', 'fp-ts', 'ndarray', 'vitest', '@types/node'])
  for (const page of pages) places.set(page, writePage(folder, page))
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

test.each(pages)('docs/%s', (page) => runPage(places.get(page) as string, page), 120_000)
