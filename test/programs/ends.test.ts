// How programs end that are to stop, that nobody waits for, or that leave others behind.
import * as t from 'io-ts'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { command } from '../../src/programs/index.js'
import { keeperArguments } from '../../src/programs/process-group.js'
import { builtOnce } from '../build-once.js'
import { command as cli, emptyFolder, remove, start, write } from '../cli/fixture.js'
import { open } from '../runtime/fixture.js'

let root: string
const before = tmpdir()
beforeEach(() => {
  root = fs.mkdtempSync(join(before, 'taskchain-ends-'))
  process.env['TMPDIR'] = root // what programs leave behind is seen there
})
afterEach(() => {
  process.env['TMPDIR'] = before
  fs.rmSync(root, { recursive: true, force: true })
})

/** Processes whose command line has this text in it; those that are dead and not fetched are none. */
const running = (text: string): readonly string[] =>
  execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text) && !/^\s*\d+ Z/.test(line) && !line.includes('ps -eo'))
const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await new Promise((resolve) => void setTimeout(resolve, 5))
}
/** Starts a child of its own, says that it is there, and ends when it is killed; what it ignores it says in `trap`. */
const family = (mark: string, trap = '') =>
  [
    '-c',
    `${trap} sh -c '${trap} while :; do sleep 0.05; done' ${mark} & touch "$1"; while :; do sleep 0.05; done`,
    mark,
    join(root, 'ready'),
  ] as const
const leftBehind = (): readonly string[] =>
  fs.readdirSync(tmpdir()).filter((name) => name.startsWith('taskchain-program-'))
const isReady = (): boolean => fs.existsSync(join(root, 'ready'))

describe('a program', () => {
  it.each([
    ['that listens', ''],
    ['that ignores SIGTERM', 'trap "" TERM;'],
  ])('%s ends with all it has started, when its run is aborted', async (_, trap) => {
    const mark = `family-${process.pid}-${trap.length}`
    const endless = command({ program: 'sh', args: family(mark, trap), killAfter: 100, data: t.number })
    const stop = new AbortController()
    const { chain } = open({ p: { endless } }, {}, { grace: 5000 })
    const ended = chain.run(undefined, { signal: stop.signal })
    await until(isReady)
    stop.abort()
    expect((await ended).stopped).toBe(true)
    expect(running(mark)).toEqual([])
  })

  it('ends at the timeout of its task', async () => {
    const mark = `late-${process.pid}`
    const late = command({ program: 'sh', args: family(mark), timeout: 300, data: t.number })
    const { failed } = await open({ p: { late } }, {}, { grace: 5000 }).chain.run()
    expect(failed.map(({ _tag }) => _tag)).toEqual(['TimedOut'])
    expect(running(mark)).toEqual([])
  })

  it('leaves nobody behind, in its group or holding its pipes', async () => {
    const mark = `orphan-${process.pid}`
    const leaving = command({
      program: 'sh',
      args: ({ output }) => ['-c', `sh -c 'while :; do sleep 0.05; done' ${mark} & printf 1 > "$1"`, 'sh', output],
      data: t.number,
    })
    const daemon = join(root, 'daemon')
    const code = `setsid sh -c 'touch "$0"; sleep 100; :' "$2" & while [ ! -e "$2" ]; do sleep 0.01; done; printf 2 > "$1"`
    const leavingGroup = command({
      program: 'sh',
      args: ({ output }) => ['-c', code, 'sh', output, daemon],
      data: t.number,
    })
    const { chain } = open({ p: { leaving, leavingGroup } })
    expect([await chain.value('p:leaving'), await chain.value('p:leaving_group')]).toEqual([1, 2])
    expect(running(mark)).toEqual([])
    const left = running(daemon) // on purpose, and it holds up nobody
    expect(left).toHaveLength(1)
    process.kill(-Number.parseInt(left[0] ?? ''), 'SIGKILL')
  })

  it.runIf(process.platform === 'linux')(
    'is ended even where its starter is killed before it could name it',
    async () => {
      const work = fs.mkdtempSync(join(root, 'taskchain-program-'))
      const mark = `nameless-${process.pid}`
      const child = spawn('sh', family(mark), {
        detached: true,
        stdio: 'ignore',
        env: { ...process.env, TASKCHAIN_PROGRAM: work },
      })
      const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
      await until(isReady)
      spawnSync('/bin/sh', [...keeperArguments(work)], { input: '' })
      expect([await ended, running(mark), fs.existsSync(work)]).toEqual(['SIGKILL', [], false])
    },
  )

  it('runs a hundred times at once', async () => {
    const pipelines = Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [
        `n${at}`,
        command({ program: 'echo', args: [at], stdout: 'data', data: t.number }),
      ]),
    )
    const { chain } = open({ p: pipelines }, {}, { concurrency: 100 })
    const { failed, computed } = await chain.run()
    expect([failed, computed.length]).toEqual([[], 100])
    expect(await chain.value('p:n99')).toBe(99)
    expect(leftBehind()).toEqual([])
  })
})

describe('a process that computes', { timeout: 30_000 }, () => {
  beforeAll(builtOnce, 120_000)
  let folder: string
  beforeEach(() => {
    folder = emptyFolder()
    write(folder, {
      'taskchain.config.mjs': `
        import { defineProject } from 'taskchain'
        import * as p from './tasks.mjs'
        export default defineProject({ pipelines: { p } })`,
      'tasks.mjs': `
        import * as t from 'io-ts'
        import { command } from 'taskchain/programs'
        export const endless = command({ program: 'sh', args: ${JSON.stringify(family(`of-${folder.split('/').at(-1)}`))}, data: t.number })`,
      'all.yaml': 'tasks: p.*',
    })
  })
  afterEach(() => remove(folder))

  it.each([
    ['SIGINT', 'workers'],
    ['SIGINT', 'local'],
    ['SIGKILL', 'workers'],
    ['SIGKILL', 'processes'],
    ['SIGKILL', 'local'],
  ] as const)('leaves no program behind at %s, with the executor %s', async (signal, executor) => {
    const { kill, ended } = start(
      process.execPath,
      [cli, 'run', 'all', ...(executor === 'local' ? [] : ['--executor', executor])],
      folder,
    )
    await until(isReady)
    kill(signal)
    await ended
    await until(() => running(`of-${folder.split('/').at(-1)}`).length === 0 && leftBehind().length === 0)
  })
})
