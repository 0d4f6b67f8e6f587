import * as E from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { inMemory } from '../../src/declare/format.js'
import { matching, optional, ref } from '../../src/declare/input.js'
import { param } from '../../src/declare/param.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { planFromJson, planToJson } from '../../src/plan/inspect/plan-json.js'
import { planned, right } from './fixtures.js'

const odd = { big: 12n, $bigint: '12', $$: [1n], nested: { $bigint: 1n, list: [{ $bigint: 'no' }, '\ud800'] } }
const Odd = new t.Type<unknown>('Odd', t.unknown.is, t.success, () => odd)
const a = defineTask({
  params: { $x: Odd, y: param(t.number, { default: 1, ignorePersistence: true }) },
  data: t.number,
}).run(() => 1)
const b = defineTask({
  inputs: {
    a,
    none: optional(ref('nope', t.number), null),
    all: matching(/a|nothing/, t.number),
    no: matching(/nothing/, t.number),
  },
  data: inMemory<number>(),
  version: 2,
}).run(() => 1)
const plan = planned(
  defineProject({ pipelines: { p: { a, b } } }),
  { tasks: 'p.*', values: { $x: 1, unused: 2 }, readableName: 'nice' },
  { id: 'n.yaml', namespace: 'n', tasks: 'p.a', values: { $x: 1 } },
)

const deepFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(deepFrozen))

test('plan → JSON → plan is the identity, frozen again', () => {
  const back = right(planFromJson(planToJson(plan)))
  expect(back).toStrictEqual(plan)
  expect(planToJson(back)).toBe(planToJson(plan))
  expect([deepFrozen(plan), deepFrozen(back)]).toEqual([true, true])
})

interface Tree {
  [name: string]: any // a plan's JSON, taken apart at will
}
const changed = (change: (tree: Tree) => void): string => {
  const tree = JSON.parse(planToJson(plan)) as Tree
  change(tree)
  return JSON.stringify(tree)
}
const problems = (text: string) => {
  const outcome = planFromJson(text)
  return E.isRight(outcome)
    ? 'a plan'
    : outcome.left.map((error) => (error._tag === 'BadStructure' ? error.key : error._tag))
}

test.each<[string, (tree: Tree) => void, readonly string[]]>([
  ['another schema', (tree) => (tree['schema'] = 2), ['/schema']],
  [
    'a name that leads out of the store',
    (tree) => Object.assign(tree['nodes'][0], { name: '..', task: 'p:..', id: 'n::p:..' }),
    ['/nodes/0/task', '/nodes/0/key'],
  ],
  [
    'an extension that does',
    (tree) => (tree['nodes'][0].extension = '../x'),
    ['/nodes/0/extension', '/nodes/2/inputs'].slice(0, 1),
  ],
  ['a namespace that does', (tree) => (tree['nodes'][0].namespace = '../x'), ['/nodes/0/namespace', '/nodes/0/id']],
  ['a key that is none', (tree) => (tree['nodes'][0].key = '../../etc/passwd'), ['/nodes/0/key', '/nodes/0/key']],
  ['a key of something else', (tree) => (tree['nodes'][0].key = '0'.repeat(32)), ['/nodes/0/key']],
  ['a changed param', (tree) => (tree['nodes'][0].params.$$x.big = 13), ['/nodes/0/key'].slice(0, 0)],
  ['a changed param in the key', (tree) => (tree['nodes'][0].keyParams.$$x.big = 13), ['/nodes/0/key']],
  ['an unknown input', (tree) => (tree['nodes'][2].inputs.a = 'p:unknown'), ['/nodes/2/inputs']],
  ['an input that is a number', (tree) => (tree['nodes'][2].inputs.a = 5), ['/nodes/2/inputs/a']],
  ['a node twice', (tree) => tree['nodes'].push(tree['nodes'][0]), ['/nodes/3/id']],
  ['nodes before their inputs', (tree) => tree['nodes'].reverse(), ['/nodes/0/inputs']],
  ['no nodes', (tree) => delete tree['nodes'], ['/nodes']],
  ['a tag that is no bigint', (tree) => (tree['nodes'][0].params.$$x = { $bigint: 'x' }), ['/nodes/0/params/$x']],
  ['an unknown warning', (tree) => (tree['warnings'][0]._tag = 'constructor'), ['/warnings/0']],
  ['a warning without its place', (tree) => delete tree['warnings'][0].place, ['/warnings/0/place']],
  [
    'origins that are none',
    (tree) => (tree['origins']['p:a'] = { y: { place: { origin: 1 } } }),
    ['/origins/p:a/y/place'],
  ],
])('%s is refused with the path', (_, change, paths) => {
  const found = problems(changed(change))
  if (paths.length === 0) expect(found).toBe('a plan')
  else expect(found).toEqual(expect.arrayContaining([...paths]))
})

test('text that is no JSON, JSON that is no plan and JSON that is too deep are errors, never exceptions', () => {
  expect(problems('{')).toEqual(['ConfigUnreadable'])
  for (const text of ['null', '[]', '5', '"x"', '{"schema":1}', '{"__proto__":1}'])
    expect(E.isLeft(planFromJson(text))).toBe(true)
  const deep = changed((tree) => (tree['nodes'][0].params.$$x = 'DEEP')).replace(
    '"DEEP"',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  )
  expect(problems(deep)).toEqual(expect.arrayContaining(['/nodes/0/params/$x']))
})

test('whatever is changed in the JSON of a plan, reading it gives a plan or errors', () => {
  const json = JSON.parse(planToJson(plan)) as Tree
  const paths: string[][] = []
  const collect = (value: unknown, path: string[]): void => {
    if (path.length > 0) paths.push(path)
    if (typeof value === 'object' && value !== null)
      for (const [name, part] of Object.entries(value)) collect(part, [...path, name])
  }
  collect(json, [])
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      const text = changed((tree) => {
        let at = tree
        for (const name of path.slice(0, -1)) at = at[name] as Tree
        at[path[path.length - 1] as string] = value
      })
      const outcome = planFromJson(text)
      if (E.isRight(outcome)) expect(deepFrozen(outcome.right)).toBe(true)
    }),
    { numRuns: 500, examples: [[['warnings', '0', '_tag'], { toString: {} }]] },
  )
})
