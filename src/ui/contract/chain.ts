import type { Answer, NodeState, StaleBecause, StateCounts, Trouble } from './words.js'

/** `chain`: the graph of a config. Nodes are referred to by index here; full names are unique too. */
export interface ChainAnswer extends Answer {
  readonly config: string
  /** Name of the context, null without one. */
  readonly context: string | null
  /** In run order: inputs before their readers. */
  readonly nodes: readonly ChainNode[]
  /** `[input, reader]`, indexes of nodes, each pair once. */
  readonly edges: readonly (readonly [from: number, to: number])[]
  /** Groups and namespaces of these nodes, referred to by index. `''` is the top level. */
  readonly groups: readonly ChainGroup[]
  readonly namespaces: readonly string[]
  readonly counts: StateCounts
  readonly pending: PendingWork
  readonly warnings: readonly Trouble[]
  /** Changes with the plan; states may change without it. */
  readonly fingerprint: string
}

/** `colour`: index in the project's groups. The hue is `(210 + colour * 137.508) % 360`, as in `draw`. */
export interface ChainGroup {
  readonly name: string
  readonly colour: number
}

export interface ChainNode {
  /** Full name, `namespace::group:name`. */
  readonly id: string
  readonly name: string
  readonly group: number
  readonly namespace: number
  readonly state: NodeState
  readonly because?: StaleBecause
  /** How the value is stored: `json`, `table`, …, `inMemory`. */
  readonly format: string
  /** False: in memory only. */
  readonly persisted: boolean
  /** Duration in seconds, of this result or of one with other values; left out if it never ran. */
  readonly seconds?: number
  /** Config that contributes the task. */
  readonly config: string
}

/** What a full run would do. */
export interface PendingWork {
  /** Nodes whose result is kept but is not stored or must be recomputed. */
  readonly nodes: number
  /** How many of their results would be computed: those with known contents of inputs are adopted instead. */
  readonly atLeast: number
  readonly atMost: number
  /** Total of the earlier durations of these nodes; `timed` is the number of nodes for which one is known. */
  readonly seconds: number
  readonly timed: number
}

/** `states`: the current states of a chain's nodes, in their order; for a refresh after an event, without the graph. */
export interface StatesAnswer extends Answer {
  readonly fingerprint: string
  readonly states: readonly NodeState[]
  /** By index of the node. */
  readonly because: { readonly [index: string]: StaleBecause }
  readonly counts: StateCounts
  readonly pending: PendingWork
}
