import { fork, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { builtOnce } from '../build-once.js'
import { remove, root, taskchain } from '../cli/fixture.js'
import { callsIn, oddProject } from './project.js'

beforeAll(builtOnce, 120_000)

const folders: string[] = []
afterEach(() => folders.splice(0).forEach(remove))

const project = (): string => {
  const folder = oddProject()
  folders.push(folder)
  return folder
}

const dataIn = (store: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(store, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/run_info\.yaml$|\.log$|(^|\/)\./.test(name) && statSync(join(store, name)).isFile())
      .toSorted()
      .map((name) => [name, readFileSync(join(store, name), 'utf8')]),
  )

const reportOf = (out: string): any => JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') // what the tests are about

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The file is there for a moment before its first line is: then there is no process to look for yet. */
const hasRun = (folder: string): boolean => existsSync(join(folder, 'ran.txt')) && callsIn(folder)[0] !== ''

const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await new Promise((resolve) => void setImmediate(resolve))
}

describe('a chain in processes of its own', () => {
  it('keeps what it keeps in this process, byte by byte, with few processes', async () => {
    const folder = project()
    const apart = await taskchain(folder, [
      'run',
      'fine',
      '--executor',
      'processes',
      '--store',
      'apart',
      '--log-level',
      'warn',
      '--concurrency',
      '2',
    ])
    expect([apart.code, apart.out, apart.err]).toEqual([
      0,
      expect.stringContaining('4 computed'),
      expect.stringContaining('WARN  odd:numbers: mind the gap'),
    ])
    const calls = callsIn(folder)
    expect(calls.every((call) => / process \d+$/.test(call))).toBe(true)
    expect(new Set(calls.map((call) => call.split(' ').at(-1))).size).toBeLessThanOrEqual(2)
    expect(await taskchain(folder, ['run', 'fine', '--store', 'local'])).toMatchObject({ code: 0 })
    expect(dataIn(join(folder, 'apart'))).toEqual(dataIn(join(folder, 'local')))
    expect(await taskchain(folder, ['run', 'secretive', '--executor', 'processes'])).toMatchObject({ code: 0 })
    expect((await taskchain(folder, ['log', 'secretive', 'secretive'])).out).not.toContain('hush')
  })

  it('loses one task where that crashes, exits, leaves a failure to nobody, or does not stop', async () => {
    const folder = project()
    const { code, out, err } = await taskchain(folder, ['run', 'deadly', '--executor', 'processes', '--json'])
    const report = reportOf(out)
    expect(code).toBe(1)
    expect(Object.fromEntries(report.failed.map((failure: any) => [failure.node, failure.message]))).toEqual({
      'odd:exits': "task 'odd:exits' failed: it ended its process by process.exit(3)",
      'odd:leaves_rejection':
        "task 'odd:leaves_rejection' failed: a promise that nobody waits for was rejected (caused by: left alone)",
      'odd:throws_in_timer':
        "task 'odd:throws_in_timer' failed: an error was thrown where nobody can catch it (caused by: in a timer)",
      'odd:fails': "task 'odd:fails' failed: RangeError: no luck",
      'odd:blocks': "task 'odd:blocks' took longer than 50 ms",
    })
    expect(report.computed.toSorted()).toEqual(['odd:lines', 'odd:numbers', 'odd:total'])
    expect(err).not.toContain('Node.js v') // it is told once, by whoever asked
    const crashing = await taskchain(folder, ['run', 'crashing', '--executor', 'processes', '--json'])
    expect(reportOf(crashing.out).failed).toMatchObject([
      { node: 'odd:crashes', message: "task 'odd:crashes' failed: its process was ended by SIGSEGV" },
    ])
  })

  it('prints nothing of the project among the lines that programs read', async () => {
    const folder = project()
    const { code, out, err } = await taskchain(folder, ['run', 'printing', '--executor', 'processes', '--json'])
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly event: string }).event)
    expect([code, events]).toEqual([0, ['planned', 'started', 'computed', 'ended']])
    expect(err).toContain('printed by the task')
  })

  it('tries again what has ended its process', async () => {
    const folder = project()
    const { out } = await taskchain(folder, ['run', 'retried', '--executor', 'processes', '--json'])
    expect(reportOf(out)).toMatchObject({ computed: ['odd:exits_once'], failed: [{ node: 'odd:exits_always' }] })
    expect(callsIn(folder)).toHaveLength(2)
  })

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'leaves no process behind after a %s, not even one that blocks',
    async (signal) => {
      const folder = project()
      const asking = spawn(
        process.execPath,
        [join(root, 'dist/cli/main.js'), 'run', 'blocking', '--executor', 'processes'],
        { cwd: folder, stdio: 'ignore' },
      )
      const exited = new Promise((resolve) => asking.on('exit', resolve))
      await Promise.race([until(() => hasRun(folder)), exited])
      const pid = Number(callsIn(folder)[0]?.split(' ').at(-1))
      expect(isAlive(pid)).toBe(true)
      asking.kill(signal)
      await exited
      await until(() => !isAlive(pid))
    },
  )

  it('ends a process whose asker had gone before it began to look', async () => {
    const child = fork(join(root, 'dist/workers/child.js'), ['1'], { stdio: 'ignore' })
    expect(await new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)))).toBe('SIGKILL')
  })
})
