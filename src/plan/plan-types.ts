import type { Encoded } from '../declare/types.js'
import type { Place, PlanWarning } from '../errors.js'

/** The binding of an input: a node, several nodes by record key, or null (an absent optional input). */
export type BoundInput = string | { readonly [recordKey: string]: string } | null

/** One task in one namespace with its values. Plain data: no functions, instances or machine-specific paths. */
export interface PlanNode {
  /** Full name, `namespace::group:name`; unique in a plan. */
  readonly id: string
  /** `group:name`, under which workers look the task up. */
  readonly task: string
  readonly group: string
  readonly name: string
  /** Empty at the top level. */
  readonly namespace: string
  /** 32 hex digits: names the artifact, the lease and the job. */
  readonly key: string
  /** Name of the config that selects the task. */
  readonly config: string
  /** Encoded values by declared name, placeholders unexpanded; all that `run` needs. */
  readonly params: { readonly [name: string]: Encoded }
  /** The part of `params` that is in the key; absent if that is all of it. */
  readonly keyParams?: { readonly [name: string]: Encoded }
  /** By role, in order of declaration. */
  readonly inputs: { readonly [role: string]: BoundInput }
  /** Kind of the data format. */
  readonly format: string
  /** Extension of the artifact's file; null for folders and in-memory results. */
  readonly extension: string | null
  readonly storage: 'file' | 'folder' | 'checkpoint' | 'memory'
  readonly version?: string | number
  /** Set if the config has `human_readable_data_name`. */
  readonly readableName?: string
}

/** A node without its values: its names, its inputs and its key. Runs refer to nodes by outlines. */
export type NodeOutline = Pick<
  PlanNode,
  'id' | 'task' | 'group' | 'name' | 'namespace' | 'key' | 'inputs' | 'extension' | 'storage'
>

/** A plan as a graph of such nodes, in run order. */
export interface PlanOutline {
  readonly nodes: readonly NodeOutline[]
}

/** The outline of a plan in a run: what it hands on in place of the plan, whose values only a computation needs. */
export interface RunPlan extends PlanOutline {
  /** Not a whole plan. */
  readonly origins?: never
}

/** A node with its values, in its plan. */
export interface PlannedNode {
  readonly plan: Plan
  readonly node: PlanNode
}

/** Where a param's value was read, and the context place that overrode it. Not part of equality or keys. */
export interface Origin {
  readonly place: Place
  readonly overrides?: Place
}

/** The immutable result of planning: frozen, serialisable, comparable. */
export interface Plan {
  readonly schema: 1
  /** Name of the requested config. */
  readonly config: string
  /** Name of the context; null without contexts. */
  readonly context: string | null
  /** In run order: inputs before their readers, ties by full name. */
  readonly nodes: readonly PlanNode[]
  readonly warnings: readonly PlanWarning[]
  /** By node and param. */
  readonly origins: { readonly [node: string]: { readonly [param: string]: Origin } }
}
