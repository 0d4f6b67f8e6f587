import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, inProcess, remove, taskchain, write } from './fixture.js'

let folder = ''
beforeAll(() => {
  builtOnce()
  folder = emptyFolder()
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as work from './work.js'
export default defineProject({ pipelines: { work } })
`,
    'work.js': work('0'),
    'configs/a.yaml': 'tasks: work.*\ntimes: 10\n',
    'configs/b.yaml': 'tasks: work.*\ntimes: 100\n',
  })
}, 120_000)
afterAll(() => remove(folder))

const work = (more: string): string => `import * as t from 'io-ts'
import { defineTask } from 'taskchain'
import { figure } from 'taskchain/data'
export const raw = defineTask({ data: t.number }).run(() => Number(process.env.VALUE))
export const made = defineTask({ inputs: { raw }, params: { times: t.number }, data: t.number, onCodeChange: 'recompute' })
  .run(({ raw, times }) => raw * times + ${more})
export const plot = defineTask({ data: figure({ language: 'svg' }) })
  .run(() => '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>')
`
/** In this process, which is quicker; `taskchain` is for other code, and other variables. */
const say = (...words: readonly string[]) => inProcess(folder, words)
const json = async (...words: readonly string[]): Promise<any> => JSON.parse((await say(...words, '--json')).out) // shapes are what is tested
const stateOf = async (config: string, task: string): Promise<unknown> => {
  const { nodes } = await json('plan', config)
  const { state, because } = nodes.find(({ id }: { readonly id: string }) => id === task)
  const { tasks } = await json('tasks', config)
  expect(tasks.find(({ fullName }: { readonly fullName: string }) => fullName === task).because).toBe(because)
  return { state, because }
}

test('plan and tasks say why a result is computed again, and verify which results of a store are stale', async () => {
  expect(await stateOf('b', 'work:made')).toEqual({ state: 'to_run' })
  for (const config of ['a', 'b']) await taskchain(folder, ['run', config], { VALUE: '1' })
  expect(await stateOf('b', 'work:made')).toEqual({ state: 'cached' })
  expect((await say('verify')).out).not.toContain('stale')

  await taskchain(folder, ['run', 'a', '--force', 'raw'], { VALUE: '2' })
  expect(await stateOf('b', 'work:made')).toEqual({ state: 'stale', because: 'content' })
  const verified = await say('verify')
  expect(verified).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^stale {2}work\/made\/\w+: made from another work\/raw\/\w{8}$/m) as string,
  })
  expect(verified.out).toContain('1 artifact stale')
  expect((await json('verify')).stale).toMatchObject([{ folder: 'work/made', because: [{ folder: 'work/raw' }] }])
  await taskchain(folder, ['run', 'b'])
  expect((await json('verify')).stale).toEqual([])

  await say('force', 'b', 'made')
  expect(await stateOf('b', 'work:made')).toEqual({ state: 'to_run', because: 'forced' })
  await taskchain(folder, ['run', 'b'])
  writeFileSync(join(folder, 'work.js'), work('1'))
  const { nodes } = JSON.parse((await taskchain(folder, ['plan', 'b', '--json'])).out)
  expect(nodes).toContainEqual(expect.objectContaining({ id: 'work:made', state: 'to_run', because: 'code' }))
  writeFileSync(join(folder, 'work.js'), work('0'))
  const { path } = await json('info', 'b', 'raw')
  truncateSync(path, 0)
  expect(await stateOf('b', 'work:raw')).toEqual({ state: 'to_run', because: 'damage' })
}, 40_000)

test('show of a figure says where its picture is, and info where the artifact is', async () => {
  await taskchain(folder, ['run', 'a', 'plot'])
  const { out } = await say('show', 'a', 'plot')
  const pictures = [...out.matchAll(/^picture {2}(.*)$/gm)].map(([, path = '']) => path)
  expect(pictures.map((path) => path.slice(-4))).toEqual(['.png', '.svg'])
  for (const path of pictures) expect(readFileSync(path).length).toBeGreaterThan(0)
  expect(await json('show', 'a', 'plot')).toMatchObject({ pictures })
  const info = await say('info', 'a', 'plot')
  expect(info.out.split('\n')[0]).toBe(`# ${pictures[0]?.replace(/png$/, 'json')}`)
  expect(readdirSync(join(folder, 'data/tasks/work/plot')).length).toBeGreaterThan(2)
}, 20_000)
