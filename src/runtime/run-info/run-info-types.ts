import type { Encoded } from '../../declare/types.js'
import type { AdoptedFrom } from '../ports/facts.js'

/** The record kept beside an artifact: the original's keys and more. Written as YAML. */
export interface RunInfo {
  /** Form of the record; 1, or more where a later version wrote it. */
  readonly schema: number
  readonly task: { readonly name: string; readonly module: string | null; readonly version?: string | number }
  readonly config: { readonly name: string; readonly namespace: string | null; readonly context: string | null }
  /** `group:name` and key by role; a record of them for matching inputs. */
  readonly input_tasks: { readonly [role: string]: InputInfo | { readonly [recordKey: string]: InputInfo } }
  /** Encoded values by declared name, placeholders unexpanded; ignored ones included. */
  /**
   * What was read besides, by key: what inputs in memory were made from, and what objects asked the chain for. Left out
   * where there is none.
   */
  readonly also_read?: { readonly [key: string]: { readonly task: string; readonly digest: string } }
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
  /** What the key was hashed from. */
  readonly key_pre_image: { readonly [part: string]: Encoded }
  /** Pre-images of inputs kept in memory only, and of theirs, by key; left out where there are none. */
  readonly in_memory_inputs?: { readonly [key: string]: { readonly [part: string]: Encoded } }
  readonly versions: { readonly taskchain: string; readonly node: string }
  /** Of `run`'s normalised source; null where it cannot be read. */
  readonly code_fingerprint: string | null
  /** Hash over the code of the tasks above that are computed again when it changes; left out where there are none. */
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
  /** What it was made from, by content: the pre-image with what inputs were in place of their keys, hashed. */
  readonly identity?: string
  /** Whose data it is, where it was not computed: times, host, code, notes and log are those of that run. */
  readonly adopted?: AdoptedFrom
  readonly peak_memory: number
  readonly attempts: number
}

/** An input of a stored result: its full name, its key, and what it was. */
export type InputInfo = {
  readonly task: string
  readonly key: string
  /** SHA-256 of the artifact that was read; left out where it was not read, or nobody has digested it. */
  readonly digest?: string
  /** Of a value in memory: its content identity. */
  readonly identity?: string
}
