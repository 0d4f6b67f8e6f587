import type { Cause } from '../../plan/inspect/root-causes.js'
import type { Comparison } from '../../plan/inspect/why.js'
import type { NodeState } from '../ports/node-words.js'
import type { Drifted } from '../ports/drifted.js'

/** What is wrong with the artifact that a node has. */
export interface Trouble {
  readonly reason:
    | 'forced' // in this chain, by `force`
    | 'stale' // on disk, by `force`
    | 'no data'
    | 'no run info'
    | 'other format'
    | 'size differs'
    | 'damaged'
    | 'unreadable run info'
    | 'unfinished'
    | 'older code'
  readonly detail: string | undefined
}

/** Why a node is or is not recomputed. */
export interface Why {
  /** Full name. */
  readonly node: string
  readonly task: string
  readonly key: string
  readonly state: NodeState
  /** Seconds that it took: the artifact's own, else the nearest one's; undefined where it never ran. */
  readonly seconds: number | undefined
  /** When that was, as in the run info. */
  readonly ended: string | undefined
  /** Set where an artifact is there and yet cannot be used. */
  readonly trouble: Trouble | undefined
  /** The nearest artifact, with what differs from it; undefined where there is none, and where it is the node's own. */
  readonly nearest: Comparison['nearest']
  /** Artifacts of the task that were compared. */
  readonly candidates: number
  /** Root causes of another key, the nearest first. */
  readonly causes: readonly Cause[]
  /** Code that has changed since it was computed: of the node, and of nodes above it that say `recompute`. */
  readonly drifted: readonly Drifted[]
}
