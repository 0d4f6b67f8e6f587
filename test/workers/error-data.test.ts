import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorFromData, errorToData } from '../../src/workers/error-data.js'

/** As a thread gets it. */
const crossed = (value: unknown): any => errorFromData(structuredClone(errorToData(value))) // what came through is what the tests are about

class OutOfQuota extends RangeError {
  override readonly name = 'OutOfQuota'
  readonly code = 'E_QUOTA'
  readonly left = { tokens: 0 }
}

describe('errors that cross to another thread', () => {
  it('keep name, message, stack, causes and fields of their own', () => {
    const error = new OutOfQuota('no tokens left', { cause: new TypeError('the service said no', { cause: 'a text' }) })
    const { name, message, stack, code, left, cause } = crossed(error)
    expect({ name, message, stack, code, left }).toEqual({ name: 'OutOfQuota', message: 'no tokens left', stack: error.stack, code: 'E_QUOTA', left: { tokens: 0 } })
    expect(crossed(error)).toBeInstanceOf(Error)
    expect([cause.name, cause.message, cause.cause]).toEqual(['TypeError', 'the service said no', 'a text'])
  })

  it('are found within values, and what cannot be copied is told as text', () => {
    const { error, list, run } = crossed({ error: new Error('inside'), list: [new RangeError('in a list')], run: () => 1 })
    expect([error.message, list[0].name, run]).toEqual(['inside', 'RangeError', '() => 1'])
  })

  it('may be their own cause', () => {
    const error = new Error('round')
    error.cause = error
    expect(crossed(error).cause.cause.message).toBe('round')
  })

  it('without a cause have none', () => {
    expect('cause' in crossed(new Error('alone'))).toBe(false)
  })
})

it('plain values come through as they are', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(crossed(value)).toEqual(value)
  }))
})
