import type { ConfigValue, ResolvedConfig } from '../../config/config-types.js'
import type { Environment } from '../../declare/codec/codec-mode.js'
import type { ObjectRegistry } from '../../declare/object.js'
import type { Encoded } from '../../declare/types.js'
import type { Place, PlanError, PlanWarning } from '../../errors.js'
import type { IndexedParam } from '../names/project-index.js'
import type { Spelling } from '../names/spelling.js'
import type { FileReading } from './param-files.js'

/** A node's params as they enter the plan. */
export interface NodeParams {
  readonly params: { readonly [name: string]: Encoded }
  /** What of them is in the key; undefined where that is all. */
  readonly keyParams: { readonly [name: string]: Encoded } | undefined
  /**
   * Config values, placeholders filled in, of params that hold secrets given directly or in objects: they are not in
   * `params`.
   */
  readonly given?: { readonly [param: string]: ConfigValue } | undefined
}

/** What reading params needs to know besides the task and its config. */
export interface ParamReading {
  readonly objects: ObjectRegistry
  /** Where other configs have a value of this name. */
  readonly placesOf: (nameInConfig: string) => readonly Place[]
  /** Values of a config that nobody reads and that are called nearly so. */
  readonly near: (config: ResolvedConfig, nameInConfig: string) => readonly string[]
  readonly files: FileReading
  /** How many secrets were met inside objects so far. */
  readonly secretsMet: () => number
  /** Where references to secrets are looked up; undefined where they are not checked now. */
  readonly environment: Environment | undefined
  /** Variables that were asked for inside objects since the last call and are not set. */
  readonly unsetTaken: () => readonly string[]
  readonly warn: (warning: PlanWarning) => void
  readonly spelling: Spelling
}

/** A value in the forms that plan and key keep. `forKey` lacks what objects leave out of the key. */
export interface Forms {
  readonly encoded: Encoded
  readonly forKey: Encoded
}

/** A param that is being read, and where what is wrong with it goes. */
export interface At {
  readonly node: string
  readonly param: IndexedParam
  /** Where the config brings the task. */
  readonly place: Place
  readonly config: ResolvedConfig
  readonly reading: ParamReading
  readonly errors: PlanError[]
}
