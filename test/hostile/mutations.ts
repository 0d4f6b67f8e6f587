import fc from 'fast-check'

/** Ways in which a config goes wrong, by accident or on purpose. */

/** Pieces that mean something to YAML, to us, to a shell, to a file system or to JavaScript. */
export const fragments: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__proto__: {polluted: true}',
  'constructor: {prototype: {polluted: true}}',
  '<<: *a',
  '&a',
  '*a',
  '!!js/function x',
  '!!binary aGk=',
  '!!set {a}',
  '!tag',
  '%YAML 1.1',
  '---',
  '...',
  '? ',
  ': ',
  '- ',
  '|',
  '>',
  '|+2',
  '>-',
  '#',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '`',
  '@',
  '~',
  'null',
  'NaN',
  '.nan',
  '.inf',
  '-.inf',
  '0o17',
  '0x1F',
  '1e999',
  '-0',
  '1_000',
  '010',
  'yes',
  'on',
  '12:30:45',
  '2026-11-22',
  '9007199254740993',
  '123456789012345678901234567890',
  'tasks',
  'tasks: "**"',
  'excluded_tasks: ["*"]',
  'uses: .',
  'uses: self',
  'uses: "#"',
  'uses: "x as ../y"',
  'uses: "../../../../etc/passwd"',
  'uses: /etc/passwd',
  'uses: "a\\0b"',
  'configs: {a: {main_part: true}, b: {main_part: true}}',
  'main_part: true',
  'for_namespaces: {a: {b: 1}}',
  'human_readable_data_name: ../../x',
  'class: Ridge',
  '{class: Ridge, kwargs: {l2: 1}}',
  '{class: __proto__, args: [1]}',
  '{class: constructor}',
  'kwargs',
  'args',
  'x-anchor: &x {a: 1}',
  '{DATA_DIR}',
  '{CONFIGS}',
  '{{CONFIGS}}',
  '{__proto__}',
  '{',
  ' as a::b',
  ' as ',
  '#part',
  '::',
  '::a',
  'a::',
  '~',
  '~~',
  '../',
  '..\\',
  '/',
  'C:\\',
  'con',
  'nul',
  '\0',
  '\u0007',
  '\u001b[31m',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ud800',
  'ａ',
  'é',
  'e\u0301',
  '\t',
  '\r',
  '\n',
  '\n\n',
  '  ',
  ' '.repeat(200),
  '$'.repeat(60),
  '$(touch x)',
  '; rm -rf /',
  '%s%n',
  '${x}',
  '['.repeat(150),
  '{a: '.repeat(150),
  '- '.repeat(150),
  'a'.repeat(2000),
  '9'.repeat(400),
  '*'.repeat(80),
]

/** One change of a text; positions and sizes come from three numbers between 0 and 1. */
type Mutation = (text: string, a: number, b: number, c: number) => string

const at = (text: string, share: number): number => Math.floor(share * (text.length + 1))
const pick = <A>(list: readonly A[], share: number): A =>
  list[Math.min(list.length - 1, Math.floor(share * list.length))] as A
const span = (text: string, a: number, b: number): readonly [number, number] => {
  const from = at(text, a)
  return [from, Math.min(text.length, from + Math.floor(b * b * 40))]
}
const changeLines = (text: string, change: (lines: string[]) => void): string => {
  const lines = text.split('\n')
  change(lines)
  return lines.join('\n')
}

const mutations: readonly Mutation[] = [
  (text, a, b) => text.slice(0, at(text, a)) + pick(fragments, b) + text.slice(at(text, a)),
  (text, a, b, c) => {
    const [from, to] = span(text, a, c)
    return text.slice(0, from) + pick(fragments, b) + text.slice(to)
  },
  (text, a, b) => {
    const [from, to] = span(text, a, b)
    return text.slice(0, from) + text.slice(to)
  },
  (text, a, b, c) => {
    const [from, to] = span(text, a, b)
    return text.slice(0, to) + text.slice(from, to).repeat(Math.floor(c * 20)) + text.slice(to)
  },
  (text, a, b) =>
    text.slice(0, at(text, a)) +
    String.fromCharCode(Math.floor(b * (b < 0.5 ? 256 : 65_536))) +
    text.slice(at(text, a) + 1),
  (text, a) => text.slice(0, at(text, a)),
  (text, a, b) =>
    changeLines(text, (lines) => {
      const [from, to] = [Math.floor(a * lines.length), Math.floor(b * lines.length)]
      ;[lines[from], lines[to]] = [lines[to] as string, lines[from] as string]
    }),
  (text, a, b) =>
    changeLines(
      text,
      (lines) =>
        (lines[Math.floor(a * lines.length)] =
          ' '.repeat(Math.floor(b * 6)) + (lines[Math.floor(a * lines.length)] ?? '').trimStart()),
    ),
  (text, a, b) =>
    changeLines(text, (lines) =>
      lines.splice(
        Math.floor(a * lines.length),
        0,
        `${' '.repeat(Math.floor(b * 4))}${lines[Math.floor(b * lines.length)] ?? ''}`,
      ),
    ),
  // a value replaced by something hostile: the likeliest way to get past the syntax
  (text, a, b) =>
    changeLines(
      text,
      (lines) =>
        (lines[Math.floor(a * lines.length)] = (lines[Math.floor(a * lines.length)] ?? '').replace(
          /:.*$/,
          () => `: ${pick(fragments, b)}`,
        )),
    ),
  (text, a, b) =>
    changeLines(
      text,
      (lines) =>
        (lines[Math.floor(a * lines.length)] = (lines[Math.floor(a * lines.length)] ?? '').replace(/[\w.-]+(?=:)/, () =>
          JSON.stringify(pick(fragments, b)),
        )),
    ),
]

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const step = fc.tuple(fc.nat(mutations.length - 1), share, share, share)

/** One to six changes, one after the other. */
export const mutated = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat(Math.max(0, texts.length - 1)),
      fc.oneof(
        { weight: 3, arbitrary: fc.array(step, { minLength: 1, maxLength: 2 }) },
        fc.array(step, { minLength: 3, maxLength: 6 }),
      ),
    )
    .map(([index, steps]) =>
      steps.reduce(
        (text, [which, a, b, c]) => (mutations[which] as Mutation)(text, a, b, c).slice(0, 200_000),
        texts[index] as string,
      ),
    )

/** Text put together from fragments alone. */
export const scrambled: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...fragments) },
      { weight: 1, arbitrary: fc.string({ maxLength: 8, unit: 'binary' }) },
      { weight: 2, arbitrary: fc.constantFrom('\n', ': ', '\n  ', '\n- ') },
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(''))

const names = fc.oneof(
  fc.constantFrom(
    'tasks',
    'excluded_tasks',
    'uses',
    'configs',
    'main_part',
    'for_namespaces',
    'human_readable_data_name',
    'source_file',
    'min_votes',
    'from_year',
    'to_year',
    'model',
    'class',
    'args',
    'kwargs',
    'l2',
    '__proto__',
    'constructor',
    'x-',
    '',
    '.',
    '..',
  ),
  fc.constantFrom(...fragments),
  fc.string({ maxLength: 5 }),
)
const leaves = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -0,
    1.5,
    NaN,
    Infinity,
    -1e308,
    2 ** 53,
    10n,
    undefined,
    new Date(0),
    new Map(),
    new Uint8Array(2),
    Symbol.iterator,
    () => 1,
    '**',
    'movies.*',
    'Ridge',
  ),
  fc.constantFrom<unknown>(...fragments),
)

/** Values as a program hands them over: also such as no file can hold. */
export const hostileValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: false }),
  ),
})).value

export const hostileRecord: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.dictionary(names, hostileValue, {
  maxKeys: 6,
  noNullPrototype: false,
})
