// Files and paths as params: what enters plan and key, and which files planning asks for.
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { file, path } from '../../src/declare/file-param.js'
import { defineObject, object } from '../../src/declare/object.js'
import { param } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { filesWanted } from '../../src/plan/params/files-wanted.js'
import { planFromJson, planToJson } from '../../src/plan/inspect/plan-json.js'
import type { PlanNode } from '../../src/plan/plan-types.js'
import { planOf, type PlanOfSpec } from '../../src/testing/plan-of.js'
import { resolvedOf, right } from './fixtures.js'

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
const globals = { DATA: '/mnt/data', KEYED: { value: 'kept', inKey: true } }
const Reader = defineObject('Reader', {
  args: { source: file, limit: param(t.number, { default: 1 }), backup: param(file, { default: 'backup.csv' }) },
}).create((args) => args)
const Shouting = new t.Type<string, string>(
  'Shouting',
  t.string.is,
  (value, context) =>
    typeof value === 'string' && !value.includes('{') ? t.success(value) : t.failure(value, context),
  (text) => text.toUpperCase(),
)

const pipeline = (params: object) => ({
  p: { task: defineTask({ params: params as never, data: t.number } as never).run(() => 1) },
})
const nodeOf = (params: object, values: object, spec: Partial<PlanOfSpec> = {}): PlanNode =>
  planOf({ tasks: pipeline(params), params: values as never, globals, objects: { Reader }, ...spec })
    .nodes[0] as PlanNode

describe('a file in the plan', () => {
  test('is its path as written and the digest of its content', () => {
    expect(
      nodeOf({ source: file }, { source: '{DATA}/rows.csv' }, { digests: { '/mnt/data/rows.csv': a } }).params,
    ).toEqual({ source: { path: '{DATA}/rows.csv', sha256: a } })
  })

  test('has another key for another content, and for another path; the folder that a placeholder stands for is no part of it', () => {
    const keyOf = (source: string, digests: PlanOfSpec['digests'], more: object = globals): string =>
      nodeOf({ source: file }, { source }, { digests, globals: more as never }).key
    const key = keyOf('{DATA}/rows.csv', { '/mnt/data/rows.csv': a })
    expect(keyOf('{DATA}/rows.csv', { '/mnt/data/rows.csv': b })).not.toBe(key)
    expect(keyOf('{DATA}/more.csv', { '/mnt/data/more.csv': a })).not.toBe(key)
    expect(keyOf('{DATA}/rows.csv', { '/home/rows.csv': a }, { DATA: '/home' })).toBe(key)
  })

  test("says null where nothing is known of the content: such a key is nobody else's", () => {
    const unknown = nodeOf({ source: file }, { source: 'rows.csv' })
    expect(unknown.params).toEqual({ source: { path: 'rows.csv', sha256: null } })
    expect(unknown.key).not.toBe(nodeOf({ source: file }, { source: 'rows.csv' }, { digests: { 'rows.csv': a } }).key)
  })

  test('may stand in lists, unions, records and objects, and be a default', () => {
    const digests = { 'x.csv': a, 'y.csv': b, 'backup.csv': a, '/mnt/data/d.csv': b }
    const params = {
      list: t.array(file),
      maybe: t.union([file, t.null]),
      none: t.union([file, t.null]),
      reader: object(Reader),
      given: param(file, { default: '{DATA}/d.csv' }),
    }
    expect(
      nodeOf(
        params,
        { list: ['x.csv', 'y.csv'], maybe: 'x.csv', none: null, reader: { class: 'Reader', args: ['y.csv'] } },
        { digests },
      ).params,
    ).toEqual({
      list: [
        { path: 'x.csv', sha256: a },
        { path: 'y.csv', sha256: b },
      ],
      maybe: { path: 'x.csv', sha256: a },
      none: null,
      reader: {
        class: 'Reader',
        kwargs: { backup: { path: 'backup.csv', sha256: a }, limit: 1, source: { path: 'y.csv', sha256: b } },
      },
      given: { path: '{DATA}/d.csv', sha256: b },
    })
  })

  test('a default is read anew for each plan', () => {
    const tasks = pipeline({ given: param(file, { default: 'd.csv' }) })
    const [first, second] = [a, b].map((digest) => planOf({ tasks, digests: { 'd.csv': digest } }).nodes[0])
    expect(first?.params).toEqual({ given: { path: 'd.csv', sha256: a } })
    expect(second?.params).toEqual({ given: { path: 'd.csv', sha256: b } })
  })

  test('counts even where a codec beside it cannot read placeholders, so that the value stands as written', () => {
    const params = { both: t.type({ source: file, name: Shouting }) }
    const node = (digest: string): PlanNode =>
      nodeOf(params, { both: { source: '{DATA}/x.csv', name: '{DATA}' } }, { digests: { '/mnt/data/x.csv': digest } })
    expect(node(a).params).toEqual({ both: { source: '{DATA}/x.csv', name: '{DATA}' } })
    expect(node(a).key).not.toBe(node(b).key)
  })

  test('ignorePersistence and omitDefault mean what they mean elsewhere', () => {
    const digests = { 'd.csv': a, 'e.csv': b }
    const bare = nodeOf({}, {}).key
    expect(nodeOf({ x: param(file, { ignorePersistence: true }) }, { x: 'e.csv' }, { digests }).key).toBe(bare)
    expect(nodeOf({ x: param(file, { default: 'd.csv', omitDefault: true }) }, { x: 'd.csv' }, { digests }).key).toBe(
      bare,
    )
    expect(
      nodeOf({ x: param(file, { default: 'd.csv', omitDefault: true }) }, { x: 'e.csv' }, { digests }).key,
    ).not.toBe(bare)
  })

  test('survives JSON, key included', () => {
    const plan = planOf({ tasks: pipeline({ source: file }), params: { source: 'x.csv' }, digests: { 'x.csv': a } })
    expect(right(planFromJson(planToJson(plan)))).toEqual(plan)
  })

  test.each([[1], [''], [null], [['x']], ['a\0b']])('%j is no path', (source) => {
    expect(() => nodeOf({ source: file }, { source })).toThrow(/'source'/)
  })
})

test('a path is its text alone', () => {
  expect(nodeOf({ scratch: path }, { scratch: '{DATA}/tmp' }, { digests: { '/mnt/data/tmp': a } }).params).toEqual({
    scratch: '{DATA}/tmp',
  })
})

describe('what could not be read', () => {
  test('is an error at the place of the path, for each task that wants it', () => {
    const missing = { problem: 'there is no such file', near: ['x.csv'] }
    const plan = () =>
      planOf({
        tasks: pipeline({ list: t.array(file) }),
        configs: { main: { tasks: '**', list: ['x.csv', 'y.csv'] } },
        digests: { 'x.csv': a, 'y.csv': missing },
      })
    expect(plan).toThrow(
      "param 'list' of 'p:task': the file 'y.csv' cannot be read: there is no such file\n  did you mean 'x.csv'?",
    )
  })
})

describe('files wanted', () => {
  const wanted = (params: object, values: object, expanded: object = {}) =>
    filesWanted(
      defineProject({ pipelines: pipeline(params), objects: { Reader }, globals }),
      resolvedOf({ tasks: 'p.*', values: values as never, expanded: expanded as never }),
    )

  test('are listed once, sorted, placeholders filled in, wherever they stand', () => {
    const params = {
      list: t.array(file),
      reader: object(),
      custom: file.pipe(Shouting),
      given: param(file, { default: '{DATA}/d.csv' }),
      text: t.string,
      scratch: path,
      open: t.unknown,
    }
    const values = {
      list: ['y.csv', 'x.csv', '{DATA}/y.csv'],
      reader: { class: 'Reader', kwargs: { source: 'x.csv' } },
      custom: 'c.csv',
      text: 'no file',
      scratch: 'no.csv',
      open: 'nor.csv',
    }
    expect(wanted(params, values, { list: ['y.csv', 'x.csv', '/mnt/data/y.csv'] })).toEqual([
      '/mnt/data/d.csv',
      '/mnt/data/y.csv',
      'C.CSV',
      'backup.csv',
      'x.csv',
      'y.csv',
    ])
  })

  test('are none where the value is wrong, or where there are no such params', () => {
    expect(wanted({ list: t.array(file) }, { list: 5 })).toEqual([])
    expect(wanted({ text: t.string }, { text: 'x.csv' })).toEqual([])
  })
})
