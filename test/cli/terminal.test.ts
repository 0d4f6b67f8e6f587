import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, onTerminal, projectFiles, remove, start, taskchain, write } from './fixture.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
const project = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, { ...projectFiles, ...files })
  return folder
}
afterEach(() => folders.splice(0).forEach(remove))

const ended = (out: string): any => JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') // the last line is the report

const gated = {
  'gated.js': `import * as t from 'io-ts'
import { defineTask } from 'taskchain'
const gate = (signal) => process.env.GATE === undefined ? undefined : new Promise((_, reject) => {
  const timer = setInterval(() => undefined, 1000)
  signal.addEventListener('abort', () => { clearInterval(timer); reject(signal.reason) })
})
export const held = defineTask({ params: { size: t.number }, data: t.number }).run(async ({ size }, { signal }) => {
  await gate(signal)
  return size
})
export const after = defineTask({ inputs: { held }, data: t.number }).run(({ held }) => held)
`,
  'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as gated from './gated.js'
export default defineProject({ pipelines: { gated } })
`,
  'configs/gated.yaml': 'tasks: gated.*\nsize: 1\n',
}

test('a terminal shows how long a run goes on, by what other results of its tasks took', async () => {
  const folder = project(gated)
  await taskchain(folder, ['run', 'gated'])
  const running = onTerminal(folder, ['run', 'gated', '--set', 'size=2'], { GATE: 'shut' })
  await running.says('about 1 s left')
  running.type('\u0003')
  expect((await running.ended).out).toContain('stopped before the end')
}, 20_000)

test('a pipe and a CI log get no cursor codes and no time left', async () => {
  const folder = project(gated)
  await taskchain(folder, ['run', 'gated'])
  const { out, err } = await taskchain(folder, ['run', 'gated', '--set', 'size=2'], { CI: 'true' })
  expect(out + err).not.toMatch(/\p{Cc}(?<!\n)|left/u)
  expect(out).toMatch(/^computed gated:after in /m)
})

test('who waits for another process is told which run that is and since when', async () => {
  const folder = project()
  const first = start(process.execPath, [command, 'run', 'slow'], folder)
  await first.says('started trouble:slow')
  const runs = join(folder, 'data/tasks/.runs')
  await expect
    .poll(() =>
      readdirSync(runs).some(
        (name) => name.endsWith('.events') && readFileSync(join(runs, name), 'utf8').includes('"event":"started"'),
      ),
    )
    .toBe(true)
  const second = start(process.execPath, [command, 'run', 'slow', 'slow'], folder)
  await second.says('which computes the same')
  const third = start(process.execPath, [command, 'run', 'slow', '--json'], folder)
  await third.says('"event":"waiting"')
  for (const one of [second, third, first]) one.kill('SIGINT')
  expect((await second.ended).out).toMatch(
    new RegExp(
      `^waiting trouble:slow for process ${first.pid} on \\S+ \\(taskchain run slow, since \\d\\d:\\d\\d:\\d\\d\\)`,
      'm',
    ),
  )
  const waiting = (await third.ended).out.split('\n').find((line) => line.includes('"event":"waiting"')) ?? ''
  expect(JSON.parse(waiting)).toMatchObject({
    node: 'trouble:slow',
    process: { pid: first.pid },
    run: 'run slow',
    since: expect.any(Number) as number,
  })
  await first.ended
}, 20_000)

test('the report says how long it took to make what is used again; lines of what is loaded are for --verbose', async () => {
  const folder = project()
  const cold = ended((await taskchain(folder, ['run', 'films', '--json'])).out)
  expect(cold).not.toHaveProperty('saved')
  const again = ended((await taskchain(folder, ['run', 'films', '--json'])).out)
  expect(again).toMatchObject({ saved: { seconds: expect.any(Number) as number, unknown: 0 } })
  expect(again.saved.seconds).toBeGreaterThan(0)
  const usual = await taskchain(folder, ['run', 'films', '--set', 'min_votes=500'])
  expect(usual.out).not.toContain('loaded films:all')
  const verbose = await taskchain(folder, ['run', 'films', '--set', 'min_votes=600', '--verbose'])
  expect(verbose.out).toMatch(/^loaded films:all in /m)
  expect(await taskchain(folder, ['run', 'films', '--quiet', '--verbose'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('--quiet: cannot be combined with --verbose') as string,
  })
}, 20_000)
