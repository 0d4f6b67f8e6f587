import { isInput } from '../../run-info/artifact-facts.js'
import * as E from 'fp-ts/lib/Either.js'
import { formatOf } from '../../../declare/json/json.js'
import type { Task } from '../../../declare/task.js'
import { affectedNodes, formerPlans, type FormerNode, type FormerPlan } from '../../../plan/former-keys.js'
import type { PreImage } from '../../../plan/key.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { renamesIn } from '../../../plan/names/former-names.js'
import { outlineOf } from '../../../plan/plan-graph.js'
import type { Plan, PlanNode } from '../../../plan/plan-types.js'
import { formerLineages, isCodeOf, lineagesOf, taskFingerprint } from '../../code-drift/code-state.js'
import { isWholeByName, openArtifact } from '../../run-info/hit-or-miss.js'
import { parseRunInfo, type RunInfo } from '../../run-info/run-info.js'
import type { InputInfo } from '../../run-info/run-info-types.js'
import { taskOf } from '../../session/node-facts.js'
import type { Session } from '../../session/session.js'
import { ifFree } from '../../ports/if-free.js'
import { replaced } from '../read-contents.js'
import { adoptedOf, takeOver, type Adopted, type Taking } from './adopt.js'
import { hasViewsOf, isAccepted, type Source } from './sources.js'

/** A node's artifact under a former name: of its task, its params, its inputs, or of something upstream. */
export interface Former {
  readonly node: PlanNode
  readonly at: FormerPlan
  readonly was: FormerNode
  readonly source: Source
}

export type FormerParts = Pick<Session, 'damaged' | 'forced' | 'index' | 'store'>

/** How many are opened at the same time. */
const atOnce = 16

/**
 * Artifacts of these nodes that are stored under former names and not under the present one, by full name: whole, not
 * marked, made by the present code or accepted for it. Opens only their run infos, changes nothing.
 */
export const formersOf = async (
  session: FormerParts,
  plan: Pick<Plan, 'nodes'>,
  nodes: readonly PlanNode[],
): Promise<ReadonlyMap<string, Former>> => {
  const found = new Map<string, Former>()
  if (renamesIn(session.index).length === 0) return found
  const affected = affectedNodes(session.index, plan)
  const isAffected = ({ id, key, storage }: PlanNode): boolean =>
    storage !== 'memory' && !session.forced.has(key) && !session.damaged.has(key) && affected.has(id)
  const candidates = nodes.filter(isAffected)
  if (candidates.length === 0) return found
  const listings = await session.store.list([...new Set(candidates.map((node) => addressOf(node).folder))])
  const absent = new Set(candidates.filter((node) => listings.get(addressOf(node).folder)?.has(node.key) !== true))
  if (absent.size === 0) return found
  for (const at of formerPlans(session.index, plan)) {
    for (const former of await storedUnder(session, at, absent)) {
      found.set(former.node.id, former)
      absent.delete(former.node)
    }
    if (absent.size === 0) break
  }
  return found
}

/** Artifacts of these nodes that are stored under one naming. */
const storedUnder = async (
  session: FormerParts,
  at: FormerPlan,
  nodes: Iterable<PlanNode>,
): Promise<readonly Former[]> => {
  const named = Array.from(nodes).flatMap((node) => {
    const was = at.nodes.get(node.id)
    return was === undefined ? [] : [{ node, at, was }]
  })
  const listings = await session.store.list([...new Set(named.map(({ was }) => addressOf(was).folder))])
  const stored = named.filter(({ was }) => {
    const { folder, key, extension } = addressOf(was)
    return isWholeByName(listings.get(folder)?.get(key), extension)
  })
  const found: Former[] = []
  for (let next = 0; next < stored.length; next += atOnce)
    await Promise.all(
      stored.slice(next, next + atOnce).map(async (one) => {
        const source = await sourceOf(session, one.was, taskOf(session, one.node)).catch(() => undefined)
        if (source !== undefined) found.push({ ...one, source })
      }),
    )
  return found
}

const sourceOf = async (session: FormerParts, was: FormerNode, task: Task): Promise<Source | undefined> => {
  const address = addressOf(was)
  const found = await openArtifact(session.store, address)
  if ('_tag' in found || session.damaged.has(was.key)) return undefined
  const parsed = parseRunInfo(found.runInfo)
  if (E.isLeft(parsed) || !hasViewsOf(parsed.right, task)) return undefined
  const { data, ...info } = parsed.right
  if (data?.digest === undefined || data.format !== formatOf(task.declaration.data).kind) return undefined
  const facts = { key: info.key, code: info.code_fingerprint, ...lineageIn(info) }
  const blessing = isCodeOf(task, facts.code)
    ? undefined
    : (await session.store.facts?.blessings([address.folder]))
        ?.get(address.folder)
        ?.find((one) => isAccepted(one, facts, task))
  if (blessing === undefined && !isCodeOf(task, facts.code)) return undefined
  return { address, found, info: { ...info, data }, data: { ...data, digest: data.digest }, blessing }
}

const lineageIn = ({ code_lineage: lineage }: Pick<RunInfo, 'code_lineage'>): { readonly lineage?: string } =>
  lineage === undefined ? {} : { lineage }

/**
 * Adopts the artifacts that nodes have under former names, each under its lease: from then on they belong to the node
 * like any result. Calls `onAdopted` for each. An artifact that cannot be adopted is recomputed on demand.
 */
export const adoptFormers = async (
  session: Session,
  plan: Plan,
  nodes: readonly PlanNode[],
  onAdopted: (former: Former, adopted: Adopted) => void,
): Promise<void> => {
  const { store } = session
  const waiting = [...(await formersOf(session, plan, nodes)).values()].reverse()
  const next = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const former = next
      const { node } = former
      const adopted = await ifFree(store, addressOf(node), () => adoptFormer(session, plan, former)).catch(
        () => undefined, // the lookup reports what is wrong with the store
      )
      if (adopted !== undefined) onAdopted(former, adopted)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, next))
}

const adoptFormer = async (session: Session, plan: Plan, former: Former): Promise<Adopted | undefined> => {
  const { node, source, was } = former
  const own = await openArtifact(session.store, addressOf(node)).catch(() => undefined)
  if (own === undefined || !('_tag' in own) || own.reason !== 'absent') return undefined
  const taking: Taking = {
    session,
    plan: outlineOf(plan),
    node,
    task: taskOf(session, node),
    recorded: (preImage) => recordedFor(session, plan, former, preImage),
    formerly: was.formerly,
  }
  const path = await takeOver(taking, source)
  return path === undefined ? undefined : adoptedOf(source, path)
}

/**
 * The recorded inputs under present names; the fingerprints are those of the present code if it differs only in names.
 */
const recordedFor = (
  { index }: Pick<Session, 'index'>,
  plan: Plan,
  { node, at, source: { info } }: Former,
  preImage: PreImage,
): ReturnType<Taking['recorded']> => {
  const task = index.taskOf(node.task)
  const isPresent = task !== undefined && isCodeOf(task, info.code_fingerprint)
  const lineage = lineagesOf(index, plan).get(node.id)
  const before = info.code_lineage
  const isSameLineage = before !== undefined && formerLineages(index, plan, at.names).get(node.id) === before
  const recordedLineage = isSameLineage ? lineage : before
  const also = Object.entries(info.also_read ?? {}).map(([key, read]): [string, typeof read] => {
    const present = at.presentOf.get(key)
    return present === undefined ? [key, read] : [present.key, { ...read, task: present.task }]
  })
  return {
    input_tasks: inputsRead(at, preImage, info),
    ...(also.length === 0 ? {} : { also_read: Object.fromEntries(also) }),
    code_fingerprint: isPresent ? taskFingerprint(task) : info.code_fingerprint,
    ...(recordedLineage === undefined ? {} : { code_lineage: recordedLineage }),
    ...(info.identity === undefined ? {} : { identity: info.identity }),
  }
}

const inputsRead = (
  { names }: FormerPlan,
  { task, inputs }: PreImage,
  { input_tasks: read }: Pick<RunInfo, 'input_tasks'>,
): RunInfo['input_tasks'] =>
  replaced(inputs, (input, role, recordKey): InputInfo => {
    const was = read[names.input(task, role)]
    const one = recordKey === undefined || was === undefined || isInput(was) ? was : was[recordKey]
    if (one === undefined || !isInput(one)) return input
    const { task: _, key: __, ...content } = one
    return { ...input, ...content }
  })
