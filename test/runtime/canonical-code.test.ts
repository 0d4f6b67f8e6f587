// One function has one fingerprint, whatever it was compiled or loaded by.
import { transformSync } from 'esbuild'
import fc from 'fast-check'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { fileStore } from '../../src/adapters/file-store/file-store.js'
import { defineTask } from '../../src/declare/task.js'
import { canonicalCode } from '../../src/runtime/code-drift/canonical-code.js'
import { open } from './fixture.js'

const isSame = (...sources: readonly string[]): boolean => {
  const forms = new Set(sources.map(canonicalCode))
  return forms.size === 1 && !forms.has(undefined)
}

describe('the form of code', () => {
  test('does not know layout, comments, quotes, parentheses, braces around one statement, nor empty statements', () => {
    expect(isSame('(a) => a + 1', 'a => (a /* one */ + 1)', '(a)=>a+1')).toBe(true)
    expect(isSame("() => 'x\\ny'", '() => "x\\ny"', '() => `x\ny`')).toBe(true)
    expect(isSame('() => { if (a) { b() } else c();; }', '() => { if (a) b(); else { c() } }')).toBe(true)
    expect(isSame('() => ({ "a": 0.5, b: undefined })', '() => ({ a: .5, b: void 0 })')).toBe(true)
    expect(isSame('() => new Map', '() => new Map()')).toBe(true)
    expect(isSame("(a) => a + `${a}b` + 'c' + `${a}`", '(a) => a + `${a}bc${a}`')).toBe(true)
    const ofTsx = 's=>{const e="default";return s[e]&&typeof s[e]=="object"&&"__esModule"in s[e]?s[e]:s}'
    expect(isSame('async () => await import("./a.js")', `async()=>await import("./a.js").then(${ofTsx})`)).toBe(true)
    expect(isSame('() => import("./a.js")', '() => import("./a.js").then((all) => all.one)')).toBe(false)
    expect(isSame('() => /\\p{L}/u', '() => new RegExp("\\\\p{L}", "u")')).toBe(true)
  })

  test('does not know names of variables, whose scopes it follows', () => {
    expect(isSame('({ rows }) => rows.rows', '({ rows: rows2 }) => rows2.rows')).toBe(true)
    expect(
      isSame('(a) => { const f = () => b; let b = a; return f }', '(x) => { const g = () => y; let y = x; return g }'),
    ).toBe(true)
    expect(isSame('function f(n) { return n ? f(n - 1) : 0 }', 'function g(m) { return m ? g(m - 1) : 0 }')).toBe(true)
    expect(isSame('(a) => { { let a = 1; b(a) } return a }', '(x) => { { let y = 1; b(y) } return x }')).toBe(true)
    expect(
      isSame(
        '() => { for (var i = 0; i < 3; i++) f(i); return i }',
        '() => { for (var k = 0; k < 3; k++) f(k); return k }',
      ),
    ).toBe(true)
    expect(isSame('() => { try { a() } catch (e) { b(e) } }', '() => { try { a() } catch (x) { b(x) } }')).toBe(true)
  })

  test('knows free names, properties, labels and which variable is meant', () => {
    const sources = [
      '(a, b) => a - b',
      '(a, b) => b - a',
      '(a) => a - b',
      '(a) => b.a',
      '(a) => b[a]',
      '(a) => ({ a })',
      '(a) => ({ b: a })',
      '(a) => { { const a = 1; f(a) } return a }',
      '(a) => { { const b = 1; f(a) } return a }',
      '(a) => () => a',
      '(a) => (a) => a',
      '() => tag`a\\n`',
      '() => tag`a\n`',
      '() => `a${1}`',
      '() => "a" + 1',
      '(a) => a + 1 + "a"',
      '(a) => a + (1 + "a")',
      '(a) => a + "1a"',
      '(a) => `${a}1a`',
      '() => new RegExp(a, "u")',
      '(RegExp) => new RegExp("a", "u")',
      '() => /a/u',
      '() => "a1"',
      '() => 1',
      '() => "1"',
      '() => 1n',
      '() => /1/',
      '() => null',
      '() => undefined',
      '() => { return }',
      '() => { return null }',
      '() => [,]',
      '() => [null]',
      '() => { let a; b(a) }',
      '() => { let a = null; b(a) }',
      '() => { switch (a) { case null: } }',
      '() => { switch (a) { default: } }',
      '() => { __name(a, b); return 1 }',
      '#a() { return this.#b }',
      '#a() { return this.#c }',
      '() => { let undefined = 1; return undefined }',
      'async () => 1',
      'function () { return 1 }',
      'function* () { yield 1 }',
      '() => { return 1 }',
      'run() { return 1 }',
      'async run() { return 1 }',
      '() => class { a = 1 }',
      '() => class { static a = 1 }',
      '() => class { #a = 1; get a() { return this.#a } }',
      '() => a?.b',
      '(a = x) => { var x; return x }',
      '({ __proto__ })',
      '({ __proto__: __proto__ })',
      '() => a.b',
      '() => { x: for (;;) break x }',
      '() => { x: for (;;) break }',
    ]
    expect(new Set(sources.map(canonicalCode)).size).toBe(sources.length)
    expect(sources.map(canonicalCode)).not.toContain(undefined)
  })

  test('is found for ten thousand functions in a function', () => {
    const functions = (letter: string): string =>
      Array.from({ length: 10_000 }, (_, at) => `function ${letter}${at}(x) { return x + ${at} }`).join('\n')
    expect(isSame(`() => { ${functions('a')} }`, `() => { ${functions('b')} }`)).toBe(true)
  })

  test('tells what a default sees from what the body binds', () => {
    expect(isSame('(a = x) => { var x; return x }', '(b = x) => { var y; return y }')).toBe(true)
    expect(isSame('(a = x) => { var x; return x }', '(a = y) => { var y; return y }')).toBe(false)
  })

  test('is the same for what esbuild, and so tsx, makes of a function', () => {
    const examples = join(import.meta.dirname, '../../examples/movies/tasks')
    let compared = 0
    for (const file of readdirSync(examples)) {
      const source = readFileSync(join(examples, file), 'utf8')
      const plain = runsOf(transformSync(source, { loader: 'ts', format: 'esm' }).code)
      const named = runsOf(
        transformSync(source, { loader: 'ts', format: 'esm', keepNames: true, minifyWhitespace: true }).code,
      )
      expect(named.map(canonicalCode)).toEqual(plain.map(canonicalCode))
      compared += plain.length
    }
    expect(compared).toBeGreaterThan(15)
  })

  test('is undefined for what is no JavaScript, or nested without end', () => {
    expect(canonicalCode('() => {')).toBeUndefined()
    expect(canonicalCode('(a: number) => a')).toBeUndefined()
    expect(canonicalCode(`() => ${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBeUndefined()
    fc.assert(
      fc.property(fc.stringMatching(/^[-`${}'"/\\*\n a-c[\]()=>]{0,60}$/), (source) => (canonicalCode(source), true)),
      { numRuns: 2000 },
    )
  })
})

/** What follows `.run(` in a file, up to the parenthesis that ends it. */
const runsOf = (code: string): readonly string[] =>
  [...code.matchAll(/\.run\(/g)].map(({ index }) => {
    const start = index + '.run('.length
    for (let end = code.indexOf(')', start); end >= 0; end = code.indexOf(')', end + 1))
      if (canonicalCode(code.slice(start, end)) !== undefined && !/[(,]\s*$/.test(code.slice(start, end)))
        return code.slice(start, end)
    return ''
  })

test('a store whose fingerprints are of the text is taken as it is: nothing is computed again or reported', async () => {
  const root = mkdtempSync(join(tmpdir(), 'taskchain-fingerprints-'))
  const make = (source: string) => {
    const run = new Function(`return ${source}`)() as () => number
    const base = defineTask({ data: t.number, onCodeChange: 'recompute' }).run(run)
    const next = defineTask({ inputs: { base }, data: t.number }).run(({ base }) => base + 1)
    return open({ p: { base, next } }, {}, { store: fileStore(root) })
  }
  try {
    const first = make('() => 1')
    await first.chain.run(['p:next', 'p:base'])
    for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(yaml|jsonl)$/.test(file)) continue
      const text = readFileSync(join(root, file), 'utf8')
      expect(text).toMatch(/ast-[0-9a-f]{16}/)
      writeFileSync(join(root, file), text.replaceAll(/ast-([0-9a-f]{16})/g, '$1'))
    }
    const { computed, drifted } = await make('() => 2').chain.run(['p:next', 'p:base'])
    expect({ computed, drifted }).toEqual({ computed: [], drifted: [] })
    const forced = make('() => 3').chain
    await forced.force(['p:base'])
    await forced.run(['p:base'])
    expect((await make('() => 4').chain.run(['p:base'])).computed).toEqual(['p:base'])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
