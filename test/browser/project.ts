// A project with a value of each kind, names and values that would be scripts, and a large chain.
import { projectFiles } from '../cli/fixture.js'

export const hostile = '<img src=x onerror=window.hacked=1></script><script>window.hacked=1</script>'
export const hostileConfig = 'configs/<img src=x onerror=hacked=1>.yaml'

/** A red pixel. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

const values = `
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'
import { directory, figure, jsonLines, ndarray, nd, table, text } from 'taskchain/data'

const hostile = ${JSON.stringify(hostile)}
const Row = t.type({ title: t.string, stars: t.number })
export const rows = defineTask({ data: table(Row) }).run(() => Array.from({ length: 120 }, (_, index) => ({ title: hostile + index, stars: index % 5 })))
export const tree = defineTask({ data: t.type({ rmse: t.number, deep: t.type({ note: t.string }) }) }).run(() => ({ rmse: 1.5, deep: { note: hostile } }))
export const lines = defineTask({ data: jsonLines(t.string) }).run(function* () { for (let line = 0; line < 200; line++) yield hostile + line })
export const page = defineTask({ params: { label: t.string }, data: text() }).run(({ label }, { log, note }) => { log.info(label); note({ label }); return hostile })
export const grid = defineTask({ data: ndarray('float64') }).run(() => nd(Float64Array.from({ length: 600 }, (_, index) => index), [20, 30]))
export const picture = defineTask({ data: figure({ language: 'svg', png: false }) })
  .run(() => '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><script>window.hacked=1</script><rect width="20" height="20"/></svg>')
export const files = defineTask({ data: directory() }).run(async (_, { dir }) => {
  await writeFile(join(dir, '<img src=x onerror=hacked=1>.txt'), hostile)
  await writeFile(join(dir, 'dot.png'), Buffer.from(${JSON.stringify(dot)}, 'base64'))
})
export const answers = defineTask({ data: t.number }).run(async (_, { mapItems }) => {
  const found = await mapItems(Array.from({ length: 60 }, (_, index) => 'question ' + index), async (question, { usage }) => {
    usage({ dollars: 0.5 })
    return question === 'question 0' ? hostile : 'answer to ' + question
  })
  return found.length
})
`

const many = `
import * as t from 'io-ts'
import { defineTask } from 'taskchain'
export const many = {}
for (let index = 0; index < 1000; index++)
  many['step_' + index] = defineTask({ inputs: index === 0 ? {} : { before: many['step_' + Math.floor((index - 1) / 2)] }, data: t.number }).run(() => index)
`

export const files: Readonly<Record<string, string>> = {
  ...projectFiles,
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as films from './films.js'
import * as trouble from './trouble.js'
import * as values from './values.js'
import { many } from './many.js'
export default defineProject({ pipelines: { films, trouble, values, many } })
`,
  'values.js': values,
  'many.js': many,
  'configs/fewer.yaml': 'tasks: films.*\nhow_many: 6\n',
  'configs/many.yaml': 'tasks: many.*\n',
  [hostileConfig]: `tasks: values.*\nlabel: ${JSON.stringify(hostile)}\n`,
}
