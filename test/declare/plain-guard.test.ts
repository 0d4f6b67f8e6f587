import * as fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { plainGuard } from '../../src/declare/codec/plain-guard.js'

const codecs: readonly t.Type<any, any>[] = [
  t.string,
  t.union([t.string, t.null, t.number]),
  t.array(t.union([t.number, t.null])),
  t.type({ a: t.number, b: t.union([t.string, t.undefined]) }),
  t.partial({ a: t.array(t.string), b: t.boolean }),
  t.readonly(t.intersection([t.type({ a: t.number }), t.partial({ b: t.type({ c: t.null }) })])),
  t.readonlyArray(t.type({ a: t.union([t.boolean, t.array(t.string)]) })),
  t.record(t.string, t.number),
  t.tuple([t.number, t.string]),
]
const leaf = fc.constantFrom<unknown>(1, NaN, 'x', true, null, undefined, 5n, new Date(0))
const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
  ),
})).value

test('says the same as the codec', () => {
  fc.assert(
    fc.property(fc.constantFrom(...codecs), anything, (codec, value) => {
      expect(plainGuard(codec)?.(value)).toBe(codec.is(value))
    }),
    { numRuns: 3000 },
  )
  // oxlint-disable-next-line no-sparse-arrays -- a hole is what is looked for
  const odd = [[, 1], [], {}, { a: 1, b: undefined }, { a: 1 }, { b: undefined }]
  for (const codec of codecs) for (const value of odd) expect(plainGuard(codec)?.(value)).toBe(codec.is(value))
})

test('there is none for a codec that changes values', () => {
  expect(plainGuard(t.strict({ a: t.string }))).toBeUndefined()
})
