import { renamesIn, type Renamed } from '../plan/names/former-names.js'
import type { ProjectIndex } from '../plan/names/project-index.js'
import { addressOf } from '../plan/names/artifact-address.js'
import { ancestors, nodeIn } from '../plan/plan-graph.js'
import type { Plan } from '../plan/plan-types.js'
import type { Store } from '../runtime/ports/store.js'
import { isStored } from '../runtime/run-info/hit-or-miss.js'
import { formersOf, type Former } from '../runtime/task-run/adoption/former.js'
import type { Problem } from './check-problems.js'

/** What plans have in a store under former names but not under current ones; nothing is forced. */
export const formersIn = async (index: ProjectIndex, store: Store, plan: Plan): Promise<readonly Former[]> => {
  const session = { index, store, forced: new Set<string>(), damaged: new Map() }
  return [...(await formersOf(session, plan, plan.nodes)).values()]
}

/**
 * Gathers which former names of a project are still needed, plan by plan. A result that a store does not have under any
 * name proves nothing, since another store may have it.
 */
export const watchFormerNames = (
  index: ProjectIndex,
  store: Store,
): { readonly see: (plan: Plan) => Promise<void>; readonly unneeded: () => readonly Problem[] } => {
  const [needed, kept] = [new Set<Renamed>(), new Set<Renamed>()]
  return {
    see: async (plan) => {
      for (const { node, at } of await formersIn(index, store, plan)) {
        const tasks = new Set([node.task, ...ancestors(plan, node.id).map((id) => nodeIn(plan, id).task)])
        for (const one of at.naming.keys()) if (tasks.has(one.task)) needed.add(one)
      }
      const nodes = plan.nodes.filter(({ task }) => renamesIn(index).some((one) => one.task === task))
      const listings = await store.list([...new Set(nodes.map((node) => addressOf(node).folder))])
      const stored = nodes.filter((node) => isStored(listings.get(addressOf(node).folder) ?? new Map(), node))
      for (const { task } of stored) for (const one of renamesIn(index)) if (one.task === task) kept.add(one)
    },
    unneeded: () => [...kept].filter((one) => !needed.has(one)).map(problemOf),
  }
}

const problemOf = ({ what, task, name, former }: Renamed): Problem => {
  const of = what === 'task' ? '' : `, the former name of its ${what} '${name}'`
  const names = former.map((one) => `'${one}'`).join(', ')
  const line = what === 'input' ? 'inputsFormerly' : 'formerly'
  const explained = {
    code: 'UnneededFormerName',
    message: `${task}: no result that a config needs is left under ${names}${of}`,
    hint: `remove it from ${line}: the results are stored under the present name`,
  }
  const place = { ...explained, file: undefined, configs: [] }
  return { severity: 'warning', ...place, task, tasks: [task], places: [place] }
}
