// Copies of results outside of the store: whole or not there, and nothing of the user's is lost without a word.
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { builtOnce } from '../build-once.js'
import { completionContext } from '../../src/cli/completion/completion-context.js'
import {
  command,
  emptyFolder,
  inProcess as taskchain,
  taskchain as asProcess,
  projectFiles,
  remove,
  write,
} from './fixture.js'
import { spawnSync } from 'node:child_process'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach(remove))

const project = (): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, projectFiles)
  return folder
}
const computed = async (): Promise<string> => {
  const folder = project()
  expect((await taskchain(folder, ['run', 'films'])).code).toBe(0)
  return folder
}
const artifact = (folder: string, extension: string): string => {
  const name = fs
    .readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
    .find((one) => one.endsWith(extension) && !one.includes('.runs'))
  return join(folder, 'data', name ?? 'none')
}
const left = (folder: string): readonly string[] => fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))

describe('export', () => {
  test('copies a file, and says what it has done', async () => {
    const folder = await computed()
    const { code, out } = await taskchain(folder, ['export', 'films', 'summary', '-o', 'out.json'])
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^exported films:summary to out.json, \d+ B\n$/),
    })
    expect(JSON.parse(fs.readFileSync(join(folder, 'out.json'), 'utf8'))).toEqual({ films: expect.any(Number) })
    expect(left(folder)).toEqual([])
  })

  test('copies a folder, and as JSON says where and how much', async () => {
    const folder = await computed()
    const { code, out } = await taskchain(folder, ['export', 'films', 'exported', '--output', 'titles', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ task: 'films:exported', kind: 'folder', path: join(folder, 'titles') })
    expect(fs.readFileSync(join(folder, 'titles/titles.txt'), 'utf8')).toContain('Film 2')
  })

  test('refuses what is there, until it is told to replace it', async () => {
    const folder = await computed()
    const say = (task: string, to: string, ...more: readonly string[]) =>
      taskchain(folder, ['export', 'films', task, '-o', to, ...more])
    fs.writeFileSync(join(folder, 'out.json'), 'mine')
    expect(await say('summary', 'out.json')).toMatchObject({
      code: 3,
      err: expect.stringContaining('--force replaces it'),
    })
    expect(fs.readFileSync(join(folder, 'out.json'), 'utf8')).toBe('mine')
    expect((await say('summary', 'out.json', '--force')).code).toBe(0)
    expect(fs.readFileSync(join(folder, 'out.json'), 'utf8')).toContain('films')

    fs.mkdirSync(join(folder, 'titles'))
    fs.writeFileSync(join(folder, 'titles/mine.txt'), 'mine')
    expect((await say('exported', 'titles')).code).toBe(3)
    expect(fs.readdirSync(join(folder, 'titles'))).toEqual(['mine.txt'])
    expect((await say('exported', 'titles', '--force')).code).toBe(0)
    expect(fs.readdirSync(join(folder, 'titles'))).toEqual(['titles.txt'])

    expect(await say('summary', 'titles', '--force')).toMatchObject({
      code: 3,
      err: expect.stringContaining('titles is a folder, and films:summary keeps a file'),
    })
    expect((await say('exported', 'out.json', '--force')).err).toContain('out.json is a file')
    expect(left(folder)).toEqual([])
  })

  test('replaces a link, and writes nothing through it', async () => {
    const folder = await computed()
    fs.writeFileSync(join(folder, 'mine'), 'mine')
    fs.symlinkSync('mine', join(folder, 'out.json'))
    expect((await taskchain(folder, ['export', 'films', 'summary', '-o', 'out.json'])).code).toBe(3)
    expect((await taskchain(folder, ['export', 'films', 'summary', '-o', 'out.json', '--force'])).code).toBe(0)
    expect(fs.readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine')
    expect(fs.lstatSync(join(folder, 'out.json')).isFile()).toBe(true)
  })

  test('of what is not stored, kept in memory, damaged, or to nowhere says so, and leaves nothing', async () => {
    const folder = project()
    const say = (...words: readonly string[]) => taskchain(folder, ['export', 'films', ...words])
    expect(await say('summary', '-o', 'a')).toMatchObject({
      code: 3,
      err: expect.stringContaining('is not computed yet'),
    })
    expect((await say('index', '-o', 'a')).err).toContain('is kept in memory only')
    expect(await say('summary')).toMatchObject({ code: 3, err: expect.stringContaining('-o FILE') })
    await taskchain(folder, ['run', 'films'])
    for (const task of ['summary', 'exported'])
      expect(await say(task, '-o', 'no/such/name')).toMatchObject({
        code: 3,
        err: 'no/such/name cannot be written: there is no folder no/such\n',
      })
    const file = artifact(folder, 'titles.txt')
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').toUpperCase())
    expect(await say('exported', '-o', 'a')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not what was committed'),
    })
    const summary = artifact(join(folder), '.json')
    fs.writeFileSync(summary, fs.readFileSync(summary, 'utf8').replace(/\d/, '7'))
    const task = dirname(summary).split('/').at(-1) ?? ''
    expect((await say(task, '-o', 'a')).code).toBe(1)
    expect([fs.existsSync(join(folder, 'a')), left(folder)]).toEqual([false, []])
  })

  test('never replaces the project or the store, nor writes into the store, by whatever way it is named', async () => {
    const folder = await computed()
    fs.symlinkSync(folder, join(folder, 'again'))
    const say = (task: string, to: string) => taskchain(folder, ['export', 'films', task, '-o', to, '--force'])
    for (const [to, problem] of [
      ['data', 'holds the store'],
      ['data/tasks', 'holds the store'],
      ['again/data', 'holds the store'],
      ['.', 'holds the project'],
      ['..', 'holds the project'],
      ['data/tasks/films', 'is in the store'],
    ] as const)
      expect(await say('exported', to)).toMatchObject({ code: 3, err: expect.stringContaining(`${to} ${problem}`) })
    expect((await say('summary', 'again/data/tasks/a.json')).err).toContain('is in the store')
    expect((await say('exported', 'again')).err).toContain('again is a file, and films:exported keeps a folder')
    const { out } = await taskchain(folder, ['run', 'films', '--json'])
    expect(out).not.toContain('"started"')
    const file = join(folder, 'taskchain.config.js')
    const text = fs.readFileSync(file, 'utf8')
    fs.writeFileSync(file, text.replace('trouble } })', "trouble }, store: ['data/tasks', 'shared'] })"))
    fs.mkdirSync(join(folder, 'shared/films'), { recursive: true })
    expect((await asProcess(folder, ['export', 'films', 'exported', '-o', 'shared', '--force'])).err).toContain('holds')
    // another store is in use: the project's own counts as well
    await asProcess(folder, ['run', 'films', '--store', 'other'])
    const words = ['export', 'films', 'exported', '-o', 'data', '--force', '--store', 'other']
    expect((await asProcess(folder, words)).err).toBe('data holds the store: use another name\n')
  })

  test('never replaces the file of the project, nor a folder that holds it elsewhere than its root', async () => {
    const folder = await computed()
    fs.mkdirSync(join(folder, 'tool'))
    fs.writeFileSync(
      join(folder, 'tool/taskchain.config.js'),
      "import project from '../taskchain.config.js'\nexport default { ...project, root: '..' }\n",
    )
    const say = (task: string, to: string) =>
      taskchain(folder, ['export', 'films', task, '-o', to, '--force', '--project', 'tool'])
    expect((await say('exported', 'tool')).err).toBe('tool holds the project: use another name\n')
    const file = 'tool/taskchain.config.js'
    expect((await say('summary', file)).err).toBe(`${file} is the file of the project: use another name\n`)
    expect(fs.readFileSync(join(folder, file), 'utf8')).toContain('import project')
  })

  test('never replaces a link through which the project has its store or its file', async () => {
    const folder = await computed()
    const elsewhere = project()
    fs.renameSync(join(folder, 'data'), join(elsewhere, 'data'))
    fs.symlinkSync(join(elsewhere, 'data'), join(folder, 'data'))
    fs.renameSync(join(folder, 'taskchain.config.js'), join(elsewhere, 'real.js'))
    fs.symlinkSync(join(elsewhere, 'real.js'), join(folder, 'taskchain.config.js'))
    const say = (to: string) => taskchain(folder, ['export', 'films', 'summary', '-o', to, '--force'])
    expect(await say('data')).toMatchObject({ code: 3, err: 'data holds the store: use another name\n' })
    expect((await say('taskchain.config.js')).err).toContain('is the file of the project')
    for (const link of ['data', 'taskchain.config.js'])
      expect(fs.lstatSync(join(folder, link)).isSymbolicLink()).toBe(true)
  })

  test.skipIf(process.platform === 'win32')('never replaces a pipe or a link to one, and needs a folder', async () => {
    const folder = await computed()
    spawnSync('mkfifo', [join(folder, 'pipe')])
    fs.symlinkSync('pipe', join(folder, 'link'))
    for (const to of ['pipe', 'link'])
      expect(await taskchain(folder, ['export', 'films', 'summary', '-o', to, '--force'])).toMatchObject({
        code: 3,
        err: `${to} is neither a file nor a folder: use another name\n`,
      })
    expect(fs.lstatSync(join(folder, 'pipe')).isFIFO()).toBe(true)
    expect(await taskchain(folder, ['export', 'films', 'summary', '-o', 'package.json/a'])).toMatchObject({
      code: 3,
      err: 'package.json/a cannot be written: there is no folder package.json\n',
    })
  })

  test.runIf(process.platform === 'linux')('a place where the system makes no files is refused in words', async () => {
    const folder = await computed()
    for (const name of ['summary', 'exported'])
      expect(await taskchain(folder, ['export', 'films', name, '-o', '/proc/a'])).toMatchObject({
        code: 3,
        err: '/proc/a cannot be written: the system makes no files in /proc\n',
      })
  })

  test('with --json, programs read why nothing was exported or shown', async () => {
    const folder = await computed()
    fs.mkdirSync(join(folder, 'there'))
    for (const [words, code] of [
      [['export', 'films', 'summary'], 'BadOption'],
      [['export', 'films', 'exported', '-o', 'there'], 'BadOption'],
      [['export', 'films', 'summary', '-o', 'a', '--set', 'how_many=7'], 'NotComputed'],
      [['show', 'films', 'summary', '--set', 'how_many=7'], 'NotComputed'],
    ] as const) {
      const { out, err } = await taskchain(folder, [...words, '--json'])
      expect(JSON.parse(out)).toEqual({ schema: 1, errors: [{ code, message: err.trimEnd() }] })
    }
  })

  test('completes tasks, leaves the file to the shell, and has its help', () => {
    expect(completionContext(['export', 'films', '']).offer).toEqual({ kind: 'tasks', config: 'films' })
    expect(completionContext(['export', 'films', 'a', '-o', '']).offer).toEqual({ kind: 'nothing' })
    const { stdout } = spawnSync(process.execPath, [command, 'export', '--help'], { encoding: 'utf8' })
    expect(stdout).toContain('-o, --output <file>')
    expect(stdout).toContain('taskchain export movies filtered -o filtered.json')
  })
})
