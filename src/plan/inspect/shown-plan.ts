import type { ShownTable } from '../../base/notebook.js'
import { inputIds } from '../plan-graph.js'
import type { Plan, PlanNode } from '../plan-types.js'

/** Maximum number of nodes shown in a notebook. */
const maxNodes = 200

/** A plan as a table, with extra columns if more is known about its nodes. */
export const shownPlan = (
  { config, context, nodes }: Pick<Plan, 'config' | 'context' | 'nodes'>,
  more: Readonly<Record<string, (node: PlanNode) => string>> = {},
): ShownTable => {
  const nodesText = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`
  return {
    title: `${config}${context === null ? '' : ` (${context})`}: ${nodesText}`,
    columns: ['task', ...Object.keys(more), 'inputs', 'format'],
    rows: nodes
      .slice(0, maxNodes)
      .map((node) => [
        node.id,
        ...Object.values(more).map((cell) => cell(node)),
        inputIds(node).join(', '),
        node.format,
      ]),
    ...(nodes.length > maxNodes ? { rest: `and ${nodes.length - maxNodes} more` } : {}),
  }
}
