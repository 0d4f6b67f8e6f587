// A small project in a temporary folder whose tasks do what tasks should not: for chains on worker threads.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyFolder, write } from '../cli/fixture.js'

const tasks = `
import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMainThread, threadId } from 'node:worker_threads'
import * as t from 'io-ts'
import { defineTask, inMemory, lazy, param } from 'taskchain'
import { checkpoint, directory, jsonLines } from 'taskchain/data'

const here = import.meta.dirname
const where = process.argv[1]?.endsWith('child.js') ? 'process ' + process.pid : isMainThread ? 'main' : 'thread'
const ran = (name) => appendFileSync(join(here, 'ran.txt'), name + ' ' + where + '\\n')
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export const numbers = defineTask({ params: { howMany: param(t.number, { default: 5 }) }, data: t.array(t.number) }).run(({ howMany }, { log, note, progress }) => {
  ran('numbers')
  log.info('counting', { threaded: !isMainThread })
  log.warn('mind the gap')
  note({ counted: howMany })
  progress(howMany, howMany)
  return Array.from({ length: howMany }, (_, index) => index)
})
export const squares = defineTask({ inputs: { numbers }, data: inMemory() }).run(({ numbers }) => { ran('squares'); return new Map(numbers.map((number) => [number, number * number])) })
export const total = defineTask({ inputs: { squares }, data: t.number }).run(({ squares }) => { ran('total'); return [...squares.values()].reduce((sum, square) => sum + square, 0) })
export const lines = defineTask({ inputs: { squares }, data: jsonLines(t.number) }).run(function* ({ squares }) { yield* squares.values() })
export const written = defineTask({ inputs: { total }, data: directory() }).run(async ({ total }, { dir }) => { await writeFile(join(dir, 'total.txt'), String(total)) })
export const readsFolder = defineTask({ inputs: { written }, data: t.number }).run(({ written }) => readdirSync(written).length)

export const exits = defineTask({ inputs: { total }, data: t.number }).run(async (_, { log }) => { log.info('last words'); await pause(20); process.exit(3) })
export const leavesRejection = defineTask({ inputs: { total }, data: t.number }).run(async () => { void Promise.reject(new RangeError('left alone')); return 1 })
export const throwsInTimer = defineTask({ inputs: { total }, data: t.number }).run(async () => { setTimeout(() => { throw new TypeError('in a timer') }, 10); await pause(60_000); return 1 })
export const eats = defineTask({ inputs: { total }, data: t.number }).run(() => { const all = []; for (let i = 0; ; i++) all.push(('text ' + i).repeat(100).split('')) })
export const failsLate = defineTask({ data: t.number }).run(() => {
  const late = setInterval(() => { // once the result is committed, and read
    if (!existsSync(join(here, 'waiting'))) return
    clearInterval(late)
    throw new TypeError('too late')
  }, 10)
  return 1
})
export const waits = defineTask({ inputs: { failsLate }, data: inMemory() }).run(async ({ failsLate }) => {
  const awake = setInterval(() => undefined, 1000)
  await new Promise((resolve) => { process.once('warning', resolve); writeFileSync(join(here, 'waiting'), '') })
  clearInterval(awake)
  return failsLate
})
const tree = (depth, parent) => {
  const branch = { parent, children: [] }
  if (depth > 0) branch.children.push(...Array.from({ length: 5 }, () => tree(depth - 1, branch)))
  return branch
}
export const failsWithTree = defineTask({ data: t.number }).run(() => { throw Object.assign(new RangeError('no luck in the tree'), { tree: tree(6) }) })
export const logsShared = defineTask({ data: t.number }).run((_, { log, note }) => {
  let shared = { leaf: 1 }
  for (let level = 0; level < 40; level++) shared = { left: shared, right: shared }
  log.info('shared', { shared })
  note({ shared })
  return 1
})
export const crashes = defineTask({ inputs: { total }, data: t.number }).run(() => process.kill(process.pid, 'SIGSEGV'))
export const blocksForLong = defineTask({ data: t.number }).run(() => { ran('blocksForLong'); for (const end = Date.now() + 60_000; Date.now() < end; ); return 1 })
export const fails = defineTask({ inputs: { total }, data: t.number }).run(() => { throw Object.assign(new RangeError('no luck'), { code: 'E_LUCK' }) })
export const blocks = defineTask({ inputs: { total }, data: t.number, timeout: 50 }).run(() => { for (;;); })
export const afterExit = defineTask({ inputs: { exits }, data: t.number }).run(({ exits }) => exits)
export const failsInMemory = defineTask({ data: inMemory() }).run(() => { throw new Error('no luck in memory') })
export const readsFailing = defineTask({ inputs: { failsInMemory }, data: t.number }).run(({ failsInMemory }) => failsInMemory)

export const prints = defineTask({ data: t.number }).run(() => (process.stdout.write('printed by the task'), 1))
export const exitsOnce = defineTask({ data: t.number, retry: { attempts: 3, delay: 1 } }).run(() => {
  const mark = join(here, 'exited')
  if (existsSync(mark)) return 7
  writeFileSync(mark, '')
  process.exit(1)
})
export const exitsAlways = defineTask({ data: t.number, retry: { attempts: 2, delay: 1 } }).run(() => { ran('exitsAlways'); process.exit(1) })
export const large = defineTask({ data: directory() }).run(async (_, { dir }) => {
  await writeFile(join(dir, 'half.txt'), 'half')
  if (!existsSync(join(here, 'exited'))) { writeFileSync(join(here, 'exited'), ''); process.exit(1) }
})

export const asked = defineTask({ inputs: { numbers: lazy(numbers) }, data: t.number }).run(async ({ numbers }) => (await numbers()).length)
export const askedToo = defineTask({ inputs: { numbers: lazy(numbers) }, data: t.number }).run(async ({ numbers }) => (await numbers()).length + 1)
export const secretive = defineTask({ params: { token: param(t.string, { secret: true }) }, data: t.number }).run(({ token }, { log }) => { log.info('token is ' + token); return token.length })
export const steps = defineTask({ data: checkpoint() }).run(async (_, { dir, signal }) => {
  for (let step = 0; step < 3; step++) {
    if (existsSync(join(dir, String(step)))) continue
    writeFileSync(join(dir, String(step)), '')
    ran('step' + step)
    if (step === 1 && !existsSync(join(here, 'go'))) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
})
`

const config = (...names: readonly string[]): string => `tasks: [${names.map((name) => `odd:${name}`).join(', ')}]\n`

/** Makes the project; its folder is the caller's to remove. */
export const oddProject = (): string => {
  const folder = emptyFolder()
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject } from 'taskchain'\nimport * as odd from './odd.js'\nexport default defineProject({ pipelines: { odd } })\n`,
    'odd.js': tasks,
    'configs/fine.yaml': config('numbers', 'squares', 'total', 'lines', 'written'),
    'configs/folders.yaml': config('numbers', 'squares', 'total', 'written', 'reads_folder'),
    'configs/deadly.yaml': config(
      'numbers',
      'squares',
      'total',
      'lines',
      'exits',
      'leaves_rejection',
      'throws_in_timer',
      'fails',
      'blocks',
      'after_exit',
    ),
    'configs/crashing.yaml': config('numbers', 'squares', 'total', 'lines', 'crashes'),
    'configs/blocking.yaml': config('blocks_for_long'),
    'configs/hungry.yaml': config('numbers', 'squares', 'total', 'eats'),
    'configs/printing.yaml': config('prints'),
    'configs/retried.yaml': config('exits_once', 'exits_always'),
    'configs/large.yaml': config('large'),
    'configs/asked.yaml': config('numbers', 'asked', 'asked_too'),
    'configs/secretive.yaml': `${config('secretive')}token: hush-hush-token\n`,
    'configs/steps.yaml': config('steps'),
    'configs/bulky.yaml': config('fails_with_tree', 'logs_shared'),
    'configs/late.yaml': config('fails_late', 'waits'),
    'configs/in_memory.yaml': config('fails_in_memory', 'reads_failing'),
  })
  return folder
}

/** Which functions were called, and where. */
export const callsIn = (folder: string): readonly string[] =>
  readFileSync(join(folder, 'ran.txt'), 'utf8').trimEnd().split('\n')
