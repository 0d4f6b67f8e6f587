// Tasks that programs compute: real programs of the system, and small ones of Node's.
import * as t from 'io-ts'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { directory, figure, jsonLines, ndarrays, text } from '../../src/data/index.js'
import { inMemory } from '../../src/declare/format.js'
import { asPath } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { openChain } from '../../src/open-chain.js'
import { param } from '../../src/declare/param.js'
import { defineTask, type Task } from '../../src/declare/task.js'
import { command, writtenAs } from '../../src/programs/index.js'
import { inspectTask, testTask } from '../../src/testing/index.js'
import { open } from '../runtime/fixture.js'

let root: string
const before = tmpdir()
beforeEach(() => {
  root = fs.mkdtempSync(join(before, 'taskchain-command-'))
  process.env['TMPDIR'] = root // what programs leave behind is seen there
})
afterEach(() => {
  process.env['TMPDIR'] = before
  fs.rmSync(root, { recursive: true, force: true })
})

/** A program of Node's; `output` is its first argument. */
const node = (code: string) => ({ program: process.execPath, args: scriptArgs(code) })
const scriptArgs =
  (code: string) =>
  ({ output }: { readonly output: string }): readonly string[] => [
    '-e',
    `const fs = require('node:fs'), output = process.argv[1]\n${code}`,
    output,
  ]
const failure = (task: Task): Promise<string> =>
  testTask(task).then(
    (value) => `no failure but ${JSON.stringify(value)}`,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  )
const leftBehind = (): readonly string[] =>
  fs.readdirSync(tmpdir()).filter((name) => name.startsWith('taskchain-program-'))

const rows = defineTask({ data: t.array(t.number) }).run(() => [3, 1, 2])

describe('a command', () => {
  it('runs programs as they are: paths and files in, a file or what is printed out', async () => {
    const counted = command({
      inputs: { rows: asPath(rows), lines: writtenAs(rows, jsonLines(t.number)) },
      params: { first: param(t.number, { default: 7 }) },
      program: 'awk',
      args: ({ inputs, params, output }) => [
        '-v',
        `first=${params.first}`,
        '-v',
        `output=${output}`,
        '{ n++ } END { print "[" first ", " n "]" > output }',
        inputs.lines,
      ],
      data: t.array(t.number),
    })
    const sorted = command({
      inputs: { lines: writtenAs(rows, jsonLines(t.number)) },
      program: 'sort',
      stdin: ({ inputs }) => inputs.lines,
      stdout: 'data',
      data: text(),
    })
    const { chain } = open({ p: { rows, counted, sorted } }, {}, { store: fileStore(root) })
    expect([await chain.value('p:counted'), await chain.value('p:sorted')]).toEqual([[7, 3], '1\n2\n3\n'])
    expect(leftBehind()).toEqual([])
  })

  it('keeps what was written as it was written, once the format has read it', async () => {
    const loose = command({ ...node(`fs.writeFileSync(output, '[ 1,\\n2 ]')`), data: t.array(t.number) })
    const { chain } = open({ p: { loose } }, {}, { store: fileStore(root) })
    expect(await chain.value('p:loose')).toEqual([1, 2])
    expect(fs.readFileSync(chain.task('p:loose').dataPath as string, 'utf8')).toBe('[ 1,\n2 ]')
  })

  it('fills folders, and draws figures', async () => {
    const filled = command({ ...node(`fs.writeFileSync(output + '/a', 'in a')`), data: directory() })
    const arrays = command({ ...node(`fs.writeFileSync(output + '/a', 'no array')`), data: ndarrays() })
    const bars = command({
      ...node(
        `fs.writeFileSync(output, JSON.stringify({ data: { values: [{ a: 1 }] }, mark: 'bar', encoding: { x: { field: 'a' } } }))`,
      ),
      data: figure(),
    })
    const { chain } = open({ p: { filled, bars } }, {}, { store: fileStore(root) })
    expect(fs.readdirSync((await chain.value('p:filled')) as string)).toEqual(['a'])
    await chain.value('p:bars')
    expect(fs.readFileSync((chain.task('p:bars').dataPath as string).replace('.json', '.svg'), 'utf8')).toContain(
      '<svg',
    )
    expect(await failure(arrays)).toMatch(/^task 'test:task' returned a wrong value/)
  })

  it('gets paths with spaces, umlauts and line ends as they are, and no shell', async () => {
    const odd = join(root, 'a b ü\n$(touch x); "')
    fs.writeFileSync(odd, '5')
    const read = command({
      files: { script: odd },
      program: 'cat',
      args: ({ files }) => ['--', files.script],
      stdout: 'data',
      data: t.number,
    })
    expect(await testTask(read)).toBe(5)
  })

  it('starts in an empty folder, or where it is told to', async () => {
    const code = `fs.writeFileSync(output, JSON.stringify([process.cwd(), ...fs.readdirSync('.')]))`
    const [own, ...held] = await testTask(command({ ...node(code), data: t.array(t.string) }))
    expect([own?.startsWith(fs.realpathSync(tmpdir())), held]).toEqual([true, []])
    const there = join(root, 'there')
    fs.mkdirSync(there)
    fs.writeFileSync(join(there, 'here'), '')
    expect(await testTask(command({ ...node(code), cwd: there, data: t.array(t.string) }))).toEqual([
      fs.realpathSync(there),
      'here',
    ])
  })

  it('logs what is said, understands progress, and notes records', async () => {
    const talking = command({
      ...node(
        `console.log('one'); console.error('two ü'); process.stdout.write('[taskchain] progress 3/10\\n50%\\r100%\\r\\n[taskchain] note {"rows": 3}\\nlast')
         fs.writeFileSync(output, '1')`,
      ),
      progress: (line) => (line.endsWith('%') ? { done: Number.parseInt(line), total: 100 } : undefined),
      data: t.number,
    })
    const { log, notes, events } = await inspectTask(talking)
    expect(log.map(({ level, message }) => `${level} ${message}`).toSorted()).toEqual([
      'info 100%',
      'info 50%',
      'info last',
      'info one',
      'info two ü',
    ])
    expect(notes).toEqual([{ rows: 3 }])
    expect(events.flatMap((event) => (event._tag === 'progress' ? [[event.done, event.total]] : []))).toEqual([
      [3, 10],
      [50, 100],
      [100, 100],
    ])
  })

  it('gets no variable that was not named, and secrets through them alone', async () => {
    process.env['TASKCHAIN_TEST_PASSED'] = 'passed'
    process.env['TASKCHAIN_TEST_HIDDEN'] = 'hidden'
    const params = { key: param(t.string, { secret: true }), mode: param(t.string, { default: 'm' }) }
    const seen = command({
      params,
      ...node(`fs.writeFileSync(output, JSON.stringify(process.env)); console.log('the key is ' + process.env.KEY)`),
      env: ({ params }) => ({ KEY: params.key, MODE: params.mode }),
      passEnv: ['TASKCHAIN_TEST_PASSED', 'TASKCHAIN_TEST_NOT_SET'],
      data: t.record(t.string, t.string),
    })
    const { value, log } = await inspectTask(seen, { params: { key: 'sk-0123456789' } })
    expect(value).toMatchObject({
      KEY: 'sk-0123456789',
      MODE: 'm',
      TASKCHAIN_TEST_PASSED: 'passed',
      PATH: process.env['PATH'],
    })
    expect(Object.keys(value)).not.toContain('TASKCHAIN_TEST_HIDDEN')
    expect(log.map(({ message }) => message).join()).not.toContain('sk-0123456789')
    const shown = command({ params, program: 'true', args: ({ params }) => [params.key], data: t.number })
    const thrown = await testTask(shown, { params: { key: 'sk-0123456789' } }).catch(String)
    expect(thrown).toContain("param 'key' is secret, and arguments are visible to all users: pass it through 'env'")
    expect(thrown).not.toContain('sk-0123456789')
  })
})

describe('files and code', () => {
  it('of scripts count in the key, by their content', async () => {
    const made = command({
      files: { script: 'script.awk', locks: ['lock.txt'] },
      program: 'awk',
      args: ({ files }) => ['-f', files.script],
      stdout: 'data',
      data: t.number,
    })
    const value = async (script: string, lock: string): Promise<number> => {
      fs.writeFileSync(join(root, 'script.awk'), script)
      fs.writeFileSync(join(root, 'lock.txt'), lock)
      const chain = await openChain(defineProject({ pipelines: { p: { made } }, root }), { config: { tasks: 'p.*' } })
      const { computed } = await chain.run()
      const made1 = await chain.value('p:made')
      await chain.close()
      return computed.length * 10 + made1
    }
    expect(await value('BEGIN { print 1 }', 'a')).toBe(11)
    expect(await value('BEGIN { print 1 }', 'a')).toBe(1)
    expect(await value('BEGIN { print 2 }', 'a')).toBe(12)
    expect(await value('BEGIN { print 2 }', 'b')).toBe(12)
    expect(await value('BEGIN { print 1 }', 'a')).toBe(1)
  })

  it('of arguments count as code', async () => {
    const store = fileStore(root)
    const stale = async (task: Task): Promise<readonly string[]> => {
      const { chain } = open({ p: { made: task } }, {}, { store })
      return (await chain.run()).drifted.map(String)
    }
    const made = (program: string, args: readonly string[]) =>
      command({ program, args, stdout: 'data', data: t.number })
    expect(await stale(made('echo', ['1']))).toEqual([])
    expect(await stale(made('echo', ['1']))).toEqual([])
    expect(await stale(made('echo', ['2']))).toEqual(['p:made'])
    expect(await stale(made('printf', ['1']))).toEqual(['p:made'])
  })
})

describe('what goes wrong', () => {
  const says = (code: string): Promise<string> => failure(command({ ...node(code), data: t.array(t.number) }))

  it('is said in a sentence', async () => {
    fs.writeFileSync(join(root, 'plain'), 'echo 1')
    expect(await failure(command({ program: 'no-such-program', data: t.number }))).toContain(
      "the program 'no-such-program' is not there in PATH (",
    )
    expect(await failure(command({ program: join(root, 'plain'), data: t.number }))).toContain(
      "plain' is not executable: 'chmod +x' makes it so",
    )
    expect(await says(`console.error('first'); console.error('bad model'); process.exit(3)`)).toContain(
      'ended with code 3: bad model; its last lines:',
    )
    expect(await says(`process.kill(process.pid, 'SIGKILL')`)).toContain('was ended by SIGKILL')
    expect(await says(``)).toContain('ended well, but the file that it should have written is not there')
    expect(await says(`fs.mkdirSync(output)`)).toContain(
      'ended well, but the file that it should have written is not there',
    )
    expect(await says(`fs.symlinkSync('/etc/hostname', output)`)).toContain(
      'ended well, but the file that it should have written is not there',
    )
    expect(await says(`fs.writeFileSync(output, '[1, 2')`)).toMatch(/returned a wrong value: /)
    expect(await says(`fs.writeFileSync(output, '[1, "b"]')`)).toMatch(
      /returned a wrong value: expected number, got "b".* at \/1/s,
    )
    expect(await failure(command({ ...node(''), data: directory() }))).toContain(
      'the folder that it should have filled is empty',
    )
    const lines = command({ ...node(`fs.writeFileSync(output, '1\\n2\\nx\\n')`), data: jsonLines(t.number) })
    expect(await failure(lines)).toContain('line 3')
    expect(await failure(command({ program: 'echo', args: ['a\0b'], data: t.number }))).toContain(
      'argument 1 of a command has a NUL character in it',
    )
    expect(await failure(command({ program: 'echo', args: ['x'.repeat(1 << 22)], data: t.number }))).toContain(
      'longer than the system allows',
    )
    expect(() => command({ program: 'a', data: inMemory<number>() })).toThrow('is kept in memory only')
    expect(leftBehind()).toEqual([])
  })

  it('is no partial result: output of a program that failed is not kept', async () => {
    const half = command({ ...node(`fs.writeFileSync(output, '[1]'); process.exit(1)`), data: t.array(t.number) })
    const { chain } = open({ p: { half } }, {}, { store: fileStore(root) })
    await expect(chain.value('p:half')).rejects.toThrow('ended with code 1')
    expect(await chain.task('p:half').hasData()).toBe(false)
  })

  it('holds little of what never ends: 300 MB on stderr, in lines and without', async () => {
    const loud = command({
      ...node(`const line = 'x'.repeat(1000) + '\\n', plain = 'y'.repeat(1 << 20)
        for (let i = 0; i < 150; i++) { fs.writeSync(2, line.repeat(1000)); fs.writeSync(2, plain) }
        fs.writeSync(2, '\\nthe end\\n'); process.exit(1)`),
      data: t.number,
    })
    const before = process.memoryUsage().rss
    const { chain, lines } = open({ p: { loud } })
    await expect(chain.value('p:loud')).rejects.toThrow('ended with code 1: the end')
    expect(lines.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThan(18 << 20)
    expect(lines.map(({ message }) => message)).toContain('it prints more than 16 MB: the rest is not logged')
    expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20)
  })
})
