// Output that cannot be written: a full disk, a reader that has gone. The work goes on, and the exit code tells.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { outputOf } from '../../src/cli/host.js'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, projectFiles, remove, root, start, taskchain, write, type Outcome } from './fixture.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
const project = (): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, projectFiles)
  return folder
}
afterEach(() => folders.splice(0).forEach(remove))

const shell = (folder: string, line: string): Promise<Outcome> =>
  start('bash', ['-c', line], folder, { TASKCHAIN: `${process.execPath} ${command}` }).ended

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  test('under both outputs of a run ends it with exit code 5, and the results are kept', async () => {
    const folder = project()
    expect(await shell(folder, '$TASKCHAIN run films > /dev/full 2>&1')).toMatchObject({ code: 5, signal: null })
    expect((await taskchain(folder, ['run', 'films'])).out).toMatch(/^0 computed, 0 loaded, 4 cached/m)
  })

  test('is told on standard error where that can be written', async () => {
    for (const words of ['--version', '--help', 'plan films', 'run films --json', 'check']) {
      const { code, err } = await shell(project(), `$TASKCHAIN ${words} > /dev/full`)
      expect({ words, code, err }).toEqual({
        words,
        code: 5,
        err: 'error: the output could not be written: ENOSPC: no space left on device, write\n',
      })
    }
  })

  test('changes no exit code that tells of something else', async () => {
    expect((await shell(project(), '$TASKCHAIN run trouble > /dev/full 2>&1')).code).toBe(1)
    expect((await shell(root, '$TASKCHAIN plan > /dev/full 2>&1')).code).toBe(3)
  })

  test('under standard error counts where something was to be told there', async () => {
    expect((await shell(project(), '$TASKCHAIN plan films --set nobody=1 2> /dev/full')).code).not.toBe(0)
    expect((await shell(project(), '$TASKCHAIN plan films 2> /dev/full')).code).toBe(0)
  })

  test('under what a task prints counts too', async () => {
    const folder = project()
    write(folder, {
      'films.js': `${projectFiles['films.js']}\nexport const talking = defineTask({ data: t.number }).run(() => { process.stderr.write('said'); return 1 })\n`,
      'configs/talking.yaml': 'tasks: films.talking\n',
    })
    expect(await shell(folder, '$TASKCHAIN run talking 2> /dev/full')).toMatchObject({
      code: 5,
      out: expect.stringContaining('1 computed') as string,
    })
  })
})

test('a file that takes only a part of the text is not taken for written', async () => {
  const folder = project()
  expect((await shell(folder, 'ulimit -f 1; $TASKCHAIN --help > out.txt')).code).toBe(5)
  expect(statSync(join(folder, 'out.txt')).size).toBe(1024)
})

test('a reader that has gone is the same exit code, without a word', async () => {
  const { code, err } = await shell(
    project(),
    'set -o pipefail; mkfifo gone; (: < gone) & exec 3> gone; wait; $TASKCHAIN plan films >&3',
  )
  expect({ code, err }).toEqual({ code: 5, err: '' })
})

test('after any error of its stream an output is quiet and says why', async () => {
  const stream = Object.assign(new PassThrough(), { fd: 1 })
  const output = outputOf(stream as never) // of a terminal it has what is needed
  expect(output.lost()).toBe(undefined)
  stream.destroy(Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' }))
  await new Promise((closed) => stream.once('close', closed))
  output.write('lost')
  expect(output.lost()?.code).toBe('EIO')
  await output.drained()
})
