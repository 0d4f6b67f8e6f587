import type { RunError } from '../../errors.js'
import type { Combination } from '../../plan/sweep/combinations.js'
import type { Plan, PlanNode } from '../../plan/plan-types.js'
import type { NodeState, RunOptions } from './chain-types.js'
import type { RunReport } from '../ports/events.js'

/** One chain of a sweep. */
export interface SweepChain<out Params = Combination> {
  /** The value of each swept name. */
  readonly params: Params
  readonly plan: Plan
}

/** A node of a sweep's merged plan, against the store. */
export interface SweepNode {
  /** Its id and its inputs are keys, since names repeat. */
  readonly node: PlanNode
  /** Its full name. */
  readonly name: string
  /** `not_needed`: not stored, but what is asked for can be had without it. */
  readonly state: NodeState | 'not_needed'
  /** Swept values that tell it from others of its name; empty for what all chains share. */
  readonly params: Combination
}

/** What a sweep would do. Counts are of distinct nodes, but for `nodes`. */
export interface SweepPreview {
  readonly chains: number
  /** Of all chains together, counted with repetition. */
  readonly nodes: number
  readonly distinct: number
  readonly cached: number
  readonly toRun: number
  readonly inMemory: number
  readonly unfinished: number
  readonly waiting: number
  readonly notNeeded: number
  /** The merged plan, inputs before what reads them. */
  readonly merged: readonly SweepNode[]
}

/** A figure, or anything else that fits a cell; lists are short. */
export type Cell = string | number | boolean | bigint | null | readonly (string | number | boolean | bigint | null)[]

/** What every row of a sweep's table has. */
export interface RowBase<Params> {
  readonly params: Params
  /** Values of the metrics as cells, by column; a column is missing where there is no value. */
  readonly metrics: Readonly<Record<string, Cell>>
}

/** One combination and what came of it. `values`: of the metrics, in their order; undefined where there is none. */
export type SweepRow<Params = Combination, Values extends readonly unknown[] = readonly unknown[]> = RowBase<Params> &
  (
    | { readonly outcome: 'done'; readonly values: Values; readonly errors: readonly [] }
    | {
        readonly outcome: 'failed' | 'unfinished' | 'stopped'
        readonly values: { readonly [I in keyof Values]: Values[I] | undefined }
        readonly errors: readonly RunError[]
      }
  )

/** The table of a sweep that was run. */
export interface SweepResult<Params = Combination, Values extends readonly unknown[] = readonly unknown[]> {
  /** Names of columns in order. */
  readonly columns: { readonly params: readonly string[]; readonly metrics: readonly string[] }
  /** Sorted by params. */
  readonly rows: readonly SweepRow<Params, Values>[]
  readonly report: RunReport
}

/** Chains of one config under all combinations of swept values, bound to a store. Nothing runs before `run`. */
export interface Sweep<Params = Combination, Values extends readonly unknown[] = readonly unknown[]> {
  readonly chains: readonly SweepChain<Params>[]
  /** What a run would do just now; only reads names in the store. */
  preview(): Promise<SweepPreview>
  /**
   * Computes what is missing, shared nodes once. A failing task fails the rows that need it, nothing else; never
   * rejects for it.
   */
  run(options?: RunOptions): Promise<SweepResult<Params, Values>>
  /** Waits for logs and syncs. */
  close(): Promise<void>
}
