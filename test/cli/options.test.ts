import { describe, expect, test } from 'vitest'
import { completionContext } from '../../src/cli/completion/completion-context.js'
import { commands } from '../../src/cli/commands.js'
import { exitCodeOf, exitCodeOfReport } from '../../src/cli/exit-codes.js'
import { initFiles, packageNameOf } from '../../src/cli/init-files.js'
import { mustRun } from '../../src/inspect/must-run.js'
import { setValues } from '../../src/inspect/set-values.js'
import type { AnyError, Place } from '../../src/errors.js'
import type { Plan, PlanNode } from '../../src/plan/plan-types.js'
import type { NodeState } from '../../src/runtime/chain/chain-types.js'

const place: Place = { origin: 'a.yaml', line: 1, column: 1 }

describe('--set', () => {
  test('reads values as YAML, later ones win, dotted names stay', () => {
    expect(
      setValues([
        'votes=500',
        'title=a: b',
        'list=[1, 2.5, x]',
        'empty=',
        'model.kwargs.l2=0.1',
        'text="1"',
        'equals=a=b',
        'votes=7',
        'old=yes',
      ]),
    ).toEqual({
      votes: 7,
      title: { a: 'b' },
      list: [1, 2.5, 'x'],
      empty: null,
      'model.kwargs.l2': 0.1,
      text: '1',
      equals: 'a=b',
      old: 'yes',
    }) // oxfmt-ignore
  })

  test.each([
    ['votes', '--set votes: say name=value, as in --set min_votes=500'],
    ['=1', '--set =1: say name=value, as in --set min_votes=500'],
    ['a=[1', '--set a=[1: its value is no YAML: '],
    ['a=*b', '--set a=*b: its value is no YAML: '],
    [
      'a=99999999999999999999',
      '--set a=99999999999999999999: 99999999999999999999 has more digits than a number can hold; ',
    ],
  ])('refuses %s', (given, message) => {
    expect(() => setValues([given])).toThrow(
      expect.objectContaining({ name: 'TaskchainError', message: expect.stringContaining(message) as string }) as Error,
    )
  })

  test('takes no prototype for a value', () => {
    const values = setValues(['__proto__={polluted: true}'])
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
    expect(Object.keys(values)).toEqual(['__proto__'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

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
      drifted: [],
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

describe('what show would have to compute', () => {
  const node = (id: string, inputs: readonly string[], storage: PlanNode['storage'] = 'file'): PlanNode =>
    // the rest of a node plays no part
    ({ id, storage, inputs: Object.fromEntries(inputs.map((input) => [input, input])) }) as unknown as PlanNode
  const plan = {
    nodes: [node('a', []), node('b', ['a']), node('c', ['b'], 'memory'), node('d', ['c', 'a'])],
  } as unknown as Plan
  const states = (entries: Record<string, NodeState>): ReadonlyMap<string, NodeState> =>
    new Map(Object.entries(entries))

  test('is what is missing behind it, no further than what is stored', () => {
    expect(mustRun(plan, states({ a: 'to_run', b: 'cached', c: 'in_memory', d: 'to_run' }), 'c')).toEqual([])
    expect(mustRun(plan, states({ a: 'cached', b: 'to_run', c: 'in_memory', d: 'to_run' }), 'c')).toEqual(['b'])
    expect(mustRun(plan, states({ a: 'to_run', b: 'to_run', c: 'in_memory', d: 'to_run' }), 'd')).toEqual([
      'a',
      'b',
      'd',
    ])
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
  expect(JSON.parse(initFiles('x', '1.2.3').find(({ path }) => path === 'package.json')?.text ?? '')).toMatchObject({
    name: 'x',
    type: 'module',
    dependencies: { taskchain: '^1.2.3' },
  })
})
