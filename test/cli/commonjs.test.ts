// A project in CommonJS: a package.json without a type, and modules that are required.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, taskchain, write } from './fixture.js'

let folder = ''
beforeAll(() => {
  builtOnce()
  folder = emptyFolder()
  write(folder, {
    'package.json': '{}',
    'taskchain.config.js': `const { defineProject } = require('taskchain')
module.exports = defineProject({ pipelines: { numbers: require('./numbers') } })
`,
    'numbers.js': `const t = require('io-ts')
const { defineTask } = require('taskchain')
const { jsonLines } = require('taskchain/data')
exports.all = defineTask({ params: { count: t.number }, data: jsonLines(t.number) }).run(function* ({ count }) { for (let at = 0; at < count; at++) yield at })
exports.total = defineTask({ inputs: { all: exports.all }, data: t.number }).run(async ({ all }) => { let sum = 0; for await (const one of all) sum += one; return sum })
`,
    'configs/a.yaml': 'tasks: numbers.*\ncount: 4\n',
  })
}, 120_000)
afterAll(() => remove(folder))

test.each<readonly [string, ...string[]]>([
  ['run', 'a'],
  ['run', 'a', '--executor', 'workers', '--store', 'threaded'],
  ['plan', 'a'],
  ['tasks', 'a'],
  ['show', 'a', 'total'],
  ['why', 'a', 'total'],
  ['sweep', 'a', '--set', 'count=3,4', '--yes'],
  ['diff', 'a', 'a'],
  ['check'],
  ['schema'],
  ['verify'],
  ['gc'],
  ['draw', 'a', '--dot'],
])('%s %s', async (...words) => {
  const { code, out, err } = await taskchain(folder, words)
  expect({ code, problem: code === 0 ? '' : out + err }).toEqual({ code: 0, problem: '' })
})
