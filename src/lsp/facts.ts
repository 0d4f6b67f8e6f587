import type { JsonSchema } from '../plan/inspect/schema-of-codec.js'
import type { Explanation } from '../explain.js'

/** What an editor has to know of a project: plain data, sent from the process that has loaded it. */
export interface ProjectFacts {
  /** Absolute paths. */
  readonly file: string
  readonly root: string
  /** Folder of configs, relative to the root. */
  readonly configs: string
  /** Names of placeholders. */
  readonly globals: readonly string[]
  readonly tasks: readonly TaskFact[]
  readonly params: readonly ParamFact[]
  readonly classes: readonly ClassFact[]
  readonly configSchema: JsonSchema
  readonly contextSchema: JsonSchema
  /** Absolute paths of the project's own modules, as loaded. */
  readonly modules: readonly string[]
}

/** Where a declaration is exported. */
export interface ExportedAt {
  readonly file: string
  readonly name: string
}

export interface TaskFact {
  /** `group:name` */
  readonly name: string
  readonly doc: string | undefined
  /** Names that its params have in configs. */
  readonly params: readonly string[]
  readonly exported: readonly ExportedAt[]
}

/** A value that tasks read, by its name in configs. */
export interface ParamFact {
  readonly name: string
  readonly types: readonly string[]
  /** As JSON; undefined where there is none, where it is secret, and where tasks differ. */
  readonly fallback: string | undefined
  readonly docs: readonly string[]
  readonly secret: boolean
  /** Some task that reads it has no default. */
  readonly required: boolean
  readonly readers: readonly { readonly task: string; readonly param: string }[]
}

export interface ClassFact {
  readonly name: string
  readonly arguments: readonly ArgumentFact[]
}

export interface ArgumentFact {
  readonly declared: string
  /** In configs. */
  readonly name: string
  readonly type: string
  readonly fallback: string | undefined
  readonly doc: string | undefined
  readonly secret: boolean
}

/** Something that is wrong or odd in a config, where it shows. */
export interface FileProblem extends Explanation {
  readonly severity: 'error' | 'warning'
  /** The config, relative to the root; undefined: the project's declarations. */
  readonly file: string | undefined
  /** What it is about, as the config calls it. */
  readonly param: string | undefined
}

/** What a check of all configs of a project found. */
export interface CheckFacts {
  readonly problems: readonly FileProblem[]
  readonly configs: readonly ConfigFact[]
  /** Of all chains, without the top. */
  readonly namespaces: readonly string[]
}

/** A config, or a part of one (`origin#part`), as far as it could be planned. */
export interface ConfigFact {
  readonly config: string
  readonly outcome: 'fine' | 'wrong' | 'partial' | 'values' | 'context'
  readonly errors: number
  /** Of partial ones: a config that uses it. */
  readonly usedBy: string | undefined
  /** Of what gives values to others: names, with their lines. */
  readonly gives: readonly { readonly name: string; readonly namespace?: string; readonly line: number }[]
}

/** One config against the store, and who reads its values. */
export interface ConfigView {
  readonly config: string
  readonly nodes: number
  /** Undefined where the store does not say. */
  readonly toRun: number | undefined
  readonly reads: readonly ValueRead[]
}

/** A value of a file: the tasks of a chain that read it. */
export interface ValueRead {
  readonly origin: string
  readonly line: number
  readonly column: number
  /** Full names. */
  readonly nodes: readonly string[]
  /** The place in a context that replaces or changes it. */
  readonly overriddenAt: string | undefined
}
