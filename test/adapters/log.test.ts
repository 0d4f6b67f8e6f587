import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { formatConsoleLine, formatLine } from '../../src/adapters/log/log-line.js'
import { winstonLog } from '../../src/adapters/log/winston-log.js'
import type { LogLine, LogSink } from '../../src/runtime/ports/log.js'

const time = Date.UTC(2026, 10, 22, 11, 34, 1, 520)
const line = (message: string, details?: object): string =>
  formatLine({ level: 'info', message, ...(details === undefined ? {} : { details }) }, time)

describe('a log line', () => {
  it('has time, level, message and details', () => {
    expect(line('3 rows dropped', { rows: 3, why: ['null', 'NaN'] })).toBe(
      '2026-11-22 11:34:01.520 INFO  3 rows dropped {"rows":3,"why":["null","NaN"]}',
    )
    expect(formatConsoleLine({ level: 'warn', message: 'odd', node: 'train::movies:all 0123abcd' })).toBe(
      'WARN  train::movies:all: odd',
    )
  })

  it('indents what goes over several lines, so that every entry begins at the start of a line', () => {
    expect(line('one\ntwo\r\nthree')).toBe('2026-11-22 11:34:01.520 INFO  one\n    two\n    three')
  })

  it('shows errors with their stacks and causes, wherever they are in the details', () => {
    const error = new TypeError('bad row', { cause: new Error('bad cell') })
    error.stack = 'TypeError: bad row\n    at here'
    ;(error.cause as Error).stack = 'Error: bad cell\n    at there'
    expect(line('failed', { row: 1, error })).toBe(
      '2026-11-22 11:34:01.520 INFO  failed {"row":1,"error":"bad row"}\n    TypeError: bad row\n        at here\n    caused by Error: bad cell\n        at there',
    )
    expect(line('failed', error)).toContain('failed bad row\n    TypeError: bad row')
  })

  it('shows the errors that an AggregateError holds', () => {
    const error = new AggregateError([new Error('first'), new Error('second')])
    expect(line('failed', { error })).toMatch(/AggregateError[^]*caused by Error: first[^]*caused by Error: second/)
  })

  it('can say anything: bigints, cycles, maps, functions, control characters, getters that throw', () => {
    const circle: Record<string, unknown> = { n: 5n }
    circle['self'] = circle
    const shared = { a: 1 }
    expect(line('x', { circle, twice: [shared, shared] })).toContain(
      'x {"circle":{"n":"5","self":"[circular]"},"twice":[{"a":1},{"a":1}]}',
    )
    expect(line('x', { map: new Map([['a', 1]]), set: new Set([1]), run: function go() {} })).toContain(
      '{"map":{"a":1},"set":[1],"run":"[function go]"}',
    )
    expect(line('\u001b[31mred\u0007')).toBe('2026-11-22 11:34:01.520 INFO  \\x1b[31mred\\x07')
    expect(
      line('x', {
        get y() {
          throw new Error('no')
        },
      }),
    ).toContain('x ')
    expect(line('x', { numbers: new Float64Array(1000) }).length).toBeLessThan(300)
  })

  it('never throws: what cannot be read says so', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const error = Object.defineProperty(new Error('e'), 'message', {
      get: () => {
        throw new Error('trap')
      },
    })
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap')
        },
      },
    )
    for (const details of [{ proxy }, { error }, error, { trap }, trap])
      expect(line('x', details)).toMatch(/^2026-11-22 11:34:01.520 INFO {2}x/)
  })

  it('comes to an end whatever the details hold, and says what is missing', () => {
    let shared: object = { leaf: 1 }
    for (let level = 0; level < 40; level++) shared = { left: shared, right: shared }
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`name${index}`, index]))
    for (const details of [
      shared,
      { list: Array.from({ length: 50_000 }, (_, index) => index) },
      { many },
      { map: new Map(Object.entries(many)) },
      { errors: Array.from({ length: 50_000 }, () => new Error('e')) },
    ]) {
      const text = line('x', details)
      expect(text).toContain('[cut off: too large]')
      expect(text.length).toBeLessThan(500_000)
    }
  })
})

describe('the log of a chain', () => {
  const sinkOf = (lines: string[]): LogSink => ({
    write: (one) => void lines.push(one.slice(24)),
    close: async () => undefined,
  })
  const write = (level: LogLine['level'], message: string, node: string): LogLine => ({ level, message, node })

  it('gives each node all of its lines before detach resolves, from the first line on', async () => {
    const log = winstonLog({ consoleLevel: 'silent' })
    const lines: Record<string, string[]> = { a: [], b: [] }
    for (const node of ['a', 'b']) log.attach(node, sinkOf(lines[node] as string[]))
    for (let at = 0; at < 300; at++) for (const node of ['a', 'b']) log.write(write('debug', `${node}${at}`, node))
    await log.detach('a')
    expect(lines['a']).toEqual(Array.from({ length: 300 }, (_, at) => `DEBUG a${at}`))
    await log.detach('b')
    expect(lines['b']?.length).toBe(300)
    for (let round = 0; round < 3; round++) {
      log.attach('a', sinkOf(lines['a'] as string[]))
      log.write(write('info', `round ${round}`, 'a'))
      await log.detach('a')
    }
    expect(lines['a']?.slice(300)).toEqual(['INFO  round 0', 'INFO  round 1', 'INFO  round 2'])
    await log.detach('never attached')
  })

  it('shows the console what is as bad as its level or worse', async () => {
    const stream = new PassThrough()
    const shown: string[] = []
    stream.on('data', (data: Buffer) => shown.push(data.toString()))
    const log = winstonLog({ consoleLevel: 'warn', stream })
    const kept: string[] = []
    log.attach('movies:all 0123abcd', sinkOf(kept))
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      log.write(write(level, level, 'movies:all 0123abcd'))
    log.write(write('error', 'of nobody', 'nobody'))
    await log.detach('nobody')
    await log.detach('movies:all 0123abcd')
    await new Promise((resolve) => void setImmediate(resolve))
    expect(kept).toEqual(['DEBUG debug', 'INFO  info', 'WARN  warn', 'ERROR error'])
    expect(shown.join('')).toBe('WARN  movies:all: warn\nERROR movies:all: error\nERROR nobody: of nobody\n')
  })

  it('a sink or a console that fails fails nobody', async () => {
    const stream = new PassThrough()
    stream.destroy()
    const log = winstonLog({ stream })
    const good: string[] = []
    log.attach('bad', {
      write: () => {
        throw new Error('full')
      },
      close: async () => undefined,
    })
    log.attach('good', sinkOf(good))
    for (const node of ['bad', 'good']) log.write(write('error', 'x', node))
    await log.detach('bad')
    await log.detach('good')
    expect(good).toEqual(['ERROR x'])
  })
})
