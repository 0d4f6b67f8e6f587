import type { ConfigValue, ResolvedConfig } from '../../config/config-types.js'
import type { Environment } from '../../declare/codec/codec-mode.js'
import type { ObjectRegistry } from '../../declare/object.js'
import type { Encoded } from '../../declare/types.js'
import type { Place, PlanError, PlanWarning } from '../../errors.js'
import type { IndexedParam } from '../names/project-index.js'
import type { Spelling } from '../names/spelling.js'
import type { FileReading } from './param-files.js'

/** A node's params as they were read, in order of declaration; undefined for those without a value. */
export interface NodeParams {
  readonly values: readonly (Encoded | undefined)[]
  /** The same for the key, where values differ or are left out; undefined if all are the same. */
  readonly keyValues: readonly (Encoded | undefined)[] | undefined
  /** Number of declared params that the config does not set, and of those that have no value at all. */
  readonly unset: number
  readonly missing: number
  /**
   * Config values, with placeholders expanded, of params with secrets given directly or inside objects; these secrets
   * are not in `values`.
   */
  readonly given?: { readonly [param: string]: ConfigValue } | undefined
}

/** Context of reading params, apart from the task and its config. */
export interface ParamReading {
  readonly objects: ObjectRegistry
  /** Places of values with this name in all configs. */
  readonly placesOf: (nameInConfig: string) => readonly Place[]
  /** Unread values of a config with similar names. */
  readonly near: (config: ResolvedConfig, nameInConfig: string) => readonly string[]
  readonly files: FileReading
  /** Number of secrets found inside objects so far. */
  readonly secretsMet: () => number
  /** Where references to secrets are looked up; undefined if they are not checked now. */
  readonly environment: Environment | undefined
  /** Unset variables that objects requested since the last call. */
  readonly unsetTaken: () => readonly string[]
  readonly warn: (warning: PlanWarning) => void
  readonly spelling: Spelling
}

/** The forms of a value in plan and key. `forKey` lacks what objects exclude from the key. */
export interface Forms {
  readonly encoded: Encoded
  readonly forKey: Encoded
}

/** The param being read, and the list for its errors. */
export interface At {
  readonly node: string
  readonly param: IndexedParam
  /** The place in the config that selects the task. */
  readonly place: Place
  readonly config: ResolvedConfig
  readonly reading: ParamReading
  readonly errors: PlanError[]
}
