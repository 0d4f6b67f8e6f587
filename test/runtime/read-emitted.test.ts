import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { emitYaml } from '../../src/runtime/run-info/emit-yaml.js'
import { readEmitted } from '../../src/runtime/run-info/read-emitted.js'

/** What the reader of all YAML makes of a text. */
const slowly = (text: string): unknown => {
  const document = parseDocument(text, {
    version: '1.2',
    intAsBigInt: true,
    uniqueKeys: false,
    stringKeys: true,
    logLevel: 'silent',
  })
  if (document.errors.length > 0) return 'no YAML'
  return JSON.stringify(document.toJS({ mapAsMap: false }), plainly)
}
const quickly = (text: string): unknown => {
  const read = readEmitted(text)
  return read === undefined ? undefined : JSON.stringify(read.value, plainly)
}
/** The two differ in which numbers are bigints; both are told as text. */
const plainly = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' || typeof value === 'number'
    ? `number ${Object.is(value, -0) ? '-0' : String(value)}`
    : value

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'no',
    'e5',
    '1e5',
    '-',
    '- x',
    'a: b',
    'a:b',
    'a:',
    '#',
    ' x',
    'x ',
    '"',
    '__proto__',
    '~',
    '1.5',
    '0x1F',
    '\n',
    '\u2028',
    'null',
    '? x',
    '&a',
    '*a',
    '!!str x',
    '>',
    '|',
  ),
)
const leaf = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(-0, 1e21, 1e-7, 2 ** 53, Number.MAX_VALUE),
)
const { record } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('record')),
  record: fc.dictionary(text, tie('value'), { maxKeys: 5 }),
}))

describe('what our emitter wrote', () => {
  it('is read as a reader of all YAML reads it', () => {
    fc.assert(
      fc.property(record, (data) => {
        const written = emitYaml(data)
        const quick = quickly(written)
        if (quick !== undefined) expect(quick).toEqual(slowly(written))
      }),
      { numRuns: 1000 },
    )
  })

  it('is read at all, where it is a record', () => {
    const info = {
      schema: 1,
      task: { name: 'a:b', module: null },
      parameters: {
        list: [1, [2, 'x'], { a: [] }],
        empty: {},
        text: 'two\nlines',
        big: 12345678901234567890n,
        rate: 0.001,
        tiny: 1e-9,
      },
      log: [{ step: 1 }, 'said: so'],
      ended: '2026-11-22 11:34:01.520',
    }
    expect(readEmitted(emitYaml(info))).toEqual({ value: info })
  })
})

it('what anybody wrote is read as that reader reads it, or not at all', () => {
  const line = fc.tuple(
    fc.constantFrom('', '  ', '    ', '- ', '  - ', '- - '),
    text,
    fc.constantFrom('', ':', ': ', ':  ', ': x', ': "x"', ': 1', ': - x', ' # c', '\t'),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const written = lines.map((parts) => parts.join('')).join('\n') + '\n'
      const quick = quickly(written)
      if (quick !== undefined) expect(quick).toEqual(slowly(written))
    }),
    { numRuns: 1000 },
  )
})
