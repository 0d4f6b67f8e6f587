import type { Encoded } from '../../declare/types.js'
import type { AdoptedFrom } from '../ports/facts.js'

/** The record stored next to an artifact: the original's keys and more. Written as YAML. */
export interface RunInfo {
  /** Version of the record; 1, or higher if a later version wrote it. */
  readonly schema: number
  readonly task: { readonly name: string; readonly module: string | null; readonly version?: string | number }
  readonly config: { readonly name: string; readonly namespace: string | null; readonly context: string | null }
  /** `group:name` and key by role; a record of them for matching inputs. */
  readonly input_tasks: { readonly [role: string]: InputInfo | { readonly [recordKey: string]: InputInfo } }
  /**
   * Other artifacts that were read, by key: those behind inputs in memory, and those that objects requested from the
   * chain. Left out if there are none.
   */
  readonly also_read?: { readonly [key: string]: { readonly task: string; readonly digest: string } }
  /** Encoded values by declared name, placeholders unexpanded; ignored ones included. */
  readonly parameters: { readonly [name: string]: Encoded }
  readonly log: readonly unknown[]
  /** `2026-11-22 11:34:01.520`, UTC. */
  readonly started: string
  readonly ended: string
  /** Seconds. */
  readonly time: number
  readonly user: { readonly name: string }
  readonly host: string
  readonly key: string
  /** The pre-image of the key. */
  readonly key_pre_image: { readonly [part: string]: Encoded }
  /** Pre-images of inputs that are only in memory, and of their own inputs, by key; left out if there are none. */
  readonly in_memory_inputs?: { readonly [key: string]: { readonly [part: string]: Encoded } }
  readonly versions: { readonly taskchain: string; readonly node: string }
  /** Of `run`'s normalised source; null if it cannot be read. */
  readonly code_fingerprint: string | null
  /** Hash over the code of upstream tasks whose changes cause recomputation; left out if there are none. */
  readonly code_lineage?: string
  readonly data: {
    readonly format: string
    readonly extension: string | null
    readonly size: number
    readonly checksum: string
    readonly content?: string
    readonly digest?: string
    readonly beside?: readonly string[]
    readonly views?: string
  } | null
  /** Content identity: a hash of the pre-image with the contents of inputs in place of their keys. */
  readonly identity?: string
  /** The origin of the data, if it was not computed here: times, host, code, notes and log are those of that run. */
  readonly adopted?: AdoptedFrom
  readonly peak_memory: number
  readonly attempts: number
}

/** An input of a stored result: its full name, its key and its content. */
export type InputInfo = {
  readonly task: string
  readonly key: string
  /** SHA-256 of the artifact that was read; left out if it was not read, or has no digest. */
  readonly digest?: string
  /** Of a value in memory: its content identity. */
  readonly identity?: string
}
