import { describe, expect, it } from 'vitest'
import type { NodeOutcome } from '../../../src/runtime/ports/node-job.js'
import { givenToData, noticesFromData, resultFromData, resultToData } from '../../../src/workers/queue/messages.js'

/** Through the queue, which holds JSON. */
const passed = (data: unknown): unknown => JSON.parse(JSON.stringify(data))

const round: { name: string; self?: unknown } = { name: 'round' }
round.self = round

describe('what JSON cannot represent', () => {
  it('arrives in a log line as its nearest form', () => {
    const details = { big: 10n ** 20n, map: new Map([['a', new Set([1n])]]), date: new Date(5), round }
    const line = { node: 'a', level: 'info' as const, message: 'all', details }
    const [heard] = noticesFromData(passed([{ _tag: 'Log', line: givenToData(line) }]))
    const date = '1970-01-01T00:00:00.005Z'
    const shown = {
      big: '100000000000000000000',
      map: { a: ['1'] },
      date,
      round: { name: 'round', self: '[circular]' },
    }
    expect(heard).toEqual({ _tag: 'Log', line: { ...line, details: shown } })
  })

  it('does not hide why a task failed', () => {
    const cause = Object.assign(new TypeError('no luck', { cause: new Error('inner') }), { amount: 5n, round })
    const outcome: NodeOutcome = {
      _tag: 'failed',
      error: { _tag: 'TaskFailed', node: 'a', attempts: 1, cause, log: undefined },
    }
    const heard = resultFromData(passed(resultToData({ _tag: 'ended', outcome, notices: [] })))
    const error = { cause: { name: 'TypeError', message: 'no luck', cause: { message: 'inner' }, amount: '5' } }
    expect(heard).toMatchObject({ outcome: { _tag: 'failed', error } })
  })
})
