import { expect, test } from 'vitest'
import * as t from 'io-ts'
import { defineTask } from '../../src/declare/task.js'
import { inMemory } from '../../src/declare/format.js'
import { addressOf } from '../../src/plan/names/artifact-address.js'
import { reachableOf } from '../../src/plan/reachable-keys.js'
import { planOf } from '../../src/testing/plan-of.js'

const first = defineTask({ params: { size: t.number }, data: t.number }).run(({ size }) => size)
const second = defineTask({ inputs: { first }, data: inMemory<number>() }).run(({ first }) => first)
const planWith = (size: number) => planOf({ tasks: { numbers: { first, second } }, params: { size } })

test('plans reach what they keep and the run infos of what they do not, in union, each key once', () => {
  const [one, two] = [planWith(1), planWith(2)]
  const reachable = reachableOf([one, two, one])
  expect(reachable.size).toBe(4)
  for (const node of [...one.nodes, ...two.nodes]) expect(reachable.has(addressOf(node).folder, node.key)).toBe(true)
  expect([
    reachable.has('numbers/first', 'f'.repeat(32)),
    reachable.has('numbers/second', (one.nodes[0] as { key: string }).key),
  ]).toEqual([false, false])
  expect(reachable.has('Numbers/FIRST', (one.nodes.find(({ name }) => name === 'first') as { key: string }).key)).toBe(
    true,
  )
  expect([reachable.hasFolder('numbers/first'), reachable.hasFolder('numbers/third')]).toEqual([true, false])
})
