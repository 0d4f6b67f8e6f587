import type { Encoded } from '../declare/types.js'
import type { Place, PlanWarning } from '../errors.js'

/** What an input of a node is bound to: a node, several by record key, or nothing (an absent optional input). */
export type BoundInput = string | { readonly [recordKey: string]: string } | null

/** One task under one namespace with its values. Data only: no functions, no instances, no machine's paths. */
export interface PlanNode {
  /** Full name, `namespace::group:name`; unique in a plan. */
  readonly id: string
  /** `group:name`, under which workers look the task up. */
  readonly task: string
  readonly group: string
  readonly name: string
  /** Empty at the top. */
  readonly namespace: string
  /** 32 hex digits: names the artifact, the lease and the job. */
  readonly key: string
  /** Name of the config that brings the task. */
  readonly config: string
  /** Encoded values by declared name, placeholders unexpanded; all that `run` needs. */
  readonly params: { readonly [name: string]: Encoded }
  /** What of `params` is in the key; absent where that is all of it. */
  readonly keyParams?: { readonly [name: string]: Encoded }
  /** By role, in order of declaration. */
  readonly inputs: { readonly [role: string]: BoundInput }
  /** Kind of the data format. */
  readonly format: string
  /** Extension of the artifact's file; null for folders and for what is in memory only. */
  readonly extension: string | null
  readonly storage: 'file' | 'folder' | 'checkpoint' | 'memory'
  readonly version?: string | number
  /** Set where the config says `human_readable_data_name`. */
  readonly readableName?: string
}

/** A node without its values: its names, what it reads, and what its result is called. Runs speak of nodes by these. */
export type NodeOutline = Pick<
  PlanNode,
  'id' | 'task' | 'group' | 'name' | 'namespace' | 'key' | 'inputs' | 'extension' | 'storage'
>

/** A plan as a graph of such nodes, in run order. */
export interface PlanOutline {
  readonly nodes: readonly NodeOutline[]
}

/** Where a param's value was read, and the context place that overrode it. Outside equality and keys. */
export interface Origin {
  readonly place: Place
  readonly overrides?: Place
}

/** The immutable result of planning: frozen, serialisable, comparable. */
export interface Plan {
  readonly schema: 1
  /** Name of the config that was asked for. */
  readonly config: string
  /** Name of the context, null where there was none. */
  readonly context: string | null
  /** In run order: inputs before what reads them, ties by full name. */
  readonly nodes: readonly PlanNode[]
  readonly warnings: readonly PlanWarning[]
  /** By node and param. */
  readonly origins: { readonly [node: string]: { readonly [param: string]: Origin } }
}
