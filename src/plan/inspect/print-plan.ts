import { isEncodedList } from '../params/encoded.js'
import type { Encoded } from '../../declare/types.js'
import type { BoundInput, Plan } from '../plan-types.js'

/**
 * A plan as text that people can read and compare: nodes in run order, inputs, then params.
 *
 * @example
 * printPlan(planned).includes('movies:filtered') // => true
 */
export const printPlan = (plan: Pick<Plan, 'nodes'>): string =>
  plan.nodes
    .flatMap((node) => [
      `${node.id}  (${node.format})`,
      ...Object.entries(node.inputs).map(([role, bound]) => `  ${role} <- ${printBound(bound)}`),
      ...Object.entries(node.params).map(([name, value]) => `  ${name} = ${printEncoded(value)}`),
    ])
    .join('\n')

/** The binding of an input: a full name, `{ record key: full name }` for several, or `(none)`. */
export const printBound = (bound: BoundInput): string => {
  if (bound === null) return '(none)'
  if (typeof bound === 'string') return bound
  const parts = Object.entries(bound).map(([recordKey, id]) => (recordKey === id ? id : `${recordKey}: ${id}`))
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}

/** A value as single-line JSON, bigints as `12n`. */
export const printEncoded = (value: Encoded): string => {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isEncodedList(value)) return `[${value.map(printEncoded).join(', ')}]`
  const fields = Object.entries(value)
  return fields.length === 0
    ? '{}'
    : `{ ${fields.map(([name, field]) => `${JSON.stringify(name)}: ${printEncoded(field)}`).join(', ')} }`
}
