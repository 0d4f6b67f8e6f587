import { appendFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { importedFiles } from '../../src/cli/watch/imported-files.js'
import { changesBetween, look, type Watched } from '../../src/cli/watch/watched-files.js'
import { builtOnce } from '../build-once.js'
import { command, emptyFolder, onTerminal, remove, start, write, type RunningCommand } from './fixture.js'

beforeAll(builtOnce, 120_000)

const config = (n: number): string => `tasks: work.*\nrows: rows.txt\nn: ${n}\n`

const folders: string[] = []
const running: RunningCommand[] = []
const project = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, {
    'package.json': '{ "type": "module" }',
    'taskchain.config.js': `import { defineProject } from 'taskchain'
import * as work from './work.js'
export default defineProject({ pipelines: { work } })
`,
    'work.js': `import { readFileSync } from 'node:fs'
import * as t from 'io-ts'
import { defineTask, file } from 'taskchain'
import { factor } from './lib/factor.js'
export const size = defineTask({ params: { n: t.number, rows: file }, data: t.number, onCodeChange: 'recompute' })
  .run(({ n, rows }) => { console.log('size is ' + n * factor + ' ' + readFileSync(rows, 'utf8').trim()); return n * factor })
`,
    'lib/factor.js': 'export const factor = 10\n',
    'rows.txt': 'first\n',
    'configs/a.yaml': config(1),
    'contexts/usual.yaml': 'rows: rows.txt\n',
    ...files,
  })
  return folder
}
afterEach(async () => {
  for (const one of running.splice(0)) {
    one.kill('SIGKILL')
    await one.ended
  }
  folders.splice(0).forEach(remove)
})
const watching = (folder: string, ...words: readonly string[]): RunningCommand => {
  const started = start(process.execPath, [command, 'run', 'a', '--watch', ...words], folder)
  running.push(started)
  return started
}

test('packages of the workspace are watched, by what their names stand for; installed ones are not', () => {
  const folder = emptyFolder()
  folders.push(folder)
  write(folder, {
    'model/taskchain.config.ts': `import * as t from 'io-ts'
import { cleaned } from '@us/cleaning'
import { deep } from '@us/cleaning/steps/deep'
import { old } from 'old'
import { hidden } from '@us/cleaning/hidden'
import { own } from 'installed'
`,
    'cleaning/package.json': JSON.stringify({
      exports: { '.': { types: './index.d.ts', default: './index.ts' }, './steps/*': './src/*.ts', './hidden': null },
    }),
    'cleaning/index.ts': "export { scale } from './scale.js'\n",
    'cleaning/scale.ts': '',
    'cleaning/src/deep.ts': "import { old } from 'old'\n",
    'cleaning/hidden.ts': '',
    'old/package.json': '{ "main": "lib/old.js" }',
    'old/lib/old.js': '',
    'node_modules/installed/index.js': '',
  })
  mkdirSync(join(folder, 'node_modules/@us'))
  symlinkSync('../../cleaning', join(folder, 'node_modules/@us/cleaning'))
  symlinkSync('../old', join(folder, 'node_modules/old'))
  const { found: files } = importedFiles(join(folder, 'model/taskchain.config.ts'))
  const found = files.map((path) => path.slice(folder.length + 1))
  expect(found.toSorted()).toEqual([
    'cleaning/index.ts',
    'cleaning/scale.ts',
    'cleaning/src/deep.ts',
    'model/taskchain.config.ts',
    'old/lib/old.js',
  ])
})

describe('run --watch', () => {
  test('runs again when a config, a context, a file of a param or code that is imported has changed', async () => {
    const folder = project()
    const watch = watching(folder, '--json', '--context', 'contexts/usual.yaml')
    const round = (number: number): Promise<void> => watch.says(`{"schema":1,"event":"watching","round":${number},`)
    await round(1)
    writeFileSync(join(folder, 'configs/a.yaml'), config(2))
    await round(2)
    writeFileSync(join(folder, 'lib/factor.js'), 'export const factor = 20\n')
    await round(3)
    writeFileSync(join(folder, 'rows.txt'), 'second\n')
    await round(4)
    writeFileSync(join(folder, 'other.new'), 'rows: rows.txt\nn: 3\n')
    renameSync(join(folder, 'other.new'), join(folder, 'contexts/usual.yaml')) // as editors save
    await round(5)
    watch.kill('SIGINT')
    const { code, out, err } = await watch.ended
    expect(code).toBe(130)
    const lines = out.split('\n').filter((line) => line.startsWith('{'))
    const events = lines.map((line) => JSON.parse(line) as { readonly event: string; readonly changed?: string[] })
    expect(events.filter(({ event }) => event === 'round').map(({ changed }) => changed)).toEqual([
      [],
      ['configs/a.yaml'],
      ['lib/factor.js'],
      ['rows.txt'],
      ['contexts/usual.yaml'],
    ])
    expect(events.filter(({ event }) => event === 'ended').length).toBe(5)
    expect(err.split('\n').filter((line) => line.startsWith('size is'))).toEqual([
      'size is 10 first',
      'size is 20 first',
      'size is 40 second',
      'size is 60 second',
    ])
  }, 30_000)

  test('goes on after code that cannot be loaded, a config that cannot be read and a task that fails', async () => {
    const folder = project({ 'work.js': 'export const broken = (\n' })
    const good = readFileSync(join(project(), 'work.js'), 'utf8')
    const watch = watching(folder)
    await watch.says('watching 2 files')
    writeFileSync(join(folder, 'work.js'), good.replace('console.log', "throw new Error('no luck'); console.log"))
    await watch.says('failed work:size')
    writeFileSync(join(folder, 'work.js'), good)
    await watch.says('size is 10 first')
    writeFileSync(join(folder, 'configs/a.yaml'), 'tasks: [work.*\n')
    await watch.says('invalid YAML')
    writeFileSync(join(folder, 'configs/a.yaml'), config(7))
    await watch.says('size is 70 first')
    watch.kill('SIGTERM')
    const { code, out } = await watch.ended
    expect(code).toBe(143)
    expect(out).toContain('\nchanged  work.js\n')
    expect(out).toContain('\nchanged  configs/a.yaml\n')
  }, 30_000)

  test('a file whose import is missing is waited for: one that is yet to be written, one that is moved away', async () => {
    const folder = project({ 'lib/factor.js': "export { factor } from './deep/own.js'\n" })
    const watch = watching(folder)
    await watch.says('Cannot find module')
    mkdirSync(join(folder, 'lib/deep'))
    writeFileSync(join(folder, 'lib/deep/own.js'), 'export const factor = 3\n')
    await watch.says('size is 3 first')
    renameSync(join(folder, 'lib'), join(folder, 'away'))
    await watch.says("lib/factor.js' imported from")
    renameSync(join(folder, 'away'), join(folder, 'lib'))
    await watch.says('0 computed')
    watch.kill('SIGTERM')
    expect((await watch.ended).code).toBe(143)
  }, 30_000)

  test('what changes while a round goes on waits for its end, and is then run', async () => {
    const folder = project({
      'work.js': `import { existsSync, watch } from 'node:fs'
import * as t from 'io-ts'
import { defineTask } from 'taskchain'
const gate = (path) => new Promise((done) => {
  const watcher = watch('.', () => look())
  const look = () => { if (existsSync(path)) { watcher.close(); done() } }
  look()
})
export const size = defineTask({ params: { n: t.number }, data: t.number }).run(async ({ n }) => {
  console.log('at work on ' + n)
  if (n === 1) await gate('open')
  return n
})
`,
      'configs/a.yaml': 'tasks: work.*\nn: 1\n',
    })
    const watch = watching(folder)
    await watch.says('at work on 1')
    writeFileSync(join(folder, 'configs/a.yaml'), 'tasks: work.*\nn: 2\n')
    writeFileSync(join(folder, 'open'), '')
    await watch.says('at work on 2')
    watch.kill('SIGINT')
    const { out } = await watch.ended
    expect(out.match(/^computed work:size/gm)?.length).toBeGreaterThanOrEqual(1)
    expect(out.indexOf('computed work:size')).toBeLessThan(out.indexOf('changed  configs/a.yaml'))
  }, 20_000)

  test('Ctrl-C stops a round on a terminal cleanly, and a command that is called wrongly does not watch', async () => {
    const folder = project({
      'work.js': `import * as t from 'io-ts'
import { defineTask } from 'taskchain'
export const size = defineTask({ data: t.number }).run((_, { signal }) => new Promise((_, reject) => {
  const timer = setInterval(() => undefined, 1000)
  console.log('at work')
  signal.addEventListener('abort', () => { clearInterval(timer); reject(signal.reason) })
}))
`,
      'configs/a.yaml': 'tasks: work.*\n',
    })
    const terminal = onTerminal(folder, ['run', 'a', '--watch'])
    running.push(terminal)
    await terminal.says('at work')
    terminal.type('\u0003')
    const { code, out } = await terminal.ended
    expect({ code, out }).toMatchObject({ code: 130, out: expect.stringContaining('stopped before the end') as string })
    expect(await watching(folder, '--quiet', '--verbose').ended).toMatchObject({ code: 3 })
  }, 20_000)
})

test('files that a project imports are told from texts that need not be whole, in TypeScript too', () => {
  const folder = project({
    'taskchain.config.ts':
      "import * as a from './a.js'\nimport type { B } from '@/b'\nimport 'io-ts'\nexport default (",
    'a.ts': "export * from './lib'\nconst c = await import('./c.mjs')\nimport './gone.js'\n",
    'lib/index.ts': "import rows from '../rows.json' with { type: 'json' }\nimport '../a.js'\n",
    'rows.json': '{}',
    'c.mjs': "require('./d.cjs')",
    'd.cjs': '',
    'src/b.ts': '',
    'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
  })
  const { found, missing } = importedFiles(join(folder, 'taskchain.config.ts'))
  const namesOf = (paths: readonly string[]): readonly string[] => paths.map((path) => path.slice(folder.length + 1))
  expect(namesOf(found).toSorted()).toEqual(
    ['a.ts', 'c.mjs', 'd.cjs', 'lib/index.ts', 'rows.json', 'src/b.ts', 'taskchain.config.ts', 'tsconfig.json'].sort(),
  )
  expect(namesOf(missing)).toEqual(expect.arrayContaining(['gone.js', 'gone.ts', 'gone.js/index.ts']))
  expect(namesOf(missing).filter((path) => !path.startsWith('gone.'))).toEqual([])
})

test('a text that is only touched has not changed; folders and patterns change with what is in them', () => {
  const folder = project({ 'data/one.csv': '1', 'data/two.csv': '2' })
  const watched: readonly Watched[] = [
    { kind: 'text', path: join(folder, 'work.js') },
    { kind: 'file', path: join(folder, 'rows.txt') },
    { kind: 'folder', path: join(folder, 'data') },
    { kind: 'glob', path: 'data/*.csv' },
    { kind: 'text', path: join(folder, 'absent.yaml') },
  ]
  let before = look(watched, folder)
  const changes = (): readonly string[] => {
    const now = look(watched, folder, before)
    const changed = changesBetween(before, now, watched, 0)
    before = now
    return changed.map((path) => path.replace(`${folder}/`, ''))
  }
  expect(changes()).toEqual([])
  utimesSync(join(folder, 'work.js'), 1, 1)
  expect(changes()).toEqual([])
  appendFileSync(join(folder, 'rows.txt'), 'more')
  appendFileSync(join(folder, 'data/two.csv'), 'more')
  expect(changes()).toEqual(['rows.txt', 'data', 'data/*.csv'])
  writeFileSync(join(folder, 'absent.yaml'), '')
  expect(changes()).toEqual(['absent.yaml'])
})
