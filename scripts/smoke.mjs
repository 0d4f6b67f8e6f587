// Run by .ci/run in an empty folder with only the packed package installed: every export loads, and a small project
// runs twice.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'

const entries = ['', '/data', '/helpers', '/inspect', '/plan', '/store', '/testing', '/workers'].map(
  (entry) => `taskchain${entry}`,
)
for (const entry of entries) {
  const names = Object.keys(await import(entry))
  assert.ok(names.length > 0, `${entry} exports nothing`)
  console.log(`${entry}: ${names.length} names`)
}

writeFileSync('package.json', JSON.stringify({ type: 'module', dependencies: { taskchain: '*' } }))
mkdirSync('configs', { recursive: true })
writeFileSync(
  'taskchain.config.mjs',
  `import { defineProject, defineTask, param } from 'taskchain'
import { rows } from 'taskchain/data'
import * as t from 'io-ts'
const numbers = defineTask({ params: { count: t.number }, data: t.array(t.number) }).run(({ count }) => Array.from({ length: count }, (_, i) => i))
const squares = defineTask({ inputs: { numbers }, data: rows(t.type({ n: t.number, square: t.number })) }).run(({ numbers }) => numbers.map((n) => ({ n, square: n * n })))
const total = defineTask({ inputs: { squares }, params: { offset: param(t.number, { default: 0 }) }, data: t.number }).run(({ squares, offset }) => squares.reduce((sum, row) => sum + row.square, offset))
export default defineProject({ pipelines: { arithmetic: { numbers, squares, total } } })
`,
)
writeFileSync('configs/small.yaml', 'tasks: arithmetic.*\ncount: 5\n')

const taskchain = (...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['node_modules/taskchain/dist/cli/main.js', ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const first = taskchain('run', 'small')
assert.equal(first.status, 0, first.stderr)
assert.match(first.stdout + first.stderr, /3 computed/)
const second = taskchain('run', 'small')
assert.match(second.stdout + second.stderr, /0 computed/)
const shown = taskchain('show', 'small', 'total', '--json')
assert.equal(shown.status, 0, shown.stderr)
assert.equal(JSON.parse(shown.stdout).value, 30)
const threaded = taskchain('run', 'small', '--executor', 'workers', '--store', 'threaded')
assert.equal(threaded.status, 0, threaded.stderr)
assert.match(threaded.stdout, /3 computed/)
const wrong = taskchain('run', 'smal')
assert.equal(wrong.status, 3, wrong.stderr)
console.log('smoke test of the packed package: passed')
