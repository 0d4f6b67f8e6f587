import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { from, lazy, matching, optional, ref, type Input } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import type { PlanError } from '../../src/errors.js'
import { planChain } from '../../src/plan/plan.js'
import { nodeIn, planned, refused, resolvedOf, right, type ConfigSpec } from './fixtures.js'

const task = (spec: object = {}) => defineTask({ data: t.number, ...spec }).run(() => 1)
const n = t.number
const data = task()
const one = task({ params: { x: t.number } })
const library = { data, one, feature: { year: task(), genre: task() } }
const other = { data: task(), last: task() }

/** A project in which `reader:task` takes the given input; the configs below bring it. */
const reading = (input: Input) =>
  defineProject({ pipelines: { library, other, reader: { task: task({ inputs: { role: input } }) } } })
const reader: ConfigSpec = { id: 'reader.yaml', tasks: 'reader.*' }
const bound = (input: Input, ...configs: readonly ConfigSpec[]) =>
  nodeIn(planned(reading(input), reader, ...configs), 'reader:task').inputs['role']
const failure = (input: Input, ...configs: readonly ConfigSpec[]): PlanError =>
  refused(reading(input), reader, ...configs)[0]

const libraryAt = (namespace = ''): ConfigSpec => ({
  id: 'library.yaml',
  namespace,
  tasks: ['library.**'],
  values: { x: 1 },
})
const otherAt = (namespace = ''): ConfigSpec => ({ id: 'other.yaml', namespace, tasks: ['other.*'] })
const at = { place: { origin: 'reader.yaml', line: 1, column: 1 }, node: 'reader:task', role: 'role' }

describe('by task value', () => {
  test('finds the task in its own namespace', () => {
    expect(bound(data, libraryAt())).toBe('library:data')
  })

  test('never looks into other namespaces, but tells of them', () => {
    expect(failure(data, libraryAt('a'))).toEqual({
      _tag: 'MissingInput',
      ...at,
      wanted: 'library:data',
      near: [],
      elsewhere: ['a::library:data'],
    })
  })

  test('one that no pipeline exports is an error that says so', () => {
    expect(failure(task(), libraryAt())).toEqual({ _tag: 'InputNotExported', ...at })
    expect(failure(optional(task(), null), libraryAt())).toEqual({ _tag: 'InputNotExported', ...at })
  })

  test('one that has two names by mistake is one error, whichever name brings it', () => {
    const reader = task({ inputs: { data } })
    const project = defineProject({ pipelines: { library: { data, again: data }, reader: { reader } } })
    for (const tasks of [['**'], ['library.data', 'reader.*'], ['library.again', 'reader.*']])
      expect(refused(project, { tasks })).toEqual([{ _tag: 'SameTaskTwice', names: ['library:again', 'library:data'] }])
  })

  test('one that has the name of another by mistake is one error', () => {
    const twin = task({ name: 'data' })
    const reader = task({ inputs: { data, twin } })
    const project = defineProject({ pipelines: { library: { data, twin }, reader: { reader } } })
    expect(refused(project, { tasks: '**' })).toMatchObject([{ _tag: 'NameClash', name: 'library:data' }])
  })

  test('is found where a config brings few of many tasks', () => {
    const tasks = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`task${at}`, task()] as const))
    const reader = task({ inputs: { first: tasks['task0'], last: tasks['task49'] } })
    const project = defineProject({ pipelines: { library: tasks, reader: { reader } } })
    const made = planned(project, { tasks: ['library.task0', 'library.task49', 'reader.*'] })
    expect(nodeIn(made, 'reader:reader').inputs).toEqual({ first: 'library:task0', last: 'library:task49' })
  })

  test('one that no config brings is missing, told with the config to add it to', () => {
    expect(failure(data)).toEqual({ _tag: 'MissingInput', ...at, wanted: 'library:data', near: [], elsewhere: [] })
  })

  test('looks inwards only: a task in a namespace does not see the top', () => {
    const errors = refused(reading(data), { ...reader, namespace: 'a' }, libraryAt())
    expect(errors).toMatchObject([
      { _tag: 'MissingInput', node: 'a::reader:task', wanted: 'a::library:data', elsewhere: ['library:data'] },
    ])
  })
})

describe('by name', () => {
  test('a bare name is the last segment, a grouped one the whole of it', () => {
    expect(bound(ref('one', n), libraryAt())).toBe('library:one')
    expect(bound(ref('year', n), libraryAt())).toBe('library:feature:year')
    expect(bound(ref('library:feature:year', n), libraryAt())).toBe('library:feature:year')
    expect(failure(ref('feature:year', n), libraryAt())).toMatchObject({
      _tag: 'MissingInput',
      wanted: 'feature:year',
      near: ['library:feature:year'],
    })
  })

  test('one that fits several lists them; its full name decides', () => {
    expect(failure(ref('data', n), libraryAt(), otherAt())).toEqual({
      _tag: 'AmbiguousInput',
      ...at,
      wanted: 'data',
      matches: ['library:data', 'other:data'],
    })
    expect(bound(ref('other:data', n), libraryAt(), otherAt())).toBe('other:data')
  })

  test('namespaces are whole, relative, and absolute with a leading ::', () => {
    const configs = [{ ...reader, namespace: 'a' }, libraryAt('a::b'), libraryAt('b'), libraryAt('c')]
    const boundAt = (input: Input) => nodeIn(planned(reading(input), ...configs), 'a::reader:task').inputs['role']
    expect(boundAt(ref('b::one', n))).toBe('a::b::library:one')
    expect(boundAt(ref('::b::one', n))).toBe('b::library:one')
    expect(boundAt(ref('::a::b::library:one', n))).toBe('a::b::library:one')
    expect(boundAt(from('b', one))).toBe('a::b::library:one')
    expect(boundAt(from('::c', one))).toBe('c::library:one')
    expect(boundAt(from('b', ref('one', n)))).toBe('a::b::library:one')
    expect(boundAt(from('b', ref('::c::one', n)))).toBe('c::library:one')
  })

  test('::name looks at the top', () => {
    const project = reading(ref('::one', n))
    expect(nodeIn(planned(project, { ...reader, namespace: 'a' }, libraryAt()), 'a::reader:task').inputs['role']).toBe(
      'library:one',
    )
  })

  test('part of a namespace is no namespace', () => {
    expect(failure(ref('rain::one', n), libraryAt('train'))).toEqual({
      _tag: 'MissingInput',
      ...at,
      wanted: 'rain::one',
      near: [],
      elsewhere: ['train::library:one'],
    })
  })

  test('one that is nearly right is suggested', () => {
    expect(failure(ref('library:on', n), libraryAt())).toMatchObject({
      _tag: 'MissingInput',
      near: ['library:one'],
      elsewhere: [],
    })
  })
})

describe('from, optional, lazy', () => {
  test('from goes through nested namespaces', () => {
    expect(bound(from('a', from('b', one)), libraryAt('a::b'))).toBe('a::b::library:one')
    expect(bound(from('a::b', one), libraryAt('a::b'))).toBe('a::b::library:one')
  })

  test('an optional input is bound where the chain has it, and null where not', () => {
    expect(bound(optional(data, 5), libraryAt())).toBe('library:data')
    expect(bound(optional(data, 5))).toBeNull()
    expect(bound(optional(from('x', ref('data', n)), null), libraryAt())).toBeNull()
    expect(bound(optional(matching(/nothing/, n), null))).toBeNull()
  })

  test('optional does not hide that a name is ambiguous', () => {
    expect(failure(optional(ref('data', n), null), libraryAt(), otherAt())).toMatchObject({ _tag: 'AmbiguousInput' })
  })

  test('lazy takes any input', () => {
    expect(bound(lazy(data), libraryAt())).toBe('library:data')
    expect(bound(lazy(optional(data, null)))).toBeNull()
    expect(bound(optional(lazy(from('a', one)), null), libraryAt('a'))).toBe('a::library:one')
  })
})

describe('matching', () => {
  test('holds the bare name against the pattern in full, keyed by group:name', () => {
    expect(bound(matching(/year|genr/, n), libraryAt())).toEqual({ 'library:feature:year': 'library:feature:year' })
    expect(bound(matching(/.*e.*/, n), libraryAt(), otherAt('x'))).toEqual({
      'library:feature:genre': 'library:feature:genre',
      'library:feature:year': 'library:feature:year',
      'library:one': 'library:one',
    })
    expect(Object.keys(bound(matching(/.*e.*/, n), libraryAt()) ?? {})).toEqual([
      'library:feature:genre',
      'library:feature:year',
      'library:one',
    ])
  })

  test('a colon in the pattern means group:name; the one of a group of letters does not', () => {
    expect(bound(matching(/library:feature:.*/, n), libraryAt())).toEqual({
      'library:feature:genre': 'library:feature:genre',
      'library:feature:year': 'library:feature:year',
    })
    expect(bound(matching(/(?:ye)ar/, n), libraryAt())).toEqual({ 'library:feature:year': 'library:feature:year' })
    expect(bound(ref('~YEAR', n), libraryAt())).toEqual({})
    expect(bound(matching(/YEAR/i, n), libraryAt())).toEqual({ 'library:feature:year': 'library:feature:year' })
  })

  test('anyNamespace is keyed by full name, sorted by code unit', () => {
    const found = bound(ref('~~data', n), libraryAt(), otherAt('Z'), libraryAt('a'), otherAt('a'))
    expect(Object.entries(found ?? {})).toEqual([
      ['Z::other:data', 'Z::other:data'],
      ['a::library:data', 'a::library:data'],
      ['a::other:data', 'a::other:data'],
      ['library:data', 'library:data'],
    ])
  })

  test('from chooses the namespace', () => {
    expect(bound(from('a', matching(/data/, n)), libraryAt('a'), otherAt())).toEqual({
      'library:data': 'a::library:data',
    })
  })

  test('a node never matches itself', () => {
    expect(bound(matching(/.*/, n), otherAt())).toEqual({ 'other:data': 'other:data', 'other:last': 'other:last' })
  })

  test('no match is an empty record and a warning', () => {
    const plan = right(planChain(reading(matching(/nothing_.*/, n)), resolvedOf(reader)))
    expect(nodeIn(plan, 'reader:task').inputs['role']).toEqual({})
    expect(plan.warnings).toEqual([{ _tag: 'NoMatch', ...at, pattern: 'nothing_.*' }])
  })
})

test('a task by two namespaces needs no tricks', () => {
  const project = defineProject({
    pipelines: {
      library,
      reader: { task: task({ inputs: { train: from('train', one), valid: from('valid', one) } }) },
    },
  })
  expect(nodeIn(planned(project, reader, libraryAt('train'), libraryAt('valid')), 'reader:task').inputs).toEqual({
    train: 'train::library:one',
    valid: 'valid::library:one',
  })
})

test('two configs that bring one task under one full name are an error that names both', () => {
  const errors = refused(reading(data), reader, libraryAt(), {
    ...libraryAt(),
    id: 'library2.yaml',
    tasks: 'library.one',
    values: { x: 2 },
  })
  expect(errors).toMatchObject([
    {
      _tag: 'DuplicateTask',
      node: 'library:one',
      first: { origin: 'library.yaml' },
      place: { origin: 'library2.yaml' },
    },
  ])
  const [error] = errors
  expect(error._tag === 'DuplicateTask' && error.key !== error.firstKey && /^[0-9a-f]{32}$/.test(error.key)).toBe(true)
  const [same] = refused(reading(data), reader, libraryAt(), {
    ...libraryAt(),
    id: 'library2.yaml',
    tasks: 'library.one',
    values: { x: 1 },
  })
  expect(same._tag === 'DuplicateTask' && same.key === same.firstKey).toBe(true)
})

test('every error of every node is told at once', () => {
  const project = defineProject({
    pipelines: {
      p: {
        a: task({ inputs: { x: task(), y: ref('nope', n) }, params: { z: t.number } }),
        b: task({ inputs: { x: ref('nope', n) } }),
      },
    },
  })
  expect(refused(project, { tasks: ['p.*', 'q.*'] }).map((error) => error._tag)).toEqual([
    'InputNotExported',
    'MissingInput',
    'MissingInput',
    'MissingParam',
    'UnknownTasks',
  ])
})
