// What the disk refuses is told as that, by every command, and is never called a bug of this package.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventLine, plainEventLine } from '../../src/cli/render/render-events.js'
import { builtOnce } from '../build-once.js'
import { emptyFolder, inProcess, projectFiles, remove, root, taskchain, write } from './fixture.js'

let folder = ''
beforeAll(async () => {
  builtOnce()
  folder = emptyFolder()
  write(folder, projectFiles)
  await taskchain(folder, ['run', 'films'])
}, 120_000)
afterAll(() => remove(folder))

const long = 'a'.repeat(3000)
const isBug = /internal error|This is a bug/

describe('a file in place of a folder of the store', () => {
  const inPlace = join('data', 'tasks', 'films', 'filtered')
  beforeAll(() => {
    renameSync(join(folder, inPlace), join(folder, 'aside'))
    writeFileSync(join(folder, inPlace), 'in the way')
  })
  afterAll(() => {
    rmSync(join(folder, inPlace))
    renameSync(join(folder, 'aside'), join(folder, inPlace))
  })

  test.each([
    'plan films',
    'tasks films',
    'show films filtered',
    'info films filtered',
    'log films filtered',
    'why films filtered',
    'force films filtered',
    'link films',
    'draw films',
    'bless films',
  ])('is told by %s', async (line) => {
    const { code, err } = await taskchain(folder, line.split(' '))
    expect({ code, err: err.split('\n')[0] }).toEqual({
      code: 1,
      err: expect.stringMatching(/^error: the store at .*\/data\/tasks cannot be used: ENOTDIR: not a directory, /),
    })
    expect(err).toContain("check that the folder exists and can be written, or name another one with '--store'")
    expect(err).not.toMatch(isBug)
  })

  test('rejects with the same error in a program', async () => {
    const { openChain } = (await import(join(root, 'dist/index.js'))) as typeof import('../../src/index.js')
    const { default: project } = (await import(pathToFileURL(join(folder, 'taskchain.config.js')).href)) as {
      default: import('../../src/index.js').Project
    }
    const chain = await openChain(project, { config: 'films', root: folder })
    for (const asked of [
      () => chain.states(),
      () => chain.tasks(),
      () => chain.draw(),
      () => chain.task('filtered').hasData(),
      () => chain.task('filtered').runInfo(),
      () => chain.task('filtered').log(),
    ])
      await expect(asked()).rejects.toMatchObject({
        name: 'TaskchainError',
        errors: [{ _tag: 'StoreUnusable', cause: { code: 'ENOTDIR' } }],
      })
    await chain.close()
  })
})

describe('a command line', () => {
  test('with names too long for any file is wrong usage, or a store that cannot be used', async () => {
    expect(await inProcess(folder, ['plan', long])).toMatchObject({
      code: 3,
      err: expect.stringContaining('not found') as string,
    })
    expect(await inProcess(folder, ['plan', 'films', '--context', long])).toMatchObject({
      code: 3,
      err: expect.stringContaining('not found') as string,
    })
    expect(await inProcess(folder, ['plan', 'films', '--store', long])).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be used: ENAMETOOLONG') as string,
    })
    for (const words of [
      ['verify', '--store', long],
      ['gc', '--store', long],
    ])
      expect(await inProcess(folder, words)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^error: ENAMETOOLONG: name too long, .*\n {2}the system refuses it/) as string,
      })
    expect(await inProcess(folder, ['plan', 'films.js/x'])).toMatchObject({
      code: 3,
      err: expect.stringContaining("config 'configs/films.js/x' not found") as string,
    })
  })

  test('that is wrong is repeated in part only', async () => {
    const text = 'x'.repeat(60_000)
    for (const words of [
      [text],
      ['run', 'films', '--concurrency', text],
      ['run', 'films', '--log-level', text],
      ['plan', 'films', `--${text}`],
      ['plan', 'films', '--set', text],
      ['plan', 'films', '--set', `min_votes=[${text}`],
      ['sweep', 'films', '--set', `how_many=1,[${text}`],
      ['sweep', 'films', '--range', text],
    ]) {
      const { code, out, err } = await inProcess(folder, words)
      expect([code, err.length < 1000 ? 'short' : err.length, out]).toEqual([3, 'short', ''])
    }
  })
})

test('a file in place of the store is not a store that is whole', async () => {
  writeFileSync(join(folder, 'file'), 'no folder')
  for (const name of ['verify', 'gc'])
    expect(await inProcess(folder, [name, '--store', 'file'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^error: ENOTDIR: not a directory, /) as string,
    })
  expect(await inProcess(folder, ['verify', '--store', 'not-yet'])).toMatchObject({ code: 0 })
})

test('a folder for configs that is a file is no bug either', async () => {
  mkdirSync(join(folder, 'elsewhere'))
  write(folder, {
    'elsewhere/package.json': '{ "type": "module" }',
    'elsewhere/configs': 'a file',
    'elsewhere/taskchain.config.js':
      "import { defineProject } from 'taskchain'\nexport default defineProject({ pipelines: {} })\n",
  })
  for (const words of [['plan', 'films'], ['check']])
    expect((await taskchain(join(folder, 'elsewhere'), words)).err).not.toMatch(isBug)
})

test('what was skipped since the run was stopped says so', () => {
  const skipped = (...because: readonly string[]) => eventLine({ _tag: 'skipped', node: 'films:all', because, at: 0 })
  expect(skipped()).toMatchObject({ rest: 'because the run was stopped' })
  expect([skipped(), skipped('films:raw')].map((line) => (line === undefined ? '' : plainEventLine(line)))).toEqual([
    'skipped films:all because the run was stopped',
    'skipped films:all because of films:raw',
  ])
})
