import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readPlainYaml } from '../../src/config/read/read-plain-yaml.js'
import { readYaml } from '../../src/config/read/read-yaml.js'

/** What the quick reader reads, it reads as the whole one does: values, places, warnings. */
const agrees = (text: string): boolean => {
  const quick = readPlainYaml('a.yaml', text)
  if (quick !== undefined) expect(quick).toEqual(readYaml('a.yaml', text))
  return quick !== undefined
}

describe('the quick reader of plain YAML', () => {
  test.each(
    [
      'a: 1\nb: text here\nc: "q # : x"\nd: \'q\'\n',
      'a:\n  b:\n    c: 1\n  d: 2\ne:\n',
      'tasks:\n  - movies.*\n  - ratings.x  # why\nuses:\n- b.yaml as x\n- c.yaml#d\nx: 1',
      '# head\n\na: 1 # tail\n   # odd\nb:   # none\n  # inside\n  c: 2\n',
      'model: {class: Ridge, kwargs: {l2: 0.1, steps: [1, -2, 3.5e-1]}} # x\nlist: []\nmap: {}\n',
      'list:\n  - class: A\n    kwargs:\n      x: 1\n  - class: B\n  -   c: 1\n      d: 2\n',
      '  a: 1\n  b: 2\n',
      'a: 010\nb: yes\nc: 1e3\nd: 2001-12-14\ne: 12:30\nf: [no, 1_000]\n',
      "a: http://x/y:z\nb: ../x/y.yaml\nc: -1\nd: +.5\ne: a, b\nf: it's [fine]\ng: x#y\n",
      'a : 1\nb.c-d_e: 2\n',
      'tasks: [movies.*, a.**.b, c* d*, "*"]\nmap: {a: b.*}\n',
      'a: null\nb: True\nc: FALSE\nd: 1.\ne: ns::x\n',
      'é: 1',
    ].slice(0, 12),
  )('reads %j', (text) => {
    expect(agrees(text)).toBe(true)
  })

  test.each([
    '',
    '# nothing',
    '- a',
    'a',
    'a: |\n  x',
    'a: >\n  x',
    'a: &x 1',
    'a: *x',
    'a: !t 1',
    '<<: {a: 1}',
    '? a',
    'a: b\n  c',
    'a: b\n  c: d',
    'a: 1\na: 2',
    '"a": 1',
    '1: a',
    'on: 1',
    'true: 1',
    'a:\tb',
    'a: 1\r\nb: 2',
    '--- \na: 1',
    'a: 1\n...\n',
    'a:\n b: 1\n  c: 2',
    'a:\n  b: 1\n c: 2',
    'a: "x',
    "a: 'it''s'",
    'a: "\\n"',
    'a: "x" y',
    'a: [1, 2',
    'a: [1 2: 3]',
    'a: {b}',
    'a: {b:1}',
    'a: [1,]',
    'a: b: c',
    'a: b:',
    'a: {b: 1} x',
    'a: 0x1F',
    'a: .inf',
    'a: 9007199254740993',
    'a: ~',
    'a: -',
    'a: - b',
    'a:\n  - - b',
    'a:\n  -\n    b',
    'a:\n- b\n  c',
    'a: {a: 1, a: 2}',
    '__proto__: 1',
    'a: {__proto__: 1}',
    'a: @x',
    'a: `x`',
    'a: %x',
    'a: ,x',
    'a: ]',
    'a: #x\nb',
    ' a: 1\nb: 2',
    'a: 1\n b: 2',
    'a: x #\n  y',
    'a:\n  b',
    'a: \u{1F600}',
    'a:b',
    'a: [a: 1]',
    'a: ["x"y]',
    '%YAML 1.2\n---\na: 1',
  ])('leaves %j to the other', (text) => {
    expect(agrees(text)).toBe(false)
  })

  test('reads what the yaml library writes, in block style and in flow style, or leaves it', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[a-z][a-z_.-]{0,6}$/),
      fc.constantFrom(
        'yes',
        'null',
        '010',
        '- a',
        'a b',
        'a: b',
        '{DIR}/x',
        'x # y',
        '1.5',
        "it's",
        '',
        ' ',
        '12:30',
        'a,b',
        '[a',
        '.5',
        '+1',
        '-1',
        '.',
        '..',
        '/x',
        'a:',
        ':a',
        '1e5',
        'é ü',
      ),
    )
    const key = fc.oneof(fc.stringMatching(/^[a-z][a-z_0-9.-]{0,6}$/), fc.constantFrom('on', 'Yes', '1', 'a b', ''))
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        word,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    })).value
    fc.assert(
      fc.property(
        fc.dictionary(key, value),
        fc.constantFrom<'any' | 'flow'>('any', 'flow'),
        fc.boolean(),
        fc.constantFrom(1, 2, 4),
        (object, collectionStyle, indentSeq, indent) => {
          agrees(stringify(object, undefined, { collectionStyle, indentSeq, indent, lineWidth: 0 }))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('agrees on lines thrown together', () => {
    const line = fc.tuple(
      fc.constantFrom('', '', ' ', '  ', '    ', '- ', '  - ', '    - ', '- - '),
      fc.constantFrom('a: ', 'b:', 'c: ', 'd-e: ', 'a.b: ', '', '', '# ', '"k": ', 'f : '),
      fc.constantFrom(
        '1',
        'x',
        'x y',
        '"q"',
        "'q' # c",
        '[1, 2]',
        '{a: 1, b: [x]}',
        '',
        ' ',
        '# c',
        'x # c',
        'x: y',
        '-',
        '- x',
        '010',
        '1:30',
        '.5',
        '-3',
        'x]',
        '[x',
        '{',
        '[a, {b: c}] # d',
        '{a: 1}x',
        "it's",
        '"a" b',
        '[]',
        '{}',
        '[ a , b ]',
        '{ a: 1 }',
        '[-1, +2, .5]',
        '[a b, c]',
        '{a: }',
        '{a:}',
        '[,]',
        'y',
        '~',
        'null',
      ),
    )
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 7 }), (lines) => {
        agrees(lines.map((parts) => parts.join('')).join('\n'))
      }),
      { numRuns: 5_000 },
    )
  })

  test('agrees on every config of the cases and examples', () => {
    const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..')
    const below = (folder: string): readonly string[] =>
      readdirSync(folder).flatMap((name) => {
        const file = path.join(folder, name)
        return name === 'node_modules'
          ? []
          : statSync(file).isDirectory()
            ? below(file)
            : /\.ya?ml$/.test(name)
              ? [file]
              : []
      })
    const files = ['test/cases', 'examples'].flatMap((folder) => below(path.join(root, folder)))
    expect(files.filter((file) => agrees(readFileSync(file, 'utf8'))).length).toBeGreaterThan(20)
  })
})
