import type { SeenStanding } from '../ports/node-words.js'
import type { Drift } from './drift.js'
import type { NodeOutline } from '../../plan/plan-types.js'
import type { Session, Emit } from '../session/session.js'

/** Collects what a run reports of code that has changed since the artifacts that it uses were computed. */
export interface DriftReport {
  /** Reports a node that is used, or computed again because its code has changed. */
  emit(unit: { readonly node: NodeOutline; readonly standing: SeenStanding }): void
  /** The run has computed it itself after all, with the present code. */
  computed(key: string): void
  /** Full names of nodes that were used although their code has changed. */
  used(): readonly string[]
}

export const makeDriftReport = (session: Pick<Session, 'forced'>, drift: Drift, emit: Emit): DriftReport => {
  const used = new Map<string, string>()
  return {
    emit: ({ node, standing }) => {
      const drifted =
        standing === 'ready' || session.forced.has(node.key) || used.has(node.key) ? undefined : drift.of(node)
      if (drifted === undefined || (standing === 'to_run' && drifted.action === 'kept')) return
      if (drifted.action === 'kept') used.set(node.key, node.id)
      emit({ _tag: 'drifted', ...drifted })
    },
    computed: (key) => {
      used.delete(key)
      drift.forget(key)
    },
    used: () => [...used.values()],
  }
}
