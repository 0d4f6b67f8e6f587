// A chain with every format, in plain JavaScript over the built library so that its processes start quickly. Its values depend on `version` alone.
import { closeSync, existsSync, openSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import nd from 'ndarray'
import { bytes, checkpoint, directory, inMemory, jsonLines, largeArray, largeTable, ndarray, ndarrays, rows, table, text } from '../../dist/data/index.js'
import { defineProject, defineTask, matching, param } from '../../dist/index.js'

const Row = t.type({ name: t.string, votes: t.Int })
const many = 6000
const version = { version: t.Int }

/** One line in a file beside the store, in one step whoever else writes: how often each `run` has run is counted there. */
export const counted = (line) => {
  const path = process.env.CHAOS_COUNTER
  if (path === undefined) return
  const descriptor = openSync(path, 'a')
  writeSync(descriptor, `${line}\n`)
  closeSync(descriptor)
}

const rowsOf = (version) => Array.from({ length: many }, (_, index) => ({ name: `film ${index} of ${version}`, votes: (index * 7919 + version) % 10007 }))

const films = defineTask({ params: version, data: rows(Row) }).run(({ version }) => rowsOf(version))
const best = defineTask({ inputs: { films }, data: table(Row) }).run(({ films }) => films.filter(({ votes }) => votes > 5000))
const small = defineTask({ inputs: { films }, data: t.array(Row) }).run(({ films }, { log }) => (log.info('some of them'), films.slice(0, 500)))
const story = defineTask({ inputs: { films }, data: text() }).run(({ films }) => films.map(({ name }) => name).join('\n'))
const blob = defineTask({ params: version, data: bytes() }).run(({ version }) => Buffer.alloc(300_000 + version, `blob ${version}`))
const votes = defineTask({ inputs: { films }, data: ndarray('float64') }).run(({ films }) => nd(Float64Array.from(films, ({ votes }) => votes), [films.length]))
const split = defineTask({ inputs: { votes }, data: ndarrays() }).run(({ votes }) => ({ head: votes.hi(100), tail: votes.lo(100) }))
const lines = defineTask({ params: version, data: jsonLines(Row) }).run(async function* ({ version }) {
  for (const row of rowsOf(version)) yield row
})
const packed = defineTask({ inputs: { lines }, data: jsonLines(t.string, { compression: 'gzip' }) }).run(async function* ({ lines }) {
  for await (const { name } of lines) yield name
})
const large = defineTask({ inputs: { lines }, data: largeTable(Row) }).run(async function* ({ lines }) {
  yield* lines
})
const matrix = defineTask({ inputs: { votes }, data: largeArray('float64') }).run(({ votes }) => nd(votes.data, [many / 10, 10]))
const folder = defineTask({ inputs: { story }, data: directory() }).run(({ story }, { dir }) => {
  for (let part = 0; part < 5; part++) writeFileSync(join(dir, `part-${part}.txt`), story.slice(part * 1000, (part + 1) * 1000))
})
/** Goes on where an earlier run was interrupted; a step that was finished is never done twice. */
const steps = defineTask({ params: { ...version, pause: param(t.number, { default: 0, ignorePersistence: true }) }, data: checkpoint() }).run(async ({ version, pause }, { dir, signal }) => {
  for (let step = 0; step < 20; step++) {
    const path = join(dir, `step-${step}`)
    if (existsSync(path) && readFileSync(path, 'utf8').endsWith('.')) continue
    writeFileSync(path, `step ${step} of ${version}.`)
    counted(`step ${step}`)
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    signal.throwIfAborted()
  }
})
const index = defineTask({ inputs: { small }, data: inMemory() }).run(({ small }) => new Map(small.map(({ name, votes }) => [name, votes])))

const countOf = async (items) => {
  let count = 0
  for await (const _ of items) count++
  return count
}
const summary = defineTask({ inputs: { best, small, story, blob, split, packed, large, matrix, folder, steps, index }, data: t.unknown }).run(async (inputs) => ({
  best: inputs.best.length,
  small: inputs.small.at(-1),
  story: inputs.story.length,
  blob: inputs.blob.length,
  split: Object.values(inputs.split).map(({ shape }) => shape[0]),
  packed: await countOf(inputs.packed),
  large: await countOf(inputs.large),
  matrix: (await inputs.matrix.slice(3, 4)).get(0, 5),
  folder: readdirSync(inputs.folder).length,
  steps: readdirSync(inputs.steps).map((name) => readFileSync(join(inputs.steps, name), 'utf8')).sort(),
  index: inputs.index.size,
}))

/** Two hundred nodes in ten folders, each telling that it ran. */
const crowd = Object.fromEntries(
  Array.from({ length: 10 }, (_, group) => [`crowd${group}`, Object.fromEntries(Array.from({ length: 20 }, (_, one) => [`member${one}`, defineTask({ params: version, data: t.Int }).run(({ version }) => (counted(`${group} ${one}`), version + one))]))]),
)
const all = defineTask({ inputs: { everyone: matching(/crowd\d:member\d+/, t.Int) }, data: t.Int }).run(({ everyone }) => Object.values(everyone).reduce((sum, one) => sum + one, 0))

/** Tasks that look for files in a folder for a while, and do not miss what is not there. */
const parts = defineTask({ params: version, data: directory() }).run(({ version }, { dir }) => {
  for (let part = 0; part < 30; part++) writeFileSync(join(dir, `part-${part}`), `${part} of ${version}`)
})
const seen = defineTask({ inputs: { parts }, data: t.Int }).run(async ({ parts }) => {
  let seen = 0
  for (let part = 0; part < 30; part++) {
    if (existsSync(join(parts, `part-${part}`))) seen++
    if (part % 3 === 2) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return seen
})
const deep = defineTask({ inputs: { parts }, data: directory() }).run(async ({ parts }, { dir }) => {
  for (const name of readdirSync(parts)) {
    writeFileSync(join(dir, name), existsSync(join(parts, name)) ? readFileSync(join(parts, name)) : 'nothing')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
})
const found = defineTask({ inputs: { seen, deep }, data: t.unknown }).run(({ seen, deep }) => {
  const texts = readdirSync(deep).map((name) => readFileSync(join(deep, name), 'utf8'))
  return { seen, texts: texts.sort() }
})

/** Results that count only for the code that made them: two versions of it, which processes choose by their environment. */
const code = process.env.CHAOS_CODE ?? 'a'
/** What a task of one version has read, and given. */
const says = (task, read, given) => (counted(JSON.stringify({ task, code, pid: process.pid, at: Date.now(), read, given })), given)
const codes = {
  a: ({ version }) => says('first', version, version + 1000),
  b: ({ version }) => says('first', version, version + 2000),
}
const folders = {
  a: ({ first }, { dir }) => writeFileSync(join(dir, 'a'), says('third', first, `${first} by a`)),
  b: ({ first }, { dir }) => writeFileSync(join(dir, 'b'), says('third', first, `${first} by b`)),
}
const first = defineTask({ params: version, data: t.Int, onCodeChange: 'recompute' }).run(codes[code])
const second = defineTask({ inputs: { first }, data: t.array(t.Int) }).run(({ first }) => says('second', first, [first, first * 2]))
const third = defineTask({ inputs: { first }, data: directory(), onCodeChange: 'recompute' }).run(folders[code])
const fourth = defineTask({ inputs: { second }, data: rows(Row) }).run(({ second }) => {
  says('fourth', second)
  return second.flatMap((votes) => Array.from({ length: 500 }, (_, index) => ({ name: `film ${index}`, votes })))
})
const fifth = defineTask({ inputs: { second, third, fourth }, data: t.unknown }).run(({ second, third, fourth }) => says('fifth', third, {
  second,
  third: readdirSync(third).map((name) => readFileSync(join(third, name), 'utf8')),
  fourth: fourth.reduce((sum, { votes }) => sum + votes, 0),
}))
const coded = { first, second, third, fourth, fifth }

export const project = defineProject({ pipelines: { coded, reads: { parts, seen, deep, found }, every: { films, best, small, story, blob, votes, split, lines, packed, large, matrix, folder, steps, index, summary }, ...crowd, sum: { all } } })
