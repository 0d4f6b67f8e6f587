import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskOf } from '../../src/plan/params/secret-mask.js'

const secret = 'sk-1234/a"b\nc'

describe('a mask', () => {
  const { text, value } = maskOf([secret, 'https://me:pass@host'])

  test('hides a secret as it is, within JSON and within an address', () => {
    expect(text(`key ${secret} end`)).toBe('key *** end')
    expect(text(JSON.stringify({ key: secret }))).toBe('{"key":"***"}')
    expect(text(`?key=${encodeURIComponent(secret)}&x=1`)).toBe('?key=***&x=1')
    expect(text('GET https://me:pass@host/path')).toBe('GET ***/path')
  })

  test('hides what is left of one that was cut short', () => {
    expect(text('got "sk-1234…" at /key')).toBe('got "***…" at /key')
    expect(text('nothing … here')).toBe('nothing … here')
  })

  test('hides the lines of a long one', () => {
    const key = maskOf(['-----BEGIN KEY-----\nMIIEvQIBADANBg\nshort\n-----END KEY-----\n'])
    expect(key.text('line MIIEvQIBADANBg')).toBe('line ***')
    expect(key.text('short')).toBe('short')
  })

  test('leaves texts below four characters alone', () => {
    expect(maskOf(['abc', '', '1']).idle).toBe(true)
  })

  test('goes into values, errors stay errors of their class, and what holds none stays the same object', () => {
    class HttpError extends Error {
      override readonly name = 'HttpError'
      readonly request = { headers: { authorization: `Bearer ${secret}` } }
    }
    const error = new HttpError(`401 for ${secret}`, { cause: new Error(secret) })
    const hidden = value(error)
    expect(hidden).toBeInstanceOf(HttpError)
    expect([
      hidden.message,
      hidden.stack?.includes('sk-1234'),
      (hidden.cause as Error).message,
      hidden.request,
    ]).toEqual(['401 for ***', false, '***', { headers: { authorization: 'Bearer ***' } }])
    expect(error.message).toContain(secret) // the original is the task's own
    expect(value({ a: [secret, 1], b: new Map([[secret, new Set([secret])]]), [secret]: null })).toEqual({
      a: ['***', 1],
      b: new Map([['***', new Set(['***'])]]),
      '***': null,
    })
    const clean = { a: [1, 'x'], e: new Error('fine'), d: new Date(0) }
    expect(value(clean)).toBe(clean)
  })

  test('takes numbers for what they say', () => {
    expect(maskOf(['123456']).value({ pin: 123456, other: 1234567, big: 123456n })).toEqual({
      pin: '***',
      other: 1234567,
      big: '***',
    })
  })

  test('ends where values go in circles, and where getters throw', () => {
    const circle: { key: string; self?: unknown } = { key: secret }
    circle.self = circle
    expect((value(circle) as { key: string }).key).toBe('***')
    const odd = Object.defineProperty({ key: secret }, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    expect(value(odd).key).toBe('***')
  })

  test('never lets a secret through, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 40 }), fc.string(), fc.string(), (hidden, before, after) => {
        const one = maskOf([hidden])
        expect(one.text(`${before}${hidden}${after}`).includes(hidden)).toBe(
          '***'.includes(hidden) || hidden.includes('***') ? expect.anything() : false,
        )
      }),
    )
  })
})
