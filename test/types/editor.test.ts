import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEditor, type Editor } from './language-server.js'

/** What people read when they point at a name. The file is only in the editor. */

const text = `import * as t from 'io-ts'
import { defineProject, defineTask, defineTemplate, derive, from, lazy, matching, optional, param, type Chain } from '../../src/index.js'
import * as movies from './movies.js'
import { allMovies, filteredMoviesTask, Movie } from './movies.js'

const best = defineTask({
  inputs: { allMovies, personal: optional(filteredMoviesTask, null), details: lazy(movies.words) },
  params: { top: param(t.number, { default: 3 }) },
  data: t.array(Movie),
}).run(({ allMovies, personal, details, top }, context) => (personal ?? allMovies).slice(0, top + context.params.top))

const summary = defineTask({ name: 'summary', data: t.type({ mean: t.number }) }).run(() => ({ mean: 1 }))
const feature = defineTemplate({ inputs: { rows: allMovies }, data: t.array(t.string), meta: { part: 'a' } }).run(({ rows }) => rows.map((row) => row.title))
const titles = derive(feature, { inputs: { rows: filteredMoviesTask } })
const train = from('train', filteredMoviesTask)
const features = matching(/feature_.*/, t.array(t.number))
const minVotes = param(t.number, { default: 1000 })
const project = defineProject({ pipelines: { movies } })
declare const chain: Chain<typeof project.pipelines>
const handle = chain.task(allMovies)
const rows = chain.value('movies:filtered_movies')
const asked = chain.in('train').value('')
`

let editor: Editor
beforeAll(async () => {
  editor = await openEditor(join(import.meta.dirname, 'in-the-editor.ts'), text)
})
afterAll(() => editor.close())

const shown = {
  allMovies: ['', '(alias) const allMovies: Task<Movie[], { sourceFile: string; }>'],
  best: [
    'const ',
    'const best: Task<Movie[], { allMovies: Movie[]; personal: Movie[] | null; details: () => Promise<Lines<string>>; top: number; }>',
  ],
  personal: ['.run(({ allMovies, ', '(parameter) personal: Movie[] | null'],
  details: ['.run(({ allMovies, personal, ', '(parameter) details: () => Promise<Lines<string>>'],
  summary: ['const ', 'const summary: NamedTask<{ mean: number; }, {}, "summary">'],
  titles: ['const ', 'const titles: Task<string[], { rows: Movie[]; }>'],
  train: ['const ', 'const train: InNamespace<Movie[]>'],
  features: ['const ', 'const features: Matching<number[]>'],
  minVotes: ['const ', 'const minVotes: Param<number>'],
  project: ['const ', 'const project: Project<{ movies: typeof movies; }>'],
  chain: ['declare const ', 'const chain: Chain<{ movies: typeof movies; }>'],
  handle: ['const ', 'const handle: TaskHandle<Movie[]>'],
  rows: ['const ', 'const rows: Promise<Movie[]>'],
} as const

test.each(Object.entries(shown))('an editor shows %s in full and without ornament', async (name, [before, hover]) => {
  expect(await editor.hover(`${before}${name}`, before.length)).toBe(hover)
})

test.each([
  ['allMovies', '.run(({ ', 'inputs: { allMovies'],
  ['details', '.run(({ allMovies, personal, ', 'details: lazy('],
  ['top', '.run(({ allMovies, personal, details, ', 'params: { top'],
])('an editor goes from the argument %s of run to its declaration', async (name, before, declaration) => {
  const line = text.slice(0, text.indexOf(declaration)).split('\n').length
  expect(await editor.definition(`${before}${name}`, before.length)).toContain(`in-the-editor.ts:${line}`)
})

test('an editor completes the names of tasks', async () => {
  const names = await editor.completions(`.value('`)
  expect(names).toEqual([
    'all_movies',
    'exported',
    'filtered_movies',
    'moved',
    'movies:all_movies',
    'movies:exported',
    'movies:filtered_movies',
    'movies:other_name',
    'movies:trained',
    'movies:words',
    'other_name',
    'reports:daily:moved',
    'reports:summary',
    'summary',
    'trained',
    'words',
  ])
})

test('an editor completes what a spec may say', async () => {
  const file = join(import.meta.dirname, 'in-the-editor-too.ts')
  const other = await openEditor(file, `import { defineTask } from '../../src/index.js'\ndefineTask({ `)
  try {
    expect(await other.completions('defineTask({ ')).toEqual(
      expect.arrayContaining([
        'abstract?',
        'data',
        'group?',
        'helpers?',
        'inputs?',
        'meta?',
        'name?',
        'params?',
        'retry?',
        'timeout?',
        'version?',
      ]),
    )
  } finally {
    other.close()
  }
})
