import { spawnSync } from 'node:child_process'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { codeFingerprint, normalised } from '../../src/runtime/code-drift/code-fingerprint.js'
import type { PreImage } from '../../src/plan/key.js'
import { isInput } from '../../src/runtime/run-info/artifact-facts.js'
import type { InputInfo } from '../../src/runtime/run-info/run-info-types.js'
import { emitComputed } from '../../src/runtime/run-info/computed-run-info.js'
import { emitYaml } from '../../src/runtime/run-info/emit-yaml.js'
import { hasPython, needs, pythonPath } from '../data/python.js'
import {
  emitRunInfo,
  formatTime,
  libraryVersion,
  parseRunInfo,
  quickData,
  quickFacts,
  runInfoProblem,
  type RunInfo,
} from '../../src/runtime/run-info/run-info.js'

const info: RunInfo = {
  schema: 1,
  task: { name: 'movies:filtered', module: 'movies', version: 2 },
  config: { name: 'imdb.filtered', namespace: 'train::inner', context: null },
  input_tasks: {
    allMovies: { task: 'movies:all', key: '436f7a5e06e540716b275a5f84499a78' },
    '~features:.*': { 'features:year': { task: 'features:year', key: 'a'.repeat(32) } },
  },
  parameters: {
    fromYear: 1945,
    toYear: null,
    ratio: 1e-7,
    title: 'yes',
    path: '{DATA}/x y.csv',
    lines: 'one\ntwo',
    big: 2n ** 70n,
    list: [1, [2, []], { a: {} }],
  },
  log: ['some important information', { records: 42, 'errors:': 0 }],
  started: '2026-11-22 11:34:01.520',
  ended: '2026-11-22 11:34:01.850',
  time: 0.33,
  user: { name: 'ada' },
  host: 'localhost',
  key: '0123456789abcdef0123456789abcdef',
  key_pre_image: { scheme: 1, task: 'movies:filtered' },
  versions: { taskchain: '0.1.0', node: 'v20.20.2' },
  code_fingerprint: 'abcdef0123456789',
  data: { format: 'json', extension: 'json', size: 12, checksum: '00abcdef' },
  peak_memory: 123456789,
  attempts: 1,
}

const python = hasPython('yaml')

/** What PyYAML reads, as JSON; floats that JSON cannot say by name. */
const readByPython = (texts: readonly string[]): readonly unknown[] => {
  const script = `
import json, math, sys, yaml
def plain(v):
    if isinstance(v, float): return {'float': repr(v)} if not math.isfinite(v) else v
    if isinstance(v, list): return [plain(x) for x in v]
    if isinstance(v, dict): return {('key' if isinstance(k, str) else type(k).__name__) + ':' + str(k): plain(x) for k, x in v.items()}
    return v if v is None or isinstance(v, (str, bool, int)) else {'type': type(v).__name__}
sys.stdout.buffer.write(json.dumps([plain(yaml.safe_load(t)) for t in json.load(sys.stdin)]).encode())`
  const { stdout, stderr, status } = spawnSync(pythonPath('yaml'), ['-c', script], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1e9,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as readonly unknown[]
}

/** The same shape for a value of ours. */
const asPython = (value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value))
    return { float: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' }
  if (Array.isArray(value)) return value.map(asPython)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [`key:${name}`, asPython(field)]))
  return value
}

/** Texts that some version of YAML reads as something else. */
const tricky = [
  '',
  ' ',
  'yes',
  'No',
  'ON',
  'off',
  'y',
  'N',
  'true',
  'False',
  'null',
  'Null',
  '~',
  '=',
  '<<',
  '-',
  '--',
  '---',
  '...',
  '?',
  ':',
  ',',
  '#',
  '&a',
  '*a',
  '!t',
  '|',
  '>',
  '%',
  '@',
  '`',
  '[]',
  '{}',
  '{a',
  '[a',
  'e0',
  'E+5',
  '1',
  '-1',
  '+1',
  '0o10',
  '010',
  '0x1f',
  '0b1',
  '1_000',
  '1:30',
  '190:20:30',
  '1.5',
  '.5',
  '5.',
  '1e5',
  '1e+5',
  '.inf',
  '-.INF',
  '.nan',
  '.NaN',
  '2024-01-02',
  '2024-01-02 10:00:00',
  '2001-12-14t21:59:43.10-05:00',
  'a: b',
  'a:',
  ':a',
  'a #b',
  'a#b',
  '# a',
  '- a',
  '? a',
  ' a',
  'a ',
  'a\n',
  '\na',
  'a\nb',
  'a\r\nb',
  '\t',
  'a\tb',
  '"',
  "'",
  '\\',
  '\\n',
  'ä',
  '日本',
  '😀',
  '\u0000',
  '\u0007',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\ud800',
  'a::b:c',
  'a:1',
  'x'.repeat(3000),
]

const text = fc.oneof(
  fc.constantFrom(...tricky),
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.stringMatching(/^[-+0-9._:eExXoOa-fT ]{0,12}$/),
)
const leaf = fc.oneof(text, fc.double(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null))
const record = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('map')),
  map: fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
})).map

describe('YAML of our own', () => {
  it('reads well', () => {
    expect(emitRunInfo(info)).toMatchInlineSnapshot(`
      "schema: 1
      task:
        name: movies:filtered
        module: movies
        version: 2
      config:
        name: imdb.filtered
        namespace: train::inner
        context: null
      input_tasks:
        allMovies:
          task: movies:all
          key: "436f7a5e06e540716b275a5f84499a78"
        "~features:.*":
          features:year:
            task: features:year
            key: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      parameters:
        fromYear: 1945
        toYear: null
        ratio: 1.0e-7
        title: "yes"
        path: "{DATA}/x y.csv"
        lines: "one\\ntwo"
        big: 1180591620717411303424
        list:
          - 1
          - - 2
            - []
          - a: {}
      log:
        - some important information
        - records: 42
          "errors:": 0
      started: "2026-11-22 11:34:01.520"
      ended: "2026-11-22 11:34:01.850"
      time: 0.33
      user:
        name: ada
      host: localhost
      key: "0123456789abcdef0123456789abcdef"
      key_pre_image:
        scheme: 1
        task: movies:filtered
      versions:
        taskchain: "0.1.0"
        node: v20.20.2
      code_fingerprint: abcdef0123456789
      data:
        format: json
        extension: json
        size: 12
        checksum: "00abcdef"
      peak_memory: 123456789
      attempts: 1
      "
    `)
  })

  it('the yaml package reads back what was written, in both versions', () => {
    fc.assert(
      fc.property(record, (value) => {
        const written = emitYaml(value)
        for (const version of ['1.2', '1.1'] as const)
          expect(parse(written, { version, logLevel: 'silent' })).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  it('every text that YAML could take for something else comes back as the text', () => {
    const value = { texts: tricky, keys: Object.fromEntries(tricky.map((name, at) => [name, at])) }
    for (const version of ['1.2', '1.1'] as const)
      expect(parse(emitYaml(value), { version, logLevel: 'silent' })).toEqual(value)
  })

  it.skipIf(!python)(`PyYAML reads back what was written${needs('yaml', python)}`, () => {
    // A lone surrogate is a string in Python too, but cannot leave it again.
    const values = fc
      .sample(record, { numRuns: 300, seed: 7 })
      .filter((value) => JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(value)))
    values.push({
      texts: tricky.filter((one) => one.isWellFormed()),
      keys: Object.fromEntries(tricky.filter((one) => one.isWellFormed()).map((name, at) => [name, at])),
    })
    values.push({ big: 2 ** 60, huge: 1e300, small: 5e-324, negative: -0.5 })
    expect(readByPython(values.map(emitYaml))).toEqual(
      values.map(asPython).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
    )
  })

  it('whatever a task notes is written somehow, and never throws', () => {
    const circle: Record<string, unknown> = { name: 'circle' }
    circle['self'] = circle
    const shared = { a: 1 }
    class Model {
      readonly weights = new Float64Array([1, 2])
      readonly parent: unknown = circle
      fit(): void {}
    }
    const wide = Array.from({ length: 30 }, () => ({}) as Record<string, unknown>)
    for (const one of wide) for (const [at, other] of wide.entries()) one[`n${at}`] = other
    let deep: unknown = 'bottom'
    for (let depth = 0; depth < 20_000; depth++) deep = [deep]
    const notes = [
      circle,
      [shared, shared],
      new Model(),
      new Date(0),
      new Map([[1, 'one']]),
      new Set([1]),
      new Error('bad'),
      undefined,
      () => 1,
      Symbol('s'),
      5n,
      deep,
      {
        get x() {
          throw new Error('no')
        },
      },
      { toJSON: () => ({ y: 1 }) },
      { u: undefined },
      JSON.parse('{"__proto__": 1}'),
      wide[0],
      'after',
    ]
    const read = E.getOrElseW((problem: string) => expect.fail(problem))(
      parseRunInfo(emitRunInfo({ ...info, log: notes })),
    )
    expect(read.log.slice(0, 2)).toEqual([{ name: 'circle', self: '[circular]' }, [{ a: 1 }, { a: 1 }]])
    expect(read.log.slice(2, 11)).toEqual([
      { weights: [1, 2], parent: { name: 'circle', self: '[circular]' } },
      '1970-01-01T00:00:00.000Z',
      { 1: 'one' },
      [1],
      'Error: bad',
      null,
      null,
      null,
      5,
    ])
    expect(JSON.stringify(read.log[11])).toContain('[cut off: too deep]')
    expect(read.log.slice(12, 16)).toEqual([{ x: '[unreadable]' }, { y: 1 }, {}, JSON.parse('{"__proto__": 1}')])
    expect(JSON.stringify(read.log[16]).includes('[cut off: too large]')).toBe(true)
    expect(emitRunInfo({ ...info, log: [wide[0]] }).length).toBeLessThan(20_000_000)
    expect([read.data, read.attempts]).toEqual([info.data, info.attempts])
  })
})

describe('run info', () => {
  it('is read back as it was written', () => {
    expect(parseRunInfo(emitRunInfo(info))).toEqual(E.right(info))
    const memory: RunInfo = {
      ...info,
      data: null,
      code_fingerprint: null,
      log: [],
      input_tasks: {},
      task: { name: 'x', module: null },
    }
    expect(parseRunInfo(emitRunInfo(memory))).toEqual(E.right(memory))
  })

  it('of a later version is read as far as it is known; its schema is named where something is missing', () => {
    const later = emitRunInfo({ ...info, schema: 2, cost: { currency: 'EUR' } } as RunInfo)
    expect(parseRunInfo(later)).toEqual(E.right({ ...info, schema: 2 }))
    expect(quickData(later)).toEqual(quickData(emitRunInfo(info)))
    const named = '; it has schema 2, this version of taskchain writes 1'
    expect(parseRunInfo('schema: 2\njob: x\n')).toEqual(
      E.left(`the run info names no task under 'task: name:'${named}`),
    )
    expect(runInfoProblem('schema: 2\ntask:\n  name: x\nblob: y\n')).toBe(
      `the run info has no size and checksum of the data${named}`,
    )
  })

  it('of the original library is understood', () => {
    const original = `
task:
  class: Movies
  module: movie_ratings.tasks.movies
  name: movies:movies
config:
  context: null
  name: imdb.filtered/movies:movies
  namespace: null
input_tasks:
  movies:all_movies: 436f7a5e06e540716b275a5f84499a78
log:
- some important information
- records_processes: 42
parameters:
  from_year: '1945'
  to_year: None
started: '2021-07-11 11:34:01.520866'
ended: '2021-07-11 11:34:01.850913'
time: 0.3300471305847168
user: &user
  name: your_system_name
`
    expect(parseRunInfo(original)).toMatchObject(
      E.right({
        task: { name: 'movies:movies', module: 'movie_ratings.tasks.movies' },
        config: { name: 'imdb.filtered/movies:movies', namespace: null, context: null },
        input_tasks: { 'movies:all_movies': { task: 'movies:all_movies', key: '436f7a5e06e540716b275a5f84499a78' } },
        log: ['some important information', { records_processes: 42 }],
        parameters: { from_year: '1945', to_year: 'None' },
        time: 0.3300471305847168,
        user: { name: 'your_system_name' },
        data: null,
      }),
    )
    expect(quickFacts(original)).toEqual({ ended: '2021-07-11 11:34:01.850913', time: 0.3300471305847168 })
    expect(quickData(original)).toBeUndefined()
  })

  it('whose extension was cut or changed within its quotes are read in full or refused, without throwing', () => {
    const written = emitRunInfo(info)
    const line = /\n {2}extension: .*/
    expect(written).toMatch(line)
    for (const quoted of ['"', '"j', '"a"b"', '"\\q"', '"a\tb"', '"j\\', '"json"'])
      expect([quoted, typeof quickData(written.replace(line, () => `\n  extension: ${quoted}`))]).toEqual([
        quoted,
        expect.stringMatching(/object|undefined/),
      ])
    expect(quickData(written.replace(line, '\n  extension: "json"'))?.extension).toBe('json')
  })

  it('that is none is a sentence, never a crash', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghij'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]},`.repeat(9)}]`),
    ].join('\n')
    for (const one of [
      '',
      '[]',
      'text',
      'a: 1',
      'task: 5',
      '{',
      'a: b: c',
      '\0',
      '\t- x',
      bomb,
      '['.repeat(20_000),
      `task: &a\n  name: *a`,
      '%YAML 9.9\n---\n!!x y',
    ])
      expect([one.slice(0, 20), parseRunInfo(one)._tag]).toEqual([one.slice(0, 20), 'Left'])
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (one) => void [parseRunInfo(one), quickData(one), quickFacts(one)]),
    )
  })

  it('tells size and checksum without a parse, and with one where somebody has edited it', () => {
    const written = emitRunInfo(info)
    const facts = { size: 12, checksum: '00abcdef', extension: 'json' }
    expect(quickData(written)).toEqual(facts)
    expect(quickData(written.replaceAll('\n', '\r\n'))).toEqual(facts)
    expect(quickData(written.replace('  format: json\n', '').replace('size: 12', "size: '12'"))).toEqual(facts)
    expect(
      quickData(
        emitRunInfo({ ...info, data: { format: 'directory', extension: null, size: 0, checksum: 'abcdefab' } }),
      ),
    ).toEqual({ size: 0, checksum: 'abcdefab', extension: null })
    for (const content of ['0123abcd', '12345678', '12345e67', '00000000']) {
      const folder = emitRunInfo({
        ...info,
        data: { format: 'directory', extension: null, size: 0, checksum: 'abcdefab', content },
      })
      const told = { size: 0, checksum: 'abcdefab', content, extension: null }
      expect([quickData(folder), quickData(folder.replaceAll('\n', '\r\n'))]).toEqual([told, told])
    }
    expect(quickData(emitRunInfo({ ...info, data: null }))).toBeUndefined()
    expect(quickFacts(written)).toEqual({ ended: '2026-11-22 11:34:01.850', time: 0.33 })
  })

  it('cannot be forged by what a task notes', () => {
    const forged = 'data:\n  format: json\n  extension: json\n  size: 99\n  checksum: "99999999"'
    const note = {
      data: { format: 'json', extension: 'json', size: 99, checksum: '99999999' },
      ended: 'never',
      time: 1e9,
      [forged]: forged,
    }
    const written = emitRunInfo({ ...info, log: [forged, `\n${forged}`, note], parameters: { data: note.data } })
    expect(quickData(written)?.size).toBe(12)
    expect(quickFacts(written)).toEqual({ ended: '2026-11-22 11:34:01.850', time: 0.33 })
  })

  it('times are UTC to the millisecond', () => {
    expect(formatTime(Date.UTC(2026, 10, 22, 11, 34, 1, 520))).toBe('2026-11-22 11:34:01.520')
  })

  it('names the version of the library', () => {
    expect(libraryVersion()).toMatch(/^\d+\.\d+\.\d+/)
  })
})

describe('code fingerprint', () => {
  const same = (...sources: readonly string[]): boolean => new Set(sources.map(normalised)).size === 1

  it('does not see layout, comments, quotes, semicolons and trailing commas', () => {
    expect(
      same(
        "({ a, b }) => { const c = a + b; return { c, d: 'x' } }",
        '({a,b,})=>{\n  // sum\n  const c = a + b /* of both */\n  return {\n    c,\n    d: "x",\n  };\n}',
      ),
    ).toBe(true)
    expect(same('() => {\n  a()\n  ;(b)\n  return c\n}', '() => {\n  a();\n  (b);\n  return c;\n};')).toBe(true)
    expect(same('async () => await x', 'async()=>await   x')).toBe(true)
    expect(same('() => /a b/g.test(`${ x  + 1 }`)', '() => /a b/g.test(`${x+1}`)')).toBe(true)
  })

  it('sees every change of what is computed', () => {
    const sources = [
      '(a) => a + 1',
      '(a) => a + 2',
      '(a) => a - 1',
      '(a) => a + +1',
      '(a, b) => a++ + b',
      '(a, b) => a + ++b',
      '() => { for (a; b;) c }',
      '() => { for (a;; b) c }',
      '() => { a; (b) }',
      '() => { a(b) }',
      '() => [,]',
      '() => []',
      '() => "a b"',
      '() => "ab"',
      "() => 'a // b'",
      "() => 'a // c'",
      '() => `a  b`',
      '() => `a b`',
      '() => `a ${b} c`',
      '() => `a ${b + 1} c`',
      '() => `${`x  y`}`',
      '() => `${`x y`}`',
      '() => /a  b/',
      '() => /a b/',
      '() => /[/]\\/* x */',
      '() => x / 2 / 3',
      '() => x / 2 / 4',
      '() => { return /"/ }',
      "() => { return /'/ }",
      '() => typeof x',
      '() => typeofx',
      '() => "\\"a"',
      '() => "a"',
    ]
    expect(new Set(sources.map(normalised)).size).toBe(sources.length)
  })

  it('is sixteen hex digits behind its scheme, the same at every ask, null where there is no source', () => {
    const run = ({ x }: { x: number }): number => x * 2
    expect(codeFingerprint(run)).toMatch(/^ast-[0-9a-f]{16}$/)
    expect(codeFingerprint(run)).toBe(codeFingerprint(run))
    expect(codeFingerprint(run.bind(null))).toBeNull()
    expect(codeFingerprint(Math.max)).toBeNull()
  })

  it('ends on any source', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[-`${}'"/\\*\n a-c[\]()]{0,60}$/)),
        (source) => void normalised(source),
      ),
      { numRuns: 2000 },
    )
    expect(normalised('`'.repeat(3001)).length).toBeGreaterThan(0)
    expect(normalised('`${'.repeat(500)).length).toBeGreaterThan(0)
  })
})

describe('the run info of a computation', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.stringMatching(/^[a-z]{1,5}:?[a-z0-9]{0,8}$/),
    fc.constant('e5'),
  )
  const hex = (length: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
  const encoded = fc.oneof(leaf, fc.bigInt(), fc.array(text))
  const params = fc.dictionary(fc.oneof(text, fc.string({ minLength: 990, maxLength: 1010 })), encoded, { maxKeys: 4 })
  const input = fc.record(
    { task: text, key: hex(32), digest: hex(64), identity: hex(64) },
    { requiredKeys: ['task', 'key'] },
  )
  const inputs = fc.dictionary(
    fc.oneof(text, fc.string({ minLength: 95, maxLength: 1010 })),
    fc.oneof(input, fc.dictionary(fc.string({ minLength: 4 }), input, { maxKeys: 2 })),
    { maxKeys: 3 },
  )
  const version = fc.oneof(text, fc.integer())
  const data = fc.record(
    {
      format: text,
      extension: fc.option(text),
      size: fc.nat(),
      checksum: hex(8),
      content: hex(64),
      digest: hex(64),
      beside: fc.array(text),
      views: text,
    },
    { requiredKeys: ['format', 'extension', 'size', 'checksum'] },
  )
  const preImages = fc
    .record({ task: text, version, params, inputs }, { requiredKeys: ['task', 'params', 'inputs'] })
    .map(({ task, version: made, ...rest }) => ({
      scheme: 1,
      task,
      ...(made === undefined ? {} : { version: made }),
      ...rest,
    }))
  const recorded = fc
    .record(
      {
        task: fc
          .record({ name: text, module: fc.option(text), version }, { requiredKeys: ['name', 'module'] })
          .map(({ name, module, ...rest }) => ({ name, module, ...rest })),
        config: fc.record({ name: text, namespace: fc.option(text), context: fc.option(text) }),
        inputs,
        also: fc.dictionary(hex(32), fc.record({ task: text, digest: hex(64) }), { maxKeys: 2 }),
        params,
        log: fc.array(fc.anything(), { maxLength: 2 }),
        texts: fc.tuple(text, text, text, text, text),
        time: fc.double(),
        inMemory: fc.dictionary(hex(32), preImages, { maxKeys: 2 }),
        code: fc.option(text),
        lineage: text,
        identity: hex(64),
        data: fc.option(data),
        preImage: preImages,
      },
      {
        requiredKeys: ['task', 'config', 'inputs', 'params', 'log', 'texts', 'time', 'code', 'data', 'preImage'],
      },
    )
    .map(({ texts: [started, ended, name, host, node], preImage, ...parts }) => ({
      preImage: preImage as PreImage,
      info: {
        schema: 1,
        task: parts.task,
        config: parts.config,
        input_tasks: parts.inputs,
        ...(parts.also === undefined ? {} : { also_read: parts.also }),
        parameters: parts.params,
        log: parts.log,
        started,
        ended,
        time: parts.time,
        user: { name },
        host,
        key: 'a'.repeat(32),
        key_pre_image: preImage,
        ...(parts.inMemory === undefined ? {} : { in_memory_inputs: parts.inMemory }),
        versions: { taskchain: '0.1.0', node },
        code_fingerprint: parts.code,
        ...(parts.lineage === undefined ? {} : { code_lineage: parts.lineage }),
        ...(parts.identity === undefined ? {} : { identity: parts.identity }),
        data: parts.data,
        peak_memory: 5,
        attempts: 1,
      } as RunInfo,
    }))

  it('has every field that there is in some of these cases', () => {
    // a field that is added to the types has to be added here, and so is compared below
    const fields: { readonly [field in keyof Required<RunInfo>]: boolean } = {
      schema: true,
      task: true,
      config: true,
      input_tasks: true,
      also_read: true,
      parameters: true,
      log: true,
      started: true,
      ended: true,
      time: true,
      user: true,
      host: true,
      key: true,
      key_pre_image: true,
      in_memory_inputs: true,
      versions: true,
      code_fingerprint: true,
      code_lineage: true,
      data: true,
      identity: true,
      adopted: false, // not computed
      peak_memory: true,
      attempts: true,
    }
    const inside: {
      readonly [part in 'task' | 'config' | 'user' | 'versions' | 'data']: {
        readonly [field in keyof Required<NonNullable<RunInfo[part]>>]: true
      }
    } = {
      task: { name: true, module: true, version: true },
      config: { name: true, namespace: true, context: true },
      user: { name: true },
      versions: { taskchain: true, node: true },
      data: {
        format: true,
        extension: true,
        size: true,
        checksum: true,
        content: true,
        digest: true,
        beside: true,
        views: true,
      },
    }
    const input: { readonly [field in keyof Required<InputInfo>]: true } = {
      task: true,
      key: true,
      digest: true,
      identity: true,
    }
    const read: { readonly [field in keyof NonNullable<RunInfo['also_read']>[string]]: true } = {
      task: true,
      digest: true,
    }
    const made = fc.sample(recorded, { numRuns: 200, seed: 1 }).map((one) => one.info)
    const wanted = Object.entries(fields).flatMap(([field, isComputed]) => (isComputed ? [field] : []))
    expect(new Set(made.flatMap(Object.keys))).toEqual(new Set(wanted))
    const namesIn = (values: readonly object[]): ReadonlySet<string> => new Set(values.flatMap(Object.keys))
    for (const part of ['task', 'config', 'user', 'versions', 'data'] as const)
      expect(namesIn(made.map((one) => one[part] ?? {}))).toEqual(namesIn([inside[part]]))
    const inputs = made.flatMap((one) => Object.values(one.input_tasks)).filter(isInput)
    expect(namesIn(inputs)).toEqual(namesIn([input]))
    expect(namesIn(made.flatMap((one) => Object.values(one.also_read ?? {})))).toEqual(namesIn([read]))
  })

  it('is written field by field as a walk over it would', () => {
    fc.assert(
      fc.property(recorded, ({ info: made, preImage }) => {
        expect(emitComputed(made, preImage)).toBe(emitRunInfo(made))
      }),
      { numRuns: 500 },
    )
  })
})
