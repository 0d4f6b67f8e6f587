import { hash } from 'node:crypto'
import { addressOf } from '../../plan/names/artifact-address.js'
import type { NodeOutline, PlanOutline } from '../../plan/plan-types.js'
import type { Finding } from '../ports/findings.js'
import { libraryVersion } from '../run-info/run-info.js'
import { factsOf } from '../session/known-facts.js'
import type { Session } from '../session/session.js'
import { lineagesOf, taskFingerprint } from './code-state.js'

interface Item {
  readonly plan: PlanOutline
  readonly node: NodeOutline
}

type Parts = Pick<Session, 'damaged' | 'forced' | 'index' | 'memory' | 'project' | 'store'>

/** Of fewer it is told as quickly anew. */
const least = 100

/**
 * A name for all that tells whether everything which plans keep holds, but the artifacts: the same name and the same
 * artifacts, the same answer. Undefined where something else has a say in it: a clock, what this session has forced or
 * has in memory; and where not everything is asked for.
 */
export const questionOf = (session: Parts, items: readonly Item[]): string | undefined => {
  const { damaged, forced, index, memory, project, store } = session
  if (store.findings === undefined || store.facts === undefined || store.sizes === undefined) return undefined
  if (items.length < least || forced.size + damaged.size + memory.use().values > 0) return undefined
  const lines = [libraryVersion(), project.onStale]
  const asked = new Set(items.map(({ node }) => node.key))
  for (const plan of new Set(items.map((item) => item.plan))) {
    const lineages = lineagesOf(index, plan)
    for (const { id, key, extension, storage, task } of plan.nodes) {
      const declared = index.tasks.get(task)
      if (declared === undefined || (storage !== 'memory' && !asked.has(key))) return undefined
      const { onCodeChange, refresh } = declared.declaration
      if (refresh !== undefined) return undefined
      const code = onCodeChange === 'ignore' ? '' : taskFingerprint(declared)
      lines.push(`${id} ${key} ${extension} ${storage} ${onCodeChange} ${code} ${lineages.get(id)}`)
    }
    lines.push('')
  }
  return hash('sha256', lines.join('\n'), 'hex').slice(0, 32)
}

/** What was told of these before; undefined where it has to be told anew. */
export const foundBefore = async (
  { store }: Parts,
  question: string | undefined,
  items: readonly Item[],
): Promise<Finding | undefined> =>
  question === undefined
    ? undefined
    : store.findings?.find(
        question,
        items.map(({ node }) => addressOf(node)),
      )

/** Notes that all of these hold. */
export const noteFound = (session: Parts, question: string, items: readonly Item[]): void => {
  const facts = items.flatMap(({ node }) => factsOf(session, node) ?? [])
  if (facts.length === items.length)
    session.store.findings?.note(
      question,
      items.map(({ node }) => addressOf(node)),
      facts,
    )
}
