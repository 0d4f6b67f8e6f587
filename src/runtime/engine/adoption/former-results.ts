import { renamesIn } from '../../../plan/names/former-names.js'
import type { Plan, PlanNode } from '../../../plan/plan-types.js'
import type { Address } from '../../ports/artifact.js'
import { factsOf, gatherFacts } from '../../session/known-facts.js'
import { formersOf, type FormerParts } from '../../task-run/adoption/former.js'

/** An artifact that is stored under a former name until a run adopts it. */
export interface WaitingFormer {
  readonly address: Address
  /** What was renamed, of the node or its inputs: `films:sum`, `param min`. */
  readonly formerly: string
  readonly seconds: number
  /** As in the run info. */
  readonly ended: string
}

/** Artifacts of these nodes that are stored under former names only, by full name. */
export const waitingFormers = async (
  session: FormerParts,
  plan: Pick<Plan, 'nodes'>,
  nodes: readonly PlanNode[],
): Promise<ReadonlyMap<string, WaitingFormer>> => {
  const found = await formersOf(session, plan, nodes)
  return new Map(
    Array.from(found, ([id, { was, source }]) => {
      const { time: seconds, ended } = source.info
      return [id, { address: source.address, formerly: was.formerly, seconds, ended }]
    }),
  )
}

/** A result that was stored under a former name. */
export interface FormerResult {
  /** Full name. */
  readonly node: string
  readonly key: string
  /** The key that it was stored under. */
  readonly from: string
  /** What was renamed, of the node or its inputs: `films:sum`, `param min`. */
  readonly formerly: string
  /** Whether it has been adopted; a run that requests it does so. */
  readonly adopted: boolean
}

/** Results of these nodes that are stored under former names, or were adopted from there. */
export const formerResults = async (
  session: FormerParts,
  plan: Pick<Plan, 'nodes'>,
  nodes: readonly PlanNode[],
): Promise<readonly FormerResult[]> => {
  if (renamesIn(session.index).length === 0) return []
  const waiting = await waitingFormers(session, plan, nodes)
  const kept = nodes.filter(({ storage }) => storage !== 'memory')
  await gatherFacts(session, kept)
  return kept.flatMap((node): readonly FormerResult[] => {
    const { id, key } = node
    const former = waiting.get(id)
    if (former !== undefined)
      return [{ node: id, key, from: former.address.key, formerly: former.formerly, adopted: false }]
    const adopted = factsOf(session, node)?.adopted
    return adopted?.formerly === undefined
      ? []
      : [{ node: id, key, from: adopted.key, formerly: adopted.formerly, adopted: true }]
  })
}
