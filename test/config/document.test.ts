import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { documentOf, parseDocument } from '../../src/config/document.js'
import type { ConfigValue, Located } from '../../src/config/config-types.js'
import { left, right, valuesOf, yaml } from './reading.js'

describe('YAML is read as 1.2 says', () => {
  test('maps, lists and scalars', () => {
    expect(
      yaml(
        "a: 1\nb: -2.5\nc: text\nd: 'it''s'\ne: \"\\u00e9\"\nf: true\ng: null\nh:\ni: [1, {j: 2}]\nk: 0x1F\nl: .5\nm: -0\n",
      ),
    ).toEqual({
      a: 1,
      b: -2.5,
      c: 'text',
      d: "it's",
      e: 'é',
      f: true,
      g: null,
      h: null,
      i: [1, { j: 2 }],
      k: 31,
      l: 0.5,
      m: 0,
    })
  })

  test('what YAML 1.1 read otherwise stays as 1.2 says', () => {
    expect(yaml('a: yes\nb: off\nc: 010\nd: 2001-12-14\ne: 12:30\nf: 1_000\n')).toEqual({
      a: 'yes',
      b: 'off',
      c: 10,
      d: '2001-12-14',
      e: '12:30',
      f: '1_000',
    })
  })

  test.each([
    ['yes', 'true'],
    ['No', 'false'],
    ['010', 'the number 8'],
    ['0b11', 'the number 3'],
    ['1_000', 'the number 1000'],
    ['190:20:30', 'the number 685230'],
    ['2001-12-14', 'a date'],
    ['2001-12-14t21:59:43.10-05:00', 'a date'],
    ['1e3', 'text'],
    ['0o17', 'text'],
    ['+.5', 'text'],
    ['2020-1-1 10:00:00', 'a date'],
  ])('%s warns that it was %s', (text, formerly) => {
    expect(right(parseDocument('a.yaml', `a: ${text}`)).warnings).toMatchObject([
      { _tag: 'OldYaml', place: { line: 1, column: 4 }, text, formerly },
    ])
  })

  test.each([
    '1',
    '-3',
    '1.5',
    '.inf',
    '"yes"',
    "'010'",
    'y',
    'n',
    'text',
    'true',
    '~',
    '0',
    '0x1F',
    '1.5e+3',
    '12:75',
    '!!str 010',
    '-',
    'a: {b: no more}'.slice(4, 5),
    'null',
    'Null',
    'NULL',
    '2020-1-1',
    '.5e+3',
    '+.5e+3x',
  ])('%s does not warn', (text) => {
    expect(right(parseDocument('a.yaml', `a: ${text === '-' ? '"-"' : text}`)).warnings).toEqual([])
  })

  test.each([
    ['010', 'the number 8'],
    ['0x10', 'the number 16'],
    ['1_0', 'the number 10'],
    ['1:30', 'the number 90'],
    ['off', 'false'],
    ['2001-12-14', 'a date'],
  ])('the key %s, which is text here, warns that it was %s', (text, formerly) => {
    expect(right(parseDocument('a.yaml', `a: {${text}: 1}`)).warnings).toMatchObject([
      { _tag: 'OldYaml', text, readAs: 'text', formerly },
    ])
  })

  test.each(['10', '-1', '2.0', '0o17', '1e3', '+.5', 'true', 'null', '~', '"010"', '.inf', '08'])(
    'the key %s does not warn',
    (text) => {
      expect(right(parseDocument('a.yaml', `a: {${text}: 1}`)).warnings).toEqual([])
    },
  )

  test('!!float makes a number of each text that is one; what a tag means nothing for is taken without it', () => {
    const { parts, warnings } = right(
      parseDocument(
        'a.yaml',
        'a: [!!float 5, !!float "5", !!float 0.5, !!float 1e3, !!float .inf, !!str 5, ! 5]\nb: [!mine 5, !!float x, !!int 5.5, !mine null, !mine "5"]\n',
      ),
    )
    const [a, b] = ['a', 'b'].map((name) => parts.get('')?.values.get(name)?.value)
    expect([a, b]).toEqual([
      [5, 5, 0.5, 1000, Infinity, '5', '5'],
      [5, 'x', 5.5, null, '5'],
    ])
    expect(warnings.map((warning) => 'reason' in warning && warning.reason)).toEqual(
      ['!mine', '!!int', '!mine', '!mine', '!!float'].map(
        (tag) => `the tag ${tag} has no meaning here; the value is read without it`,
      ),
    )
    expect(left(parseDocument('a.yaml', 'a: !!float 9007199254740993'))).toMatchObject([{ _tag: 'NumberTooLarge' }])
  })

  test('a directive for YAML 1.1 changes nothing', () => {
    expect(yaml('%YAML 1.1\n---\na: yes\n')).toEqual({ a: 'yes' })
  })

  test('integer keys and other scalars are strings as they are written', () => {
    expect(yaml('1: a\n2.0: b\ntrue: c\n0x10: d\n~: e\n"3": f\n')).toEqual({
      '1': 'a',
      '2.0': 'b',
      true: 'c',
      '0x10': 'd',
      '~': 'e',
      '3': 'f',
    })
  })

  test('merge keys: own values win, then the first of the list', () => {
    const text = `
base: &base {a: 1, b: 1, deep: {x: 1}}
other: &other {b: 2, c: 2}
one:
  <<: *base
  a: 9
two:
  a: 9
  <<: [*base, *other]
three:
  <<: {z: 1}
`
    const { one, two, three } = yaml(text)
    expect({ one, two, three }).toEqual({
      one: { a: 9, b: 1, deep: { x: 1 } },
      two: { a: 9, b: 1, deep: { x: 1 }, c: 2 },
      three: { z: 1 },
    })
    expect(left(parseDocument('a.yaml', 'a:\n  <<: 3\n'))).toMatchObject([{ _tag: 'BadStructure', key: '<<' }])
    expect(yaml('a:\n  "<<": 3\n')).toEqual({ a: { '<<': 3 } })
  })

  test('aliases stand where they are used', () => {
    const document = right(parseDocument('a.yaml', 'a: &a [1]\nb: *a\n'))
    expect(valuesOf(document)).toEqual({ a: [1], b: [1] })
    expect(document.parts.get('')?.values.get('b')?.place).toEqual({ origin: 'a.yaml', line: 2, column: 4 })
  })

  test("every value knows its place; one that starts in the next line has its key's", () => {
    const document = right(parseDocument('a.yaml', 'a: 1\nb:\n  - x\n  - c: y\nd:\ne: {f: 2}\n'))
    const places = (located: Located): unknown => [
      located.place.line,
      located.place.column,
      ...[...(located.parts ?? [])].map(([name, part]) => [name, places(part)]),
    ]
    expect([...(document.parts.get('')?.values ?? [])].map(([name, located]) => [name, places(located)])).toEqual([
      ['a', [1, 4]],
      ['b', [2, 1, ['0', [3, 5]], ['1', [4, 5, ['c', [4, 8]]]]]],
      ['d', [5, 1]],
      ['e', [6, 4, ['f', [6, 8]]]],
    ])
  })

  test.each(['', '\n', '# only a comment\n', '---\n', 'null\n', '\uFEFF'])(
    'an empty file %j is an empty config',
    (text) => {
      expect(yaml(text)).toEqual({})
    },
  )

  test('a space that is not a plain one is named where it breaks the syntax', () => {
    expect(left(parseDocument('a.yaml', 'tasks: p.*\nmin_votes:\u00a05\n'))).toMatchObject([
      { place: { line: 2 }, reason: expect.stringContaining('the line contains U+00A0') as string },
    ])
  })

  test('all syntax errors are told, with places', () => {
    const errors = left(parseDocument('a.yaml', 'a: [1, 2\nb: {c: 1\nd: "open\n'))
    expect(errors.map((error) => error._tag)).toEqual(['YamlSyntax', 'YamlSyntax', 'YamlSyntax'])
    expect(errors.map((error) => ('place' in error ? error.place?.line : 0))).toEqual([2, 3, 4])
  })

  test('a second document is an error', () => {
    expect(left(parseDocument('a.yaml', 'a: 1\n---\nb: 2\n'))).toMatchObject([
      { _tag: 'YamlSyntax', place: { line: 2 } },
    ])
  })

  test('duplicate keys tell both places, at every depth', () => {
    expect(left(parseDocument('a.yaml', 'a: 1\nb: {c: 1, c: 2}\na: 3\n'))).toEqual([
      {
        _tag: 'DuplicateKey',
        place: { origin: 'a.yaml', line: 2, column: 11 },
        key: 'c',
        first: { origin: 'a.yaml', line: 2, column: 5 },
      },
      {
        _tag: 'DuplicateKey',
        place: { origin: 'a.yaml', line: 3, column: 1 },
        key: 'a',
        first: { origin: 'a.yaml', line: 1, column: 1 },
      },
    ])
    expect(left(parseDocument('a.yaml', '1: a\n"1": b\n'))).toMatchObject([{ _tag: 'DuplicateKey', key: '1' }])
  })

  test.each(['9007199254740993', '-9007199254740993', '0x20000000000001', '123456789012345678901234567890', '1e999'])(
    '%s is refused, not rounded',
    (text) => {
      expect(left(parseDocument('a.yaml', `a: ${text}`))).toMatchObject([
        { _tag: 'NumberTooLarge', text, place: { line: 1, column: 4 } },
      ])
      if (!text.startsWith('0x'))
        expect(left(parseDocument('a.json', `{"a": ${text}}`))).toMatchObject([{ _tag: 'NumberTooLarge', text }])
    },
  )

  test.each([['9007199254740991'], ['9007199254740992'], ['1e300'], ['123456789012345678901.5']])(
    '%s is held',
    (text) => {
      expect(yaml(`a: ${text}`)).toEqual({ a: Number(text) })
    },
  )

  test('infinity and NaN may be said', () => {
    expect(yaml('a: .inf\nb: -.inf\nc: .nan')).toEqual({ a: Infinity, b: -Infinity, c: NaN })
  })

  test('unknown tags are told and left out', () => {
    const document = right(parseDocument('a.yaml', 'a: !!python/tuple [1, 2]\nb: !mine x\n'))
    expect(valuesOf(document)).toEqual({ a: [1, 2], b: 'x' })
    expect(document.warnings.map((warning) => warning._tag)).toEqual(['YamlWarning', 'YamlWarning'])
  })
})

describe('JSON is read as JSON', () => {
  const json = (text: string): unknown => valuesOf(right(parseDocument('a.json', text)))

  test('every value that JSON can hold comes back, with any white space', () => {
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc
          .double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 })
          .map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          tie('value'),
        ),
      ),
    })).value
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => !['__proto__', 'configs', 'tasks', 'uses'].includes(key)),
          value,
        ),
        fc.constantFrom(undefined, 1, '\t'),
        (object, indent) => {
          expect(json(JSON.stringify(object, undefined, indent))).toEqual(JSON.parse(JSON.stringify(object)))
        },
      ),
    )
  })

  test.each([
    '{a: 1}',
    "{'a': 1}",
    '{"a": 1,}',
    '{"a": 01}',
    '{"a": .5}',
    '{"a": NaN}',
    '{"a": "\n"}',
    '{"a": "\\x"}',
    '{"a": 1} x',
    '{"a" 1}',
    '{',
    '[',
    '{"a": tru}',
    '{"a":1 /* c */}',
  ])('%s is an error with a place', (text) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(left(parseDocument('a.json', text))).toMatchObject([
      { _tag: 'YamlSyntax', place: { line: expect.any(Number), column: expect.any(Number) } },
    ])
  })

  test('an empty file, a byte order mark and null are fine', () => {
    expect([json(''), json('\uFEFF{"a": 1}'), json('null')]).toEqual([{}, { a: 1 }, {}])
  })

  test('places count lines and columns from 1', () => {
    const document = right(parseDocument('a.json', '{\n  "a": {"b": 1}\n}'))
    expect(document.parts.get('')?.values.get('a')?.parts?.get('b')?.place).toEqual({
      origin: 'a.json',
      line: 2,
      column: 14,
    })
  })
})

describe('objects are taken as they are', () => {
  test('undefined entries are absent, the rest is copied and frozen', () => {
    const given = { a: [1, { b: null }], c: undefined, d: Object.assign(Object.create(null) as object, { e: 1 }) }
    const values = valuesOf(right(documentOf('config', given)))
    expect(values).toEqual({ a: [1, { b: null }], d: { e: 1 } })
    expect(Object.isFrozen(values['a'])).toBe(true)
    expect(values['a']).not.toBe(given.a)
  })

  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = { again: cyclic }
  test.each([
    ['a function', { a: () => 1 }, 'a function'],
    ['a Date', { a: { b: new Date() } }, 'an instance of Date'],
    ['a Map', { a: new Map() }, 'an instance of Map'],
    ['NaN', { a: NaN }, 'NaN'],
    ['undefined in a list', { a: [undefined] }, 'undefined'],
    ['a bigint', { a: 1n }, 'a bigint'],
    ['a symbol', { a: Symbol('a') }, 'a symbol'],
    ['a cycle', cyclic, 'an object that contains itself'],
  ])('%s is refused', (_, object, actual) => {
    expect(left(documentOf('config', object))).toMatchObject([
      { _tag: 'BadStructure', actual, place: { origin: 'config', line: 0, column: 0 } },
    ])
  })

  test('one object in two places is fine', () => {
    const shared = { x: 1 }
    expect(valuesOf(right(documentOf('config', { a: shared, b: [shared, shared] })))).toEqual({
      a: { x: 1 },
      b: [{ x: 1 }, { x: 1 }],
    })
  })
})

describe('parts', () => {
  test('the one that says so is the main part, else the only one', () => {
    expect(right(parseDocument('a.yaml', 'configs: {one: {a: 1}, two: {main_part: true}}')).mainPart).toBe('two')
    expect(right(parseDocument('a.yaml', 'configs: {one: {a: 1}}')).mainPart).toBe('one')
    expect(right(parseDocument('a.yaml', 'configs: {one: {a: 1}, two: }')).mainPart).toBeUndefined()
    expect(right(parseDocument('a.yaml', 'a: 1')).mainPart).toBe('')
  })

  test('values beside configs are told, x- ones are for anchors', () => {
    expect(right(parseDocument('a.yaml', 'x-a: 1\nb: 2\nconfigs: {one: {}}')).warnings).toMatchObject([
      { _tag: 'IgnoredBesideParts', name: 'b' },
    ])
  })

  test.each(['configs: 3', 'configs: {}', 'configs: {one: 3}', 'configs: [a]', 'configs:'])(
    '%s is no set of parts',
    (text) => {
      expect(left(parseDocument('a.yaml', text))).toMatchObject([{ _tag: 'BadStructure' }])
    },
  )

  test.each([
    'tasks: 3',
    'tasks: [a, 3]',
    'excluded_tasks: {a: b}',
    'uses: {a: b}',
    'uses: [[a]]',
    'main_part: 7',
    'human_readable_data_name: 3',
    'for_namespaces: [a]',
    'for_namespaces: {a: 3}',
  ])('%s is refused', (text) => {
    expect(left(parseDocument('a.yaml', text))).toMatchObject([{ _tag: 'BadStructure', place: { line: 1 } }])
  })

  test.each(['tasks:', 'uses:', 'uses: []', 'for_namespaces:', 'main_part:', 'human_readable_data_name:'])(
    '%s counts as absent',
    (text) => {
      expect(right(parseDocument('a.yaml', text)).parts.size).toBe(1)
    },
  )
})

test('what the yaml library writes is read back', () => {
  const value: fc.Arbitrary<ConfigValue> = fc.letrec<{ value: ConfigValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.constantFrom(
        'yes',
        '010',
        '- a',
        'a: b',
        '# c',
        ' x',
        '{',
        '[',
        '*a',
        '&a',
        '!t',
        '|',
        '>',
        '%',
        '@',
        '`',
        "'",
        '"',
        '?',
        ':',
        '~',
        'null',
        'true',
        '1.5',
        '2001-12-14',
        'a\nb',
        'tab\tb',
        'trailing ',
      ),
      fc.integer(),
      fc
        .double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 })
        .map((number) => (Object.is(number, -0) ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.stringMatching(/^[a-z][a-z_0-9 .-]{0,8}$/), tie('value')),
    ),
  })).value
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^v_[a-z_]{0,8}$/), value),
      fc.constantFrom<'flow' | 'any'>('any', 'flow'),
      (object, style) => {
        expect(yaml(stringify(object, undefined, { collectionStyle: style }))).toEqual(object)
      },
    ),
    { numRuns: 300 },
  )
})
