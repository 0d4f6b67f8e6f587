// Tasks whose every call is counted in a file, and that wait for files where a test wants them to.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyFolder, write } from '../../cli/fixture.js'

const tasks = `
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineTask, param } from 'taskchain'

const here = import.meta.dirname
const ran = (name) => appendFileSync(join(here, 'ran.txt'), name + ' ' + process.ppid + '\\n')
const opened = async (name, signal) => {
  while (!existsSync(join(here, name))) {
    if (signal.aborted) { ran('aborted'); throw signal.reason }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const layered = (name, inputs = {}) =>
  defineTask({ inputs, data: t.number, name }).run((read) => {
    ran(name)
    return 1 + Object.values(read).reduce((sum, one) => sum + one, 0)
  })

const first = Array.from({ length: 4 }, (_, at) => layered('a' + at))
const second = Array.from({ length: 4 }, (_, at) => layered('b' + at, { left: first[at], right: first[(at + 1) % 4] }))
const third = Array.from({ length: 4 }, (_, at) => layered('c' + at, { left: second[at], right: second[(at + 1) % 4] }))
export const layers = Object.fromEntries([...first, ...second, ...third].map((task, at) => ['t' + at, task]))

export const gated = defineTask({ data: t.number }).run(async (_, { signal, log, progress }) => {
  ran('gated')
  log.warn('at the gate')
  progress(1, 2)
  await opened('gate', signal)
  return 7
})
export const after = defineTask({ inputs: { gated }, data: t.number }).run(({ gated }) => gated + 1)
export const busy = defineTask({ data: t.number }).run(() => {
  ran('busy')
  for (const end = Date.now() + 5000; Date.now() < end; );
  return 1
})
export const poison = defineTask({ data: t.number }).run(() => { ran('poison'); process.kill(process.pid, 'SIGKILL') })
export const innocent = defineTask({ data: t.number }).run(() => { ran('innocent'); return 1 })
export const far = defineTask({ inputs: { innocent }, data: t.number, resources: { queue: 'gpu', gpu: 1 } }).run(() => { ran('far'); return 2 })
export const hushed = defineTask({ params: { token: param(t.string, { secret: true }) }, data: t.number }).run(({ token }, { log }) => {
  ran('hushed')
  log.warn('the token is ' + token)
  return token.length
})
`

/** Makes the project; its folder is the caller's to remove. `more`: at the end of the tasks' file. */
export const queueProject = (more = ''): string => {
  const folder = emptyFolder(['taskchain', 'io-ts', 'fp-ts'])
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js':
      "import { defineProject } from 'taskchain'\nimport * as all from './all.js'\nconst { layers, ...odd } = all\n" +
      'export default defineProject({ pipelines: { odd, layers }, resources: { gpu: 1 } })\n',
    'all.js': `${tasks}${more}`,
    'configs/layers.yaml': 'tasks: [layers:*]\n',
    'configs/gated.yaml': 'tasks: [odd:gated, odd:after]\n',
    'configs/far.yaml': 'tasks: [odd:innocent, odd:far]\n',
    'configs/busy.yaml': 'tasks: [odd:busy]\n',
    'configs/poisoned.yaml': 'tasks: [odd:poison, odd:innocent]\n',
    'configs/hushed.yaml': 'tasks: [odd:hushed]\ntoken: { env: QUEUE_TOKEN }\n',
    'configs/given.yaml': 'tasks: [odd:hushed]\ntoken: hush-hush-token\n',
  })
  return folder
}

/** Names of the functions that were called, in order. */
export const callsOf = (folder: string): readonly string[] =>
  existsSync(join(folder, 'ran.txt'))
    ? readFileSync(join(folder, 'ran.txt'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0] ?? '')
    : []
