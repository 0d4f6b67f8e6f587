import { addressOf } from '../../plan/names/artifact-address.js'
import type { PlanNode } from '../../plan/plan-types.js'
import type { RunError } from '../../errors.js'
import type { Session } from '../session/session.js'

/** A failure of one node. */
interface Failed {
  readonly _tag: 'failed'
  readonly error: RunError
}

/** What the store has refused, as the failure of the node that needed it. */

const pathIn = ({ store }: Session, node: PlanNode): string => store.pathOf(addressOf(node)) ?? store.location

/** A node whose artifact cannot be read. */
export const unreadable = (session: Session, node: PlanNode, cause: unknown): Failed => ({
  _tag: 'failed',
  error: { _tag: 'ArtifactUnreadable', node: node.id, path: pathIn(session, node), cause },
})

/** A node whose result cannot be kept. */
export const notSaved = (session: Session, node: PlanNode, cause: unknown): Failed => ({
  _tag: 'failed',
  error: { _tag: 'ArtifactNotSaved', node: node.id, path: pathIn(session, node), cause },
})
