import { pushTo } from '../../base/grouping.js'
import { oncePer } from '../../base/once-per.js'
import * as E from 'fp-ts/lib/Either.js'
import { fullNameOf, joinNamespaces, partsOf } from '../../declare/names.js'
import type { RunError } from '../../errors.js'
import { nodesById } from '../plan-graph.js'
import type { Plan, PlanNode } from '../plan-types.js'
import { nearest } from '../../base/suggest.js'

/**
 * Finds a node by name: by its exact full name; else by an unambiguous short name, in the namespace that the name
 * contains or, without one, in the given namespace first and then in all namespaces below it.
 */
export const findNode = (plan: Plan, wanted: string, namespace: string): E.Either<RunError, PlanNode> => {
  const exact = nodesById(plan).get(wanted.startsWith('::') ? wanted.slice(2) : fullNameOf(namespace, wanted))
  if (exact !== undefined) return E.right(exact)
  const parts = partsOf(wanted)
  const hasNamespace = wanted.includes('::')
  const inside = joinNamespaces(namespace, parts.namespace)
  const fits = (named(plan).get(parts.name) ?? []).filter(
    (node) =>
      (parts.group === '' || node.group === parts.group) &&
      (hasNamespace
        ? node.namespace === inside
        : namespace === '' || node.namespace === namespace || node.namespace.startsWith(`${namespace}::`)),
  )
  const here = fits.filter((node) => node.namespace === inside)
  const chosen = here.length > 0 && (namespace !== '' || hasNamespace) ? here : fits
  const [only] = chosen
  if (only !== undefined && chosen.length === 1) return E.right(only)
  if (chosen.length > 1) return E.left({ _tag: 'AmbiguousName', name: wanted, matches: chosen.map((node) => node.id) })
  return E.left({
    _tag: 'NotInChain',
    name: fullNameOf(namespace, wanted),
    near: nearest(wanted, [...nodesById(plan).keys(), ...named(plan).keys()], 3),
  })
}

/** Nodes by bare name. */
const named = oncePer((plan: Plan): ReadonlyMap<string, readonly PlanNode[]> => {
  const made = new Map<string, PlanNode[]>()
  for (const node of plan.nodes) pushTo(made, node.name, node)
  return made
})
