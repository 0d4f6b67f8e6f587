import type { StoredDependent } from '../../runtime/chain/stored-dependents.js'
import { oneLine } from './text-width.js'
import { counted, timeText } from './units.js'

const most = 20

/** Results of other configs that become stale because of `force`, as text. */
export const dependentLines = (dependents: readonly StoredDependent[]): readonly string[] => {
  if (dependents.length === 0) return []
  const lines = dependents
    .slice(0, most)
    .map(
      ({ task, key, config, ended }) =>
        `  ${task}  ${key.slice(0, 8)}, ` +
        `of ${oneLine(config ?? 'a config that its run info does not name')}, ${timeText(ended)}`,
    )
  const [were, are, they] = dependents.length === 1 ? ['was', 'is', 'it is'] : ['were', 'are', 'they are']
  return [
    `${counted(dependents.length, 'result')} of other configs or other values ${were} made from these ` +
      `and ${are} recomputed when ${they} next requested, if the contents of these change:`,
    ...lines,
    ...(dependents.length > most ? [`  and ${dependents.length - most} more`] : []),
  ]
}
