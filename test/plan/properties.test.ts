import * as E from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import * as t from 'io-ts'
import { expect, test } from 'vitest'
import type { ConfigValue, ResolvedConfig, ResolvedConfigs, ResolvedValue } from '../../src/config/config-types.js'
import { from, lazy, matching, optional, ref, type Input } from '../../src/declare/input.js'
import { object, defineObject } from '../../src/declare/object.js'
import { param, type Params } from '../../src/declare/param.js'
import { defineProject, type Modules, type Project } from '../../src/declare/project.js'
import { defineTask, type Task } from '../../src/declare/task.js'
import { descendants } from '../../src/plan/plan-graph.js'
import { indexProject } from '../../src/plan/names/project-index.js'
import { planFromJson, planToJson } from '../../src/plan/inspect/plan-json.js'
import { keyOf, preImageOfNode } from '../../src/plan/key.js'
import { planChain } from '../../src/plan/plan.js'
import { configOf, resolvedOf, right } from './fixtures.js'

/** A project as data, so that it can be built again in another order. */
interface TaskPlan {
  readonly group: number
  /** Positions of earlier tasks, and how each is taken. */
  readonly inputs: readonly {
    readonly at: number
    readonly how: 'value' | 'ref' | 'optional' | 'lazy' | 'from' | 'absent'
  }[]
  readonly matching: boolean
  readonly params: readonly ('own' | 'shared' | 'ignored' | 'omitted')[]
}

const taskPlans = fc.array(
  fc.record<TaskPlan>({
    group: fc.nat({ max: 2 }),
    inputs: fc.array(
      fc.record({ at: fc.nat({ max: 7 }), how: fc.constantFrom('value', 'ref', 'optional', 'lazy', 'from', 'absent') }),
      { maxLength: 3 },
    ),
    matching: fc.boolean(),
    params: fc.uniqueArray(fc.constantFrom('own', 'shared', 'ignored', 'omitted'), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 8 },
)

type Order = <A>(items: readonly A[]) => A[]
const asGiven: Order = (items) => [...items]
/** Some other order, the same for the same seed. */
const shuffled =
  (seed: number): Order =>
  (items) =>
    items
      .map((item, index) => ({ item, rank: Math.imul(index + 1, 2654435761 ^ (seed | 1)) >>> 0 }))
      .sort((left, right) => left.rank - right.rank)
      .map(({ item }) => item)

const nameAt = (index: number): string => `t${index}`

const build = (plans: readonly TaskPlan[], order: Order): Project => {
  const tasks: Task[] = []
  const groups = new Map<number, [string, Task][]>()
  plans.forEach(({ group, inputs, matching: matches, params }, index) => {
    const roles: [string, Input][] = inputs.flatMap(({ at, how }, role): [string, Input][] => {
      const other = tasks[at]
      const name = `g${plans[at]?.group}:${nameAt(at)}`
      if (other === undefined || at >= index) return []
      switch (how) {
        case 'value':
          return [[`in${role}`, other]]
        case 'ref':
          return [[`in${role}`, ref(name, t.number) as Input]]
        case 'optional':
          return [[`in${role}`, optional(other, null)]]
        case 'lazy':
          return [[`in${role}`, lazy(other)]]
        case 'from':
          return [[`in${role}`, optional(from('n', other), null)]]
        case 'absent':
          return [[`in${role}`, optional(ref('nobody:knows', t.number) as Input, null)]]
      }
    })
    if (matches) roles.push(['all', matching(new RegExp(`g[01]:t[0-${Math.max(0, index - 1)}]`), t.number)])
    const specs: Record<string, t.Mixed | ReturnType<typeof param>> = {}
    for (const kind of order(params)) {
      if (kind === 'own') specs[`own${index}`] = t.number
      if (kind === 'shared') specs['shared'] = param(t.unknown, { default: 0 })
      if (kind === 'ignored') specs['ignored'] = param(t.number, { default: 0, ignorePersistence: true })
      if (kind === 'omitted') specs['omitted'] = param(t.number, { default: 7, omitDefault: true })
    }
    const task = defineTask({
      inputs: Object.fromEntries(order(roles)),
      params: specs as Params,
      data: t.number,
    } as never).run(() => 1) as Task
    tasks.push(task)
    groups.set(group, [...(groups.get(group) ?? []), [nameAt(index), task]])
  })
  return defineProject({
    pipelines: Object.fromEntries(
      order([...groups].map(([group, exports]) => [`g${group}`, Object.fromEntries(order(exports))])),
    ) as Modules,
  })
}

const valuesFor = (plans: readonly TaskPlan[]): Readonly<Record<string, ConfigValue>> => ({
  ...Object.fromEntries(plans.map((_, index) => [`own${index}`, index])),
  shared: { b: [1, 2], a: null },
  ignored: 1,
  omitted: 7,
  unused: 3,
})

/** The top, a copy of it in the namespace `n` and one value nobody reads in each. */
const resolve = (
  plans: readonly TaskPlan[],
  order: Order,
  changes: Readonly<Record<string, ConfigValue>> = {},
): ResolvedConfigs => {
  const turn = (config: ResolvedConfig): ResolvedConfig => ({
    ...config,
    tasks: order(config.tasks),
    values: new Map(order([...config.values])),
  })
  const values = valuesFor(plans)
  const tasks = ['**', ...plans.map(({ group }, index) => `g${group}.${nameAt(index)}`)]
  const main = configOf({ id: 'main.yaml', tasks, values: { ...values, ...changes } })
  const inside = configOf({ id: 'inside.yaml', namespace: 'n', tasks: '**', values })
  return { ...resolvedOf(), entry: 'main.yaml', configs: order([turn(main), turn(inside)]) }
}

test('the order of keys, configs, patterns, exports and params never changes a plan', () => {
  fc.assert(
    fc.property(taskPlans, fc.integer(), (plans, seed) => {
      const straight = right(planChain(build(plans, asGiven), resolve(plans, asGiven)))
      const turned = right(planChain(build(plans, shuffled(seed)), resolve(plans, shuffled(seed))))
      expect(turned).toEqual(straight)
      expect(turned.nodes.map((node) => node.id)).toEqual(straight.nodes.map((node) => node.id))
    }),
    { numRuns: 100 },
  )
})

test('neither does it change what is wrong', () => {
  fc.assert(
    fc.property(taskPlans, fc.integer(), (plans, seed) => {
      const broken = (order: Order): ResolvedConfigs => {
        const { configs, ...resolved } = resolve(plans, order)
        return {
          ...resolved,
          configs: configs.map((config) => ({
            ...config,
            namespace: '',
            values: new Map([...config.values].filter(([name]) => name !== 'own0')),
          })),
        }
      }
      const outcomes = [
        planChain(build(plans, asGiven), broken(asGiven)),
        planChain(build(plans, shuffled(seed)), broken(shuffled(seed))),
      ]
      expect(outcomes[1]).toEqual(outcomes[0])
      expect(outcomes.every(E.isLeft)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a changed value changes exactly the keys of the nodes that depend on it', () => {
  const changes = fc.constantFrom<Record<string, ConfigValue>[]>(
    { shared: 5 },
    { shared: { a: null, b: [2, 1] } },
    { ignored: 9 },
    { omitted: 8 },
    { own0: 100 },
    { own1: 100 },
    { unused: 100 },
  )
  fc.assert(
    fc.property(taskPlans, changes, (plans, change) => {
      const project = build(plans, asGiven)
      const before = right(planChain(project, resolve(plans, asGiven)))
      const after = right(planChain(project, resolve(plans, asGiven, change)))
      const [name] = Object.keys(change) as [string]
      const touched = before.nodes
        .filter((node) => node.namespace === '' && name !== 'ignored' && Object.hasOwn(node.params, name))
        .map((node) => node.id)
      const expected = new Set(touched.flatMap((id) => [id, ...descendants(before, id)]))
      const changed = before.nodes.filter((node, index) => node.key !== after.nodes[index]?.key).map((node) => node.id)
      expect(new Set(changed)).toEqual(expected)
    }),
    { numRuns: 120 },
  )
})

test('plan → JSON → plan is the identity, and every key is the hash of its pre-image', () => {
  fc.assert(
    fc.property(taskPlans, (plans) => {
      const plan = right(planChain(build(plans, asGiven), resolve(plans, asGiven)))
      expect(right(planFromJson(planToJson(plan)))).toStrictEqual(plan)
      for (const node of plan.nodes) expect(keyOf(preImageOfNode(plan, node))).toBe(node.key)
    }),
    { numRuns: 50 },
  )
})

test('planning changes nothing that it was given', () => {
  const project = build([{ group: 0, inputs: [], matching: true, params: ['own', 'shared'] }], asGiven)
  const resolved = resolve([{ group: 0, inputs: [], matching: true, params: [] }], asGiven)
  const before = structuredClone(resolved)
  planChain(project, resolved)
  expect(resolved).toEqual(before)
  expect(Object.isFrozen(resolved.configs[0]?.values.get('shared')?.located.place)).toBe(false)
})

const Model = defineObject('Model', { args: { a: t.number, b: param(t.array(object()), { default: [] }) } }).create(
  (args) => args,
)
const anyCodec = fc.constantFrom<t.Mixed>(
  t.number,
  t.string,
  t.array(t.number),
  t.union([t.number, t.null]),
  t.type({ a: t.string }),
  t.record(t.string, t.number),
  object(),
  t.array(object(Model)),
  t.unknown,
  t.UnknownRecord,
)
const oddValue = fc.oneof(
  fc.jsonValue(),
  fc.record(
    { class: fc.oneof(fc.string(), fc.constant('Model')), args: fc.jsonValue(), kwargs: fc.jsonValue() },
    { requiredKeys: [] },
  ),
  fc.anything(),
) as fc.Arbitrary<ConfigValue>

test('arbitrary values, patterns and names give a plan or errors, never an exception', () => {
  fc.assert(
    fc.property(
      anyCodec,
      oddValue,
      oddValue,
      fc.string(),
      fc.string({ unit: 'binary' }),
      (codec, value, other, pattern, name) => {
        const task = defineTask({
          params: { x: codec, y: param(codec, { default: other as never }) },
          inputs: { z: optional(ref(name, t.number) as Input, null) },
          data: t.number,
        } as never).run(() => 1)
        const project = defineProject({ pipelines: { p: { task } }, objects: { Model } })
        const config = configOf({ tasks: ['p.*', pattern], excluded: name, values: {} })
        const both: ResolvedValue = {
          unexpanded: other,
          expanded: value,
          located: { value, place: { origin: 'odd', line: 0, column: 0 } },
          overrides: undefined,
          own: undefined,
          fromContext: true,
        }
        const outcome = planChain(project, {
          ...resolvedOf(),
          entry: config.id,
          configs: [
            {
              ...config,
              values: new Map([
                ['x', both],
                [name, both],
              ]),
            },
          ],
        })
        expect(['Left', 'Right']).toContain(outcome._tag)
      },
    ),
    { numRuns: 400 },
  )
})

test('arbitrary exports and inputs give an index, never an exception', () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withMap: true, withDate: true, maxDepth: 4 }),
      fc.anything(),
      fc.string(),
      (exported, input, name) => {
        const task = defineTask({
          inputs: { [name]: input, lazy: lazy(input as Input) },
          params: { [name]: input },
          data: exported,
          name,
        } as never).run(() => 1)
        const project = defineProject({
          pipelines: { p: { exported, task, [name]: input }, [name]: exported } as never,
        })
        expect(Array.isArray(indexProject(project).errors)).toBe(true)
        expect(planChain(project, resolvedOf({ tasks: '**' }))._tag).toMatch(/Left|Right/)
      },
    ),
    { numRuns: 300 },
  )
})
