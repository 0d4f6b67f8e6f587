import { displayedBy, mediaOfTable, type ShownTable } from '../../base/notebook.js'
import { inputIds } from '../plan-graph.js'
import type { Plan, PlanNode } from '../plan-types.js'

/** Nodes of a plan that a notebook shows. */
const mostNodes = 200

/** A plan as a table, with more columns where more is known of its nodes than that they are planned. */
export const shownPlan = (
  { config, context, nodes }: Pick<Plan, 'config' | 'context' | 'nodes'>,
  more: Readonly<Record<string, (node: PlanNode) => string>> = {},
): ShownTable => {
  const nodesText = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`
  return {
    title: `${config}${context === null ? '' : ` (${context})`}: ${nodesText}`,
    columns: ['task', ...Object.keys(more), 'inputs', 'format'],
    rows: nodes
      .slice(0, mostNodes)
      .map((node) => [
        node.id,
        ...Object.values(more).map((cell) => cell(node)),
        inputIds(node).join(', '),
        node.format,
      ]),
    ...(nodes.length > mostNodes ? { rest: `and ${nodes.length - mostNodes} more` } : {}),
  }
}

/** A plan that shows itself in a notebook; nothing else of it is another. */
export const displayedPlan = <A extends Plan>(plan: A): A => displayedBy(plan, () => mediaOfTable(shownPlan(plan)))
