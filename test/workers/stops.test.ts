// Nodes that a thread or process computes after one that was stopped there.
import { spawnSync } from 'node:child_process'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'
import { emptyFolder, remove, write } from '../cli/fixture.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach(remove))

const files = {
  'package.json': '{ "type": "module" }',
  'taskchain.config.js': `
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as t from 'io-ts'
import { defineProject, defineTask } from 'taskchain'

const params = { round: t.number }
const mayEnd = async (round) => {
  while (!existsSync(join(import.meta.dirname, 'go' + round))) await new Promise((resolve) => setTimeout(resolve, 5))
}
const seen = defineTask({ params, data: t.string }).run(async ({ round }, { signal }) => {
  await mayEnd(round)
  return signal.aborted ? 'was stopped' : 'seen ' + round
})
const unseen = defineTask({ params, data: t.string }).run(async ({ round }) => (await mayEnd(round), 'unseen ' + round))
export default defineProject({ pipelines: { p: { seen, unseen } } })
`,
  'run.js': `
import { writeFileSync } from 'node:fs'
import { openChain } from 'taskchain'
import { fileStore } from 'taskchain/store'
import { childProcesses, workerThreads } from 'taskchain/workers'
import project from './taskchain.config.js'

const make = { workerThreads, childProcesses }[process.argv[2]]
const made = make({ project: new URL('./taskchain.config.js', import.meta.url) })
const executor = { ...made, close: async () => undefined }
const store = fileStore('store')
for (const [round, name] of ['unseen', 'unseen', 'seen', 'unseen', 'seen', 'unseen'].entries()) {
  const stop = new AbortController()
  const isStopped = round % 3 === 1
  const chain = await openChain(project, {
    config: { tasks: 'p:' + name, round },
    store,
    executor,
    logLevel: 'silent',
    onEvent: ({ _tag }) => {
      if (_tag !== 'started') return
      if (isStopped) stop.abort()
      writeFileSync('go' + round, '')
    },
  })
  const { stopped } = await chain.run(undefined, { signal: stop.signal })
  console.log(stopped ? 'stopped' : await chain.value(name))
  await chain.close()
}
await made.close()
`,
}

it.each(['workerThreads', 'childProcesses'])('are not stopped with it: %s', (executor) => {
  const folder = emptyFolder(['taskchain', 'io-ts', 'fp-ts'])
  folders.push(folder)
  write(folder, files)
  const { stdout, stderr } = spawnSync(process.execPath, ['run.js', executor], { cwd: folder, encoding: 'utf8' })
  expect([stderr, stdout.trim().split('\n')]).toEqual([
    '',
    ['unseen 0', 'stopped', 'seen 2', 'unseen 3', 'stopped', 'unseen 5'],
  ])
})
