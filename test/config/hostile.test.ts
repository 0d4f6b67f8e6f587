import { describe, expect, test } from 'vitest'
import { documentOf, parseDocument } from '../../src/config/document.js'
import { resolveConfigs } from '../../src/config/resolve.js'
import { left, right, valuesOf, yaml } from './reading.js'

const tags = (outcome: ReturnType<typeof parseDocument>): readonly string[] => left(outcome).map((error) => error._tag)

describe('hostile configs are refused, not obeyed', () => {
  test.each([
    ['lists', `a: ${'['.repeat(10_000)}`],
    ['closed lists', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['maps', `${'{a: '.repeat(10_000)}${'}'.repeat(10_000)}`],
    ['block lists', `a: \n  ${'- '.repeat(10_000)}1`],
    ['block maps', Array.from({ length: 2_000 }, (_, index) => `${' '.repeat(index)}a:\n`).join('')],
    ['explicit keys', '? '.repeat(10_000)],
    ['a list as key', `${'['.repeat(10_000)}: 1`],
  ])('deep nesting of %s', (_, text) => {
    expect(tags(parseDocument('a.yaml', text))).toEqual(['TooLarge'])
  })

  test('deep nesting in JSON and in objects', () => {
    let deep: unknown = 1
    for (let depth = 0; depth < 10_000; depth++) deep = { a: deep }
    expect(tags(parseDocument('a.json', '['.repeat(100_000)))).toEqual(['TooLarge'])
    expect(tags(documentOf('config', { deep }))).toEqual(['TooLarge'])
  })

  test('a hundred levels are fine, one more is not', () => {
    const nested = (levels: number): string => `a: ${'['.repeat(levels)}${']'.repeat(levels)}`
    expect(Object.keys(yaml(nested(99)))).toEqual(['a'])
    expect(tags(parseDocument('a.yaml', nested(100)))).toEqual(['TooLarge'])
    expect(tags(parseDocument('a.json', `{"a": ${'['.repeat(100)}${']'.repeat(100)}}`))).toEqual(['TooLarge'])
  })

  test('nesting by aliases counts', () => {
    const text = [
      'a0: &a0 [1]',
      ...Array.from({ length: 150 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}]`),
    ].join('\n')
    expect(tags(parseDocument('a.yaml', text))).toContain('TooLarge')
  })

  test('alias bombs, by lists and by merge keys', () => {
    const lists = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 60 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`),
    ].join('\n')
    expect(tags(parseDocument('a.yaml', lists))).toEqual(['TooLarge'])
    const wide = `base: &base {${Array.from({ length: 2_000 }, (_, index) => `k${index}: 1`).join(', ')}}\n`
    const merges = Array.from({ length: 2_000 }, (_, index) => `m${index}: {<<: *base}\n`).join('')
    expect(tags(parseDocument('a.yaml', wide + merges))).toEqual(['TooLarge'])
  })

  test('aliases of themselves and of nothing', () => {
    expect(tags(parseDocument('a.yaml', 'a: &a [*a]\nb: *c\nd: &d {e: *d}'))).toEqual([
      'YamlSyntax',
      'YamlSyntax',
      'YamlSyntax',
    ])
  })

  test('huge values, keys, numbers and files', () => {
    expect(tags(parseDocument('a.yaml', `a: "${'x'.repeat(1_000_001)}"`))).toEqual(['TooLarge'])
    expect(tags(parseDocument('a.json', `{"a": "${'x'.repeat(1_000_001)}"}`))).toEqual(['TooLarge'])
    expect(tags(documentOf('config', { a: 'x'.repeat(1_000_001) }))).toEqual(['TooLarge'])
    expect(tags(parseDocument('a.json', `{"${'x'.repeat(1_001)}": 1}`))).toEqual(['TooLarge'])
    expect(tags(parseDocument('a.yaml', `? ${'x'.repeat(1_001)}\n: 1`))).toEqual(['TooLarge'])
    expect(tags(parseDocument('a.yaml', `a: ${'9'.repeat(100_000)}`))).toEqual(['NumberTooLarge'])
    expect(tags(parseDocument('a.yaml', ' '.repeat(32_000_001)))).toEqual(['TooLarge'])
  })

  test('thousands of errors are cut', () => {
    expect(left(parseDocument('a.yaml', `a: [${','.repeat(5_000)}]`)).length).toBe(101)
  })

  test('names of prototypes are names, but for the one that is more', () => {
    const text = 'constructor: 1\ntoString: {valueOf: 2, hasOwnProperty: 3}\n'
    expect(valuesOf(right(parseDocument('a.yaml', text)))).toEqual({
      constructor: 1,
      toString: { valueOf: 2, hasOwnProperty: 3 },
    })
    for (const outcome of [
      parseDocument('a.yaml', 'a: {__proto__: {polluted: true}}'),
      parseDocument('a.yaml', '"__proto__": {polluted: true}'),
      parseDocument('a.json', '{"a": [{"__proto__": {"polluted": true}}]}'),
      documentOf('config', JSON.parse('{"__proto__": {"polluted": true}}')),
    ])
      expect(left(outcome)).toMatchObject([{ _tag: 'UnsafeName', what: 'key', name: '__proto__' }])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test.each([
    '\0',
    '\t- a',
    'a: \u0007',
    '\uD800',
    '"\\uD800"',
    'a: !<tag:x> y',
    '%TAG ! tag:\n---\na: !x 1',
    '...',
    '&a',
    '*a',
    '!!map',
    '? : :',
    '- - -',
    ': : :',
    '|',
    'a: |\n\tb',
    "'",
    '{]',
    '[}',
    '@',
    '`',
    '%',
    '---\n---\n---',
    'a: b: c: d',
    '\r\r\n',
  ])('garbage %j gives an answer', (text) => {
    expect(['Left', 'Right']).toContain(parseDocument('a.yaml', text)._tag)
  })

  test('namespaces that double at each step end', () => {
    const documents = new Map(
      Array.from(
        { length: 40 },
        (_, index) =>
          [
            `c${index}.yaml`,
            right(
              documentOf(`c${index}.yaml`, {
                uses: index === 39 ? [] : [`c${index + 1}.yaml as x`, `c${index + 1}.yaml as y`],
              }),
            ),
          ] as const,
      ),
    )
    expect(left(resolveConfigs(documents, 'c0.yaml'))).toMatchObject([{ _tag: 'TooLarge' }])
  })

  test('contexts that double at each step end', () => {
    const documents = new Map([
      ['a.yaml', right(documentOf('a.yaml', {}))],
      ...Array.from(
        { length: 40 },
        (_, index) =>
          [
            `c${index}.yaml`,
            right(
              documentOf(`c${index}.yaml`, {
                uses: index === 39 ? [] : [`c${index + 1}.yaml`, `c${index + 1}.yaml as y`],
              }),
            ),
          ] as const,
      ),
    ])
    expect(left(resolveConfigs(documents, 'a.yaml', { contexts: ['c0.yaml'] }))).toMatchObject([{ _tag: 'TooLarge' }])
  })

  test('a chain of thousands of configs needs no stack', () => {
    const documents = new Map(
      Array.from(
        { length: 5_000 },
        (_, index) =>
          [
            `c${index}.yaml`,
            right(documentOf(`c${index}.yaml`, { uses: index === 4_999 ? [] : `c${index + 1}.yaml` })),
          ] as const,
      ),
    )
    expect(right(resolveConfigs(documents, 'c0.yaml')).configs.length).toBe(5_000)
  })
})
