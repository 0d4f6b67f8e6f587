import type { Awaitable } from '../../../declare/types.js'
import { addressOf } from '../../../plan/names/artifact-address.js'
import { boundIds, inputIds, nodesById, plannedOf } from '../../../plan/plan-graph.js'
import { adopt } from '../../task-run/adoption/adopt.js'
import { unknownContent } from '../../session/content.js'
import { claimIdentity, identityInFlight } from '../../session/identity-claims.js'
import { factsOf, gatherFacts } from '../../session/known-facts.js'
import { taskOf } from '../../session/node-facts.js'
import type { Produced, Session } from '../../session/session.js'
import type { NodeOutline } from '../../../plan/plan-types.js'
import { preImageOfNode } from '../../../plan/key.js'
import { eagerRoles } from '../../task-run/arguments/roles.js'
import { identityOfArtifact, type ReadContent, type ReadContents } from '../../task-run/read-contents.js'
import type { Pause } from '../compute-here.js'
import type { Run } from '../run-state.js'
import type { RunUnit } from '../run-types.js'

/**
 * Adopts a stored artifact of equal content, or computes if there is none. A unit of the same identity as one that is
 * being computed waits for that one. `missed`: why its own artifact could not be loaded. The caller holds its lease.
 */
export const adoptOrCompute = async (
  run: Run,
  unit: RunUnit,
  missed: string | undefined,
  pause: Pause,
  compute: (run: Run, unit: RunUnit, pause: Pause) => Awaitable<Produced>,
): Promise<Produced> => {
  const { session, stop, emit } = run
  const { plan, node } = unit
  if (missed?.startsWith('stale') === true && !missed.startsWith('stale: damaged')) run.forced.add(node.key)
  const gathering = mayAdopt(run, unit, missed) ? contentsOf(run, unit) : undefined
  const contents = gathering instanceof Promise ? await gathering : gathering
  const task = taskOf(session, node)
  const identity =
    contents && identityOfArtifact(session.index, task, node.key, preImageOfNode(plan, plannedOf(unit).node), contents)
  if (contents === undefined || identity === undefined) return compute(run, unit, pause)
  const adopted = async (fresh: boolean): Promise<boolean> => {
    const taken = await adopt({ session, plan, node, task, contents, identity, fresh })
    if (taken === undefined) return false
    const { key: from, ...rest } = taken
    run.adopted.add(node.key)
    emit({ _tag: 'adopted', node: node.id, key: node.key, from, ...rest })
    return true
  }
  for (;;) {
    if (await adopted(false)) return { _tag: 'adopted' }
    const other = identityInFlight(session, identity)
    if (other === undefined || stop.signal.aborted) break
    await pause(undefined, () => other)
  }
  let release: (() => void) | undefined
  const end = claimIdentity(session, identity, node.key, () => release?.())
  try {
    const isLong = (run.lookUp.seconds(unit) ?? 0) >= worthWaiting
    const elsewhere = isLong ? await claimElsewhere(run, unit, identity, pause) : undefined
    release = elsewhere?.release
    return elsewhere?.waited === true && (await adopted(true)) ? { _tag: 'adopted' } : await compute(run, unit, pause)
  } finally {
    end()
  }
}

/**
 * Expected seconds from which a lease file is worth writing, so that other processes do not compute the same content.
 */
const worthWaiting = 1

/**
 * A unit that took long before holds a lease on its identity as well: other processes that reach the same identity
 * under other keys wait for it. `waited`: another process has held it.
 */
const claimElsewhere = async (
  { session, stop }: Run,
  unit: RunUnit,
  identity: string,
  pause: Pause,
): Promise<{ readonly waited: boolean; readonly release: () => void } | undefined> => {
  const address = { ...addressOf(unit.node), key: identity.slice(0, 32) }
  let waited = false
  try {
    const lease = await pause(undefined, () =>
      session.store.lease(address, { signal: stop.signal, waiting: () => (waited = true) }),
    )
    return { waited, release: () => void lease.release().catch(() => undefined) }
  } catch {
    return undefined // stopped, or computing it will report the problem of the store
  }
}

/**
 * Excluded: forced nodes and their dependents, damaged nodes, and nodes that were adopted in this run already and
 * turned out to be invalid.
 */
const mayAdopt = (run: Run, { plan, node }: RunUnit, missed: string | undefined): boolean => {
  const { session, options, forced, adopted } = run
  if (options.adopt === false || options.stored !== undefined || session.store.facts === undefined) return false
  if (adopted.has(node.key) || session.damaged.has(node.key) || missed?.includes('damaged') === true) return false
  const isForced = (key: string): boolean => forced.has(key) || session.forced.has(key)
  if (isForced(node.key)) return false
  if (forced.size + session.forced.size === 0) return true
  const nodes = nodesById(plan)
  const seen = new Set<string>()
  const open = [...inputIds(node)]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    const above = nodes.get(id)
    if (above === undefined) continue
    if (isForced(above.key)) return false
    for (const one of inputIds(above)) open.push(one)
  }
  return true
}

/**
 * Contents of its inputs, as far as they are known: values in memory, and artifacts by what the store knows of them
 * just now.
 */
const contentsOf = (run: Run, unit: RunUnit): Awaitable<ReadContents> => {
  const { session } = run
  const { plan, node, inputs } = unit
  const nodes = nodesById(plan)
  const read = new Map<string, ReadContent>()
  const unread: NodeOutline[] = []
  // units of inputs mostly come in this order
  let at = 0
  let index: ReadonlyMap<string, RunUnit> | undefined
  const unitOf = (key: string): RunUnit | undefined => {
    const next = inputs[at++]
    if (next?.node.key === key) return next
    index ??= new Map(inputs.map((input) => [input.node.key, input]))
    return index.get(key)
  }
  for (const { name } of eagerRoles(taskOf(session, node)))
    for (const id of boundIds(node.inputs[name] ?? null)) {
      const input = nodes.get(id)
      if (input === undefined) continue
      const content = unitOf(input.key)?.content ?? unknownContent
      read.set(input.key, { node: input, content })
      if (input.storage !== 'memory' && content.digest === undefined) unread.push(input)
    }
  return unread.length === 0 ? read : withFacts(session, read, unread)
}

const withFacts = async (
  session: Session,
  read: Map<string, ReadContent>,
  unread: readonly NodeOutline[],
): Promise<ReadContents> => {
  await gatherFacts(session, unread, true)
  for (const input of unread) {
    const digest = factsOf(session, input)?.digest
    const content = read.get(input.key)?.content ?? unknownContent
    if (digest !== undefined) read.set(input.key, { node: input, content: { ...content, digest } })
  }
  return read
}
