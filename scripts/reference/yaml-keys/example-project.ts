// The project that the page's examples are planned with; the page shows this file.
import * as t from 'io-ts'
import { defineObject, defineProject, defineTask, file, from, object, optional, param } from '../../../src/index.js'

const Mean = defineObject('Mean', {}).create(() => ({}))
const Ridge = defineObject('Ridge', {
  args: { l2: t.number, maxSteps: param(t.number, { default: 100 }) },
}).create((args) => args)

const rated = defineTask({
  params: { rows: t.number, note: param(t.string, { default: 'none' }) },
  data: t.array(t.number),
}).run(({ rows }) => Array.from({ length: rows }, () => 5))
const halfTask = defineTask({ inputs: { rated }, data: t.number }).run(({ rated }) => rated.length / 2)
const extra = defineTask({ inputs: { rated }, data: t.number }).run(({ rated }) => rated.length + 1)

const trained = defineTask({
  inputs: { size: optional(from('train', halfTask), 0) },
  params: {
    model: object(Mean, Ridge),
    words: param(t.union([file, t.null]), { default: null }),
    apiKey: param(t.string, { default: '', secret: true }),
  },
  data: t.number,
}).run(({ size }) => size)

export default defineProject({
  root: import.meta.dirname,
  pipelines: { films: { rated, halfTask, extra }, model: { trained } },
  objects: { Mean, Ridge },
  globals: { DATA: '/mnt/data' },
})
