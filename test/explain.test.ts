import { describe, expect, test } from 'vitest'
import type { AnyError, PlanWarning } from '../src/errors.js'
import { explain, explainAll, explainText, taskchainError } from '../src/explain.js'

const place = { origin: 'configs/a.yaml', line: 3, column: 5 }
const notFound: AnyError = { _tag: 'ConfigNotFound', origin: 'configs/b.yaml', place, near: ['configs/c.yaml'] }

/** An error whose stack names nobody's code: where things were thrown differs from machine to machine. */
const stackless = <Thrown extends Error>(error: Thrown): Thrown => Object.assign(error, { stack: undefined })

/** One error of each tag that no case folder can provoke; the others are in test/cases. */
const running: readonly AnyError[] = [
  {
    _tag: 'TaskFailed',
    node: 'movies:all',
    attempts: 3,
    cause: stackless(new TypeError('x is undefined')),
    log: 'data/movies/all/1.failed.log',
  },
  { _tag: 'TaskFailed', node: 'movies:all', attempts: 1, cause: 'text', log: undefined },
  { _tag: 'TimedOut', node: 'movies:all', milliseconds: 50, attempts: 1, log: undefined },
  {
    _tag: 'WrongResult',
    node: 'movies:all',
    path: '/0/votes',
    problem: 'expected number, got "3" at /0/votes',
    hint: 'return a number',
  },
  { _tag: 'WrongResult', node: 'movies:all', path: '/0', problem: 'a Date', hint: undefined },
  { _tag: 'WrongInput', node: 'movies:all', role: 'rows', from: 'movies:raw', problem: 'expected number, got "3"' },
  { _tag: 'InputChanged', node: 'movies:all', role: 'rows', from: 'movies:raw' },
  { _tag: 'ObjectNotMade', node: 'movies:all', param: 'model', problem: 'Ridge could not be made: l2 is negative' },
  { _tag: 'NotComputed', node: 'movies:all', problem: 'nothing is stored' },
  { _tag: 'ArtifactUnreadable', node: 'movies:all', path: 'data/movies/all/1.json', cause: new Error('not JSON') },
  {
    _tag: 'ArtifactNotSaved',
    node: 'movies:all',
    path: 'data/movies/all/1.json',
    cause: new Error('ENOSPC: no space left on device, write'),
  },
  { _tag: 'StoreUnusable', location: 'data', cause: new Error('EROFS: read-only file system') },
  { _tag: 'UnfinishedInput', node: 'movies:all', because: ['movies:raw'], reason: 'half of the epochs' },
  { _tag: 'Stopped', node: 'movies:all', reason: 'interrupted' },
  { _tag: 'NotInChain', name: 'movies:al', near: ['movies:all'] },
  { _tag: 'AmbiguousName', name: 'data', matches: ['a:data', 'b:data'] },
  { _tag: 'NotInPlanProject', node: 'movies:all' },
  { _tag: 'ProjectNotFound', lookedIn: '/home/me', file: undefined },
  { _tag: 'ProjectNotFound', lookedIn: '/home/me', file: 'x.ts' },
  { _tag: 'ProjectNotLoaded', file: 'taskchain.config.ts', cause: new SyntaxError('Unexpected token') },
  {
    _tag: 'ProjectNotLoaded',
    file: 'taskchain.config.ts',
    cause: new SyntaxError("The requested module 'taskchain' does not provide an export named 'ndarray'"),
    misplaced: { name: 'ndarray', exportedBy: ['taskchain/data'] },
  },
  { _tag: 'NotAProject', file: 'taskchain.config.ts' },
  { _tag: 'BadOption', option: '--set', problem: "expected name=value, got 'x'" },
  { _tag: 'GitNotFound' },
  { _tag: 'NotInGit', folder: '/home/me', problem: 'fatal: not a git repository' },
  { _tag: 'UnknownRevision', revision: 'mian', near: ['main'] },
  { _tag: 'UnknownRevision', revision: 'x', near: [] },
  { _tag: 'GitFailed', revision: 'main', problem: 'fatal: bad object' },
]

describe('explain', () => {
  test('gives the tag, the place, the sentence and the next step', () => {
    expect(explain(notFound)).toEqual({
      code: 'ConfigNotFound',
      place,
      message: "config 'configs/b.yaml' not found",
      hint: "did you mean 'configs/c.yaml'?",
    })
    expect(explain({ _tag: 'TaskCycle', path: ['a', 'b', 'a'] })).not.toHaveProperty('place')
  })

  test('a failure says where in the code it was thrown', () => {
    expect(
      explain({ _tag: 'TaskFailed', node: 'a:b', attempts: 1, cause: new Error('broken'), log: undefined }).hint,
    ).toMatch(/^thrown at .*explain\.test\.ts:\d+/)
  })

  test('as text: place and message, the hint below', () => {
    expect(explainText(notFound)).toBe(
      "configs/a.yaml:3:5: config 'configs/b.yaml' not found\n  did you mean 'configs/c.yaml'?",
    )
  })

  test('a limit of open files is told as that, not as trouble with a path', () => {
    const hintOf = (problem: string) => explain({ _tag: 'SystemRefused', problem }).hint
    expect(hintOf("EMFILE: too many open files, open '/a/EMFILE.txt'")).toContain('ulimit -n')
    expect(hintOf("EACCES: permission denied, open '/a'")).toContain('permissions')
  })
  test('a config given as an object has no line', () => {
    expect(explainText({ _tag: 'NothingToPlan', place: { origin: 'config', line: 0, column: 0 } })).toMatch(
      /^config: the config has no tasks\n/,
    )
  })

  test('what would be said twice is said once', () => {
    expect(explainAll([notFound, notFound])).toBe(explainText(notFound))
    expect(explainAll([])).toBe('')
  })

  test('a computation that another process has taken over is read by the next run', () => {
    const cause = stackless(Object.assign(new Error('another process took over'), { name: 'LeaseLost' }))
    expect(explainText({ _tag: 'ArtifactNotSaved', node: 'movies:all', path: 'data/1.json', cause })).toMatch(
      /took over\n {2}run again: the result of the other process is read, not computed$/,
    )
  })

  test('every sentence of a run', () => {
    expect(explainAll(running)).toMatchInlineSnapshot(`
      "task 'movies:all' failed 3 times: TypeError: x is undefined
        its log: data/movies/all/1.failed.log
      task 'movies:all' failed: text
      task 'movies:all' took longer than 50 ms
        raise 'timeout' of the task if it needs more
      task 'movies:all' returned a wrong value: expected number, got "3" at /0/votes
        return a number
      task 'movies:all' returned a wrong value: a Date at /0
      input 'rows' of 'movies:all', read from 'movies:raw': expected number, got "3"
        the stated type must be what that task yields
      task 'movies:all' changed its input 'rows', the value of 'movies:raw'
        other tasks read the same value: copy it before changing it
      param 'model' of 'movies:all': Ridge could not be made: l2 is negative
        change the value in the config, or the code that makes the object
      task 'movies:all' is not computed: nothing is stored
        'taskchain run' computes it
      data of 'movies:all' at data/movies/all/1.json cannot be read: not JSON
        'taskchain force' marks it, so that the next run computes it again
      data of 'movies:all' cannot be saved at data/movies/all/1.json: ENOSPC: no space left on device, write
        what was there before is untouched
      the store at data cannot be used: EROFS: read-only file system
        check that the folder exists and can be written, or name another one with '--store'
      task 'movies:all' waits for 'movies:raw': half of the epochs
        run again to continue where it stopped
      task 'movies:all' was stopped: interrupted
      no task 'movies:al' in this chain
        did you mean 'movies:all'?
      'data' fits several tasks: 'a:data', 'b:data'
        use the full name
      the project has no task for 'movies:all' of this plan
        the plan was made with another version of the project: plan again
      no taskchain.config.{ts,mts,js,mjs} in /home/me or above
        go to a project, name one with '--project FILE', or make one with 'taskchain init'
      project 'x.ts' not found
        '--project' takes the path of a taskchain.config file
      project 'taskchain.config.ts' cannot be loaded: SyntaxError: Unexpected token
      project 'taskchain.config.ts' cannot be loaded: SyntaxError: The requested module 'taskchain' does not provide an export named 'ndarray'
        'ndarray' is exported by 'taskchain/data': import it from there
      'taskchain.config.ts' exports no project
        it must say 'export default defineProject({ … })'
      --set: expected name=value, got 'x'
      git is not installed, or not on the PATH
        revisions (CONFIG@REVISION) are read with the program 'git'
      there is no git repository at /home/me: fatal: not a git repository
        revisions (CONFIG@REVISION) need a project in a git repository
      git knows no revision 'mian'
        did you mean 'main'?
      git knows no revision 'x'
        say a hash, a branch, a tag, or something like HEAD~1
      git cannot read the revision 'main': fatal: bad object"
    `)
  })

  test('sentences are lower case, without exclamation marks, without a stop', () => {
    for (const error of running) {
      const { message } = explain(error)
      expect(message).toMatch(/^(?:[a-z'-]|taskchain)/)
      expect(message).not.toMatch(/[!.]$/)
    }
  })

  test('a cause is told by its message, not by its stack, whatever was thrown', () => {
    const unfriendly = {
      toString: () => {
        throw new Error('no')
      },
    }
    for (const cause of [
      stackless(new Error('broken')),
      'text',
      undefined,
      null,
      3n,
      Symbol('s'),
      unfriendly,
      Object.create(null),
      { message: 'odd' },
      stackless(new Error('')),
    ])
      expect(explainText({ _tag: 'TaskFailed', node: 'a:b', attempts: 1, cause, log: undefined })).toMatch(
        /^task 'a:b' failed: .+$/,
      )
  })

  test('text from outside stays in its line, is cut, and commands no terminal', () => {
    const name = `\u001b[31mred\u202e\n${'x'.repeat(1000)}`
    const text = explainText({
      _tag: 'UnusedValue',
      place: { ...place, origin: `a\u001b.yaml` },
      name,
      near: [name],
      elsewhere: [],
    } satisfies PlanWarning)
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    expect(text.split('\n').length).toBe(2)
    expect(text.length).toBeLessThan(600)
  })

  test('an object that was thrown is shown by its fields, and nothing of it is run', () => {
    const told = (cause: unknown) =>
      explain({ _tag: 'TaskFailed', node: 'a:b', attempts: 1, cause, log: undefined }).message
    expect(told({ code: 7, why: 'x', inner: { deep: { deeper: 1 } } })).toBe(
      "task 'a:b' failed: { code: 7, why: 'x', inner: { deep: [Object] } }",
    )
    expect(
      told({
        get now() {
          throw new Error('run')
        },
        toJSON: () => 'run',
      }),
    ).toBe("task 'a:b' failed: { now: [Getter], toJSON: [Function: toJSON] }")
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(told(circle)).toBe("task 'a:b' failed: <ref *1> { self: [Circular *1] }")
    expect(told(Array.from({ length: 100_000 }, () => 'x'.repeat(1000))).length).toBeLessThan(300)
    expect(told({ long: 'x'.repeat(1e6) }).length).toBeLessThan(300)
  })

  test('a regular expression that matches nothing is said to be one', () => {
    const told = (pattern: string) => explain({ _tag: 'NoMatch', place, node: 'a:b', role: 'c', pattern })
    expect(told('my_*')).toMatchObject({
      message: expect.stringContaining("the regular expression 'my_*'") as string,
      hint: expect.stringContaining("'.*' stands for any characters") as string,
    })
    for (const pattern of ['my_.*', '[a-z]*', '(?:ab)*', String.raw`my\*`])
      expect(told(pattern).hint).not.toContain('.*')
  })

  test('many names are counted, not listed', () => {
    expect(
      explainText({
        _tag: 'AmbiguousName',
        name: 'data',
        matches: Array.from({ length: 100 }, (_, index) => `g${index}:data`),
      }),
    ).toMatch(/'g7:data' and 92 more\n/)
  })
})

test('a TaskchainError has the errors, their sentences, and the first cause', () => {
  const cause = stackless(new Error('broken'))
  const error = taskchainError([notFound, { _tag: 'TaskFailed', node: 'a:b', attempts: 1, cause, log: undefined }])
  expect([error.name, error.cause === cause, error.errors.length]).toEqual(['TaskchainError', true, 2])
  expect(error.message).toBe(`${explainText(notFound)}\ntask 'a:b' failed: broken`)
})

test('an error that collects others names them, also where it has no message itself', () => {
  const failed = (cause: unknown): string =>
    explain({ _tag: 'TaskFailed', node: 'a:b', attempts: 1, cause, log: undefined }).message
  const refused = new AggregateError([
    new Error('connect ECONNREFUSED ::1:9'),
    new Error('connect ECONNREFUSED 127.0.0.1:9'),
  ])
  const sentence = '(caused by: connect ECONNREFUSED ::1:9; connect ECONNREFUSED 127.0.0.1:9)'
  expect(failed(stackless(refused))).toBe(`task 'a:b' failed: AggregateError ${sentence}`)
  expect(failed(stackless(new TypeError('fetch failed', { cause: refused })))).toBe(
    `task 'a:b' failed: TypeError: fetch failed ${sentence}`,
  )
  const itself = Object.assign(new AggregateError([], 'round'), { cause: undefined as unknown })
  itself.errors.push(...Array.from({ length: 50 }, () => itself))
  expect(failed(stackless(itself))).toBe("task 'a:b' failed: AggregateError: round (caused by: round)")
  const unreadable = Object.defineProperty(new Error('odd'), 'errors', {
    get: () => {
      throw new Error('nothing to see')
    },
  })
  expect(failed(unreadable)).toContain('failed: odd')
})

test('a character that cannot be seen is shown by its number, so that two names differ', () => {
  const place = { origin: 'a.yaml', line: 1, column: 1 }
  const hint = explain({
    _tag: 'ConfigNotFound',
    origin: 'b',
    place,
    near: ['min\u200b_votes', '\ufeffn', 'so\u00adft', 'a\u00a0b'],
  }).hint
  expect(hint).toBe("did you mean 'min\\u200b_votes', '\\ufeffn', 'so\\u00adft' or 'a\\u00a0b'?")
})
