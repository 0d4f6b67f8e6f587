// No block of code stands on a page untested: files and commands are run, parts of programs are compiled, and what is
// neither is told here with its reason.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../cli/fixture.js'
import { preludes } from './loose-code.js'

/** The test that runs a page's files and commands; it names the page. */
const runBy: Readonly<Record<string, readonly string[]>> = {
  'test/docs.test.ts': ['README.md'],
  'test/docs/pages.test.ts': inDocs(
    'five-minutes tasks inputs params objects config-files chains testing helpers cheat-sheet from-python check draw gc',
    'history schema ui recipes/ml-experiment recipes/llm-evaluation recipes/scraping recipes/feature-store',
    'recipes/monorepo recipes/ci-shared-store recipes/costly-value',
  ),
  'test/cli/why-docs.test.ts': inDocs('why diff code-drift content renaming sources scheduling stores'),
  'test/cli/sweep-docs.test.ts': inDocs('sweep'),
  'test/config/configs-docs.test.ts': inDocs('configs'),
  'test/data/docs.test.ts': inDocs('formats'),
  'test/programs/docs.test.ts': inDocs('commands'),
  'test/runtime/items/docs.test.ts': inDocs('items'),
  'test/workers/docs.test.ts': inDocs('workers'),
  'test/store-of-your-own.test.ts': inDocs('internals/a-store-of-your-own'),
}

function inDocs(...names: readonly string[]): readonly string[] {
  return names.flatMap((some) => some.split(' ')).map((name) => `docs/${name}.md`)
}

/** Blocks `console`, and code that no test runs, and why. */
const notRun: Readonly<Record<string, string>> = {
  'README.md': 'packages are installed',
  'docs/five-minutes.md': 'packages are installed',
  'docs/terminal.md': 'it goes on until Ctrl-C; test/cli/watch.test.ts does it',
  'docs/ui.md': 'a server that goes on until Ctrl-C; test/ui does it',
  'docs/queue.md': 'workers on other machines; test/workers/queue does it on this one',
  'docs/scale.md': 'files for Kubernetes and SLURM, of which neither is here; test/docs/scale.test.ts reads them',
  'docs/stores.md': 'a package is installed; keys and a bucket: test/object-store, test/adapters/signed',
  'docs/items.md': 'a limit that is passed: test/runtime/items',
  'docs/example-embeddings.md': 'the example has its own test',
  'docs/example-fleet.md': 'Redis and a bucket: test/object-store/s3.test.ts',
  'docs/example-spam.md': 'the example has its own test',
  'docs/notebook.md': 'cells of Deno',
  'examples/README.md': 'packages are installed',
  'docs/example-mixed.md': 'the example has its own test',
  'examples/movies/README.md': 'the example has its own test',
}

const pages = ['.', 'docs', 'docs/recipes', 'docs/internals', 'examples', ...examples()].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
    .map((name) => join(folder, name)),
)

function examples(): readonly string[] {
  return readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'templates')
    .map(({ name }) => join('examples', name))
}

interface Block {
  readonly language: string
  readonly file: string | undefined
  readonly text: string
}
const blocksOf = (page: string): readonly Block[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```(\w*)(?: file=(\S+))?.*\n([^]*?)^```$/gm)].map(
    ([, language = '', file, text = '']) => ({ language, file, text }),
  )

const run = new Set(Object.values(runBy).flat())
const looksLikeCode = (text: string): boolean =>
  /^import |^export |defineTask\(|^(?:npx )?taskchain |^\$? ?npx /m.test(text)

/** Why a block is not tested although no reason is given; undefined where it is. */
const untested = (page: string, { language, file, text }: Block): string | undefined => {
  if (run.has(page) && (file !== undefined || language === 'sh')) return undefined
  if (file !== undefined || language === 'sh') return 'no test runs it'
  if (language === 'console') return 'it is not run'
  if (language === 'ts' || language === 'js')
    return page.replace('docs/', '') in preludes || page === 'docs/internals/a-store-of-your-own.md'
      ? undefined
      : 'nothing compiles it'
  return ['', 'text'].includes(language) && looksLikeCode(text) ? 'it is code that says to be text' : undefined
}

/** A reason stands for commands of a `console`; for all of an example, and of what Deno alone runs. */
const excused = (page: string, reason: string): boolean =>
  reason === 'it is not run' || page.startsWith('examples/') || page === 'docs/notebook.md'

test.each(pages)('all code of %s is tested, or there is a reason', (page) => {
  const reasons = blocksOf(page).map((block) => untested(page, block))
  expect(reasons.filter((reason) => reason !== undefined && !(page in notRun && excused(page, reason)))).toEqual([])
})

test('tests name the pages that they run', () => {
  const unnamed = Object.entries(runBy).flatMap(([file, all]) => {
    const text = readFileSync(join(root, file), 'utf8')
    return all.filter((page) => !text.includes(page.replace('docs/', ''))).map((page) => [file, page])
  })
  expect(unnamed).toEqual([])
})

test('a reason is given for pages alone that have something to give it for', () => {
  const idle = Object.keys(notRun).filter((page) =>
    blocksOf(page).every((block) => untested(page, block) === undefined),
  )
  expect(idle).toEqual([])
})
