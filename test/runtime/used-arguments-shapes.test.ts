import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { defineTask } from '../../src/declare/task.js'
import { usedArguments } from '../../src/runtime/task-run/arguments/used-arguments.js'
import { open } from './fixture.js'

/**
 * Functions of all shapes are called with a record that notes what is read of it: all of that must be in the answer.
 */

const inputs = ['a', 'b', 'größe', '名前', '$x', '_', 'async', 'get', 'of', 'static', 'quoted name'] as const

const gap = fc.constantFrom('', '', ' ', '\n', '/* } */', '// {(\n', '/*,*/ ', '/* => */', '\t/**/')

const initial = fc.constantFrom(
  '0',
  "'}'",
  '"{"',
  '{ x: [1, "}"] }',
  '[1, (2)]',
  '() => ({ y: 1 })',
  'function () { return "," }',
  '`}`',
  '`${"}"}`',
  '/}/',
  '4 / 2 / 1',
  '1 < 2',
  "'\\''",
  '(1, 2)',
  'class { static x = 1 }',
  'void 0',
)

const plainName = fc.constantFrom('a', 'b', 'größe', '名前', '$x', '_', 'async', 'get', 'of')

const target = fc.integer({ min: 0, max: 1e6 }).map((number) => `v${number}`)

const element = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(plainName, target).map(([key, to]) => `${key}: ${to}`) },
  fc.tuple(plainName, target, initial).map(([key, to, value]) => `${key}: ${to} = ${value}`),
  fc.tuple(plainName, target, initial).map(([key, to, value]) => `${key}: { deep: ${to} } = { deep: ${value} }`),
  fc.tuple(plainName, target).map(([key, to]) => `${key}: [${to}] = []`),
  target.map((to) => `'quoted name': ${to}`),
  target.map((to) => `"b": ${to}`),
  target.map((to) => `'\\x61': ${to}`),
  target.map((to) => `\\u0061: ${to}`),
  target.map((to) => `['a' + '']: ${to}`),
  target.map((to) => `[/* a */ 'größe']: ${to} = 1`),
  target.map((to) => `0: ${to}`),
)

const spaced = (parts: readonly string[], gaps: readonly string[]): string =>
  parts.map((part, index) => `${gaps[index % gaps.length] ?? ''}${part}`).join('')

const uniqueTargets = (elements: readonly string[]): readonly string[] =>
  elements.map((one, index) => one.replaceAll(/\bv\d+/g, `v${index}_$&`))

const objectPattern = fc
  .tuple(
    fc.array(element, { maxLength: 5 }),
    fc.constantFrom('', '', '...rest'),
    fc.array(gap, { minLength: 1, maxLength: 7 }),
    fc.boolean(),
    fc.constantFrom('', ' = {}', '/**/ = { a: "}" }'),
  )
  .map(([elements, rest, gaps, comma, fallback]) => {
    const parts = [...uniqueTargets(elements), ...(rest === '' ? [] : [rest])]
    const inner = parts.flatMap((part, index) =>
      index < parts.length - 1 || (comma && rest === '') ? [part, ','] : [part],
    )
    return `${spaced(['{', ...inner, '}'], gaps)}${gaps[0]}${fallback}`
  })

/** A first parameter, and what a body may read through it. */
const parameter = fc.oneof(
  { weight: 3, arbitrary: objectPattern.map((text) => ({ text, name: undefined })) },
  fc
    .tuple(fc.constantFrom('args', '_', 'größe', 'aa', '$', 'async'), fc.constantFrom('', ' = {}'))
    .map(([name, fallback]) => ({ text: name + fallback, name })),
  fc.constant({ text: 'a\\u0061', name: 'aa' }),
  fc.constant({ text: '...args', name: 'args[0]' }),
  fc.constant({ text: '[first] = []', name: undefined }),
  fc.constant({ text: '', name: undefined }),
)

const others = fc.constantFrom(
  '',
  '',
  ', context',
  ', { inputs, log }',
  ', { inputs } = {}',
  ',',
  ', ...more',
  ', b1 = eval("1")',
  ", c1 = ')'",
  ', d1 = `)`',
)

const bodyOf = (name: string | undefined) =>
  fc.constantFrom(
    'return 0',
    '"arguments"; return 1',
    'return "\\u00e9 }"',
    'return arguments[0]?.b',
    'return eval("arguments")[0]?.b',
    'return \\u0061rguments[0]?.größe',
    ...(name === undefined
      ? []
      : [
          `return ${name}.a`,
          `const { b: q } = ${name}; return q`,
          `return { ...${name} }`,
          `return eval("${name}").b`,
          `return ${name.replace(/^a/, '\\u0061')}.größe`,
          `return (() => ${name})()['名前']`,
        ]),
  )

const forms: readonly ((params: string, body: string) => string)[] = [
  (params, body) => `(${params}) => { ${body} }`,
  (params, body) => `async (${params}) => { ${body} }`,
  (params, body) => `async(${params})/* x */=>{ ${body} }`,
  (params, body) => `function (${params}) { ${body} }`,
  (params, body) => `function named(${params}) { ${body} }`,
  (params, body) => `function größen/* ( */(${params}) { ${body} }`,
  (params, body) => `async function (${params}) { ${body} }`,
  (params, body) => `function* (${params}) { ${body} }`,
  (params, body) => `async function* named(${params}) { ${body} }`,
  (params, body) => `({ method(${params}) { ${body} } }).method`,
  (params, body) => `({ async *größe(${params}) { ${body} } }).größe`,
  (params, body) => `({ 'a b'(${params}) { ${body} } })['a b']`,
  (params, body) => `({ ['a' + 1](${params}) { ${body} } }).a1`,
  (params, body) => `({ async(${params}) { ${body} } }).async`,
  (params, body) => `({ get(${params}) { ${body} } }).get`,
  (params, body) => `(class { static run(${params}) { ${body} } }).run`,
  (params, body) => `(class { static async run(${params}) { ${body} } }).run`,
  (params, body) => `new (class { #p(${params}) { ${body} } get() { return this.#p } })().get()`,
  (params, body) => `({ get run() { return (${params}) => { ${body} } } }).run`,
]

/** What decorators, compilers and libraries put around a function. */
const wrappers: readonly ((inner: string) => string)[] = [
  (inner) => inner,
  (inner) => inner,
  (inner) => inner,
  (inner) => `(f => (...args) => f(...args))(${inner})`,
  (inner) => `(f => (args, context) => f(args, context))(${inner})`,
  (inner) => `(f => args => f(args))(${inner})`,
  (inner) => `(f => function () { return f.apply(this, arguments) })(${inner})`,
  (inner) => `(f => function (x) { return f.call(this, x) })(${inner})`,
  (inner) => `(f => async function (_x) { return f.apply(this, arguments) })(${inner})`,
  (inner) => `((w, f) => (_0) => w(null, [_0], f))((self, args, f) => f.apply(self, args), ${inner})`,
  (inner) =>
    `((w, f) => function (_a) { return w(this, arguments, void 0, f) })((self, args, P, f) => f.apply(self, args), ${inner})`,
  (inner) => `(${inner}).bind(null)`,
  (inner) => `((f) => f.bind(undefined))(${inner})`,
  (inner) => `new Proxy(${inner}, {})`,
  (inner) => `new Proxy((${inner}).bind({}), { apply: (f, self, args) => f(...args) })`,
  (inner) => `(f => ({ a, ...rest }) => f({ a, ...rest }))(${inner})`,
  (inner) => `(f => ({ b }) => f({ b }))(${inner})`,
  (inner) => `Object.assign(${inner}, { toString: () => '() => 1' })`,
]

const shape = fc
  .tuple(parameter, others, fc.constantFrom(...forms), fc.constantFrom(...wrappers), gap, gap)
  .chain(([first, rest, form, wrap, before, after]) =>
    bodyOf(first.name).map((body) =>
      wrap(
        form(`${before}${first.text}${after}${first.text === '' || first.text.startsWith('...') ? '' : rest}`, body),
      ),
    ),
  )

/** The function of a source, or undefined where it is not JavaScript. */
const functionOf = (source: string): ((...given: unknown[]) => unknown) | undefined => {
  try {
    const made: unknown = Function(`return (${source})`)()
    return typeof made === 'function' ? (made as (...given: unknown[]) => unknown) : undefined
  } catch {
    return undefined
  }
}

/** Names that a call reads of its first argument. */
const readBy = async (run: (...given: unknown[]) => unknown): Promise<ReadonlySet<string>> => {
  const read = new Set<string>()
  const record = new Proxy(
    Object.fromEntries(inputs.map((name) => [name, { deep: 1, [Symbol.iterator]: () => [1][Symbol.iterator]() }])),
    {
      get: (values, name) => {
        if (typeof name === 'string') read.add(name)
        return Reflect.get(values, name) as unknown
      },
      ownKeys: (values) => {
        for (const name of inputs) read.add(name)
        return Reflect.ownKeys(values)
      },
    },
  )
  try {
    let made = await run(record, { inputs: [], log: {} })
    if (typeof made === 'object' && made !== null && 'next' in made) made = await (made as { next(): unknown }).next()
  } catch {
    // a body may fail after it has read
  }
  return read
}

const settings = { numRuns: Number(process.env['FUZZ'] ?? 3000) }

describe('of functions of any shape', () => {
  test('no argument is read that was not told', async () => {
    let followed = 0
    await fc.assert(
      fc.asyncProperty(shape, async (source) => {
        const run = functionOf(source)
        if (run === undefined) return
        const told = usedArguments(run)
        if (told === 'all') return
        followed++
        const read = await readBy(run)
        expect(
          [...read].filter((name) => (inputs as readonly string[]).includes(name) && !told.has(name)),
          source,
        ).toEqual([])
      }),
      settings,
    )
    expect(followed).toBeGreaterThan(settings.numRuns / 50) // else the test says nothing
  })

  test.each([
    ['a bound method', '({ train: ({ a }) => a }).train.bind({})'],
    ['a proxy', 'new Proxy(({ a }) => a, {})'],
    ['an escaped name', '({ \\u0061: x }) => x'],
    ['an escaped parameter', '(a\\u0061) => aa.b'],
    ['a parameter read by an escaped name', '(aa) => \\u0061a.b'],
    ['a parameter read by eval', '(args) => eval("ar" + "gs").a'],
    ['a class', 'class { constructor({ a }) {} }'],
    ['a method of a computed name', '({ ["x"]({ a }) {} }).x'],
  ])('all are taken for read where the source does not say: %s', (_, source) => {
    expect(usedArguments(Function(`return (${source})`)())).toBe('all')
  })

  test.each([
    ['letters of any language', '({ größe, 名前: name }) => größe', ['größe', '名前']],
    ['comments in odd places', '(/* ( */ { /* } */ a /* , */, // b }\n b /* : */ : /* = */ c }) => a', ['a', 'b']],
    ['strings with brackets', '({ a = "}", b = \'{\', c = [")"] }) => a', ['a', 'b', 'c']],
    ['an arrow function with escapes in its text', '({ a }, { inputs }) => a + "\\u00e9"', ['a']],
    ['a static method', '(class { static async run({ a, b }) { return a } }).run', ['a', 'b']],
    ['a minified one', '({a:n,b:t=[]},{log:e})=>n+t', ['a', 'b']],
    ['an async arrow function', 'async ({ a } = {}, { inputs: [first] }) => `${a}`', ['a']],
  ])('what is read is told: %s', (_, source, names) => {
    expect(usedArguments(Function(`return (${source})`)())).toEqual(new Set(names))
  })
})

describe('an input of a task whose run', () => {
  const source = defineTask({ data: t.number }).run(() => 7)
  const runs = {
    'is a bound method': ((model) => model.train.bind(model))({
      offset: 1,
      train({ source: value }: { readonly source: number }) {
        return value + this.offset
      },
    }),
    'is a proxy': new Proxy(({ source: value }: { readonly source: number }) => value + 1, {}),
    'is decorated': ((inner: (args: { readonly source: number }) => number) =>
      function (this: unknown, ...given: [{ readonly source: number }]) {
        return inner.apply(this, given)
      })(({ source: value }) => value + 1),
  }
  test.each(Object.entries(runs))('%s is there, and so the result that is kept is right', async (_, run) => {
    const sum = defineTask({ inputs: { source }, data: t.number }).run(run)
    expect(await open({ p: { source, sum } }).chain.value(sum)).toBe(8)
  })

  test('has a name of other letters is there', async () => {
    const sum = defineTask({ inputs: { größe: source }, data: t.number }).run(({ größe }) => größe + 1)
    expect(await open({ p: { source, sum } }).chain.value(sum)).toBe(8)
  })
})
