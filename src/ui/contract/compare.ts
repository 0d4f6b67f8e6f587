import type { Answer, Change, Json, PlaceInFile } from './words.js'

/** `compare`: two configs, or two runs (`runs diff`), compared. */
export interface CompareAnswer extends Answer {
  /** Configs, or ids of runs. */
  readonly before: string
  readonly after: string
  /** How each node of either differs; equal nodes are only counted. */
  readonly nodes: readonly ComparedNode[]
  readonly same: number
  readonly params: readonly ComparedParam[]
  readonly metrics: readonly ComparedMetric[]
  /** What a run of the later config would compute; left out for runs. */
  readonly toCompute?: {
    readonly nodes: readonly string[]
    readonly distinct: number
    readonly seconds: number
    readonly timed: number
  }
}

/** `root`: the node itself differs. `consequence`: only its inputs differ. */
export interface ComparedNode {
  readonly id: string
  readonly change: 'added' | 'removed' | 'root' | 'consequence'
  /** For roots, as text: params, inputs bound differently, version, format. */
  readonly because: readonly string[]
}

export interface ComparedParam extends Change<Json> {
  readonly name: string
  readonly inKey: boolean
  /** In one line each, of limited length. */
  readonly text: Change<string>
  readonly place: Change<PlaceInFile>
  /** Full names of nodes that read it. */
  readonly nodes: readonly string[]
}

/** A number that both have stored. */
export interface ComparedMetric {
  readonly node: string
  readonly name: string
  readonly before: number
  readonly after: number
}
