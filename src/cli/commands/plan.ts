import { operand, operandList, print, widthOf, type Command } from '../call.js'
import { standingOf } from '../../inspect/standing.js'
import { estimates } from '../../inspect/estimates.js'
import { itemsAhead } from '../../inspect/items-ahead.js'
import { exitCodes } from '../exit-codes.js'
import { explained, jsonDocument } from '../json-output.js'
import { itemsToDoText } from '../live/items-text.js'
import { planLines, planSummary, type PlanRow } from '../render/render-plan.js'
import { taskNamed, withChain } from '../open-chain-of-call.js'

/** `plan CONFIG`, `run CONFIG [TASK…] --dry-run`: what a run would do, against the store. */
export const planCommand: Command = (call) =>
  withChain(call, operand(call, 'config'), {}, async (chain, store) => {
    const { states, because, isFoundValid } = await standingOf(chain, store)
    const wanted = operandList(call, 'task').map((name) => taskNamed(chain, name).name)
    const needed = new Set([...wanted, ...wanted.flatMap((name) => chain.requirements(name))])
    const planned = chain.plan.nodes.filter(({ id }) => wanted.length === 0 || needed.has(id))
    const none = isFoundValid ? { atLeast: 0, atMost: 0 } : undefined
    const computations = wanted.length === 0 ? (none ?? (await chain.computations())) : undefined // of a whole run
    const older = new Set((isFoundValid ? [] : await chain.drifted()).map(({ node }) => node))
    const refreshes = new Map((await chain.refreshes()).map(({ node, due, next }) => [node, { due, next }]))
    const formers = new Map((await chain.formers()).map((one) => [one.node, one]))
    const isDue = (node: string): boolean => states.get(node) === 'stale' && refreshes.get(node)?.due === true
    const itemsOf = await itemsAhead(store, planned, states)
    if (call.common.json) {
      const isAnyStale = [...because.values()].includes('content')
      const stale = new Map((isAnyStale ? await chain.stale() : []).map((one) => [one.node, one.because]))
      const nodes = planned.map((node) => ({
        ...Object.fromEntries(shown.map((field) => [field, node[field]])),
        inputs: Object.fromEntries(Object.entries(node.inputs).map(([role, input]) => [role, boundIds(input)])),
        path: taskNamed(chain, node.id).dataPath ?? null,
        state: states.get(node.id) ?? 'to_run',
        ...(refreshes.has(node.id) ? { refresh: refreshes.get(node.id) } : {}),
        ...(because.has(node.id) ? { because: because.get(node.id) } : {}),
        ...(because.get(node.id) === 'content' ? { inputsChanged: stale.get(node.id) } : {}),
        ...(older.has(node.id) ? { code: 'older' } : {}),
        ...(formers.has(node.id) ? { formerly: formers.get(node.id)?.formerly } : {}),
        ...(itemsOf.has(node.id) ? { items: itemsOf.get(node.id) } : {}),
      }))
      call.host.out.write(jsonDocument({ nodes, computations, warnings: explained(chain.plan.warnings) }, 2))
      return exitCodes.done
    }
    const seconds = await estimates(store, planned, states)
    const rows = planned.map(
      (node): PlanRow => ({
        node,
        state: states.get(node.id) ?? 'to_run',
        seconds: seconds.get(node.id),
        due: isDue(node.id),
        formerly: formers.get(node.id)?.formerly,
        older: older.has(node.id) && states.get(node.id) === 'cached',
      }),
    )
    const items = [...itemsOf].flatMap(([node, sets]) => sets.map((set) => itemsToDoText(node, set)))
    print(call, [...planLines(rows, call.paint.out, widthOf(call)), '', planSummary(rows, computations), ...items])
    return exitCodes.done
  })

/** Fields of a node that the document takes over unchanged, in this order. */
const shown = ['id', 'task', 'group', 'name', 'namespace', 'key', 'config', 'params', 'inputs', 'format'] as const

/** One id, a list of ids for inputs that match a pattern, or null. */
const boundIds = (
  bound: string | { readonly [recordKey: string]: string } | null,
): string | readonly string[] | null => (bound === null || typeof bound === 'string' ? bound : Object.values(bound))
