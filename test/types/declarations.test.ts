import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { repository } from './generated-project.js'

/**
 * A user's module compiled with `declaration: true` against the package as it is published: only what the entry points
 * export can be named.
 * `UPDATE=1` writes the golden text anew.
 */

const cache = join(repository, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'declarations-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const golden = join(import.meta.dirname, 'declarations.expected.txt')
const tsc = (...args: readonly string[]): string =>
  spawnSync(join(repository, 'node_modules/.bin/tsc'), [...args, '--checkers', '1', '--pretty', 'false'], {
    cwd: repository,
    encoding: 'utf8',
  }).stdout

const user = `import * as t from 'io-ts'
import { defineObject, defineProject, defineTask, defineTemplate, derive, from, inMemory, json, lazy, matching, object, optional, param, ref } from 'taskchain'
import { checkpoint, date, defineFormat, directory, jsonLines, ndarray, ndarrays, table } from 'taskchain/data'
import { cached, formatCache, memoryCache, once, parallelMap, retrying } from 'taskchain/helpers'
import { mock, planOf, testChain, testTask } from 'taskchain/testing'

interface Movie {
  readonly title: string
  readonly votes: number
}
const Movie: t.Type<Movie> = t.type({ title: t.string, votes: t.number })
export const mean = defineObject('Mean', { args: { start: param(t.number, { default: 0 }) } }).create(({ start }) => ({ predict: () => start }))
export const minVotes = param(t.number, { default: 1 })
export const allMovies = defineTask({ params: { minVotes, model: object(mean) }, data: t.array(Movie) }).run(() => [])
export const personal = optional(allMovies, null)
export const lazily = lazy(personal)
export const train = from('train', allMovies)
export const features = matching(/feature_.*/, t.array(t.number))
export const byName = ref('reports:summary', json(t.number))
export const named = defineTask({ name: 'other', group: 'place', inputs: { personal, lazily, train, features, byName }, data: inMemory<Map<string, Movie>>() }).run(() => new Map())
export const template = defineTemplate({ inputs: { rows: allMovies }, data: t.array(t.string), meta: { part: 'a' }, helpers: { pick: (movie: Movie) => movie.title } }).run(
  ({ rows }, { helpers }) => rows.map(helpers.pick),
)
export const titles = derive(template, { meta: { part: 'b' } })
export const again = derive(allMovies, { name: 'again' })
export const builder = defineTask({ inputs: { allMovies }, data: t.number })
export const selection = (part: boolean) => defineTask({ inputs: { allMovies }, data: t.array(Movie) }).run(({ allMovies }) => (part ? allMovies : []))
export const formats = { rows: table(Movie), lines: jsonLines(t.string), array: ndarray('float64'), arrays: ndarrays(), folder: directory(), resumed: checkpoint(), date }
export const own = defineFormat({ kind: 'upper', extension: 'txt', encode: (text: string) => Buffer.from(text), decode: (bytes: Uint8Array) => Buffer.from(bytes).toString() })
export const folder = defineTask({ data: directory() }).run(() => undefined)
export const words = defineTask({ inputs: { folder }, data: jsonLines(t.string) }).run(() => ['a'])
export const matrix = defineTask({ inputs: { words }, data: ndarray('float64') }).run(() => ({}) as never)
export const rows = defineTask({ inputs: { matrix }, data: table(Movie) }).run(() => [])
export const remembered = cached((id: number) => ({ id }), { cache: memoryCache() })
export const cache = formatCache('cache', table(Movie))
export const value = once(() => 1)
export const mapped = parallelMap([1], (n) => n)
export const patient = retrying(async (n: number) => n, { attempts: 2 })
export const mocked = mock(allMovies, [])
export const tested = testTask(allMovies, { params: { minVotes: 1 } })
export const testedChain = testChain({ tasks: [allMovies] })
export const planned = planOf({ tasks: { movies: { allMovies } } })
export const project = defineProject({ pipelines: { movies: { allMovies, titles } }, objects: { mean } })
`

test('declarations of a user name nothing but what the package exports', () => {
  const taskchain = join(folder, 'node_modules/taskchain')
  tsc('-p', 'tsconfig.build.json', '--declaration', '--emitDeclarationOnly', '--outDir', join(taskchain, 'dist'))
  copyFileSync(join(repository, 'package.json'), join(taskchain, 'package.json'))
  writeFileSync(join(folder, 'user.ts'), user)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(repository, 'tsconfig.json'),
      compilerOptions: { noEmit: false, emitDeclarationOnly: true, rootDir: '.', outDir: 'out' },
      include: ['user.ts'],
      exclude: [],
    }),
  )
  expect(tsc('-p', folder)).toBe('')
  const declared = readFileSync(join(folder, 'out/user.d.ts'), 'utf8')
  if (process.env['UPDATE'] !== undefined) writeFileSync(golden, declared)
  expect(declared).toBe(readFileSync(golden, 'utf8'))
})

test('declarations of the package speak of nothing that is not in it', () => {
  const dist = join(folder, 'node_modules/taskchain/dist')
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'))
  expect(files.length).toBeGreaterThan(100)
  expect(files.filter((file) => /\bSPEC\b|\bDESIGN\b|\bissue \d/.test(readFileSync(join(dist, file), 'utf8')))).toEqual(
    [],
  )
})

test('with pnpm, which gives a project only what it asks for, arrays and their types come from the package', () => {
  const taskchain = join(folder, 'node_modules/taskchain')
  const pnpm = mkdtempSync(join(tmpdir(), 'taskchain-pnpm-'))
  try {
    const own = join(pnpm, 'node_modules/.pnpm/taskchain/node_modules')
    mkdirSync(join(own, '@types'), { recursive: true })
    cpSync(taskchain, join(own, 'taskchain'), { recursive: true })
    for (const name of ['io-ts', 'fp-ts', 'ndarray', '@types/ndarray', '@types/node'])
      symlinkSync(join(repository, 'node_modules', name), join(own, name))
    mkdirSync(join(pnpm, 'node_modules/@types'))
    symlinkSync(join(own, 'taskchain'), join(pnpm, 'node_modules/taskchain'))
    for (const name of ['io-ts', '@types/node'])
      symlinkSync(join(repository, 'node_modules', name), join(pnpm, 'node_modules', name))
    const source = `import { defineTask } from 'taskchain'
import { nd, ndarray, type NdArray } from 'taskchain/data'
export const matrix = defineTask({ data: ndarray('float64') }).run(() => nd(Float64Array.of(1, 2, 3, 4), [2, 2]))
export const read = defineTask({ inputs: { matrix }, data: ndarray('float64') }).run(({ matrix }) => matrix.transpose(1, 0))
export const first = (array: NdArray<Float64Array>): number => array.get(0, 0)
`
    writeFileSync(join(pnpm, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(pnpm, 'user.ts'), source)
    const compilerOptions = { noEmit: false, emitDeclarationOnly: true, rootDir: '.', outDir: 'out', paths: {} }
    writeFileSync(
      join(pnpm, 'tsconfig.json'),
      JSON.stringify({
        extends: join(repository, 'tsconfig.json'),
        compilerOptions,
        include: ['user.ts'],
        exclude: [],
      }),
    )
    expect(tsc('-p', pnpm)).toBe('')
    expect(readFileSync(join(pnpm, 'out/user.d.ts'), 'utf8')).not.toMatch(/['"]ndarray['"]/)
  } finally {
    rmSync(pnpm, { recursive: true, force: true })
  }
})
