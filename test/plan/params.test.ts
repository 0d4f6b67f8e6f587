import assert from 'node:assert/strict'
import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import type { ConfigValue, ResolvedConfigs } from '../../src/config/config-types.js'
import { defineObject, object } from '../../src/declare/object.js'
import { param, type Params } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import type { PlanError } from '../../src/errors.js'
import { planChain } from '../../src/plan/plan.js'
import type { PlanNode } from '../../src/plan/plan-types.js'
import { configOf, nodeIn, planned, refused, resolvedOf, right } from './fixtures.js'

type Values = Readonly<Record<string, ConfigValue>>

const taking = (params: object, objects: object = {}) =>
  defineProject({
    pipelines: { p: { task: defineTask({ params: params as Params, data: t.number } as never).run(() => 1) } },
    objects: objects as never,
  })
const nodeWith = (params: object, values: Values = {}, expanded: Values = {}, objects: object = {}): PlanNode =>
  nodeIn(planned(taking(params, objects), { tasks: 'p.*', values, expanded }), 'p:task')
const errorWith = (params: object, values: Values = {}, objects: object = {}): PlanError =>
  refused(taking(params, objects), { tasks: 'p.*', values })[0]
const place = { origin: 'main.yaml', line: 100, column: 1 }
const atTasks = { origin: 'main.yaml', line: 1, column: 1 }

const DateText = new t.Type<Date, string>(
  'DateText',
  (value): value is Date => value instanceof Date,
  (value, context) =>
    typeof value === 'string' && !Number.isNaN(Date.parse(value))
      ? t.success(new Date(value))
      : t.failure(value, context),
  (date) => date.toISOString(),
)
const giving = (encoded: unknown) => new t.Type<unknown>('odd', t.unknown.is, t.success, () => encoded)

describe('values', () => {
  test('are read under the snake case name, or nameInConfig, and encoded through their codec', () => {
    const node = nodeWith(
      { minVotes: t.number, since: DateText, model: param(t.string, { nameInConfig: 'modelName' }) },
      { min_votes: 5, since: '2020-01-01', modelName: 'x' },
    )
    expect(node.params).toEqual({ minVotes: 5, since: '2020-01-01T00:00:00.000Z', model: 'x' })
    expect(node.keyParams).toBeUndefined()
  })

  test('are frozen to the leaves, their names in the order given', () => {
    const { params } = nodeWith({ x: t.unknown }, { x: { b: [{ d: 1, c: 2 }], a: 1 } })
    expect(JSON.stringify(params)).toBe('{"x":{"b":[{"d":1,"c":2}],"a":1}}')
    const { x } = params as { x: { b: readonly object[] } }
    expect([x, x.b, x.b[0]].every(Object.isFrozen)).toBe(true)
  })

  test('come from the default where the config is silent, encoded too', () => {
    expect(
      nodeWith({ since: param(DateText, { default: new Date(0) }), list: param(t.array(t.number), { default: [1] }) })
        .params,
    ).toEqual({ since: '1970-01-01T00:00:00.000Z', list: [1] })
  })

  test('-0 is 0, and undefined fields are left out', () => {
    const { params } = nodeWith({ x: param(t.number, { default: -0 }), y: giving({ a: undefined, b: -0 }) }, { y: 1 })
    expect(Object.is(params['x'], 0)).toBe(true)
    expect(params['y']).toEqual({ b: 0 })
  })

  test('a key called __proto__ is a key like any other', () => {
    const { params } = nodeWith(
      { x: t.unknown },
      { x: JSON.parse('{"__proto__":{"polluted":1},"a":2}') as ConfigValue },
    )
    expect(JSON.stringify(params)).toBe('{"x":{"__proto__":{"polluted":1},"a":2}}')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

describe('what is in the key', () => {
  const keyOf = (params: object, values: Values = {}) => nodeWith(params, values).key

  test('ignorePersistence leaves a param out', () => {
    const params = { x: t.number, verbose: param(t.boolean, { default: false, ignorePersistence: true }) }
    expect(nodeWith(params, { x: 1, verbose: true })).toMatchObject({
      params: { x: 1, verbose: true },
      keyParams: { x: 1 },
    })
    expect(keyOf(params, { x: 1, verbose: true })).toBe(keyOf({ x: t.number }, { x: 1 }))
  })

  test('omitDefault leaves it out while it equals the default, so that adding one recomputes nothing', () => {
    const params = { x: t.number, list: param(t.array(t.number), { default: [1, 2], omitDefault: true }) }
    expect(keyOf(params, { x: 1 })).toBe(keyOf({ x: t.number }, { x: 1 }))
    expect(keyOf(params, { x: 1, list: [1, 2] })).toBe(keyOf({ x: t.number }, { x: 1 }))
    expect(keyOf(params, { x: 1, list: [2, 1] })).not.toBe(keyOf({ x: t.number }, { x: 1 }))
  })

  test('without it a default is in the key like any value', () => {
    expect(keyOf({ x: param(t.number, { default: 1 }) })).toBe(keyOf({ x: t.number }, { x: 1 }))
  })

  test('1 and "1", null and a missing list are different keys', () => {
    const keys = ([1, '1', null, [], {}, [1], ['1'], false] as ConfigValue[]).map((x) => keyOf({ x: t.unknown }, { x }))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('placeholders', () => {
  test('stay unexpanded in plan and key; the expanded form is what is checked', () => {
    const node = nodeWith({ file: t.string }, { file: '{DATA}/a.csv' }, { file: '/data/a.csv' })
    expect(node.params).toEqual({ file: '{DATA}/a.csv' })
    expect(node.key).toBe(nodeWith({ file: t.string }, { file: '{DATA}/a.csv' }, { file: '/elsewhere/a.csv' }).key)
  })

  test('a value that only its expanded form can be stays as written', () => {
    expect(nodeWith({ since: DateText }, { since: '{YEAR}-01-01' }, { since: '2020-01-01' }).params).toEqual({
      since: '{YEAR}-01-01',
    })
  })

  test('the unexpanded form goes through the codec where it can', () => {
    const Lower = new t.Type<string>(
      'Lower',
      t.string.is,
      (value, context) => (typeof value === 'string' ? t.success(value.toLowerCase()) : t.failure(value, context)),
      t.identity,
    )
    expect(nodeWith({ x: t.tuple([Lower, t.number]) }, { x: ['{a}B', 1] }, { x: ['AB', 1] }).params).toEqual({
      x: ['{a}b', 1],
    })
    expect(nodeWith({ x: Lower }, { x: '{A}B' }, { x: 'aB' }).params).toEqual({ x: '{A}B' })
  })

  test('what the codec cannot encode once it is filled in is an error; what it cannot encode only before stays as written', () => {
    const encoding = (encode: (text: string) => string) => ({
      x: new t.Type<string, string>('Encoding', t.string.is, t.string.validate, encode),
    })
    const refusing = (word: string) => encoding((text) => (text.includes(word) ? assert.fail(`no ${word} here`) : text))
    const errorOf = (params: Params, x: ConfigValue, expanded: ConfigValue) =>
      refused(taking(params), { tasks: 'p.*', values: { x }, expanded: { x: expanded } })
    expect(errorOf(refusing('ftp'), '{HOST}/a', 'ftp/a')).toEqual([
      { _tag: 'UnencodableParam', place, node: 'p:task', param: 'x', problem: 'its codec threw: no ftp here' },
    ])
    expect(errorOf(refusing('/'), '{HOST}/a', 'ftp/a')).toMatchObject([{ problem: 'its codec threw: no / here' }])
    expect(nodeWith(refusing('{'), { x: '{HOST}/a' }, { x: 'ftp/a' }).params).toEqual({ x: '{HOST}/a' })
    expect(errorOf({ x: t.array(refusing('ftp').x) }, ['{HOST}'], ['ftp'])).toMatchObject([
      { _tag: 'UnencodableParam' },
    ])
  })
})

describe('tuples take no more than they have', () => {
  const pair = t.tuple([t.number, t.number])
  interface Tree {
    readonly at: [number, number]
    readonly below: readonly Tree[]
  }
  const Tree: t.Type<Tree> = t.recursion('Tree', () => t.type({ at: pair, below: t.readonlyArray(Tree) }))
  const pathsOf = (codec: t.Mixed, x: ConfigValue): unknown =>
    refused(taking({ x: codec }), { tasks: 'p.*', values: { x } }).map((error) =>
      error._tag === 'InvalidParam' ? `${error.path}: ${error.problem}` : error,
    )

  test.each<readonly [string, t.Mixed, ConfigValue, readonly string[]]>([
    ['alone', pair, [1, 2, 3], ['/2: expected 2 elements, got 3 at /2']],
    [
      'in a list, each',
      t.array(pair),
      [
        [1, 2, 3],
        [1, 2],
        [1, 2, 3, 4],
      ],
      ['/0/2: expected 2 elements, got 3 at /0/2', '/2/2: expected 2 elements, got 4 at /2/2'],
    ],
    [
      'in the branch of a union that is taken',
      t.union([t.null, pair, t.tuple([t.number, t.number, t.number])]),
      [1, 2, 3],
      ['/2: expected 2 elements, got 3 at /2'],
    ],
    [
      'in each part of an intersection',
      t.intersection([t.type({ a: pair }), t.partial({ b: pair })]),
      { a: [1, 2], b: [1, 2, 3] },
      ['/b/2: expected 2 elements, got 3 at /b/2'],
    ],
    [
      'under a refinement, read-only, exact, in a record',
      t.record(t.string, t.readonly(t.exact(t.type({ a: t.refinement(pair, () => true) })))),
      { x: { a: [1, 2, 3] } },
      ['/x/a/2: expected 2 elements, got 3 at /x/a/2'],
    ],
    [
      'far below',
      Tree,
      { at: [1, 2], below: [{ at: [1, 2, 3], below: [] }] },
      ['/below/0/at/2: expected 2 elements, got 3 at /below/0/at/2'],
    ],
    [
      'beside what else is wrong',
      t.array(pair),
      [
        [1, 'x'],
        [1, 2, 3],
      ],
      ['/0/1: expected number, got "x" at /0/1', '/1/2: expected 2 elements, got 3 at /1/2'],
    ],
    ['none at all', t.tuple([t.literal('a')]), ['a', 'b'], ['/1: expected 1 element, got 2 at /1']],
  ])('%s', (_, codec, value, paths) => {
    expect(pathsOf(codec, value)).toEqual(paths)
  })

  test('but a codec of its own that keeps what follows may', () => {
    const open = new t.Type<readonly number[]>(
      'open',
      (value): value is readonly number[] => Array.isArray(value),
      (value) => t.success(value as readonly number[]),
      t.identity,
    )
    const withTag = Object.assign(open, { _tag: 'TupleType', types: [t.number] })
    expect(nodeWith({ x: withTag }, { x: [1, 2, 3] }).params).toEqual({ x: [1, 2, 3] })
  })

  test('a default that would be cut is an error of the declaration', () => {
    expect(errorWith({ x: param(pair, { default: [1, 2, 3] as never }) })).toMatchObject({
      _tag: 'InvalidParam',
      problem: 'its codec does not accept its own default ([number, number])',
    })
  })
})

describe('everything that is wrong with a value', () => {
  const messages = (codec: t.Mixed, x: ConfigValue, objects: object = {}): unknown =>
    refused(taking({ x: codec }, objects), { tasks: 'p.*', values: { x } })
      .map((error) => ('problem' in error ? error.problem : error._tag))
      .sort()
  const A = defineObject('A', { args: { n: t.number } }).create(() => ({}))
  const B = defineObject('B', {
    args: { m: t.number, inner: param(t.union([t.null, object<{}>()]), { default: null }) },
  }).create(() => ({}))

  test('of a union counts the branch that was meant: whose class is there, else which fits furthest', () => {
    expect(messages(t.union([object(A), object(B)]), { class: 'B', kwargs: { m: 'x' } }, { A, B })).toEqual([
      'expected number, got "x"',
    ])
    expect(
      messages(t.union([object(A), t.array(object(A)), t.null]), [{ class: 'A', args: ['x'] }, { class: 'A' }], { A }),
    ).toEqual(["A needs the argument 'n'", 'expected number, got "x"'])
    expect(
      messages(object<{}>(), { class: 'B', kwargs: { m: 'x', inner: { class: 'B', args: [true, 3] } } }, { A, B }),
    ).toEqual(['expected (null | object), got 3', 'expected number, got "x"', 'expected number, got true'])
    const shape = t.union([
      t.type({ kind: t.literal('a'), x: t.number, y: t.number }),
      t.type({ kind: t.literal('b'), z: t.union([t.number, t.literal('auto')]) }),
    ])
    expect(
      messages(t.array(shape), [{ kind: 'a', x: 'one', y: 'two' }, { kind: 'b', z: 'x' }, { kind: 'c' }]),
    ).toHaveLength(4)
    expect(messages(t.union([t.number, t.string]), [1])).toEqual(['expected (number | string), got [1]'])
  })

  test('is told once, however often a codec says it, and no more than a hundred times', () => {
    expect(
      messages(t.intersection([t.type({ a: t.number }), t.type({ a: t.number, b: t.string })]), { a: 'x', b: 1 }),
    ).toEqual(['expected number, got "x" at /a', 'expected string, got 1 at /b'])
    const found = refused(taking({ x: t.array(t.number) }), {
      tasks: 'p.*',
      values: { x: Array.from({ length: 200_000 }, () => 'no') },
    })
    expect(found).toHaveLength(101)
    expect(found.filter(({ _tag }) => _tag !== 'InvalidParam')).toMatchObject([
      { _tag: 'TooLarge', limit: '100 errors' },
    ])
  })
})

describe('what is wrong', () => {
  const missing = {
    _tag: 'MissingParam',
    node: 'p:task',
    param: 'minVotes',
    nameInConfig: 'min_votes',
    place: atTasks,
    near: [],
    elsewhere: [],
    emptyValue: false,
  }

  test('a required param without a value, with the camelCase form or a slip as suggestion', () => {
    expect(errorWith({ minVotes: t.number })).toEqual(missing)
    expect(errorWith({ minVotes: t.number }, { minVotes: 5, max: 1 })).toEqual({ ...missing, near: ['minVotes'] })
    expect(errorWith({ minVotes: t.number }, { min_vote: 5 })).toEqual({ ...missing, near: ['min_vote'] })
    expect(errorWith({ minVotes: t.number, minVote: t.number }, { min_vote: 5 })).toEqual(missing)
  })

  test('one that only another config has', () => {
    const errors = refused(
      taking({ minVotes: t.number }),
      { tasks: 'p.*' },
      { id: 'other.yaml', values: { min_votes: 5 } },
    )
    expect(errors).toEqual([{ ...missing, elsewhere: [{ origin: 'other.yaml', line: 100, column: 1 }] }])
  })

  test('null where the codec takes none', () => {
    expect(errorWith({ minVotes: t.number }, { min_votes: null })).toEqual({ ...missing, place, emptyValue: true })
    expect(errorWith({ minVotes: param(t.number, { default: 1 }) }, { min_votes: null })).toMatchObject({
      _tag: 'InvalidParam',
      place,
      problem:
        'an empty value (null) is accepted only by a nullable codec, this one is number; leave the line out to take the default',
    })
    expect(nodeWith({ x: t.union([t.number, t.null]) }, { x: null }).params).toEqual({ x: null })
  })

  test('a wrong type, with the path and the place of the wrong part', () => {
    expect(errorWith({ x: t.type({ list: t.array(t.number) }) }, { x: { list: [1, 'two'] } })).toEqual({
      _tag: 'InvalidParam',
      place: { origin: 'main.yaml', line: 100, column: 31 },
      node: 'p:task',
      param: 'x',
      path: '/list/1',
      problem: 'expected number, got "two" at /list/1',
      overriddenBy: undefined,
    })
  })

  test('the context place that gave the wrong value', () => {
    const own = { origin: 'main.yaml', line: 100, column: 1 }
    const overrides = { origin: 'context.yaml', line: 3, column: 1 }
    const resolved = (located: typeof own): ResolvedConfigs => {
      const config = configOf({ tasks: 'p.*' })
      const value = {
        unexpanded: 'x',
        expanded: 'x',
        located: { value: 'x', place: located },
        own,
        overrides,
        fromContext: true,
      }
      return { ...resolvedOf(), entry: config.id, configs: [{ ...config, values: new Map([['x', value]]) }] }
    }
    expect(planChain(taking({ x: t.number }), resolved(own))).toMatchObject(
      E.left([{ _tag: 'InvalidParam', place: own, overriddenBy: overrides }]),
    )
    expect(planChain(taking({ x: t.number }), resolved(overrides))).toMatchObject(
      E.left([{ _tag: 'InvalidParam', place: overrides, overriddenBy: undefined }]),
    )
    expect(right(planChain(taking({ x: t.string }), resolved(overrides))).origins).toEqual({
      'p:task': { x: { place: own, overrides } },
    })
  })

  test('a default that its codec does not give back', () => {
    expect(errorWith({ x: param(t.number, { default: 'one' as never }) })).toMatchObject({
      _tag: 'InvalidParam',
      param: 'x',
      problem: 'its codec does not accept its own default (number)',
    })
  })

  test.each([
    ['NaN', { a: [Number.NaN] }, 'NaN at /a/0'],
    ['infinities', Infinity, 'Infinity'],
    ['undefined in a list', [1, undefined], 'undefined at /1'],
    ['undefined', undefined, 'undefined'],
    ['a date', { when: new Date(0) }, 'a Date at /when'],
    ['a map', new Map(), 'a Map'],
    ['a class instance', [new (class Model {})()], 'an instance of Model at /0'],
    ['a function', { f: () => 1 }, 'a function at /f'],
    ['a symbol', Symbol('x'), 'a symbol'],
    ['a symbol as name', { [Symbol('x')]: 1 }, 'a record with symbols as names'],
    ['typed arrays', new Float64Array(1), 'a Float64Array'],
  ])('an encoded form with %s', (_, encoded, problem) => {
    expect(errorWith({ x: giving(encoded) }, { x: 1 })).toEqual({
      _tag: 'UnencodableParam',
      place,
      node: 'p:task',
      param: 'x',
      problem,
    })
  })

  test('circles, deep nesting and sizes out of bounds end in an error', () => {
    const circle: unknown[] = []
    circle.push(circle)
    let bomb: unknown = [1]
    for (let level = 0; level < 60; level++) bomb = [bomb, bomb]
    expect(errorWith({ x: giving(circle) }, { x: 1 })).toMatchObject({ _tag: 'UnencodableParam' })
    expect(errorWith({ x: giving(bomb) }, { x: 1 })).toMatchObject({
      _tag: 'UnencodableParam',
      problem: 'more than 1000000 parts',
    })
  })

  test('codecs that throw', () => {
    const boom = (): never => {
      throw new Error('boom')
    }
    expect(errorWith({ x: new t.Type<unknown>('boom', t.unknown.is, boom, t.identity) }, { x: 1 })).toMatchObject({
      _tag: 'InvalidParam',
      problem: 'its codec threw: boom',
    })
    expect(errorWith({ x: new t.Type<unknown>('boom', t.unknown.is, t.success, boom) }, { x: 1 })).toMatchObject({
      _tag: 'UnencodableParam',
      problem: 'its codec threw: boom',
    })
  })

  test('bigints are fine', () => {
    expect(nodeWith({ x: giving(12n) }, { x: 1 }).params).toEqual({ x: 12n })
  })
})

describe('parameter objects', () => {
  const Ridge = defineObject('Ridge', {
    args: {
      l2: param(t.number, { default: 1 }),
      verbose: param(t.boolean, { default: false, ignorePersistence: true }),
      bias: param(t.boolean, { default: true, omitDefault: true }),
    },
  }).create((args) => args)
  const Stack = defineObject('Stack', { args: { models: t.array(object()) } }).create((args) => args)
  const objects = { Ridge, Stack }
  const withModel = (model: ConfigValue, codec: t.Mixed = object()) =>
    nodeWith({ model: codec }, { model }, {}, objects)
  const wrong = (model: ConfigValue, codec: t.Mixed = object()) => errorWith({ model: codec }, { model }, objects)

  test('positional and named arguments are one key; defaults are written out in the plan', () => {
    const node = withModel({ class: 'Ridge', args: [2] })
    expect(node.params).toEqual({ model: { class: 'Ridge', kwargs: { l2: 2, verbose: false, bias: true } } })
    expect(node.keyParams).toEqual({ model: { class: 'Ridge', kwargs: { l2: 2 } } })
    expect(withModel({ class: 'Ridge', kwargs: { l2: 2, verbose: true } }).key).toBe(node.key)
    expect(withModel({ class: 'Ridge', kwargs: { l2: 2, bias: false } }).key).not.toBe(node.key)
  })

  test('nest at will', () => {
    const node = withModel({ class: 'Stack', args: [[{ class: 'Ridge' }, { class: 'Ridge', args: [3] }]] })
    expect(node.keyParams).toEqual({
      model: {
        class: 'Stack',
        kwargs: {
          models: [
            { class: 'Ridge', kwargs: { l2: 1 } },
            { class: 'Ridge', kwargs: { l2: 3 } },
          ],
        },
      },
    })
  })

  test('mean themselves only where the codec says so', () => {
    expect(withModel({ class: 'Nobody', x: 1 }, t.unknown).params).toEqual({ model: { class: 'Nobody', x: 1 } })
  })

  test('can be defaults, compared by what is in the key', () => {
    const params = { model: param(object(Ridge), { default: Ridge.of({ l2: 5 }), omitDefault: true }) }
    expect(nodeWith(params, {}, {}, objects)).toMatchObject({
      params: { model: { class: 'Ridge', kwargs: { l2: 5, verbose: false, bias: true } } },
      keyParams: {},
    })
    expect(nodeWith(params, { model: { class: 'Ridge', args: [5, true] } }, {}, objects).keyParams).toEqual({})
  })

  test('of an unknown class are an error with near names, at the place of the name', () => {
    expect(wrong({ class: 'Rigde' })).toEqual({
      _tag: 'UnknownClass',
      place: { ...place, column: 11 },
      node: 'p:task',
      param: 'model',
      className: 'Rigde',
      near: ['Ridge'],
      known: ['Ridge', 'Stack'],
    })
    expect(wrong({ class: 'Stack', args: [[]] }, object(Ridge))).toMatchObject({
      _tag: 'UnknownClass',
      known: ['Ridge'],
    })
    expect(wrong({ class: 'constructor' })).toMatchObject({ _tag: 'UnknownClass', className: 'constructor' })
    expect(wrong({ class: 'Rigde' }, t.union([object(), t.null]))).toMatchObject({ _tag: 'UnknownClass' })
  })

  test('with wrong arguments are an error with the path', () => {
    const problems = [
      { class: 'Ridge', kwargs: { l3: 1 } },
      { class: 'Ridge', args: [1, true, true, 1] },
      { class: 'Ridge', kwargs: { l2: 'x' } },
      { class: 'Stack' },
      { class: 'Ridge', l2: 1 },
      { class: 'Ridge', args: [1], kwargs: { l2: 1 } },
    ]
    expect(
      problems
        .map((model) => wrong(model))
        .map((error) => (error._tag === 'WrongClassArguments' ? [error.path, error.problem] : error)),
    ).toEqual([
      ['', "Ridge has no argument 'l3'; it has: l2, verbose, bias"],
      ['', 'Ridge takes at most 3 arguments, got 4'],
      ['/l2', 'expected number, got "x"'],
      ['/models', "Stack needs the argument 'models'"],
      ['', "unknown key 'l2' beside class; use args and kwargs"],
      ['', "Ridge got 'l2' twice, in args and in kwargs"],
    ])
    expect(wrong({ class: 'Ridge', kwargs: { l2: 'x' } })).toMatchObject({
      place: { origin: 'main.yaml', line: 100, column: 31 },
    })
  })

  test('that are not even objects are wrong values', () => {
    expect(wrong('Ridge')).toMatchObject({
      _tag: 'InvalidParam',
      problem: 'expected { class: NAME, args: […], kwargs: {…} }',
    })
  })
})

describe('warnings', () => {
  const warningsOf = (resolved: ResolvedConfigs) =>
    right(
      planChain(
        taking({ minVotes: param(t.number, { default: 1 }), other: param(t.number, { default: 1 }) }),
        resolved,
      ),
    ).warnings

  test('a value that nobody reads, with what it may have meant', () => {
    expect(
      warningsOf(resolvedOf({ tasks: 'p.*', values: { minVotes: 1, othr: 2, 'x-mine': 3, unlike_anything: 4 } })),
    ).toEqual([
      { _tag: 'UnusedValue', place, name: 'minVotes', near: ['min_votes'], elsewhere: [] },
      { _tag: 'UnusedValue', place: { ...place, line: 101 }, name: 'othr', near: ['other'], elsewhere: [] },
      { _tag: 'UnusedValue', place: { ...place, line: 103 }, name: 'unlike_anything', near: [], elsewhere: [] },
    ])
  })

  test('a value that only a task of another config reads names that task', () => {
    expect(
      warningsOf(resolvedOf({ tasks: 'p.*' }, { id: 'b.yaml', namespace: 'n', values: { min_votes: 2 } })),
    ).toEqual([
      {
        _tag: 'UnusedValue',
        place: { origin: 'b.yaml', line: 100, column: 1 },
        name: 'min_votes',
        near: [],
        elsewhere: ['p:task'],
      },
    ])
  })

  test('a context value warns only if no node of the chain reads it', () => {
    const at = { origin: 'context', line: 1, column: 1 }
    const contextValues = [
      { name: 'min_votes', reads: 'min_votes', namespace: undefined, place: at },
      { name: 'min_votes', reads: 'min_votes', namespace: 'n', place: at },
      { name: 'other.deep.path', reads: 'other', namespace: '', place: at },
      { name: 'min_vote', reads: 'min_vote', namespace: undefined, place: at },
    ]
    expect(warningsOf({ ...resolvedOf({ tasks: 'p.*' }), contextValues })).toEqual([
      { _tag: 'UnusedContextValue', place: at, name: 'min_vote', near: ['min_votes'] },
      { _tag: 'UnusedContextValue', place: at, name: 'min_votes', near: [] },
    ])
  })
})

test('thousands of mistakes in a config of thousands of values are told without delay', () => {
  const names = Array.from({ length: 2000 }, (_, index) => `p${index}`)
  const project = taking(Object.fromEntries(names.map((name) => [name, t.number])))
  const errors = refused(project, {
    tasks: 'p.*',
    values: Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`q${index}`, index])),
  })
  expect(errors.length).toBe(2000)
})
