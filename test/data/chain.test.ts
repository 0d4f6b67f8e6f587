import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as t from 'io-ts'
import nd, { type NdArray } from 'ndarray'
import { afterAll, expect, test } from 'vitest'
import {
  bytes,
  checkpoint,
  date,
  defineFormat,
  directory,
  inMemory,
  jsonLines,
  largeArray,
  largeTable,
  ndarray,
  ndarrays,
  rows,
  table,
  text,
} from '../../src/data/index.js'
import { defineTask } from '../../src/declare/task.js'
import { defineProject } from '../../src/declare/project.js'
import { openChain } from '../../src/open-chain.js'
import { freshFolder, removeFolders } from './artifact.js'

afterAll(removeFolders)

interface Film {
  readonly title: string
  readonly year: number | null
  readonly shown: Date
}
const Film: t.Type<Film, unknown> = t.type({ title: t.string, year: t.union([t.number, t.null]), shown: date })
const given: readonly Film[] = Array.from({ length: 1000 }, (_, index) => ({
  title: `Film ${index} 😀`,
  year: index % 3 === 0 ? null : 1900 + (index % 100),
  shown: new Date(index * 1e9),
}))

const csv = defineFormat({
  kind: 'csv',
  extension: 'csv',
  encode: (values: readonly (readonly string[])[]) => Buffer.from(values.map((line) => line.join(',')).join('\n')),
  decode: (read): readonly (readonly string[])[] =>
    Buffer.from(read)
      .toString()
      .split('\n')
      .map((line) => line.split(',')),
})

let ran: string[] = []
const films = defineTask({ data: table(Film) }).run(() => {
  ran.push('films')
  return given
})
const recent = defineTask({ inputs: { films }, data: table(Film) }).run(({ films }) =>
  films.filter(({ year }) => year !== null && year > 1950),
)
const titles = defineTask({ inputs: { recent }, data: jsonLines(t.string) }).run(function* ({ recent }) {
  ran.push('titles')
  yield* recent.column('title')
})
const packedTitles = defineTask({ inputs: { titles }, data: jsonLines(t.string, { compression: 'gzip' }) }).run(
  ({ titles }) => titles,
)
const plainRows = defineTask({ inputs: { films }, data: rows(Film) }).run(({ films }) => films.slice(0, 3))
const large = defineTask({ inputs: { films }, data: largeTable(Film) }).run(async function* ({ films }) {
  for (const film of films) yield film
})
const years = defineTask({ inputs: { films }, data: ndarray('float64') }).run(({ films }) =>
  nd(
    Float64Array.from(films.column('year'), (year) => year ?? NaN),
    [10, 100],
  ).transpose(1, 0),
)
const parts = defineTask({ inputs: { years }, data: ndarrays() }).run(({ years }) => ({
  first: years.hi(10, 10),
  rest: years.lo(10, 0),
}))
const stored = defineTask({ inputs: { years }, data: largeArray('float64') }).run(({ years }) => years)
const letter = defineTask({ inputs: { titles }, data: text() }).run(async ({ titles }) =>
  (await titles.toArray()).join('\n'),
)
const digest = defineTask({ inputs: { letter }, data: bytes() }).run(({ letter }) => Buffer.from(letter.slice(0, 3)))
const lists = defineTask({ inputs: { plainRows }, data: csv }).run(({ plainRows }) =>
  plainRows.map(({ title, year }) => [title, String(year)]),
)
const folder = defineTask({ inputs: { letter }, data: directory() }).run(async ({ letter }, { dir }) =>
  writeFile(join(dir, 'letter.txt'), letter),
)
const steps = defineTask({ inputs: { letter }, data: checkpoint() }).run(async (_, { dir, resumed, unfinished }) => {
  const done = resumed ? Number(await readFile(join(dir, 'steps'), 'utf8')) : 0
  await writeFile(join(dir, 'steps'), String(done + 1))
  return done < 2 ? unfinished(`${done + 1} of 3 steps`) : undefined
})
const summary = defineTask({
  inputs: {
    films,
    recent,
    titles,
    packedTitles,
    plainRows,
    large,
    years,
    parts,
    stored,
    letter,
    digest,
    lists,
    folder,
  },
  data: inMemory<unknown>(),
}).run(async (args) => ({
  films: args.films.toRows(),
  recent: args.recent.column('title'),
  titles: await args.titles.toArray(),
  packed: await args.packedTitles.take(2),
  plainRows: args.plainRows,
  large: (await args.large.read({ columns: ['shown'], from: 998 })).toRows(),
  years: described(args.years),
  parts: Object.entries(args.parts).map(([name, part]) => [name, part.shape]),
  stored: described(await args.stored.slice(0, 2)),
  letter: args.letter,
  digest: args.digest,
  lists: args.lists,
  folder: await Promise.all((await readdir(args.folder)).map((name) => readFile(join(args.folder, name), 'utf8'))),
}))

const described = (array: NdArray<Float64Array>): unknown => [array.shape, array.stride, array.data]

test('every format gives the run that computed a value what a later run loads', async () => {
  const root = await freshFolder()
  const project = defineProject({
    root,
    pipelines: {
      films: {
        films,
        recent,
        titles,
        packedTitles,
        plainRows,
        large,
        years,
        parts,
        stored,
        letter,
        digest,
        lists,
        folder,
        steps,
        summary,
      },
    },
  })
  const open = () => openChain(project, { config: { tasks: 'films.*' }, store: join(root, 'store') })
  const first = await open()
  const computed = await first.value(summary)
  await first.close()
  const second = await open()
  const loaded = await second.value(summary)
  await second.close()
  expect(loaded).toStrictEqual(computed)
  expect((loaded as { films: unknown }).films).toStrictEqual(given)
  expect(ran).toEqual(['films', 'titles'])
})

test('a checkpoint goes on where it stopped, until it is done', async () => {
  const root = await freshFolder()
  const project = defineProject({ root, pipelines: { films: { films, recent, titles, letter, steps } } })
  const outcomes: string[] = []
  for (let round = 0; round < 4; round++) {
    const chain = await openChain(project, { config: { tasks: 'films.*' }, store: join(root, 'store') })
    outcomes.push(
      await chain.value(steps).then(
        (path) => readFile(join(path, 'steps'), 'utf8'),
        (error: Error) => /\d of 3 steps/.exec(error.message)?.[0] ?? error.message,
      ),
    )
    await chain.close()
  }
  expect(outcomes).toEqual(['1 of 3 steps', '2 of 3 steps', '3', '3'])
})
