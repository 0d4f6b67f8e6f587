// What the command shows of a project whose tasks betray their secrets: on both outputs, in the store, with threads and
// without, and of what nobody waits for.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, remove, taskchain, write } from './fixture.js'

const key = 'sk-0123456789 "quoted" \\ of/the?environment=1&'
const lines = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----'
const direct = 'given-directly-in-the-config'
const parts = [
  'sk-0123456789',
  'MIIEvQIBADANBgkqhkiG9w0B',
  direct,
  Buffer.from(key).toString('base64').slice(0, 30),
  encodeURIComponent(key).slice(0, 20),
]

const config = `import { inspect } from 'node:util'
import * as t from 'io-ts'
import { defineProject, defineTask, param } from 'taskchain'
const params = { key: param(t.string, { secret: true }), lines: param(t.string, { secret: true }), direct: param(t.string, { secret: true }) }
const all = ({ key, lines, direct }) => key + ' ' + lines + ' ' + direct
class Loud extends Error {
  #said
  constructor(said) { super('loud'); this.#said = said }
  [inspect.custom]() { return 'Loud ' + this.#said }
  toString() { return 'loudly ' + this.#said }
}
const told = defineTask({ params, data: t.number }).run((given, { log, note, progress }) => {
  log.warn('calling ' + all(given), { url: new URL('https://example.org/?key=' + given.key), [given.key]: new Loud(all(given)) })
  note({ url: new URL('https://example.org/?key=' + given.key), basic: Buffer.from(given.key).toString('base64'), given })
  progress(all(given), all(given))
  return 1
})
const failing = defineTask({ params, data: t.number }).run((given) => {
  throw new AggregateError([new Loud(all(given)), new Error('inside', { cause: new Error(all(given)) })], 'several: ' + all(given), { cause: new Loud(all(given)) })
})
const loud = defineTask({ params, data: t.number }).run((given) => { throw new Loud(all(given)) })
const stray = defineTask({ params, data: t.number }).run(async (given) => {
  void Promise.reject(new Error('nobody waits for ' + all(given), { cause: new Error(all(given)) }))
  await new Promise((resolve) => setTimeout(resolve, 200))
  return 1
})
const thrown = defineTask({ params, data: t.number }).run(async (given) => {
  setTimeout(() => { throw new Error('outside ' + all(given)) }, 1)
  await new Promise((resolve) => setTimeout(resolve, 200))
  return 1
})
const late = defineTask({ params, data: t.number }).run((given) => {
  setTimeout(() => Promise.reject(new Error('late ' + all(given))), 50)
  return 1
})
const source = defineTask({ data: t.number }).run(() => 20)
const needing = defineTask({ inputs: { source }, params: { key: params.key }, data: t.number }).run(({ source, key }) => source + key.length)
const free = defineTask({ inputs: { source }, data: t.number }).run(({ source }) => source * 2)
export default defineProject({ pipelines: { n: { source, needing, free }, p: { told, failing, loud }, s: { stray }, u: { thrown }, l: { late } } })
`
let folder = ''
beforeAll(() => {
  builtOnce()
  folder = emptyFolder()
  const values = `key: { env: TEST_KEY }\nlines: { env: TEST_LINES }\ndirect: ${direct}\n`
  write(folder, { 'taskchain.config.mjs': config })
  for (const name of ['n', 'p', 's', 'u', 'l'])
    write(folder, { [`configs/${name}.yaml`]: `tasks: ${name}.*\n${values}` })
}, 120_000)
afterAll(() => remove(folder))

const filesBelow = (at: string): readonly string[] =>
  readdirSync(at, { recursive: true, encoding: 'utf8' })
    .map((name) => join(at, name))
    .filter((path) => statSync(path).isFile())

test.each([
  ['p', []],
  ['p', ['--json']],
  ['p', ['--executor', 'workers', '--json']],
  ['s', []],
  ['s', ['--executor', 'workers']],
  ['u', []],
  ['u', ['--executor', 'workers', '--json']],
  ['l', ['--executor', 'workers']],
])('run %s %s', { timeout: 60_000 }, (name, options) => {
  const store = join(folder, `store-${name}${options.join('')}`)
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [command, 'run', name, ...options, '--log-level', 'debug', '--store', store],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, TEST_KEY: key, TEST_LINES: lines } },
  )
  expect(`${stdout}${stderr}`).toContain(name === 'l' ? 'computed' : '***')
  for (const [what, text] of [
    ['standard output', stdout],
    ['standard error', stderr],
    ...filesBelow(store).map((path) => [path, readFileSync(path, 'utf8')]),
  ] as const)
    for (const part of parts) if (text.includes(part)) expect.fail(`${what} shows ${part}:\n${text}`)
})

describe('where the variable of a secret is not set', () => {
  const store = ['--store', 'store-unset']

  test.each([
    ['plan', 'n'],
    ['tasks', 'n'],
    ['why', 'n', 'needing'],
    ['draw', 'n', '--mermaid'],
    ['diff', 'n', 'n'],
    ['link', 'n'],
    ['force', 'n', 'free'],
    ['bless', 'n'],
    ['check'],
  ])('%s works', async (...words) => {
    const { code, err } = await taskchain(folder, [...words, ...store])
    expect([code, err.includes('not set') ? err : '']).toEqual([
      0,
      words[0] === 'check' ? '' : expect.stringContaining("the environment variable 'TEST_KEY' is not set"),
    ])
  })

  test('what does not need it runs and is shown; what does fails by name', async () => {
    expect(await taskchain(folder, ['run', 'n', 'free', ...store])).toMatchObject({ code: 0 })
    for (const name of ['show', 'info'])
      expect(await taskchain(folder, [name, 'n', 'free', ...store])).toMatchObject({ code: 0 })
    const { code, err } = await taskchain(folder, ['run', 'n', ...store])
    expect(code).toBe(1)
    expect(err).toContain(
      "task 'n:needing' cannot run: the environment variable 'TEST_KEY' of its secret 'key' is not set",
    )
    for (const executor of [[], ['--executor', 'workers']])
      expect(
        (await taskchain(folder, ['run', 'n', 'needing', '--json', '--store', 'store-other', ...executor])).out,
      ).toContain('"computed":[]')
  })
})
