// What only a process shows: memory, what a stopped task held, failures that no promise carries.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, start, taskchain, write } from '../cli/fixture.js'

beforeAll(builtOnce)

let folder: string
beforeEach(() => {
  folder = emptyFolder()
  write(folder, { 'package.json': '{ "type": "module" }' })
})
afterEach(() => remove(folder))

const run = async (script: string, nodeOptions: readonly string[]) => {
  writeFileSync(join(folder, 'script.js'), script)
  return start(process.execPath, [...nodeOptions, 'script.js'], folder).ended
}

const head = `
import * as t from 'io-ts'
import { defineProject, defineTask, derive, defineTemplate, inMemory, openChain, lazy, param, ref } from 'taskchain'
import { jsonLines } from 'taskchain/data'
`

describe('memory', () => {
  test('a chain whose values come to ten times the heap limit runs: values are released', async () => {
    const script = `${head}
const megabytes = 4
const made = (seed) => Array.from({ length: megabytes * 125_000 }, (_, index) => index + seed + 0.5)
const tasks = { first: defineTask({ data: t.array(t.number) }).run(() => made(0)) }
for (let index = 1; index < 104; index++) tasks['step' + index] = defineTask({ inputs: { before: index === 1 ? tasks.first : tasks['step' + (index - 1)] }, data: inMemory() }).run(({ before }) => made(before[0]))
tasks.last = defineTask({ inputs: { before: tasks.step103 }, data: t.number }).run(({ before }) => before.length)
const chain = await openChain(defineProject({ pipelines: { long: tasks } }), { config: { tasks: 'long.*' }, store: 'store', root: '.' })
console.log(await chain.value('last'), chain.plan.nodes.length * megabytes)
`
    expect(await run(script, ['--max-old-space-size=42'])).toMatchObject({ code: 0, out: '500000 420\n' })
  }, 600_000)

  test('a stream of ten times the heap limit is written, kept and read', async () => {
    const script = `${head}
const text = 'x'.repeat(1000)
const lines = defineTask({ data: jsonLines(t.type({ at: t.number, text: t.string })) }).run(function* () { for (let at = 0; at < 250_000; at++) yield { at, text } })
const counted = defineTask({ inputs: { lines }, data: t.number }).run(async ({ lines }) => { let bytes = 0; for await (const line of lines) bytes += line.text.length; return bytes })
const chain = await openChain(defineProject({ pipelines: { stream: { lines, counted } } }), { config: { tasks: 'stream.*' }, store: 'store', root: '.' })
console.log(await chain.value('counted'))
`
    expect(await run(script, ['--max-old-space-size=24'])).toMatchObject({ code: 0, out: '250000000\n' })
  }, 600_000)
})

describe('what a task held is free when it was stopped', () => {
  const script = (stop: string) => `${head}
const gone = new Set()
const registry = new FinalizationRegistry((name) => gone.add(name))
const source = defineTask({ data: inMemory() }).run(() => { const value = { rows: new Array(1e6).fill(0) }; registry.register(value, 'input'); return value })
const stuck = defineTask({ inputs: { source }, data: t.number, timeout: ${stop === 'timeout' ? 50 : 'undefined'} }).run(({ source }) => {
  const held = { rows: new Array(1e6).fill(source.rows.length) }
  registry.register(held, 'held')
  return new Promise((resolve) => { held.resolve = resolve })
})
const controller = new AbortController()
const chain = await openChain(defineProject({ pipelines: { p: { source, stuck } } }), { config: { tasks: 'p.*' }, store: 'store', root: '.' })
const report = await chain.run(['stuck'], { signal: controller.signal, onEvent: ({ _tag, node }) => { if (_tag === 'started' && node === 'p:stuck' && ${stop === 'abort'}) setImmediate(() => controller.abort()) } })
console.log(report.failed.map(({ _tag }) => _tag).join() || (report.stopped ? 'stopped' : 'done'))
chain.release() // values in memory stay while the chain is open
for (let turn = 0; turn < 200 && gone.size < 2; turn++) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)) }
console.log([...gone].sort().join())
`
  test.each([
    ['timeout', 'TimedOut'],
    ['abort', 'stopped'],
  ])('by %s', async (stop, told) => {
    expect(await run(script(stop), ['--expose-gc'])).toMatchObject({ code: 0, out: `${told}\nheld,input\n` })
  })
})

describe('failures that no promise carries', () => {
  const project = (body: string) =>
    write(folder, {
      'taskchain.config.js':
        "import { defineProject } from 'taskchain'\nimport * as p from './p.js'\nexport default defineProject({ pipelines: { p } })\n",
      'p.js': `${head}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export const fine = defineTask({ data: t.number }).run(() => 1)
export const bad = defineTask({ inputs: { fine }, params: { of: param(t.number, { default: 0 }) }, data: t.number }).run(async ({ fine, of }) => { ${body}; await pause(5000); return fine })
`,
      'configs/p.yaml': 'tasks: p.*\n',
    })
  const states = async () =>
    (
      JSON.parse((await taskchain(folder, ['plan', 'p', '--json'])).out) as { nodes: { id: string; state: string }[] }
    ).nodes
      .map(({ id, state }) => `${id} ${state}`)
      .sort()

  test.each([
    [
      'a rejected promise that nobody waits for',
      "void Promise.reject(new Error('adrift'))",
      'a promise that nobody waits for was rejected while p:bad was running: adrift',
    ],
    [
      'an error thrown by a timer',
      "setTimeout(() => { throw new Error('adrift') }, 1)",
      'an error that nobody can catch was thrown while p:bad was running: adrift',
    ],
    [
      'an error event without a listener',
      "(await import('node:fs')).createReadStream('/nowhere/at/all')",
      'an error that nobody can catch was thrown while p:bad was running: ENOENT',
    ],
  ])('%s stops the run with the name of the task; what was saved stays', async (_, body, told) => {
    project(body)
    const outcome = await taskchain(folder, ['run', 'p'])
    expect([outcome.code, outcome.err]).toEqual([1, expect.stringContaining(told)])
    expect(await states()).toEqual(['p:bad to_run', 'p:fine cached'])
  })

  test('a sweep is stopped by it as well', async () => {
    project("void Promise.reject(new Error('adrift'))")
    const outcome = await taskchain(folder, ['sweep', 'p', '--set', 'of=1,2', '--concurrency', '1'])
    expect([outcome.code, outcome.err]).toEqual([
      1,
      expect.stringMatching(
        /a promise that nobody waits for was rejected while p:bad .*was running: adrift\n.*only that task would fail/,
      ),
    ])
  })

  test('on worker threads it is the failure of the task, and the sweep goes on', async () => {
    project("if (of === 1) void Promise.reject(new Error('adrift')); else return of")
    const outcome = await taskchain(folder, [
      'sweep',
      'p',
      '--set',
      'of=1,2',
      '--executor',
      'workers',
      '--metrics',
      'bad',
    ])
    expect([outcome.code, outcome.out]).toEqual([1, expect.stringMatching(/1 +failed: TaskFailed in p:bad\n +2 +2/)])
  })

  test.each([0, 7])('process.exit(%i) in a task is told, and is no success', async (code) => {
    project(`process.exit(${code})`)
    const outcome = await taskchain(folder, ['run', 'p'])
    expect([outcome.code, outcome.err]).toEqual([
      code === 0 ? 1 : code,
      expect.stringContaining(`the process was ended by process.exit(${code}) while p:bad was running`),
    ])
    expect(await states()).toEqual(['p:bad to_run', 'p:fine cached'])
  })
})
