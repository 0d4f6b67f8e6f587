// A task says where it runs: in the run's own process, on a thread, or in a process of its own.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, taskchain, write } from '../cli/fixture.js'

beforeAll(builtOnce, 120_000)

let folder: string
beforeEach(() => {
  folder = emptyFolder(['taskchain', 'io-ts', 'fp-ts'])
  write(folder, {
    'places.js': `
import * as t from 'io-ts'
import { isMainThread } from 'node:worker_threads'
import { defineTask, inMemory } from 'taskchain'
const where = () => process.argv[1]?.endsWith('child.js') ? 'process' : isMainThread ? 'main' : 'thread'
const placed = (resources, inputs = {}) => defineTask({ data: t.string, inputs, ...(resources && { resources }) })
  .run((read) => [...Object.values(read).filter((one) => typeof one === 'string'), where()].join(' '))
export const anywhere = placed()
export const main = placed({ pool: 'main' }, { anywhere })
export const thread = placed({ pool: 'thread' }, { main })
export const shared = defineTask({ inputs: { thread }, data: inMemory() }).run(({ thread }) => thread + ' (' + where() + ')')
export const apart = placed({ pool: 'process', memory: '1 MB' }, { shared })
export const back = placed({ pool: 'main' }, { apart, shared })
`,
    'crashes.js': `
import * as t from 'io-ts'
import { defineTask } from 'taskchain'
export const crash = defineTask({ data: t.number, resources: { pool: 'process' } }).run(() => { process.kill(process.pid, 'SIGSEGV'); return new Promise(() => setInterval(() => {}, 1000)) })
`,
    'taskchain.config.js': `
import { defineProject } from 'taskchain'
import * as crashes from './crashes.js'
import * as places from './places.js'
export default defineProject({ pipelines: { places, crashes } })
`,
    'configs/all.yaml': 'tasks: [places.*, crashes.*]\n',
    'configs/back.yaml': 'tasks: places.*\n',
  })
})
afterEach(() => remove(folder))

const dataOf = (task: string): string => {
  const place = join(folder, 'data/tasks/places', task)
  const [name = ''] = readdirSync(place).filter((one) => one.endsWith('.json'))
  return JSON.parse(readFileSync(join(place, name), 'utf8')) as string
}

test.each([
  ['workers', 'thread'],
  ['processes', 'process'],
])('with --executor %s, what says nothing runs on a %s', async (executor, standard) => {
  const { code, err } = await taskchain(folder, ['run', 'back', '--executor', executor])
  expect([code, err]).toEqual([0, ''])
  const thread = `${standard} main thread`
  expect(dataOf('thread')).toBe(thread)
  expect(dataOf('apart')).toBe(`${thread} (process) process`)
  expect(dataOf('back')).toBe(`${thread} (process) process ${thread} (main) main`)
})

test('a crash of native code takes its own process only, among threads', async () => {
  const { code, err, out } = await taskchain(folder, ['run', 'all', '--executor', 'workers'])
  expect([code, out]).toEqual([1, expect.stringContaining('1 failed')])
  expect(err + out).toContain('its process was ended by SIGSEGV')
  expect(dataOf('apart')).toContain('process')
})

test('without an executor all of it runs here', async () => {
  expect(await taskchain(folder, ['run', 'back'])).toMatchObject({ code: 0 })
  expect(dataOf('apart')).toBe('main main main (main) main')
})
