import type { Answer, NodeState, StaleBecause, StateCounts, Trouble } from './words.js'

/** `chain`: the graph of a config. Nodes are named by their index here; full names are unique too. */
export interface ChainAnswer extends Answer {
  readonly config: string
  /** Name of the context, null without one. */
  readonly context: string | null
  /** In run order: inputs before what reads them. */
  readonly nodes: readonly ChainNode[]
  /** `[input, reader]`, indexes of nodes, each pair once. */
  readonly edges: readonly (readonly [from: number, to: number])[]
  /** Groups and namespaces of these nodes, which nodes name by index. `''` is the top. */
  readonly groups: readonly ChainGroup[]
  readonly namespaces: readonly string[]
  readonly counts: StateCounts
  readonly pending: PendingWork
  readonly warnings: readonly Trouble[]
  /** Another plan has another one; states may differ all the same. */
  readonly fingerprint: string
}

/** `colour`: index in the project's groups: hue `(210 + colour * 137.508) % 360`, as `draw` has it. */
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
  /** How the value is kept: `json`, `table`, …, `inMemory`. */
  readonly format: string
  /** False: in memory only. */
  readonly persisted: boolean
  /** Seconds that computing took, here or with other values; left out where it never ran. */
  readonly seconds?: number
  /** Config that brings it. */
  readonly config: string
}

/** What a run of everything would do. */
export interface PendingWork {
  /** Nodes that are kept and not stored, or to be computed again. */
  readonly nodes: number
  /** How many of their results would be computed: what comes to a known content is taken over instead. */
  readonly atLeast: number
  readonly atMost: number
  /** What these took before, one after the other; of so many of them that is known. */
  readonly seconds: number
  readonly timed: number
}

/** `states`: how the nodes of a chain stand now, in their order; for after an event, without the graph. */
export interface StatesAnswer extends Answer {
  readonly fingerprint: string
  readonly states: readonly NodeState[]
  /** By index of the node. */
  readonly because: { readonly [index: string]: StaleBecause }
  readonly counts: StateCounts
  readonly pending: PendingWork
}
