import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { documentOf } from '../../src/config/document.js'
import { resolveConfigs } from '../../src/config/resolve.js'
import type { ResolvedConfigs, ResolveOptions } from '../../src/config/config-types.js'
import { documentsOf, left, resolvedOf, right, table } from './reading.js'

const tags = (
  texts: Readonly<Record<string, string>>,
  options: ResolveOptions = {},
  entry = Object.keys(texts)[0] as string,
): readonly string[] => left(resolveConfigs(documentsOf(texts), entry, options)).map((error) => error._tag)

describe('uses and namespaces', () => {
  test('what a namespaced config uses is in that namespace too, and namespaces nest', () => {
    const resolved = resolvedOf({
      'a.yaml': 'uses: [b.yaml as x, b.yaml as y::z]',
      'b.yaml': 'uses: [c.yaml, c.yaml as in]\nb: 1',
      'c.yaml': 'c: 1',
    })
    expect(resolved.configs.map(({ id, namespace }) => [namespace, id])).toEqual([
      ['', 'a.yaml'],
      ['x', 'b.yaml'],
      ['x', 'c.yaml'],
      ['x::in', 'c.yaml'],
      ['y::z', 'b.yaml'],
      ['y::z', 'c.yaml'],
      ['y::z::in', 'c.yaml'],
    ])
    expect(resolved.configs[1]?.uses).toEqual([
      { id: 'c.yaml', namespace: 'x' },
      { id: 'c.yaml', namespace: 'x::in' },
    ])
  })

  test('the same config reached twice in one namespace is one config', () => {
    const resolved = resolvedOf({
      'a.yaml': 'uses: [b.yaml, c.yaml, ./b.yaml]',
      'b.yaml': 'uses: c.yaml',
      'c.yaml': '',
    })
    expect(resolved.configs.map((config) => config.id)).toEqual(['a.yaml', 'b.yaml', 'c.yaml'])
    expect(resolved.configs[0]?.uses.length).toBe(2)
  })

  test('equal configs in two namespaces share their values', () => {
    const [, one, two] = resolvedOf({ 'a.yaml': 'uses: [b.yaml as x, b.yaml as y]', 'b.yaml': 'b: [1, 2]' }).configs
    expect(one?.values).toBe(two?.values)
  })

  test('parts of one file and of another', () => {
    const texts = {
      'a.yaml': 'configs:\n  one: {main_part: true, uses: ["#two as x", b.yaml, b.yaml#other]}\n  two: {v: 2}',
      'b.yaml': 'configs: {main: {main_part: true, v: 3}, other: {v: 4}}',
    }
    expect(resolvedOf(texts).configs.map(({ id, name, namespace }) => [id, name, namespace])).toEqual([
      ['a.yaml#one', 'a#one', ''],
      ['b.yaml#main', 'b#main', ''],
      ['b.yaml#other', 'b#other', ''],
      ['a.yaml#two', 'a#two', 'x'],
    ])
    expect(resolvedOf(texts, {}, 'a.yaml#two').configs.map((config) => config.id)).toEqual(['a.yaml#two'])
    expect(resolvedOf(texts, {}, './b.yaml#other').entry).toBe('b.yaml#other')
  })

  test('names are paths below the folder of configs', () => {
    const documents = { 'configs/movies/basic.yaml': 'uses: ../../other/x.json', 'other/x.json': '{}' }
    expect(resolvedOf(documents, { configsFolder: './configs/' }).configs.map((config) => config.name)).toEqual([
      'movies/basic',
      'other/x',
    ])
    expect(resolvedOf(documents, { configsFolder: '.' }).configs.map((config) => config.name)).toEqual([
      'configs/movies/basic',
      'other/x',
    ])
  })

  test('circles are told once, also those that namespaces would hide', () => {
    expect(
      left(
        resolveConfigs(
          documentsOf({
            'a.yaml': 'uses: b.yaml as x',
            'b.yaml': 'uses: [c.yaml, c.yaml as y]',
            'c.yaml': 'uses: a.yaml as z',
          }),
          'a.yaml',
        ),
      ),
    ).toMatchObject([
      {
        _tag: 'UsesCycle',
        path: ['a.yaml', 'b.yaml', 'c.yaml', 'a.yaml'],
        place: { origin: 'c.yaml', line: 1, column: 7 },
      },
    ])
    expect(tags({ 'a.yaml': 'uses: a.yaml' })).toEqual(['UsesCycle'])
    expect(
      tags({ 'a.yaml': 'uses: "#one"\nconfigs: {one: {uses: "#two"}, two: {uses: "#one as x"}}' }, {}, 'a.yaml#one'),
    ).toEqual(['UsesCycle'])
  })

  test('all that is missing is told at once', () => {
    expect(
      tags({
        'a.yaml': 'uses: [no.yaml, b.yaml#no, c.yaml, "x\\\\y", b.yaml as ../x]',
        'b.yaml': '',
        'c.yaml': 'configs: {one: {}, two: {}}',
      }),
    ).toEqual(['ConfigNotFound', 'UnknownPart', 'NoMainPart', 'UnknownPath', 'UnsafeName'])
    expect(tags({ 'a.yaml': '' }, {}, 'b.yaml')).toEqual(['ConfigNotFound'])
    expect(tags({ 'a.yaml': '' }, {}, 'a.yaml#no')).toEqual(['UnknownPart'])
    expect(tags({ 'a.yaml': '' }, {}, 'a\\b')).toEqual(['ConfigUnreadable'])
  })

  test('a hundred namespaces inside each other are too many', () => {
    const texts = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`c${index}.yaml`, index === 59 ? '' : `uses: c${index + 1}.yaml as n`]),
    )
    expect(tags(texts)).toEqual(['TooLarge'])
  })
})

describe('structure', () => {
  test('patterns with their places, placeholders filled in', () => {
    const [config] = resolvedOf(
      { 'a.yaml': 'tasks:\n  - movies.*\n  - "{GROUP}.x"\nexcluded_tasks: movies.y' },
      { globals: { GROUP: 'ratings' } },
    ).configs
    expect([config?.tasks, config?.excludedTasks]).toEqual([
      [
        { pattern: 'movies.*', place: { origin: 'a.yaml', line: 2, column: 5 } },
        { pattern: 'ratings.x', place: { origin: 'a.yaml', line: 3, column: 5 } },
      ],
      [{ pattern: 'movies.y', place: { origin: 'a.yaml', line: 4, column: 17 } }],
    ])
  })

  test('words of the structure are no values', () => {
    const [config] = resolvedOf(
      {
        'a.yaml':
          'tasks: a.*\nexcluded_tasks: b.*\nuses: []\nmain_part: true\nhuman_readable_data_name: "{NAME}-1"\nvalue: 1',
      },
      { globals: { NAME: 'films' } },
    ).configs
    expect([[...(config?.values.keys() ?? [])], config?.humanReadableName]).toEqual([['value'], 'films-1'])
  })

  test.each(['../x', 'a/b', '', 'con', '{NAME}'])('%j is no readable name', (name) => {
    expect(tags({ 'a.yaml': `human_readable_data_name: "${name}"` })).toEqual(['UnsafeName'])
  })

  test('for_namespaces in a config is told to do nothing', () => {
    expect(resolvedOf({ 'a.yaml': 'for_namespaces: {x: {a: 1}}' }).warnings).toMatchObject([
      { _tag: 'UnusedValue', name: 'for_namespaces' },
    ])
  })
})

describe('contexts', () => {
  const texts = {
    'a.yaml':
      'uses: [b.yaml as train, b.yaml as train::in]\nx: a\nmodel: {class: Ridge, kwargs: {l2: 1, deep: {er: 1}}}\nlist: [1, {y: 2}]',
    'b.yaml': 'x: b\nonly_b: 1',
    'ctx.yaml': 'x: ctx\nnew: ctx\nuses: [used.yaml, spaced.yaml as train]\nfor_namespaces:\n  train: {x: for}',
    'used.yaml': 'x: used\nfor_namespaces: {"train::in": {x: used-for}}',
    'spaced.yaml': 'x: spaced\nnew: spaced\nfor_namespaces: {in: {new: inner}}',
    'later.yaml': 'x: later',
    'many.yaml': 'configs: {one: {x: one}, two: {x: two}}',
  }
  const x = (options: ResolveOptions, name = 'x'): unknown =>
    Object.fromEntries(
      resolvedOf(texts, options).configs.map((config) => [config.namespace, config.values.get(name)?.expanded]),
    )

  test('the context, the contexts it uses, for_namespaces, --set: the later wins', () => {
    expect(x({ contexts: ['ctx.yaml'] })).toEqual({ '': 'used', train: 'for', 'train::in': 'used-for' })
    expect(x({ contexts: ['ctx.yaml'], set: { x: 'set' } })).toEqual({ '': 'set', train: 'set', 'train::in': 'set' })
  })

  test('a context used as a namespace is for that namespace exactly, and its own for_namespaces are inside of it', () => {
    expect(x({ contexts: ['ctx.yaml'] }, 'new')).toEqual({ '': 'ctx', train: 'spaced', 'train::in': 'inner' })
  })

  test('for_namespaces of the empty name is for the top alone, in a context used as a namespace for that one', () => {
    expect(x({ contexts: [{ for_namespaces: { '': { x: 'top' } } }] })).toEqual({
      '': 'top',
      train: 'b',
      'train::in': 'b',
    })
    expect(x({ contexts: [{ x: 'all', for_namespaces: { '::': { x: 'top' } } }] })).toEqual({
      '': 'top',
      train: 'all',
      'train::in': 'all',
    })
    const used = { ...texts, 'top.yaml': 'for_namespaces: {"": {x: here}}', 'outer.yaml': 'uses: top.yaml as train' }
    expect(
      resolvedOf(used, { contexts: ['outer.yaml'] }).configs.map((config) => config.values.get('x')?.expanded),
    ).toEqual(['a', 'here', 'b'])
    const { warnings, contextValues } = resolvedOf(texts, { contexts: [{ for_namespaces: { '': { x: 1 } } }] })
    expect([warnings, contextValues]).toMatchObject([[], [{ name: 'x', namespace: '' }]])
  })

  test('of several contexts the later wins', () => {
    expect(x({ contexts: ['used.yaml', 'later.yaml'] })).toEqual({
      '': 'later',
      train: 'later',
      'train::in': 'used-for',
    })
    expect(x({ contexts: ['later.yaml', { x: 'object' }] })).toMatchObject({ '': 'object' })
    expect(x({ contexts: ['many.yaml#two'] })).toMatchObject({ '': 'two' })
  })

  test('values are told to come from the context, and what they replaced', () => {
    const [a, b] = resolvedOf(texts, { contexts: ['later.yaml'] }).configs
    expect([a?.values.get('x'), b?.values.get('only_b')]).toMatchObject([
      {
        expanded: 'later',
        fromContext: true,
        overrides: { origin: 'later.yaml', line: 1 },
        own: { origin: 'a.yaml', line: 2 },
        located: { place: { origin: 'later.yaml' } },
      },
      { expanded: 1, fromContext: false, overrides: undefined, own: undefined },
    ])
    expect(resolvedOf(texts, { contexts: [{ fresh: 1 }] }).configs[0]?.values.get('fresh')).toMatchObject({
      fromContext: true,
      overrides: undefined,
      own: undefined,
    })
  })

  test('a name replaces whole, a dotted path changes one leaf', () => {
    expect(x({ set: { model: { class: 'Mean' } } }, 'model')).toMatchObject({ '': { class: 'Mean' } })
    expect(
      x({ set: { 'model.kwargs.l2': 5, 'model.kwargs.new.leaf': 6, 'model.class': 'Lasso' } }, 'model'),
    ).toMatchObject({
      '': { class: 'Lasso', kwargs: { l2: 5, deep: { er: 1 }, new: { leaf: 6 } } },
    })
    expect(x({ set: { 'list.1.y': 3, 'list.0': 'first' } }, 'list')).toMatchObject({ '': ['first', { y: 3 }] })
  })

  test('a changed leaf knows both places', () => {
    const value = resolvedOf(texts, { set: { 'model.kwargs.l2': 5 } }).configs[0]?.values.get('model')
    expect(value).toMatchObject({
      own: { origin: 'a.yaml', line: 3 },
      overrides: { origin: '--set', line: 0 },
      located: { place: { origin: 'a.yaml' } },
    })
    expect(value?.located.parts?.get('kwargs')?.parts?.get('l2')?.place.origin).toBe('--set')
    expect(value?.located.parts?.get('class')?.place.origin).toBe('a.yaml')
  })

  test('a value of just that dotted name is replaced whole, at every depth', () => {
    const dotted = { 'a.yaml': '"a.b": 1\na: {b: 2, "c.d": 3, c: {d: 4}}' }
    expect(table(resolvedOf(dotted, { set: { 'a.b': 9, 'a.c.d': 8 } }))).toEqual({
      'a.yaml': { 'a.b': 9, a: { b: 2, 'c.d': 8, c: { d: 4 } } },
    })
  })

  test('whole values come before dotted ones, in whatever order they are written', () => {
    const set = { 'model.kwargs.l2': 7, model: { class: 'Mean', kwargs: {} } }
    expect(x({ set }, 'model')).toEqual(x({ set: Object.fromEntries(Object.entries(set).reverse()) }, 'model'))
    expect(x({ set }, 'model')).toMatchObject({ '': { class: 'Mean', kwargs: { l2: 7 } } })
  })

  test('the config is not changed by its contexts', () => {
    const documents = documentsOf(texts)
    resolveConfigs(documents, 'a.yaml', { set: { 'model.kwargs.l2': 5 }, contexts: ['ctx.yaml'] })
    expect(documents).toEqual(documentsOf(texts))
  })

  test('a path into a number or beyond a list is an error', () => {
    expect(tags(texts, { set: { 'x.y': 1 } })).toEqual(['BadStructure', 'BadStructure'])
    expect(tags(texts, { set: { 'list.2': 1 } })).toEqual(['BadStructure'])
    expect(tags(texts, { set: { 'list.y': 1 } })).toEqual(['BadStructure'])
    expect(tags(texts, { set: { [`model.${'x.'.repeat(200)}x`]: 1 } })).toEqual(['TooLarge'])
  })

  test.each([
    { tasks: 'a.*' },
    { excluded_tasks: 'a.*' },
    { configs: { one: {} } },
    { for_namespaces: { train: { tasks: 'a.*' } } },
    { for_namespaces: { train: { uses: 'b.yaml' } } },
  ])('structure in the context %j is an error', (context) => {
    expect(tags(texts, { contexts: [context] })).toEqual(['ContextStructure'])
  })

  test('structure in --set, parts and missing files', () => {
    expect(tags(texts, { set: { tasks: 'x', uses: 'y' } })).toEqual(['ContextStructure', 'ContextStructure'])
    expect(tags(texts, { contexts: ['many.yaml'] })).toEqual(['ContextStructure'])
    expect(tags(texts, { contexts: ['no.yaml', 'many.yaml#three', { uses: 'no2.yaml' }, { a: NaN }] })).toEqual([
      'ConfigNotFound',
      'UnknownPart',
      'BadStructure',
      'ConfigNotFound',
    ])
  })

  test('a namespace that no config has is told, with those it may mean', () => {
    expect(
      resolvedOf(texts, { contexts: [{ for_namespaces: { trian: { x: 1 }, train: { x: 2 } } }] }).warnings,
    ).toMatchObject([{ _tag: 'UnknownNamespace', namespace: 'trian', near: ['train'] }])
  })

  test('what contexts give is listed, for warnings; a leaf by the value it changes', () => {
    const { contextValues, contextName } = resolvedOf(texts, {
      contexts: [{ x: 1, 'x-note': 2, human_readable_data_name: 'n', for_namespaces: { train: { y: 1 } } }],
      set: { 'model.kwargs.l2': 1, 'no.such': 2 },
    })
    expect(contextValues.map(({ name, reads, namespace }) => [name, reads, namespace])).toEqual([
      ['x', 'x', undefined],
      ['y', 'y', 'train'],
      ['no.such', 'no.such', undefined],
      ['model.kwargs.l2', 'model', undefined],
    ])
    expect(contextName).toBe(
      'context(for_namespaces, human_readable_data_name, x, x-note); --set(model.kwargs.l2, no.such)',
    )
  })

  test('placeholders in contexts', () => {
    const value = resolvedOf(texts, { contexts: [{ x: '{DIR}/x' }], globals: { DIR: '/d' } }).configs[0]?.values.get(
      'x',
    )
    expect([value?.unexpanded, value?.expanded]).toEqual(['{DIR}/x', '/d/x'])
  })

  test('circles of contexts', () => {
    expect(
      tags({ 'a.yaml': '', 'c.yaml': 'uses: d.yaml as x', 'd.yaml': 'uses: c.yaml' }, { contexts: ['c.yaml'] }),
    ).toEqual(['UsesCycle'])
  })
})

describe('order means nothing', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd.e', 'd', '1', 'x-y')
  const value = fc.oneof(
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom('text', '{DIR}/x', null),
    fc.record({ e: fc.integer(), f: fc.constant('{DRI}') }),
    fc.array(fc.integer(), { maxLength: 3 }),
  )
  const values = fc.dictionary(name, value, { maxKeys: 5 })
  const files = ['one.yaml', 'two.yaml', 'three.yaml']
  const config = fc.record({
    values,
    uses: fc.uniqueArray(fc.tuple(fc.nat(2), fc.constantFrom('', ' as n', ' as m::n')), { maxLength: 3 }),
  })
  const scene = fc.record({
    configs: fc.tuple(config, config, config),
    context: values,
    spaces: fc.dictionary(fc.constantFrom('', 'n', 'm::n', 'q'), values),
    set: values,
    shuffle: fc.nat(),
  })

  const shuffled = <A>(items: readonly A[], seed: number): A[] =>
    items
      .map((item, index) => ({ item, at: Math.imul(index + 1, seed * 2 + 1) >>> 0 }))
      .sort((one, two) => one.at - two.at)
      .map(({ item }) => item)
  const deepShuffled = (given: unknown, seed: number): unknown =>
    typeof given !== 'object' || given === null || Array.isArray(given)
      ? given
      : Object.fromEntries(shuffled(Object.entries(given), seed).map(([key, part]) => [key, deepShuffled(part, seed)]))

  const plain = (resolved: ResolvedConfigs): unknown => ({
    ...resolved,
    configs: resolved.configs.map((one) => ({
      ...one,
      values: Object.fromEntries([...one.values].map(([key, part]) => [key, { ...part, located: undefined }])),
    })),
    contextValues: new Set(resolved.contextValues.map((one) => JSON.stringify(one))),
  })

  test('of keys, of documents, and of entries of uses', () => {
    fc.assert(
      fc.property(scene, ({ configs, context, spaces, set, shuffle }) => {
        const run = (seed: number | undefined): unknown => {
          const mixed = <A>(items: readonly A[]): readonly A[] => (seed === undefined ? items : shuffled(items, seed))
          const deep = (given: unknown): unknown => (seed === undefined ? given : deepShuffled(given, seed))
          // only later files are used, so that there are no circles
          const documents = configs.map((one, index) => {
            const uses = mixed(one.uses.filter(([target]) => target > index)).map(
              ([target, as]) => `${files[target]}${as}`,
            )
            return [
              files[index] as string,
              right(documentOf(files[index] as string, deep({ ...one.values, uses }))),
            ] as const
          })
          const options: ResolveOptions = {
            contexts: [deep({ ...context, for_namespaces: spaces }) as Record<string, unknown>],
            set: deep(set) as Record<string, unknown>,
            globals: { DIR: '/d' },
          }
          const outcome = resolveConfigs(new Map(mixed(documents)), 'one.yaml', options)
          return outcome._tag === 'Left' ? outcome : plain(outcome.right)
        }
        expect(run(shuffle)).toEqual(run(undefined))
      }),
      { numRuns: 300 },
    )
  })
})
