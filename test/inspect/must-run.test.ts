import { describe, expect, test } from 'vitest'
import { mustRun } from '../../src/inspect/must-run.js'
import type { Plan, PlanNode } from '../../src/plan/plan-types.js'
import type { NodeState } from '../../src/runtime/chain/chain-types.js'

describe('what show would have to compute', () => {
  const node = (id: string, inputs: readonly string[], storage: PlanNode['storage'] = 'file'): PlanNode =>
    // the rest of a node plays no part
    ({ id, storage, inputs: Object.fromEntries(inputs.map((input) => [input, input])) }) as unknown as PlanNode
  const plan = {
    nodes: [node('a', []), node('b', ['a']), node('c', ['b'], 'memory'), node('d', ['c', 'a'])],
  } as unknown as Plan
  const states = (entries: Record<string, NodeState>): ReadonlyMap<string, NodeState> =>
    new Map(Object.entries(entries))

  test('is what is missing behind it, no further than what is stored', () => {
    expect(mustRun(plan, states({ a: 'to_run', b: 'cached', c: 'in_memory', d: 'to_run' }), 'c')).toEqual([])
    expect(mustRun(plan, states({ a: 'cached', b: 'to_run', c: 'in_memory', d: 'to_run' }), 'c')).toEqual(['b'])
    expect(mustRun(plan, states({ a: 'to_run', b: 'to_run', c: 'in_memory', d: 'to_run' }), 'd')).toEqual([
      'a',
      'b',
      'd',
    ])
  })
})
