import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { root } from './fixture.js'

beforeAll(builtOnce, 120_000)

test('what is rejected just before a run ends is reported by us, masked, and not by Node', () => {
  const module = pathToFileURL(join(root, 'dist/cli/stray-failures.js')).href
  const program = `
    import { watchStrayFailures } from ${JSON.stringify(module)}
    const stray = watchStrayFailures((sentence) => console.log(sentence))
    void Promise.reject(new Error('a secret'))
    await stray.release()
    console.log('released')
  `
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  expect([status, stdout, stderr]).toEqual([
    0,
    'a promise that nobody waits for was rejected while no task was running\nreleased\n',
    '',
  ])
})

test('what is rejected after the run has ended is reported by us, and the process does not end as if all were well', () => {
  const module = pathToFileURL(join(root, 'dist/cli/stray-failures.js')).href
  const program = `
    import { watchStrayFailures } from ${JSON.stringify(module)}
    for (const run of ['first', 'second']) {
      const stray = watchStrayFailures((sentence, _, then) => console.log(run, sentence, '|', then))
      await stray.release()
    }
    setTimeout(() => void Promise.reject(new Error('a secret')), 1)
    setTimeout(() => { throw new Error('a secret') }, 5)
  `
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  expect([status, stdout, stderr]).toEqual([
    1,
    'second a promise that nobody waits for was rejected after the run had ended | what the run has saved stays\n' +
      'second an error that nobody can catch was thrown after the run had ended | what the run has saved stays\n',
    '',
  ])
})
