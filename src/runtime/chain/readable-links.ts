import { isSafeName } from '../../declare/names.js'
import { badOption } from '../../explain.js'
import { isGroupBelow } from '../../plan/names/group-names.js'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import { nearest } from '../../base/suggest.js'
import type { LinkOptions, NodeState } from './chain-types.js'
import type { Session } from '../session/session.js'

/**
 * Creates readable links for stored results of the requested groups. Throws `TaskchainError` for an unknown group or an
 * invalid name.
 */
export const linkIn = async (
  session: Pick<Session, 'store'>,
  plan: Plan,
  states: ReadonlyMap<string, NodeState>,
  { groups, name }: LinkOptions = {},
): Promise<readonly string[]> => {
  const wanted = groups === undefined ? undefined : typeof groups === 'string' ? [groups] : groups
  const nodes = plan.nodes.filter((node) => wanted?.some((group) => isGroupBelow(node.group, group)) ?? true)
  refuseUnknownGroups('link', wanted ?? [], plan)
  if (name !== undefined && !isSafeName(name))
    throw badOption(`link name '${name}'`, "use letters, digits, '_', '-' and '.'")
  const { links } = session.store
  if (links === undefined) return []
  const made: string[] = []
  for (const node of nodes)
    if (['cached', 'stale', 'undecided'].includes(states.get(node.id) ?? ''))
      made.push(await links.link(addressOf(node), readableNameOf(node, name)))
  return made
}

/** Throws `TaskchainError` for a group that contains no task of the chain. */
export const refuseUnknownGroups = (what: string, groups: readonly string[], { nodes }: Plan): void => {
  const known = [...new Set(nodes.map((node) => node.group))]
  for (const group of groups) {
    if (known.some((one) => isGroupBelow(one, group))) continue
    const near = nearest(group, known, 3)
    const others = near.length > 0 ? `; did you mean ${near.map((one) => `'${one}'`).join(' or ')}?` : ''
    throw badOption(`${what} group '${group}'`, `no task of this chain is in it${others}`)
  }
}

/**
 * The link name: the requested one, the one set in the config, or the config's name; the namespace distinguishes two
 * copies.
 */
const readableNameOf = (node: PlanNode, name: string | undefined): string => {
  const base = name ?? node.readableName ?? node.config.replaceAll(/[^A-Za-z0-9_.-]+/g, '.')
  return node.namespace === '' ? base : `${base}.${node.namespace.replaceAll('::', '.')}`
}
