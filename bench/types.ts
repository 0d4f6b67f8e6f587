// What tasks cost the compiler: instantiations and memory of generated projects, `tsc --checkers 1`.
import { typeCost } from '../test/types/generated-project.js'
import type { Row } from './table.js'

/**
 * Instantiations per task must stay below the limit in test/types/cost.test.ts; seconds and memory are informational.
 */
export const typeRows = async (quick: boolean): Promise<readonly Row[]> => {
  const library = typeCost(0)
  return (quick ? [500] : [500, 2_000, 4_000]).flatMap((tasks) => {
    const cost = typeCost(tasks)
    return [
      {
        what: `types: ${tasks} tasks, instantiations a task`,
        value: Math.round((cost.instantiations - library.instantiations) / tasks),
        unit: '',
        limit: 700,
      },
      { what: `types: ${tasks} tasks, check`, value: cost.checkSeconds, unit: 's', limit: undefined },
      { what: `types: ${tasks} tasks, memory`, value: cost.megabytes, unit: 'MB', limit: undefined },
    ]
  })
}
