import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fullNameOf, isSafeName, joinNamespaces, partsOf, snake, taskNameOf } from '../../src/declare/names.js'
import type { Snake } from '../../src/declare/project.js'

describe('names of tasks', () => {
  // typed by `Snake`, so that a difference between the two would not compile
  const pairs: {
    readonly [K in
      | 'filteredMovies'
      | 'AllMovies'
      | 'x'
      | 'X'
      | 'trainX'
      | 'oneHTML'
      | 'row2Column'
      | 'snake_case'
      | 'a_B']: Snake<K>
  } = {
    filteredMovies: 'filtered_movies',
    AllMovies: 'all_movies',
    x: 'x',
    X: 'x',
    trainX: 'train_x',
    oneHTML: 'one_h_t_m_l',
    row2Column: 'row2_column',
    snake_case: 'snake_case',
    a_B: 'a__b',
  }
  test.each(Object.entries(pairs))('%s is %s in snake case, for the type as for the function', (key, name) => {
    expect(snake(key)).toBe(name)
  })

  test.each([
    ['filteredDataTask', 'filtered_data'],
    ['longNameOfTheTask', 'long_name_of_the'],
    ['task', 'task'],
    ['taskOfTask', 'task_of'],
    ['multitask', 'multitask'],
    ['taskTask', 'task'],
  ])('%s is the task %s', (key, name) => {
    expect(taskNameOf(key)).toBe(name)
  })
})

describe('full names', () => {
  test.each([
    ['name', { namespace: '', group: '', name: 'name' }],
    ['group:name', { namespace: '', group: 'group', name: 'name' }],
    ['group:sub:name', { namespace: '', group: 'group:sub', name: 'name' }],
    ['ns::name', { namespace: 'ns', group: '', name: 'name' }],
    ['a::b::group:sub:name', { namespace: 'a::b', group: 'group:sub', name: 'name' }],
    ['::group:name', { namespace: '', group: 'group', name: 'name' }],
  ])('%s has its parts', (fullName, parts) => {
    expect(partsOf(fullName)).toEqual(parts)
  })

  test('put together and taken apart is the identity', () => {
    const word = fc.stringMatching(/^[a-z_]{1,8}$/)
    const words = (separator: string) => fc.array(word, { maxLength: 3 }).map((parts) => parts.join(separator))
    fc.assert(
      fc.property(words('::'), words(':'), word, (namespace, group, name) => {
        expect(partsOf(fullNameOf(namespace, group === '' ? name : `${group}:${name}`))).toEqual({
          namespace,
          group,
          name,
        })
      }),
    )
  })

  test.each([
    ['', 'a', 'a'],
    ['a', '', 'a'],
    ['a', 'b', 'a::b'],
    ['a::b', 'c::d', 'a::b::c::d'],
    ['a', '::b', 'b'],
    ['a', '::', ''],
  ])('%j and %j are %j', (outer, inner, joined) => {
    expect(joinNamespaces(outer, inner)).toBe(joined)
  })
})

describe('names that become path segments', () => {
  test.each(['a', 'all_movies', '2024', 'v1.2', 'A-b', '_x', 'console', 'x'.repeat(100)])('%s is safe', (name) => {
    expect(isSafeName(name)).toBe(true)
  })
  test.each([
    '',
    '.',
    '..',
    'a..b',
    '.hidden',
    '-rf',
    'a/b',
    'a\\b',
    'a b',
    'a\n',
    'a\u0000',
    'ä',
    'con',
    'NUL',
    'lpt1',
    'aux.txt',
    'a.',
    'x'.repeat(101),
    'a:b',
    '~',
  ])('%j is not', (name) => {
    expect(isSafeName(name)).toBe(false)
  })
})
