import { describe, expect, test } from 'vitest'
import { completionContext } from '../../src/cli/completion/completion-context.js'
import { commands } from '../../src/cli/commands.js'
import { exitCodeOf, exitCodeOfReport } from '../../src/cli/exit-codes.js'
import { npm } from '../../src/cli/init/installers.js'
import { initFiles, packageNameOf } from '../../src/cli/init/init-files.js'
import type { AnyError, Place } from '../../src/errors.js'

const place: Place = { origin: 'a.yaml', line: 1, column: 1 }

describe('exit codes', () => {
  const taskFailed: AnyError = { _tag: 'TaskFailed', node: 'a', attempts: 1, cause: 1, log: undefined }
  test('say what kind of thing went wrong', () => {
    expect(exitCodeOf([{ _tag: 'ProjectNotFound', lookedIn: '/', file: undefined }])).toBe(3)
    expect(exitCodeOf([{ _tag: 'NotInChain', name: 'a', near: [] }])).toBe(3)
    expect(exitCodeOf([{ _tag: 'ConfigNotFound', origin: 'a', place: undefined, near: [] }])).toBe(3)
    expect(exitCodeOf([{ _tag: 'ConfigNotFound', origin: 'a', place, near: [] }])).toBe(2)
    expect(exitCodeOf([{ _tag: 'YamlSyntax', place, reason: 'r' }])).toBe(2)
    expect(exitCodeOf([taskFailed])).toBe(1)
    expect(exitCodeOf([{ _tag: 'Stopped', node: 'a', reason: 'r' }])).toBe(4)
    expect(exitCodeOf([taskFailed, { _tag: 'Stopped', node: 'a', reason: 'r' }])).toBe(1)
  })

  test('of a run follow its report', () => {
    const report = {
      computed: [],
      loaded: [],
      cached: [],
      adopted: [],
      drifted: [],
      stale: [],
      failed: [],
      skipped: [],
      unfinished: [],
      stopped: false,
      seconds: 1,
    }
    expect(exitCodeOfReport(report)).toBe(0)
    expect(exitCodeOfReport({ ...report, unfinished: [{ node: 'a', reason: 'r' }] })).toBe(4)
    expect(exitCodeOfReport({ ...report, stopped: true })).toBe(4)
    expect(exitCodeOfReport({ ...report, failed: [taskFailed as never], stopped: true })).toBe(1)
  })
})

describe('completion', () => {
  const offer = (line: string) => completionContext(line.split(' ')).offer
  test('offers commands first, then configs, then tasks', () => {
    expect(offer('')).toMatchObject({
      kind: 'words',
      words: expect.arrayContaining(['run', 'plan', 'help']) as string[],
    })
    expect(offer('')).not.toMatchObject({ words: expect.arrayContaining(['complete']) as string[] })
    expect(offer('run ')).toEqual({ kind: 'configs' })
    expect(offer('run movies ')).toEqual({ kind: 'tasks', config: 'movies' })
    expect(offer('run movies a b ')).toEqual({ kind: 'tasks', config: 'movies' })
    expect(offer('show movies a ')).toEqual({ kind: 'nothing' })
    expect(offer('completion ')).toEqual({ kind: 'words', words: ['bash', 'zsh', 'fish'] })
    expect(offer('unknown ')).toEqual({ kind: 'nothing' })
  })

  test('knows which options take values, wherever they stand', () => {
    expect(offer('--project p run movies --force ')).toEqual({ kind: 'tasks', config: 'movies' })
    expect(offer('run --json movies ')).toEqual({ kind: 'tasks', config: 'movies' })
    expect(offer('--log-level ')).toMatchObject({ kind: 'words', words: ['debug', 'info', 'warn', 'error', 'silent'] })
    expect(offer('draw -o ')).toEqual({ kind: 'nothing' })
    expect(offer('run --f')).toMatchObject({
      kind: 'words',
      words: expect.arrayContaining(['--force', '--fail-fast', '--store', '--help']) as string[],
    })
    expect(completionContext('--project p --context c.yaml run movies --set a=1 '.split(' '))).toMatchObject({
      project: 'p',
      context: ['c.yaml'],
      set: ['a=1'],
    })
  })
})

test('every command has a summary and every visible one an example that starts with it', () => {
  for (const { name, about, examples, hidden } of commands) {
    expect(about).not.toBe('')
    if (hidden !== true) expect(examples.join('\n')).toContain(`taskchain ${name}`)
  }
})

test('a new package is called as its folder, as far as npm allows', () => {
  expect(['My Project', '.hidden', '映画', 'a_b-1'].map(packageNameOf)).toEqual([
    'my-project',
    'hidden',
    'my-chain',
    'a_b-1',
  ])
  expect(
    JSON.parse(
      initFiles([], {
        name: 'x',
        version: '1.2.3',
        plans: 'poem',
        around: { installer: npm, isBelowRepository: false, packageText: undefined },
      }).find(({ path }) => path === 'package.json')?.text ?? '',
    ),
  ).toMatchObject({
    name: 'x',
    type: 'module',
    dependencies: { taskchain: '^1.2.3' },
  })
})
