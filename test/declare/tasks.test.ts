import * as O from 'fp-ts/lib/Option.js'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { tagOf } from '../../src/base/records.js'
import { toParam } from '../../src/declare/param.js'
import { isInput, isTask, unrun } from '../../src/declare/task.js'
import {
  defineProject,
  defineTask,
  defineTemplate,
  derive,
  from,
  inMemory,
  lazy,
  matching,
  optional,
  param,
  ref,
} from '../../src/index.js'

const numbers = defineTask({ data: t.array(t.number) }).run(() => [1, 2])
const others = defineTask({ data: t.array(t.number) }).run(() => [3])

describe('declaring', () => {
  test('a task is a frozen value that holds its spec and its run, and nothing was run', () => {
    let ran = false
    const inputs = { numbers }
    const task = defineTask({
      name: 'sum',
      group: 'maths',
      inputs,
      params: { times: t.number },
      data: t.number,
      version: 2,
      meta: { a: 1 },
      retry: { attempts: 3 },
      timeout: 5,
    }).run(() => {
      ran = true
      return 1
    })
    expect(ran).toBe(false)
    expect([task, task.declaration, task.declaration.inputs, task.declaration.params].every(Object.isFrozen)).toBe(true)
    expect(task.declaration).toMatchObject({
      name: 'sum',
      group: 'maths',
      inputs: { numbers },
      params: { times: t.number },
      data: t.number,
      abstract: false,
      version: 2,
      meta: { a: 1 },
      helpers: undefined,
      retry: { attempts: 3 },
      timeout: 5,
    })
    Object.assign(inputs, { later: others })
    expect(Object.keys(task.declaration.inputs)).toEqual(['numbers'])
  })

  test('tasks, templates and specs without a run are told apart', () => {
    const builder = defineTask({ data: t.number })
    const template = defineTemplate({ data: t.number }).run(() => 1)
    expect(
      [numbers, builder, template, null, 'Task', { _tag: 'Task' }].map((value) => [
        isTask(value),
        tagOf(value) === 'Template',
        isInput(value),
      ]),
    ).toEqual([
      [true, false, true],
      [false, false, false],
      [false, true, false],
      [false, false, false],
      [false, false, false],
      [false, false, false],
    ])
    expect(builder._tag).toBe(unrun)
  })
})

describe('deriving', () => {
  const template = defineTemplate({
    inputs: { rows: numbers, more: others },
    params: { top: param(t.number, { default: 1 }), seed: t.number },
    data: t.array(t.number),
    meta: { part: 'train', size: 1 },
    helpers: { pick: (n: number) => n, twice: (n: number) => 2 * n },
    version: 1,
    retry: { attempts: 2 },
    abstract: true,
  }).run(({ rows }, { helpers }) => rows.map(helpers.pick))

  test('a task from a template has its run and all that is not changed', () => {
    const pick = (n: number): number => -n
    const task = derive(template, {
      name: 'other',
      group: 'place',
      inputs: { rows: others },
      params: { top: t.Int },
      data: inMemory<number[]>(),
      meta: { part: 'test' },
      helpers: { pick },
    })
    expect(isTask(task)).toBe(true)
    expect(task.run).toBe(template.run)
    expect(task.declaration).toMatchObject({
      name: 'other',
      group: 'place',
      inputs: { rows: others, more: others },
      params: { top: t.Int, seed: t.number },
      data: { kind: 'inMemory' },
      meta: { part: 'test', size: 1 },
      helpers: {
        pick,
        twice: template.declaration.helpers && (template.declaration.helpers as { twice: unknown }).twice,
      },
      version: 1,
      retry: { attempts: 2 },
      abstract: false,
    })
    expect(template.declaration.inputs).toEqual({ rows: numbers, more: others })
  })

  test('inputs keep the order of the template', () => {
    expect(Object.keys(derive(template, { inputs: { more: numbers, rows: others } }).declaration.inputs)).toEqual([
      'rows',
      'more',
    ])
  })

  test('name and group are a task’s own, they are not derived', () => {
    const base = defineTask({ name: 'base', group: 'place', data: t.number }).run(() => 1)
    const { name, group } = derive(base, {}).declaration
    expect([name, group]).toEqual([undefined, undefined])
  })
})

describe('inputs', () => {
  test('say where a value comes from', () => {
    expect([
      optional(numbers, null),
      from('train', numbers),
      lazy(numbers),
      matching(/a/, t.number),
      matching(/a/, numbers, { anyNamespace: true }),
      ref('a:b', t.number),
    ]).toMatchObject([
      { _tag: 'Optional', input: numbers, fallback: null },
      { _tag: 'InNamespace', namespace: 'train', input: numbers },
      { _tag: 'Lazy', input: numbers },
      { _tag: 'Matching', pattern: /a/, anyNamespace: false, stated: t.number },
      { _tag: 'Matching', pattern: /a/, anyNamespace: true, stated: undefined },
      { _tag: 'Ref', name: 'a:b', stated: t.number },
    ])
    expect(
      [
        optional(numbers, null),
        from('train', numbers),
        lazy(numbers),
        matching(/a/, t.number),
        ref('a', t.number),
      ].every((input) => isInput(input) && Object.isFrozen(input)),
    ).toBe(true)
  })

  test('a format states a value as a codec does', () => {
    const format = inMemory<number>()
    expect([ref('a', format), ref('~a', format), ref('~a', numbers)]).toMatchObject([
      { stated: format },
      { stated: format },
      { stated: undefined },
    ])
  })

  test('~ and ~~ are short for matching', () => {
    expect([ref('~feature_.*', t.number), ref('~~.*:mask', t.number)]).toMatchObject([
      { _tag: 'Matching', pattern: /feature_.*/, anyNamespace: false },
      { _tag: 'Matching', pattern: /.*:mask/, anyNamespace: true },
    ])
  })

  test('a broken pattern throws nothing: planning reports it', () => {
    expect(ref('~(', t.number)).toMatchObject({ _tag: 'Matching', pattern: { brokenSource: '(' } })
  })
})

describe('params', () => {
  test('a codec alone is a required param', () => {
    expect(toParam(t.number)).toMatchObject({
      _tag: 'Param',
      codec: t.number,
      fallback: O.none,
      nameInConfig: undefined,
      ignorePersistence: false,
      omitDefault: false,
    })
  })

  test('a default may be null or undefined; absent is another thing', () => {
    expect(
      [param(t.null, { default: null }), param(t.unknown, { default: undefined }), param(t.null)].map(
        ({ fallback }) => fallback,
      ),
    ).toEqual([O.some(null), O.some(undefined), O.none])
  })

  test('a codec with a field `codec` is no param', () => {
    const odd = Object.assign(new t.Type('odd', t.string.is, t.string.validate, t.identity), { codec: t.number })
    expect(toParam(odd).codec).toBe(odd)
  })
})

describe('projects', () => {
  test('have defaults, and keep only classes among their objects', () => {
    expect(defineProject({ pipelines: { maths: { numbers } }, objects: { a: 1, b: { _tag: 'Other' } } })).toEqual({
      _tag: 'Project',
      pipelines: { maths: { numbers } },
      objects: [],
      globals: {},
      configs: 'configs',
      store: 'data/tasks',
      shared: [],
      resources: {},
      root: undefined,
      strict: false,
      onStale: 'recompute',
    })
  })
})
