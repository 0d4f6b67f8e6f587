import { formatOf } from '../../declare/json/json.js'
import type { RunError } from '../../errors.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import { runsElsewhere, taskOf } from '../session/node-facts.js'
import type { Session } from '../session/session.js'
import { notSaved } from './node-failures.js'

/** The nodes to compute whose format needs a package that is not installed here. */
export const unprepared = async (
  session: Pick<Session, 'executor' | 'index' | 'secrets' | 'store'>,
  nodes: readonly NodeOutline[],
): Promise<readonly RunError[]> => {
  const missing: RunError[] = []
  for (const node of nodes) {
    // a machine that takes leases has its own packages
    if (session.executor.takesLeases === true && runsElsewhere(session, node)) continue
    const { persistence } = formatOf(taskOf(session, node).declaration.data)
    if (persistence.storage === 'memory' || persistence.prepare === undefined) continue
    try {
      await persistence.prepare()
    } catch (cause) {
      missing.push(notSaved(session, node, session.secrets.mask().value(cause)).error)
    }
  }
  return missing
}
