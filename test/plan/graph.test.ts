import * as E from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import { ref, type Input } from '../../src/declare/input.js'
import { defineProject } from '../../src/declare/project.js'
import { defineTask, type Task } from '../../src/declare/task.js'
import { ancestors, collectEdges, descendants, topologicalOrder, type Edges } from '../../src/plan/plan-graph.js'
import { planned, refused } from './fixtures.js'

const edgesOf = (inputs: readonly (readonly number[])[]): Edges => {
  const { add, endNode, edges } = collectEdges(inputs.length)
  for (const list of inputs) {
    for (const input of list) add(input)
    endNode()
  }
  return edges()
}
const task = (inputs: Readonly<Record<string, Input>> = {}) =>
  defineTask({ inputs, data: t.number }).run(() => 1) as Task
const a = task()
const b = task({ a })
const c = task({ a })
const d = task({ c, b })
const alone = task()
const plan = planned(defineProject({ pipelines: { p: { d, c, alone, b, a } } }), { tasks: 'p.*' })

test('inputs come before what reads them, ties by name', () => {
  expect(plan.nodes.map((node) => node.name)).toEqual(['a', 'alone', 'b', 'c', 'd'])
})

test('ancestors and descendants, in run order', () => {
  expect(ancestors(plan, 'p:d')).toEqual(['p:a', 'p:b', 'p:c'])
  expect(descendants(plan, 'p:a')).toEqual(['p:b', 'p:c', 'p:d'])
  expect([ancestors(plan, 'p:alone'), descendants(plan, 'p:alone'), ancestors(plan, 'unknown')]).toEqual([[], [], []])
})

test('circles of tasks are told, each once, as a path in which every task reads the next', () => {
  const n = t.number
  const pipelines = {
    p: {
      one: task({ x: ref('two', n), y: ref('free', n) }),
      two: task({ x: ref('three', n) }),
      three: task({ x: ref('one', n), y: ref('two', n) }),
      free: task(),
    },
    q: { self: task({ x: ref('self', n) }), after: task({ x: ref('one', n), y: ref('self', n) }) },
  }
  expect(refused(defineProject({ pipelines }), { tasks: '**' })).toEqual([
    { _tag: 'TaskCycle', path: ['p:one', 'p:two', 'p:three', 'p:one'] },
    { _tag: 'TaskCycle', path: ['q:self', 'q:self'] },
  ])
})

test('a path of 100,000 nodes is no deeper than any other, as a circle too', () => {
  const length = 100_000
  const ids = Array.from({ length }, (_, index) => `p:${index}`)
  const chain = ids.map((_, index) => (index === 0 ? [] : [index - 1]))
  const order = topologicalOrder(ids, edgesOf(chain))
  expect(E.isRight(order) && order.right[length - 1]).toBe(length - 1)
  const circle = topologicalOrder(ids, edgesOf(chain.map((inputs, index) => (index === 0 ? [length - 1] : inputs))))
  expect(E.isLeft(circle) && circle.left.map((path) => path.length)).toEqual([length + 1])
  const nodes = ids.map((id, index) => ({
    id,
    inputs: (index === 0 ? {} : { before: `p:${index - 1}` }) as Record<string, string>,
  }))
  expect(ancestors({ nodes: nodes as never }, `p:${length - 1}`).length).toBe(length - 1)
  expect(descendants({ nodes: nodes as never }, 'p:0').length).toBe(length - 1)
})

test('any graph is either ordered, the smallest ready name first, or has a circle in it', () => {
  const graph = fc
    .integer({ min: 1, max: 12 })
    .chain((size) =>
      fc.array(fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 3 }), { minLength: size, maxLength: size }),
    )
  fc.assert(
    fc.property(graph, (inputs) => {
      const ids = inputs.map((_, index) => `n${(index * 7) % 13}`)
      const order = topologicalOrder(ids, edgesOf(inputs))
      if (E.isLeft(order)) {
        for (const path of order.left) {
          expect(path[0]).toBe(path[path.length - 1])
          for (let step = 1; step < path.length; step++)
            expect(inputs[ids.indexOf(path[step - 1] as string)]).toContain(ids.indexOf(path[step] as string))
        }
        return
      }
      const expected: number[] = []
      while (expected.length < ids.length) {
        const ready = inputs.flatMap((list, at) =>
          !expected.includes(at) && list.every((input) => expected.includes(input)) ? [at] : [],
        )
        expected.push(ready.reduce((least, at) => ((ids[at] as string) < (ids[least] as string) ? at : least)))
      }
      expect([...order.right]).toEqual(expected)
    }),
  )
})
