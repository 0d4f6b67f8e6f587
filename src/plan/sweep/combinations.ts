import * as E from 'fp-ts/lib/Either.js'
import type { NonEmptyArray } from 'fp-ts/lib/NonEmptyArray.js'
import type { UsageError } from '../../errors.js'
import { nearest } from '../../base/suggest.js'
import type { Plan, PlanNode } from '../plan-types.js'

/** A name as used in configs (`min_votes`, `model.kwargs.l2`) and the values to sweep. */
export interface SweepAxis {
  readonly name: string
  readonly values: readonly unknown[]
}

/**
 * Names whose values are combined pairwise, first with first; `true`: all of them. Names in no group are crossed with
 * everything.
 */
export type SweepZip = boolean | readonly (readonly string[])[]

/** One value for each name: an override of the config. */
export type Combination = Readonly<Record<string, unknown>>

/** Maximum size of a sweep, far more than one process should plan. */
export const maxCombinations = 100_000

/**
 * All combinations of a sweep, the last name changing fastest. Zipped names change together; one with a single value
 * keeps it.
 * Left: all errors of names, zips and sizes.
 *
 * @example combinationsOf([{ name: 'a', values: [1, 2] }, { name: 'b', values: ['x', 'y'] }], true)   // right([{ a: 1,
 * b: 'x' }, { a: 2, b: 'y' }])
 */
export const combinationsOf = (
  axes: readonly SweepAxis[],
  zip: SweepZip = false,
): E.Either<NonEmptyArray<UsageError>, readonly Combination[]> => {
  const errors: UsageError[] = axes
    .filter(({ values }) => values.length === 0)
    .map(({ name }) => bad(name, 'it has no values'))
  const groups = groupsOf(axes, zip, errors)
  const count = groups.reduce((product, { length }) => product * length, 1)
  if (count > maxCombinations)
    errors.push(bad('sweep', `${count} combinations; at most ${maxCombinations} are allowed`))
  const [first, ...others] = errors
  if (first !== undefined) return E.left([first, ...others])
  return E.right(Array.from({ length: count }, (_, index) => Object.freeze(combinationAt(axes, groups, index))))
}

/** Axes that change together: a single one, or those of a zip. */
interface Group {
  readonly axes: readonly SweepAxis[]
  readonly length: number
}

const groupsOf = (axes: readonly SweepAxis[], zip: SweepZip, errors: UsageError[]): readonly Group[] => {
  const names = axes.map(({ name }) => name)
  const zips = typeof zip === 'boolean' ? (zip ? [names] : []) : zip
  const zipOf = new Map<string, number>()
  for (const [index, members] of zips.entries())
    for (const name of members) {
      const near = nearest(name, names)
      if (!names.includes(name))
        errors.push(bad('zip', `'${name}' is not swept${near.length > 0 ? `; did you mean '${near[0]}'?` : ''}`))
      else if (zipOf.has(name)) errors.push(bad('zip', `'${name}' is in it twice`))
      zipOf.set(name, index)
    }
  const groups: Group[] = []
  const grouped = new Set<number>()
  for (const axis of axes) {
    const index = zipOf.get(axis.name)
    if (index === undefined) groups.push({ axes: [axis], length: axis.values.length })
    else if (!grouped.has(index)) {
      grouped.add(index)
      const members = axes.filter(({ name }) => zipOf.get(name) === index)
      const moving = members.filter(({ values }) => values.length > 1)
      if (new Set(moving.map(({ values }) => values.length)).size > 1)
        errors.push(
          bad(
            'zip',
            `${moving.map(({ name, values }) => `'${name}' has ${values.length} values`).join(', ')}: ` +
              'they need the same number',
          ),
        )
      groups.push({ axes: members, length: members.reduce((most, { values }) => Math.max(most, values.length), 0) })
    }
  }
  return groups
}

const combinationAt = (axes: readonly SweepAxis[], groups: readonly Group[], index: number): Combination => {
  const chosen = new Map<string, unknown>()
  let rest = index
  for (const { axes: members, length } of [...groups].reverse()) {
    const at = rest % length
    rest = Math.floor(rest / length)
    for (const { name, values } of members) chosen.set(name, values[values.length === 1 ? 0 : at])
  }
  return Object.fromEntries(axes.map(({ name }) => [name, chosen.get(name)]))
}

const bad = (option: string, problem: string): UsageError => ({ _tag: 'BadOption', option, problem })

/** The merged plans of a sweep: nodes with equal keys appear once. */
export interface MergedPlan {
  /** Nodes of all plans, counted with repetition. */
  readonly total: number
  /** Each key once, inputs before their readers; ids and inputs are keys, since names repeat. */
  readonly nodes: readonly PlanNode[]
  /** Positions of the plans that contain a key. */
  readonly users: ReadonlyMap<string, readonly number[]>
}

/** Merges plans. `needed` returns the full names of a plan's nodes to include; default: all. */
export const mergePlans = (plans: readonly Plan[], needed?: (plan: Plan) => ReadonlySet<string>): MergedPlan => {
  const nodes = new Map<string, PlanNode>()
  const users = new Map<string, number[]>()
  let total = 0
  for (const [position, plan] of plans.entries()) {
    const counts = needed?.(plan)
    const keys = new Map(plan.nodes.map(({ id, key }) => [id, key]))
    const keyOf = (id: string): string => keys.get(id) ?? id
    for (const node of plan.nodes) {
      if (counts !== undefined && !counts.has(node.id)) continue
      total++
      const known = users.get(node.key)
      if (known === undefined) {
        users.set(node.key, [position])
        nodes.set(node.key, { ...node, id: node.key, inputs: inputsByKey(node.inputs, keyOf) })
      } else if (known.at(-1) !== position) known.push(position)
    }
  }
  return { total, nodes: [...nodes.values()], users }
}

const inputsByKey = (inputs: PlanNode['inputs'], keyOf: (id: string) => string): PlanNode['inputs'] =>
  Object.fromEntries(
    Object.entries(inputs).map(([role, bound]) => [
      role,
      bound === null
        ? null
        : typeof bound === 'string'
          ? keyOf(bound)
          : Object.fromEntries(Object.entries(bound).map(([name, id]) => [name, keyOf(id)])),
    ]),
  )

/**
 * The part of a combination that distinguishes nodes with the same name: the values that all users of a key share and
 * others do not have. Empty for a node that all combinations share.
 */
export const distinction = (combinations: readonly Combination[], users: readonly number[]): Combination => {
  const [first] = users
  const own = first === undefined ? undefined : combinations[first]
  if (own === undefined || users.length === combinations.length) return {}
  const all = Object.entries(own).filter(([name, value]) => users.every((user) => combinations[user]?.[name] === value))
  return Object.fromEntries(all.filter(([name, value]) => combinations.some((other) => other[name] !== value)))
}
