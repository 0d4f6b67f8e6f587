// What an assistant's question becomes, and what it is told: over plain data.
import { describe, expect, test } from 'vitest'
import { answerOf, bounded } from '../../src/mcp/answer.js'
import { requestOf, tools, type Tool } from '../../src/mcp/tools.js'

const tool = (name: string): Tool => tools.find((one) => one.name === name) as Tool

describe('a question', () => {
  test('becomes a command that only reads; what is given is never an option', () => {
    expect(requestOf(tool('show'), { config: '--compute', task: '-x', set: ['--force'] })).toEqual({
      words: ['show', '--no-color', '--rows=10', '--set=--force', '--', '--compute', '-x'],
    })
    expect(requestOf(tool('runs'), {})).toEqual({ words: ['runs', '--json', '--', 'list'] })
    expect(requestOf(tool('check'))).toEqual({ words: ['check', '--json', '--'] })
    const commands = tools.map((one) => one.words({ config: 'a', task: 'b' })[0])
    expect(commands).toEqual(['plan', 'why', 'check', 'runs', 'show', 'tasks', 'info'])
  })

  test('is refused with all that is wrong', () => {
    expect(requestOf(tool('why'), { confg: 'a', task: 3 })).toEqual({
      problems: [
        "'config' is missing: a config in the folder of configs, with or without extension; `#part` selects one part of it",
        "'why' has no argument 'confg'; did you mean 'config'?",
        "'task' must be a text of 1 to 2000 characters",
      ],
    })
    expect(requestOf(tool('runs'), { action: 'pin', limit: 0.5, ids: ['a', 1] })).toEqual({
      problems: [
        "'action' must be one of list, show, diff",
        "'limit' must be a whole number from 1 to 200",
        "'ids' must be a list of at most 50 texts",
      ],
    })
    expect(requestOf(tool('plan'), [])).toEqual({ problems: ["the arguments of 'plan' must be an object"] })
    expect(requestOf(tool('plan'), { config: 'a', constructor: 'b' })).toHaveProperty('problems')
  })

  test('cannot lead out of the project', () => {
    for (const path of ['/etc/x.yaml', '../x', 'a/../../x', 'C:\\x', '~/x', '..\\x'])
      expect(requestOf(tool('plan'), { config: path })).toEqual({
        problems: ["'config' leads out of the project: name a file inside it, without '..'"],
      })
    expect(requestOf(tool('plan'), { config: 'a', context: ['b', '../c'] })).toHaveProperty('problems')
    expect(requestOf(tool('plan'), { config: 'a..b/c...yaml' })).toHaveProperty('words')
  })
})

describe('an answer', () => {
  const finished = { code: 0, out: '', err: '', stopped: undefined }

  test('has errors with place and hint', () => {
    const errors = [{ code: 'X', place: { origin: 'a.yaml', line: 1, column: 2 }, message: 'no', hint: 'try yes' }]
    const out = JSON.stringify({ schema: 1, errors })
    expect(answerOf({ ...finished, code: 2, out })).toEqual({ isError: true, text: 'a.yaml:1:2: no\n  try yes' })
    expect(answerOf({ ...finished, code: 3, err: 'not computed\n' })).toEqual({ isError: true, text: 'not computed' })
    expect(answerOf({ ...finished, code: null, stopped: 'cancelled' })).toEqual({ isError: true, text: 'cancelled' })
  })

  test('is a document also where something is wrong in it', () => {
    const out = JSON.stringify({ schema: 1, configs: [], problems: [], errors: 3, warnings: 0 })
    expect(answerOf({ ...finished, code: 2, out }).isError).toBe(false)
    const info = answerOf({ ...finished, code: 3, out: '{"schema":1,"info":null}', err: 'not computed' })
    expect(info).toEqual({ isError: false, text: '{"info":null,"note":"not computed"}' })
  })

  test('fits, however large the document is', () => {
    const nodes = Array.from({ length: 10_000 }, (_, id) => ({ id, text: 'x'.repeat(5000) }))
    const text = bounded({ nodes }, 10_000)
    expect(text.length).toBeLessThanOrEqual(20_000)
    expect(text).toContain(' more"')
    const wide = bounded(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n])))
    expect(wide.length).toBeLessThanOrEqual(100_000)
    let deep: unknown = 'x'
    for (let level = 0; level < 5000; level++) deep = [deep]
    expect(bounded(deep)).toContain('…')
  })
})
