// The schema of a project's configs, held against ajv: what it takes is what planning takes.
import { Ajv, type ValidateFunction } from 'ajv'
import * as fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { file } from '../../src/declare/file-param.js'
import { anyValue } from '../../src/declare/codec/any-value.js'
import { defineObject, object } from '../../src/declare/object.js'
import { param, type Params } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { schemaOf, type SchemaOptions } from '../../src/plan/inspect/config-schema.js'
import { codecSchemas } from '../../src/plan/inspect/schema-of-codec.js'

const compiled = (schema: object): ValidateFunction =>
  new Ajv({ strict: true, strictTuples: false, strictTypes: false, strictRequired: false, allErrors: true }).compile(
    schema,
  )
const of = (codec: t.Type<any, any>, globals: readonly string[] = []): object =>
  codecSchemas(new Map(), globals).of(codec)

interface Tree {
  readonly value: number
  readonly children: readonly Tree[]
}
const Tree: t.Type<Tree> = t.recursion('Tree', () => t.type({ value: t.number, children: t.readonlyArray(Tree) }))
const Positive = t.brand(
  t.number,
  (value): value is t.Branded<number, { readonly Positive: symbol }> => value > 0,
  'Positive',
)

describe('codecs', () => {
  test.each<[string, t.Type<any, any>, object]>([
    ['texts', t.string, { type: 'string' }],
    ['whole numbers', t.Int, { type: 'integer' }],
    ['numbers with a brand', Positive, { type: 'number' }],
    ['literals', t.literal('a'), { const: 'a' }],
    ['literals together', t.union([t.literal('a'), t.literal(1), t.null]), { enum: ['a', 1, null] }],
    ['keys', t.keyof({ a: null, b: null }), { enum: ['a', 'b'] }],
    ['what may be null', t.union([t.number, t.null]), { type: ['number', 'null'] }],
    [
      'either of several',
      t.union([t.number, t.union([t.string, t.array(t.boolean)])]),
      { anyOf: [{ type: 'number' }, { type: 'string' }, { type: 'array', items: { type: 'boolean' } }] },
    ],
    ['lists', t.readonlyArray(t.string), { type: 'array', items: { type: 'string' } }],
    [
      'tuples',
      t.tuple([t.number, t.union([t.string, t.undefined])]),
      {
        type: 'array',
        items: [{ type: 'number' }, { type: 'string' }],
        minItems: 1,
        additionalItems: false,
        maxItems: 2,
      },
    ],
    ['records by any name', t.record(t.string, t.number), { type: 'object', additionalProperties: { type: 'number' } }],
    [
      'records by known names',
      t.record(t.keyof({ a: null }), t.number),
      { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
    ],
    [
      'types and partials together',
      t.intersection([t.type({ a: t.number }), t.partial({ b: t.string })]),
      { type: 'object', properties: { a: { type: 'number' }, b: { type: 'string' } }, required: ['a'] },
    ],
    [
      'exact ones',
      t.exact(t.intersection([t.type({ a: t.number }), t.partial({ b: t.string })])),
      {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'string' } },
        required: ['a'],
        additionalProperties: false,
      },
    ],
    [
      'read-only ones',
      t.readonly(t.strict({ a: t.number })),
      { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false },
    ],
    ['files', file, { type: 'string', minLength: 1 }],
    ['what is not known', new t.Type('Odd', t.unknown.is, t.success, t.identity), {}],
    ['a choice with what is not known', t.union([t.number, t.unknown]), {}],
  ])('%s', (_, codec, expected) => {
    expect(of(codec)).toEqual(expected)
    compiled(of(codec))
  })

  test('that hold themselves become definitions', () => {
    const codecs = codecSchemas(new Map(), [])
    const schema = { ...codecs.of(t.array(Tree)), definitions: codecs.definitions() }
    expect(schema.definitions).toEqual({
      Tree: {
        type: 'object',
        properties: { value: { type: 'number' }, children: { type: 'array', items: { $ref: '#/definitions/Tree' } } },
        required: ['value', 'children'],
      },
    })
    expect(compiled(schema)([{ value: 1, children: [{ value: 2, children: [] }] }])).toBe(true)
    expect(compiled(schema)([{ value: 1, children: [{ value: '2', children: [] }] }])).toBe(false)
  })

  test('of certain texts also take a placeholder of the project', () => {
    const accepts = compiled(of(t.keyof({ a: null, b: null }), ['KIND', 'X.Y']))
    expect(['a', '{KIND}', 'x-{X.Y}', '{NONE}', 'c'].filter((value) => accepts(value))).toEqual([
      'a',
      '{KIND}',
      'x-{X.Y}',
    ])
  })

  test('take in JSON what they take in io-ts as it is: what a tuple would drop is refused', () => {
    const codecs: fc.Arbitrary<t.Type<any, any>> = fc.letrec<{ codec: t.Type<any, any> }>((tie) => ({
      codec: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<t.Type<any, any>>(
          t.string,
          t.number,
          t.boolean,
          t.null,
          t.Int,
          t.literal('a'),
          t.keyof({ a: null, b: null }),
          t.UnknownArray,
          t.UnknownRecord,
        ),
        tie('codec').map((inner) => t.array(inner)),
        fc.tuple(tie('codec'), tie('codec')).map((types) => t.union(types)),
        fc.tuple(tie('codec'), tie('codec')).map((types) => t.tuple(types)),
        tie('codec').map((inner) => t.type({ a: inner })),
        tie('codec').map((inner) => t.partial({ a: inner, b: t.string })),
        tie('codec').map((inner) => t.record(t.string, inner)),
      ),
    })).codec
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('a', 1, 1.5, null, [], {}, { a: 1 }, { a: 'a', b: 'x' }, [1, 2], ['a', 1], [1, 2, 3], [[1]]),
    )
    fc.assert(
      fc.property(codecs, fc.array(value, { minLength: 1, maxLength: 10 }), (codec, values) => {
        const accepts = compiled(of(codec))
        for (const one of values) expect([one, accepts(one)]).toEqual([one, codec.is(one)])
      }),
      { numRuns: 60 },
    )
  })
})

const Ridge = defineObject('Ridge', {
  args: { l2: t.number, steps: param(t.array(t.number), { default: [1], doc: 'sizes of steps' }) },
}).create((args) => args)
const Stack = defineObject('Stack', {
  args: { models: t.array(object()), key: param(t.string, { secret: true, default: '' }) },
}).create((args) => args)
const Odd = defineObject('odd/~ name', {}).create(() => 1)
const model = defineTask({
  params: { model: object(Ridge, Stack), any: param(object(), { default: Ridge.of({ l2: 3 }) as never }) },
  data: t.unknown,
  meta: { doc: 'Learns.' },
}).run(() => null)
const movies = defineTask({
  params: {
    minVotes: param(t.Int, { default: 1000 as t.Int, doc: 'Films with fewer votes are left out.' }),
    genre: t.keyof({ drama: null, comedy: null }),
    apiKey: param(t.string, { secret: true }),
    shared: t.number,
  },
  data: t.unknown,
}).run(() => null)
const other = defineTask({
  params: { shared: param(t.array(t.number), { default: [] }) } as Params,
  data: t.unknown,
  group: 'deep:group',
}).run(() => null)
const project = defineProject({
  pipelines: { movies: { movies }, ratingModel: { model }, other: { other } },
  objects: { Ridge, Stack, Odd },
  globals: { DATA: '/data' },
})

const accepts = (options: SchemaOptions = {}): ((value: unknown) => boolean) => {
  const validate = compiled(schemaOf(project, options))
  return (value) => validate(value)
}

test('arguments of objects are offered in snake case, taken as the code says them with a hint, and further ones where a class is open', () => {
  const Tree = defineObject('Tree', { args: { maxDepth: t.number } }).create((args) => args)
  const Open = defineObject('Open', {
    args: { maxDepth: param(t.number, { default: 1 }) },
    rest: t.array(t.number),
  }).create((args) => args)
  const grown = defineTask({ params: { tree: object(Tree, Open), any: anyValue }, data: t.unknown }).run(() => null)
  const schema = schemaOf(defineProject({ pipelines: { p: { grown } }, objects: { Tree, Open } }))
  const validate = compiled(schema)
  const tree = (kwargs: object, name = 'Tree') =>
    validate({ tree: { class: name, kwargs }, any: [{ class: 'Tree', kwargs }] })
  expect([
    tree({ max_depth: 1 }),
    tree({ maxDepth: 1 }),
    tree({ a: [1] }, 'Open'),
    tree({ max_depth: 1, a: [1] }, 'Open'),
  ]).toEqual([true, true, true, true])
  expect([
    tree({}),
    tree({ max_depth: 'x' }),
    tree({ maxDepth: 'x' }),
    tree({ max_depth: 1, more: 1 }),
    tree({ a: 1 }, 'Open'),
  ]).toEqual([false, false, false, false, false])
  expect(JSON.stringify(schema)).toContain(`"maxDepth":{"type":"number","description":"write 'max_depth'"}`)
})

describe('configs', () => {
  const valid = accepts()

  test.each<[string, unknown]>([
    ['a plain one', { tasks: 'movies.*', min_votes: 5, genre: 'drama', api_key: { env: 'KEY' }, shared: 1 }],
    [
      'lists of patterns',
      {
        tasks: ['movies.movies', 'rating_model:model', '**', 'rating_*.m*', 'deep:group.other', '{DATA}.x'],
        excluded_tasks: null,
      },
    ],
    [
      'uses in every form',
      { uses: ['a.yaml', '../b.yml#part as ns', '#part as a::b', '{DATA}/movies as x', 'with space.json'] },
    ],
    ['its own names', { 'x-note': { anything: [1] }, $schema: '../s.json', human_readable_data_name: 'a-{DATA}' }],
    ['a placeholder among certain texts', { genre: '{DATA}' }],
    ['a secret given directly', { api_key: 'sk' }],
    ['either type of a name that two tasks read', { shared: [1] }],
    [
      'objects by position and by name',
      {
        model: { class: 'Ridge', args: [1] },
        any: {
          class: 'Stack',
          kwargs: { models: [{ class: 'Ridge', args: [1, [2]] }, { class: 'odd/~ name' }], key: { env: 'K' } },
        },
      },
    ],
    ['several parts', { configs: { a: { main_part: true, tasks: '**' }, b: { min_votes: 1 }, c: null }, 'x-note': 1 }],
    ['nothing', {}],
    ['an empty file', null],
  ])('take %s', (_, config) => expect(valid(config)).toBe(true))

  test.each<[string, unknown]>([
    ['a name that no task reads', { min_vote: 5 }],
    ['the camelCase of one', { minVotes: 5 }],
    ['a value of the wrong type', { min_votes: 'five' }],
    ['a fraction where a whole number is wanted', { min_votes: 1.5 }],
    ['another word', { genre: 'dramma' }],
    ['an unknown placeholder among certain texts', { genre: '{NONE}' }],
    ['an unknown task', { tasks: 'movies.movie' }],
    ['a dotted name, which only contexts have', { 'model.kwargs.l2': 1 }],
    ['for_namespaces, which only contexts have', { for_namespaces: {} }],
    ['something else under uses', { uses: 'movies' }],
    ['an unknown class', { model: { class: 'Ridg', args: [1] } }],
    ['a class that the param does not take', { model: { class: 'odd/~ name' } }],
    ['an unknown argument', { model: { class: 'Ridge', kwargs: { l2: 1, l1: 1 } } }],
    ['a missing argument', { model: { class: 'Ridge', kwargs: { steps: [] } } }],
    ['an argument of the wrong type', { model: { class: 'Ridge', args: ['1'] } }],
    ['too many arguments', { model: { class: 'Ridge', args: [1, [], 2] } }],
    ['a key beside class', { model: { class: 'Ridge', args: [1], l2: 1 } }],
    ['a misspelt reference to a secret', { api_key: { environment: 'K' } }],
    ['null where no codec takes it', { min_votes: null }],
    ['a mistake in a part', { configs: { a: { min_vote: 1 } } }],
    ['values beside parts', { configs: { a: {} }, min_votes: 1 }],
    ['parts in a part', { configs: { a: { configs: {} } } }],
    ['no parts', { configs: {} }],
    ['a list', []],
  ])('refuse %s', (_, config) => expect(valid(config)).toBe(false))

  test('tell of each value what is known: docs, type, default, readers', () => {
    const { else: config } = schemaOf(project) as { else: { properties: Record<string, object> } }
    expect(config.properties['min_votes']).toEqual({
      type: 'integer',
      default: 1000,
      description: 'Films with fewer votes are left out.\n\nInt; default 1000; read by movies:movies',
    })
    expect(config.properties['api_key']).toMatchObject({ description: 'string, secret; read by movies:movies' })
    expect(config.properties['any']).toMatchObject({ default: { class: 'Ridge', kwargs: { l2: 3, steps: [1] } } })
    expect(config.properties['shared']).not.toHaveProperty('default')
    expect(JSON.stringify(config.properties['tasks'])).toContain(
      '{"const":"rating_model.model","description":"Learns."}',
    )
  })
})

describe('contexts', () => {
  const valid = accepts({ of: 'contexts' })
  test.each<[unknown, boolean]>([
    [
      {
        min_votes: 5,
        'model.kwargs.l2': 1,
        uses: 'other.yaml as ns',
        for_namespaces: { train: { min_votes: 1, 'model.class': 'Ridge' }, other: null },
      },
      true,
    ],
    [null, true],
    [{ min_vote: 5 }, false],
    [{ 'modle.kwargs.l2': 1 }, false],
    [{ tasks: 'movies.*' }, false],
    [{ configs: {} }, false],
    [{ for_namespaces: { train: { min_vote: 1 } } }, false],
    [{ for_namespaces: { train: { uses: 'a.yaml' } } }, false],
  ])('%j: %s', (context, expected) => expect(valid(context)).toBe(expected))
})

test('a project without anything still has a schema', () => {
  expect(compiled(schemaOf(defineProject({ pipelines: {} })))({ 'x-a': 1 })).toBe(true)
})
