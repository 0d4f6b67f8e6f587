import type { Answer, Change, Json, PlaceInFile } from './words.js'

/** `compare`: two configs, or two runs (`runs diff`), held against each other. */
export interface CompareAnswer extends Answer {
  /** Configs, or ids of runs. */
  readonly before: string
  readonly after: string
  /** How each node of either differs; those that are the same are counted. */
  readonly nodes: readonly ComparedNode[]
  readonly same: number
  readonly params: readonly ComparedParam[]
  readonly metrics: readonly ComparedMetric[]
  /** What a run of the later one would compute; left out for runs. */
  readonly toCompute?: {
    readonly nodes: readonly string[]
    readonly distinct: number
    readonly seconds: number
    readonly timed: number
  }
}

/** `root`: something of its own differs. `consequence`: only what it reads does. */
export interface ComparedNode {
  readonly id: string
  readonly change: 'added' | 'removed' | 'root' | 'consequence'
  /** Of roots, in words: params, inputs bound otherwise, version, format. */
  readonly because: readonly string[]
}

export interface ComparedParam extends Change<Json> {
  readonly name: string
  readonly inKey: boolean
  /** In one line each, bounded. */
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
