import * as fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import type { Encoded } from '../../src/declare/types.js'
import { from, matching, optional } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask } from '../../src/declare/task.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { sameData, toEncoded } from '../../src/plan/params/encoded.js'
import {
  encodeByContent,
  encodeCanonical,
  isOneInput,
  keyOf,
  preImageOfNode,
  type PreImage,
} from '../../src/plan/key.js'
import { nodeIn, planned } from './fixtures.js'

test('the encoding has not changed', () => {
  expect(encodeCanonical(null)).toBe('n')
  expect(encodeCanonical(true)).toBe('t')
  expect(encodeCanonical(-0)).toBe('d0;')
  expect(encodeCanonical(1e21)).toBe('d1e+21;')
  expect(encodeCanonical(10n ** 21n)).toBe('i1000000000000000000000;')
  expect(encodeCanonical('a"é😀')).toBe('s5:a"é😀')
  expect(encodeCanonical('\ud800')).toBe('w8:"\\ud800"')
  expect(encodeCanonical([1, '1', [], {}])).toBe('a4:d1;s1:1a0:o0:')
  expect(encodeCanonical({ b: 1, a: { B: false } })).toBe('o2:s1:ao1:s1:Bfs1:bd1;')
})

test('keys have not changed', () => {
  expect(keyOf({ scheme: 1, task: 'movies:all_movies', params: {}, inputs: {} })).toBe(
    'd0511e4c014ff5f16674651d6495df0b',
  )
  expect(
    keyOf({
      scheme: 1,
      task: 'movies:filtered',
      version: 2,
      params: { minVotes: 1000, file: '{DATA_DIR}/ä.csv', big: 12n, list: [null, true, -1.5e-7] },
      inputs: {
        movies: { task: 'movies:all_movies', key: 'd0511e4c014ff5f16674651d6495df0b' },
        features: { 'a:b': { task: 'a:b', key: '0'.repeat(32) } },
      },
    }),
  ).toBe('1ebca83f21c8e9fb66c87f1231187f05')
})

const encoded = fc.letrec<{ value: Encoded }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Encoded>(null, true, false, 0, 1, '', '1', 1n, [], {}),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x): Encoded => (x === 0 ? 0 : x)),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'a', ':', '1', 's', ';') }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 4 }),
  ),
})).value

test('two different values never have one encoding, equal ones always', () => {
  fc.assert(
    fc.property(encoded, encoded, (left, right) => {
      expect(encodeCanonical(left) === encodeCanonical(right)).toBe(sameData(left, right))
    }),
    { numRuns: 2000 },
  )
})

test('no encoding is the beginning of another, so that lists and records need no ends', () => {
  fc.assert(
    fc.property(encoded, encoded, (left, right) => {
      const [a, b] = [encodeCanonical(left), encodeCanonical(right)]
      expect(a !== b && (a.startsWith(b) || b.startsWith(a))).toBe(false)
    }),
    { numRuns: 1000 },
  )
})

test('the order of names changes nothing', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), encoded), (record) => {
      const turned = Object.fromEntries(Object.entries(record).reverse())
      expect(encodeCanonical(turned)).toBe(encodeCanonical(record))
      expect(toEncoded(turned)).toEqual(toEncoded(record))
    }),
  )
})

const task = (spec: object = {}) => defineTask({ data: t.number, ...spec }).run(() => 1)
const base = task({ params: { x: t.number } })
const reader = task({
  inputs: {
    train: from('train', base),
    here: base,
    gone: optional(from('gone', base), null),
    all: matching(/base/, t.number, { anyNamespace: true }),
  },
  version: 'two',
})
const project = defineProject({ pipelines: { p: { base }, q: { reader } } })
const plan = planned(
  project,
  { tasks: '**', values: { x: 1 } },
  { id: 'b.yaml', namespace: 'train', tasks: 'p.*', values: { x: 2 } },
)

test('the pre-image of a node says all that its value depends on, and hashes to its key', () => {
  const [here, train] = [nodeIn(plan, 'p:base').key, nodeIn(plan, 'train::p:base').key]
  const node = nodeIn(plan, 'q:reader')
  expect(preImageOfNode(plan, node)).toEqual({
    scheme: 1,
    task: 'q:reader',
    version: 'two',
    params: {},
    inputs: {
      train: { task: 'p:base', key: train },
      here: { task: 'p:base', key: here },
      all: { 'p:base': { task: 'p:base', key: here }, 'train::p:base': { task: 'p:base', key: train } },
    },
  })
  for (const one of plan.nodes) expect(keyOf(preImageOfNode(plan, one))).toBe(one.key)
})

test('the namespace is not in the key: equal tasks share their artifact', () => {
  const two = planned(
    project,
    { tasks: 'p.*', values: { x: 1 } },
    { id: 'b.yaml', namespace: 'train', tasks: 'p.*', values: { x: 1 } },
  )
  expect(nodeIn(two, 'train::p:base').key).toBe(nodeIn(two, 'p:base').key)
})

test('an absent optional input adds nothing', () => {
  const without = defineProject({ pipelines: { q: { reader: task() } } })
  const withOptional = defineProject({
    pipelines: { p: { base }, q: { reader: task({ inputs: { gone: optional(base, null) } }) } },
  })
  expect(nodeIn(planned(withOptional, { tasks: 'q.*' }), 'q:reader').key).toBe(
    nodeIn(planned(without, { tasks: 'q.*' }), 'q:reader').key,
  )
})

test('a version is part of the key, and 1 is not "1"', () => {
  const keys = [undefined, 1, '1', 2].map(
    (version) =>
      nodeIn(planned(defineProject({ pipelines: { p: { a: task({ version }) } } }), { tasks: 'p.*' }), 'p:a').key,
  )
  expect(new Set(keys).size).toBe(4)
})

test('an address is made of group, task and key', () => {
  expect(addressOf({ group: 'movies:deep', name: 'all', key: 'k', extension: null })).toEqual({
    folder: 'movies/deep/all',
    key: 'k',
    extension: null,
  })
  expect(() => addressOf({ group: '..', name: 'all', key: 'k', extension: null })).toThrow(
    "'..' cannot be part of a path",
  )
})

test('a pre-image by content is encoded as one in which each input is replaced by its content', () => {
  const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a', 'B', 'é', '\ud800', 'key'))
  const input = fc.record({ task: fc.string(), key: fc.stringMatching(/^[0-9a-f]{32}$/) })
  const preImage: fc.Arbitrary<PreImage> = fc.record(
    {
      scheme: fc.constant(1),
      task: fc.string(),
      version: fc.oneof(fc.string(), fc.integer()),
      params: fc.dictionary(name, fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null))),
      inputs: fc.dictionary(
        name.filter((role) => role !== 'key'),
        fc.oneof(
          input,
          fc.dictionary(
            name.filter((key) => key !== 'key'),
            input,
          ),
        ),
      ),
    },
    { requiredKeys: ['scheme', 'task', 'params', 'inputs'] },
  )
  fc.assert(
    fc.property(preImage, fc.string(), fc.func(fc.option(fc.string(), { nil: undefined })), (image, made, read) => {
      const shown = ({ task, key }: { readonly task: string; readonly key: string }): Encoded => {
        const content = read(key)
        return content === undefined ? { task, key } : { task, content }
      }
      const inputs = Object.fromEntries(
        Object.entries(image.inputs).map(([role, bound]) => [
          role,
          isOneInput(bound)
            ? shown(bound)
            : Object.fromEntries(Object.entries(bound).map(([record, one]) => [record, shown(one)])),
        ]),
      )
      expect(encodeByContent(image, made, ({ key }) => read(key))).toBe(encodeCanonical({ ...image, inputs, made }))
    }),
  )
})
