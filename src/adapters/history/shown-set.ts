import { isObject } from '../../base/records.js'
import { wholePlan } from '../../plan/plan-graph.js'
import type { RunPlan } from '../../plan/plan-types.js'

/**
 * Values of `--set` as shown in the history. If a plan has secrets, only values known not to be secret are shown: those
 * of params whose name holds no secret anywhere.
 */
export const shownSet = (set: readonly string[], plans: readonly RunPlan[]): readonly string[] => {
  if (set.length === 0) return set
  const params = plans.flatMap((plan) => wholePlan(plan).nodes.flatMap((node) => Object.entries(node.params)))
  const secret = new Set(params.flatMap(([name, value]) => (holdsSecret(value) ? [plain(name)] : [])))
  if (secret.size === 0) return set
  const open = new Set(params.map(([name]) => plain(name)))
  return set.map((given) => {
    const name = given.split('=', 1)[0] ?? ''
    const first = plain(name.split('.', 1)[0] ?? '')
    return open.has(first) && !secret.has(first) ? given : `${name}=(hidden)`
  })
}

/** Different spellings of a name count as one. */
const plain = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()

const holdsSecret = (value: unknown): boolean =>
  isObject(value) && (('secret' in value && value.secret === true) || Object.values(value).some(holdsSecret))
