import * as t from 'io-ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inMemory } from '../../src/declare/format.js'
import { matching, optional, ref } from '../../src/declare/input.js'
import { param } from '../../src/declare/param.js'
import { defineTask } from '../../src/declare/task.js'
import { preImageOfNode } from '../../src/plan/key.js'
import type { Plan } from '../../src/plan/plan-types.js'
import { candidatesIn, nearestOf, type Candidate, type Candidates } from '../../src/plan/inspect/candidates.js'
import { changedParts } from '../../src/plan/inspect/changed-parts.js'
import type { Cause } from '../../src/plan/inspect/root-causes.js'
import { why, whyBetween } from '../../src/plan/inspect/why.js'
import { diffChains } from '../../src/plan/inspect/diff-chains.js'
import { planOf } from '../../src/testing/plan-of.js'

const all = defineTask({
  params: { howMany: t.number, from: param(t.number, { default: 0 }) },
  data: t.array(t.number),
}).run(({ howMany }) => [howMany])
const even = defineTask({
  inputs: { all },
  params: { limit: param(t.number, { default: 10 }) },
  data: t.array(t.number),
}).run(({ all }) => all)
const odd = defineTask({ inputs: { all }, data: t.array(t.number) }).run(({ all }) => all)
const sum = defineTask({ inputs: { even, odd }, data: t.number }).run(() => 1)
const numbers = { all, even, odd, sum }

const planned = (params: object = {}, context: Readonly<Record<string, unknown>> = {}): Plan =>
  planOf({ tasks: { numbers }, configs: { 'a.yaml': { tasks: '**', how_many: 3, ...params } }, context: [context] })

/** Causes in short: node, what differs, by way of. */
const short = (causes: readonly Cause[] | undefined): readonly string[] =>
  (causes ?? []).map(({ node, reason, via }) => {
    const what =
      reason._tag === 'Param'
        ? `${reason.name} ${String(reason.before)} → ${String(reason.after)}`
        : reason._tag === 'Input'
          ? `${reason.role}${reason.recordKey === undefined ? '' : `/${reason.recordKey}`} ${reason.before?.task ?? 'none'} → ${reason.after?.task ?? 'none'}`
          : reason._tag === 'Version'
            ? `version ${String(reason.before)} → ${String(reason.after)}`
            : reason._tag
    return `${node}: ${what} (${via.join(' < ')})`
  })

describe('why, between two plans', () => {
  test('finds the value where a difference began, each once, by the shortest way', () => {
    expect(short(whyBetween(planned(), planned({ how_many: 4 }), 'numbers:sum')?.causes)).toEqual([
      'numbers:all: howMany 3 → 4 (numbers:sum < numbers:even < numbers:all)',
    ])
  })

  test('finds several', () => {
    expect(short(whyBetween(planned(), planned({ how_many: 4, limit: 11 }), 'numbers:sum')?.causes)).toEqual([
      'numbers:even: limit 10 → 11 (numbers:sum < numbers:even)',
      'numbers:all: howMany 3 → 4 (numbers:sum < numbers:even < numbers:all)',
    ])
  })

  test('is silent where keys are equal, and undefined for what one of the plans lacks', () => {
    expect(whyBetween(planned(), planned(), 'numbers:sum')?.causes).toEqual([])
    expect(
      whyBetween(planOf({ tasks: { numbers: { all } }, params: { how_many: 3 } }), planned(), 'numbers:sum'),
    ).toBeUndefined()
  })

  test('knows where values stand, in both plans, and what a context laid over them', () => {
    const [cause] = whyBetween(planned(), planned({}, { how_many: 5 }), 'numbers:all')?.causes ?? []
    expect(cause?.reason).toEqual({
      _tag: 'Param',
      name: 'howMany',
      before: 3,
      after: 5,
      origin: { place: { origin: 'a.yaml', line: 0, column: 0 }, overrides: { origin: 'context', line: 0, column: 0 } },
      originBefore: { place: { origin: 'a.yaml', line: 0, column: 0 } },
    })
  })

  test('tells of versions, of inputs that are bound elsewhere, are new or gone', () => {
    const one = defineTask({ data: t.number }).run(() => 1)
    const two = defineTask({ data: t.number }).run(() => 2)
    const reader = (name: string) =>
      defineTask({
        inputs: {
          value: ref(name, t.number),
          maybe: optional(ref('extra', t.number), 0),
          many: matching(/m_.*/, t.number),
        },
        data: t.number,
      }).run(() => 1)
    const part = defineTask({ data: t.number }).run(() => 1)
    const before = planOf({ tasks: { p: { one, two, reader: reader('one'), m_a: part } } })
    const extra = defineTask({ data: t.number }).run(() => 3)
    const after = planOf({
      tasks: {
        p: {
          one: defineTask({ version: 2, data: t.number }).run(() => 1),
          two,
          reader: reader('two'),
          extra,
          m_b: part,
        },
      },
    })
    expect(short(whyBetween(before, after, 'p:reader')?.causes)).toEqual([
      'p:reader: value p:one → p:two (p:reader)',
      'p:reader: maybe none → p:extra (p:reader)',
      'p:reader: many/p:m_b none → p:m_b (p:reader)',
      'p:reader: many/p:m_a p:m_a → none (p:reader)',
    ])
    expect(short(whyBetween(before, after, 'p:one')?.causes)).toEqual(['p:one: version undefined → 2 (p:one)'])
  })
})

/** Nodes of a plan as what a store would know of them. */
const stored = (
  plan: Plan,
  ended: string,
  only: (task: string) => boolean = () => true,
): readonly (readonly [string, Candidate])[] =>
  plan.nodes
    .filter((node) => node.storage !== 'memory' && only(node.task))
    .map((node) => [node.task, { key: node.key, preImage: preImageOfNode(plan, node), ended, seconds: 1 }] as const)
const storeOf = (...artifacts: readonly (readonly [string, Candidate])[]) => {
  const byTask = new Map<string, Map<string, Candidate>>()
  for (const [task, candidate] of artifacts)
    byTask.set(task, (byTask.get(task) ?? new Map<string, Candidate>()).set(candidate.key, candidate))
  return (task: string): Candidates => byTask.get(task) ?? new Map()
}

describe('why, against a store', () => {
  test('what was never computed says so, and nothing else', () => {
    const answer = why(planned(), 'numbers:sum', storeOf())
    expect({ causes: short(answer.causes), nearest: answer.nearest, candidates: answer.candidates }).toEqual({
      causes: ['numbers:sum: NeverComputed (numbers:sum)'],
      nearest: undefined,
      candidates: 0,
    })
  })

  test('what is stored under its key has no cause', () => {
    expect(why(planned(), 'numbers:sum', storeOf(...stored(planned(), '1'))).causes).toEqual([])
  })

  test('the nearest artifact is that with the fewest differences, of these the latest', () => {
    const old = stored(planned({ limit: 11 }), '2020')
    const far = stored(planned({ limit: 12, from: 1, how_many: 4 }), '2024')
    const late = stored(planned({ limit: 13 }), '2022')
    const answer = why(planned({ limit: 14 }), 'numbers:even', storeOf(...old, ...far, ...late))
    expect(short(answer.causes)).toEqual(['numbers:even: limit 13 → 14 (numbers:even)'])
    expect({
      ended: answer.nearest?.ended,
      candidates: answer.candidates,
      differences: answer.nearest?.differences.length,
    }).toEqual({ ended: '2022', candidates: 3, differences: 1 })
  })

  test('an input is compared with the very artifact that was read, not with the nearest one', () => {
    const read = stored(planned({ how_many: 1, from: 9 }), '2020')
    const nearer = stored(planned({ how_many: 2 }), '2024', (task) => task === 'numbers:all')
    expect(short(why(planned({ how_many: 3 }), 'numbers:odd', storeOf(...read, ...nearer)).causes)).toEqual([
      'numbers:all: howMany 1 → 3 (numbers:odd < numbers:all)',
      'numbers:all: from 9 → 0 (numbers:odd < numbers:all)',
    ])
  })

  test('where that is gone, the nearest one is taken, and where there is none, it is said that nobody knows', () => {
    const before = planned({ how_many: 1 })
    const now = planned({ how_many: 3 })
    const onlyOdd = stored(before, '1', (task) => task === 'numbers:odd')
    expect(short(why(now, 'numbers:odd', storeOf(...onlyOdd)).causes)).toEqual([
      'numbers:all: NeverComputed (numbers:odd < numbers:all)',
    ])
    expect(
      short(why(now, 'numbers:odd', storeOf(...onlyOdd, ...stored(now, '1', (task) => task === 'numbers:all'))).causes),
    ).toEqual(['numbers:all: Forgotten (numbers:odd < numbers:all)'])
  })

  test('inputs in memory are followed through what their reader remembers', () => {
    const model = defineTask({ inputs: { all }, params: { depth: t.number }, data: inMemory<number>() }).run(() => 1)
    const score = defineTask({ inputs: { model }, data: t.number }).run(() => 1)
    const plan = (depth: number, howMany: number): Plan =>
      planOf({ tasks: { p: { all, model, score } }, params: { depth, how_many: howMany } })
    const before = plan(1, 3)
    const memory = before.nodes.find((node) => node.name === 'model')
    const remembered = { [memory?.key ?? '']: preImageOfNode(before, memory as never) }
    const artifacts = stored(before, '1').map(
      ([task, candidate]) => [task, task === 'p:score' ? { ...candidate, inMemory: remembered } : candidate] as const,
    )
    expect(short(why(plan(2, 3), 'p:score', storeOf(...artifacts)).causes)).toEqual([
      'p:model: depth 1 → 2 (p:score < p:model)',
    ])
    expect(short(why(plan(1, 4), 'p:score', storeOf(...artifacts)).causes)).toEqual([
      'p:all: howMany 3 → 4 (p:score < p:model < p:all)',
    ])
    expect(short(why(plan(1, 4), 'p:score', storeOf(...stored(before, '1'))).causes)).toEqual([
      'p:model: Forgotten (p:score < p:model)',
    ])
  })

  test('a task that is not known yet is asked for', () => {
    const asked: string[] = []
    const store = storeOf(...stored(planned(), '1'))
    const answer = why(
      planned({ how_many: 4 }),
      'numbers:odd',
      (task) => (asked.push(task), task === 'numbers:odd' ? store(task) : undefined),
    )
    expect(new Set(asked)).toEqual(new Set(['numbers:odd', 'numbers:all']))
    expect(short(answer.causes)).toEqual(['numbers:all: NeverComputed (numbers:odd < numbers:all)'])
  })
})

describe('the nearest candidate', () => {
  test('does not depend on the order of candidates', () => {
    const candidate = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      params: fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.integer({ min: 0, max: 2 })),
      ended: fc.constantFrom('1', '2'),
    })
    fc.assert(
      fc.property(
        fc.uniqueArray(candidate, { selector: ({ key }) => key }),
        fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.integer({ min: 0, max: 2 })),
        (list, params) => {
          const image = (of: Readonly<Record<string, number>>) => ({ scheme: 1, task: 'p:t', params: of, inputs: {} })
          const candidates = list.map(
            ({ key, params: own, ended }): Candidate => ({ key, preImage: image(own), ended }),
          )
          const of = (some: readonly Candidate[]) =>
            nearestOf({ preImage: image(params) }, new Map(some.map((one) => [one.key, one])))
          expect(of(candidates.toReversed())).toEqual(of(candidates))
        },
      ),
    )
  })
})

describe('parts of a value', () => {
  test('are told by their path, as deep as both are records', () => {
    expect(
      changedParts(
        { class: 'Ridge', kwargs: { l2: 1, l1: 0 } },
        { class: 'Ridge', kwargs: { l2: 2, l1: 0, deep: true } },
      ),
    ).toEqual([
      { path: 'kwargs.l2', before: 1, after: 2 },
      { path: 'kwargs.deep', before: undefined, after: true },
    ])
    expect(changedParts([1], [2])).toEqual([{ path: '', before: [1], after: [2] }])
    expect(changedParts({ a: 1, b: 1, c: 1 }, { a: 2, b: 2, c: 2 }, 2)).toEqual([
      { path: '', before: { a: 1, b: 1, c: 1 }, after: { a: 2, b: 2, c: 2 } },
    ])
  })
})

describe('a diff of chains', () => {
  test('tells a change of many nodes once, where it begins and what follows', () => {
    const value = defineTask({
      params: { seed: t.number, note: param(t.string, { default: '', ignorePersistence: true }) },
      data: t.number,
    }).run(() => 1)
    const total = defineTask({ inputs: { value }, data: t.number }).run(() => 1)
    const plan = (seed: number, note: string): Plan =>
      planOf({
        tasks: { p: { value, total } },
        configs: { main: { uses: ['part as a', 'part as b'] }, part: { tasks: '**', seed, note } },
      })
    const diff = diffChains(plan(1, 'x'), plan(2, 'y'))
    expect(diff.params.map(({ name, before, after, inKey, nodes }) => ({ name, before, after, inKey, nodes }))).toEqual(
      [
        { name: 'seed', before: 1, after: 2, inKey: true, nodes: ['a::p:value', 'b::p:value'] },
        { name: 'note', before: 'x', after: 'y', inKey: false, nodes: ['a::p:value', 'b::p:value'] },
      ],
    )
    expect({
      roots: diff.roots.map(({ node, params }) => [node, params]),
      consequences: diff.consequences,
      same: diff.same,
    }).toEqual({
      roots: [
        ['a::p:value', ['seed']],
        ['b::p:value', ['seed']],
      ],
      consequences: ['a::p:total', 'b::p:total'],
      same: 0,
    })
    expect(diffChains(plan(1, 'x'), plan(1, 'y'))).toMatchObject({
      roots: [],
      consequences: [],
      same: 4,
      params: [{ name: 'note' }],
    })
  })

  test('a node that differs by its input, and by a param that is not in its key, is no root', () => {
    const first = defineTask({ params: { seed: t.number }, data: t.number }).run(() => 1)
    const second = defineTask({
      inputs: { first },
      params: { note: param(t.string, { ignorePersistence: true }) },
      data: t.number,
    }).run(() => 1)
    const plan = (seed: number, note: string): Plan =>
      planOf({ tasks: { p: { first, second } }, params: { seed, note } })
    expect(diffChains(plan(1, 'x'), plan(2, 'y'))).toMatchObject({
      roots: [{ node: 'p:first' }],
      consequences: ['p:second'],
    })
  })

  test('candidates of a plan are its nodes, by task', () => {
    const plan = planned()
    expect([...candidatesIn(plan)('numbers:sum').keys()]).toEqual([plan.nodes.find((node) => node.name === 'sum')?.key])
    expect(candidatesIn(plan)('numbers:none').size).toBe(0)
  })
})
